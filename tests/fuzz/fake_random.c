#include "tests/fuzz/fake_random.h"

#include <event2/util.h>
#include <sys/random.h>

static uint64_t fake_random_state;

void
evutil_secure_rng_get_bytes(void *buf, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fake_random_state = fake_random_state * 6364136223846793005 + 1442695040888963407;
        ((uint8_t *)buf)[i] = (uint8_t)(fake_random_state >> 56);
    }
}

ssize_t
getrandom(void *bytes, size_t n, unsigned flags)
{
    (void)flags;
    evutil_secure_rng_get_bytes(bytes, n);
    return (ssize_t)n;
}

void
fake_random_seed(uint64_t seed)
{
    fake_random_state = seed;
}
