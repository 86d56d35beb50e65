/*
 * store/redis_lost.h - which instances are there, which are lost, and what those have left;
 * as in sio_store_instance_ops.
 */
#ifndef SIO_STORE_REDIS_LOST_H
#define SIO_STORE_REDIS_LOST_H

#include "store/redis_store.h"

sio_store_req *sio_redis_lost_list_instances(sio_store *self, sio_store_list_cb cb, void *arg);
sio_store_req *sio_redis_lost_claim(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg);
sio_store_req *sio_redis_lost_check(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg);
sio_store_req *sio_redis_lost_take(sio_store *self, sio_view tag, uint64_t data_ttl_ms,
                                   sio_store_list_cb cb, void *arg);

#endif
