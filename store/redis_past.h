/*
 * store/redis_past.h - store/past.h in Redis; for store/redis_tail.c.
 */
#ifndef SIO_STORE_REDIS_PAST_H
#define SIO_STORE_REDIS_PAST_H

#include "store/past.h"

extern const struct sio_store_past_ops sio_redis_past_ops;

#endif
