#include "tests/fuzz/fake_clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t fake_clock_ms;

int
clock_gettime(clockid_t id, struct timespec *t)
{
    if (id != CLOCK_MONOTONIC && id != CLOCK_MONOTONIC_COARSE)
        return (int)syscall(SYS_clock_gettime, id, t);
    t->tv_sec = (time_t)(fake_clock_ms / 1000);
    t->tv_nsec = (long)(fake_clock_ms % 1000 * 1000000);
    return 0;
}

void
fake_clock_set(uint64_t now_ms)
{
    fake_clock_ms = now_ms;
}

void
fake_clock_advance(uint64_t ms)
{
    fake_clock_ms += ms;
}
