/*
 * store/redis_tail.h - the stream of store/tail.h: XADD, and XREAD on a connection of its own.
 */
#ifndef SIO_STORE_REDIS_TAIL_H
#define SIO_STORE_REDIS_TAIL_H

#include "store/redis_store.h"
#include "store/tail.h"

extern const struct sio_store_tail_ops sio_redis_tail_ops;

/* NULL is allowed. */
void sio_redis_tail_free(sio_redis_tail *t);

#endif
