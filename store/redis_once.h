/*
 * store/redis_once.h - store/once.h, with Redis: each key is a string that expires.
 */
#ifndef SIO_STORE_REDIS_ONCE_H
#define SIO_STORE_REDIS_ONCE_H

#include "store/once.h"

extern const struct sio_store_once_ops sio_redis_once_ops;

#endif
