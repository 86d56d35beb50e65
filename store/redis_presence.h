/*
 * store/redis_presence.h - which instances have a connection to Redis.
 *
 * An instance writes down what Redis calls its connection for commands (CLIENT ID). Others can then
 * ask for both of its connections by name, and need not hold an interrupted subscription for the
 * end of the process: that comes back, and the other connection is there meanwhile. A frozen
 * process keeps both. Called by store/redis_instances.c and store/redis_lost.c.
 */
#ifndef SIO_STORE_REDIS_PRESENCE_H
#define SIO_STORE_REDIS_PRESENCE_H

#include "store/redis_store.h"

/* There is a new connection for commands; or none any more. */
void sio_redis_presence_begin(sio_redis_store *s);
void sio_redis_presence_end(sio_redis_store *s);

/* The connection belongs to the instance with this tag, which is this one; to be repeated. */
void sio_redis_presence_tell(sio_redis_store *s, sio_view tag);

/* That instance has no connection any more. */
void sio_redis_presence_forget(sio_redis_store *s, sio_view tag);

/* As in sio_store_instance_ops. */
sio_store_req *sio_redis_presence_probe(sio_store *self, sio_view tag, sio_store_done_cb cb,
                                        void *arg);

#endif
