/*
 * store/redis_backoff.h - how long to wait before the next attempt to connect.
 *
 * Called by store/redis_link.c. 100 ms, doubling to 5 s, with jitter. A connection that does not
 * last 5 s counts as an attempt that has failed: a server that lets us in only to throw us out
 * again is not to be asked ten times a second.
 */
#ifndef SIO_STORE_REDIS_BACKOFF_H
#define SIO_STORE_REDIS_BACKOFF_H

#include <stdint.h>

typedef struct {
    unsigned n_failures; /* in a row, connections that were brief included */
    unsigned n_brief;    /* connections in a row */
    uint64_t up_since_ms;
} sio_redis_backoff;

/* A connection is there. */
void sio_redis_backoff_up(sio_redis_backoff *b);

/* It has ended. */
void sio_redis_backoff_down(sio_redis_backoff *b);

/* An attempt has failed: the time to wait for the next one. */
uint64_t sio_redis_backoff_next_ms(sio_redis_backoff *b);

/* There is news: the next attempt is like the first. */
void sio_redis_backoff_forget(sio_redis_backoff *b);

#endif
