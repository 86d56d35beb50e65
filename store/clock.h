/*
 * store/clock.h - the time that deadlines and expiry are counted in.
 *
 * Used by store/ and, above it, by server/.
 */
#ifndef SIO_STORE_CLOCK_H
#define SIO_STORE_CLOCK_H

#include <stdint.h>
#include <sys/time.h>
#include <time.h>

/*
 * Milliseconds of the monotonic clock: only differences mean anything, and they are never negative.
 */
static inline uint64_t
sio_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail with this clock and a valid pointer */
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The same in microseconds. */
static inline uint64_t
sio_now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Milliseconds since 1970, of the clock on the wall: it may be set, back as well. */
static inline uint64_t
sio_epoch_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A duration as libevent wants it. */
static inline struct timeval
sio_timeval_ms(uint64_t ms)
{
    return (struct timeval){.tv_sec = (time_t)(ms / 1000),
                            .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

#endif
