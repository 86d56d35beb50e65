/*
 * tests/fuzz/fake_clock.h - time that is moved by hand, and random numbers that are none, so that an
 * input does the same whenever it is run.
 *
 * Included by fuzz_redis.c, once in the program: it defines functions of the system and of libevent,
 * for store/, server/ and libevent itself. Only what is monotonic is moved: libFuzzer keeps its own.
 */
#ifndef SIO_TESTS_FUZZ_FAKE_CLOCK_H
#define SIO_TESTS_FUZZ_FAKE_CLOCK_H

#include <event2/util.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t fake_clock_ms;
static uint64_t fake_random_state;

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
evutil_secure_rng_get_bytes(void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fake_random_state = fake_random_state * 6364136223846793005 + 1442695040888963407;
        ((uint8_t *)bytes)[i] = (uint8_t)(fake_random_state >> 56);
    }
}

ssize_t
getrandom(void *bytes, size_t n, unsigned flags)
{
    (void)flags;
    evutil_secure_rng_get_bytes(bytes, n);
    return (ssize_t)n;
}

#endif
