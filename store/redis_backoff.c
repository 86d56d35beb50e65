#include "store/redis_backoff.h"

#include "store/clock.h"

#include <event2/util.h>
#include <stdbool.h>

enum { FIRST_MS = 100, MAX_MS = 5000 };

void
sio_redis_backoff_up(sio_redis_backoff *b)
{
    b->up_since_ms = sio_now_ms();
}

void
sio_redis_backoff_down(sio_redis_backoff *b)
{
    const bool lasted = sio_now_ms() - b->up_since_ms >= MAX_MS;

    b->n_failures = b->n_brief = lasted ? 0 : b->n_brief + 1;
}

/* Anywhere in the upper half of the interval, so that the instances do not all come at once. */
uint64_t
sio_redis_backoff_next_ms(sio_redis_backoff *b)
{
    unsigned n = b->n_failures++;
    uint64_t full = FIRST_MS;
    uint32_t random;

    while (n-- > 0 && full < MAX_MS)
        full *= 2;
    if (full > MAX_MS)
        full = MAX_MS;
    evutil_secure_rng_get_bytes(&random, sizeof random);
    return full / 2 + random % (full / 2 + 1);
}

void
sio_redis_backoff_forget(sio_redis_backoff *b)
{
    b->n_failures = 0;
}
