/*
 * store/redis_instances.h - hearing and telling the other instances through Redis.
 */
#ifndef SIO_STORE_REDIS_INSTANCES_H
#define SIO_STORE_REDIS_INSTANCES_H

#include "store/redis_store.h"

extern const struct sio_store_instance_ops  sio_redis_instance_ops;
extern const struct sio_store_partition_ops sio_redis_partition_ops;

/* The connection for commands is there, or is not (also when an attempt to make it failed). */
void sio_redis_instances_up(sio_redis_store *s);
void sio_redis_instances_down(sio_redis_store *s);

#endif
