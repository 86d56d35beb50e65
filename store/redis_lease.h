/*
 * store/redis_lease.h - what one instance at a time does: a key that names it, and expires.
 */
#ifndef SIO_STORE_REDIS_LEASE_H
#define SIO_STORE_REDIS_LEASE_H

#include "store/lease.h"
#include "store/redis_store.h"

extern const struct sio_store_lease_ops sio_redis_lease_ops;

#endif
