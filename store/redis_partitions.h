/*
 * store/redis_partitions.h - which partitions this instance hears; store/partitions.h in Redis.
 *
 * Each is a channel, <prefix>part:<number>, on the connection that listens (redis_bus.h), which
 * asks here what to subscribe to. So what is said to all and to partitions keeps its order.
 */
#ifndef SIO_STORE_REDIS_PARTITIONS_H
#define SIO_STORE_REDIS_PARTITIONS_H

#include "store/partitions.h"
#include "store/redis_key.h"

typedef struct {
    char     prefix[SIO_REDIS_MAX_PREFIX + 1];
    bool     joined[SIO_STORE_MAX_PARTITIONS];
    unsigned n_unheard; /* subscriptions that Redis has yet to confirm, on this connection */
} sio_redis_partitions;

/* The channel of a partition. */
sio_redis_key sio_redis_partitions_key(const sio_redis_partitions *p, unsigned number);

/* Is it the channel of one? */
bool sio_redis_partitions_has(const sio_redis_partitions *p, sio_view channel);

/* The first one from number on that was joined, or SIO_STORE_MAX_PARTITIONS. */
unsigned sio_redis_partitions_next(const sio_redis_partitions *p, unsigned number);

#endif
