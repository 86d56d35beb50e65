/*
 * store/redis_wills.h - the wills of instances (store/wills.h) in Redis: a set <prefix>wills:<tag>.
 */
#ifndef SIO_STORE_REDIS_WILLS_H
#define SIO_STORE_REDIS_WILLS_H

#include "store/redis_store.h"
#include "store/wills.h"

/* The store is being freed: nobody waits any more. */
void sio_redis_wills_fini(sio_redis_store *s);

extern const struct sio_store_will_ops sio_redis_will_ops;

sio_redis_key sio_redis_wills_key(const sio_redis_store *s, sio_view tag);

#endif
