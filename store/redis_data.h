/*
 * store/redis_data.h - the data of clients in Redis, a hash for each; as in sio_store_ops.
 */
#ifndef SIO_STORE_REDIS_DATA_H
#define SIO_STORE_REDIS_DATA_H

#include "store/redis_store.h"

sio_store_req *sio_redis_data_set(sio_store *self, sio_view id, sio_view key, sio_view value,
                                  const sio_store_client_limits *limits, sio_store_done_cb cb,
                                  void *arg);
sio_store_req *sio_redis_data_get(sio_store *self, sio_view id, sio_view key, sio_store_value_cb cb,
                                  void *arg);
sio_store_req *sio_redis_data_has(sio_store *self, sio_view id, sio_view key, sio_store_done_cb cb,
                                  void *arg);
sio_store_req *sio_redis_data_del(sio_store *self, sio_view id, sio_view key, sio_store_done_cb cb,
                                  void *arg);
sio_store_req *sio_redis_data_inherit(sio_store *self, sio_view id, sio_view from,
                                      sio_store_done_cb cb, void *arg);
sio_store_req *sio_redis_data_expire(sio_store *self, sio_view id, uint64_t ttl_ms,
                                     sio_store_done_cb cb, void *arg);

/* Redis is there (again): let it forget the data of those who have left meanwhile. */
void sio_redis_data_expire_ended(sio_redis_store *s);

#endif
