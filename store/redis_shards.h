/*
 * store/redis_shards.h - sharded channels of Redis 7, on a connection of their own.
 *
 * hiredis ends the program over what such a connection is told (its asynchronous API knows no
 * "smessage"), so what comes is taken from its reader as it is (redis_link.h).
 */
#ifndef SIO_STORE_REDIS_SHARDS_H
#define SIO_STORE_REDIS_SHARDS_H

#include "store/redis_store.h"
#include "store/shards.h"

extern const struct sio_store_shard_ops sio_redis_shard_ops;

/* NULL is allowed. */
void sio_redis_shards_free(sio_redis_shards *h);

#endif
