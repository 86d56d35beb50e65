/*
 * store/redis_store.h - what the files of the Redis store share; for them alone.
 *
 * store/redis.c has the life of the store and its handshakes, store/redis_data.c the
 * data of clients.
 */
#ifndef SIO_STORE_REDIS_STORE_H
#define SIO_STORE_REDIS_STORE_H

#include "store/clients.h"
#include "store/handshakes.h"
#include "store/redis.h"
#include "store/redis_client.h"

typedef struct {
    sio_store         store;   /* first: it is a sio_store */
    sio_handshakes   *local;   /* the handshakes made here and not known to be taken */
    sio_clients      *clients; /* whose data were set here: keys and lengths */
    sio_redis_client *client;
    char              prefix[SIO_REDIS_MAX_PREFIX + 1];
    bool              no_getdel; /* this server is older than 6.2 */
    bool              said_refused;
    sio_store_log     log;
    void             *log_arg;
} sio_redis_store;

/* <prefix><kind><id> */
typedef struct {
    size_t len;
    char   text[SIO_REDIS_MAX_PREFIX + 7 + SIO_STORE_MAX_ID];
} sio_redis_key;

static inline sio_redis_store *
sio_redis_store_of(sio_store *self)
{
    return (sio_redis_store *)(void *)self;
}

/* kind: at most 7 characters. */
sio_redis_key sio_redis_key_make(const sio_redis_store *s, const char *kind, sio_view id);

/* One line when Redis begins to refuse what we ask (a replica, out of memory, a missing right). */
void sio_redis_note_reply(sio_redis_store *s, const redisReply *reply);

/* --- redis_data.c: as in sio_store_ops --- */

sio_store_req *sio_redis_data_set(sio_store *self, sio_view id, sio_view key, sio_view value,
                                  const sio_store_client_limits *limits, sio_store_done_cb cb,
                                  void *arg);
sio_store_req *sio_redis_data_get(sio_store *self, sio_view id, sio_view key, sio_store_value_cb cb,
                                  void *arg);
sio_store_req *sio_redis_data_has(sio_store *self, sio_view id, sio_view key, sio_store_done_cb cb,
                                  void *arg);
sio_store_req *sio_redis_data_del(sio_store *self, sio_view id, sio_view key, sio_store_done_cb cb,
                                  void *arg);
sio_store_req *sio_redis_data_expire(sio_store *self, sio_view id, uint64_t ttl_ms,
                                     sio_store_done_cb cb, void *arg);

/* Redis is there (again): let it forget the data of those who have left meanwhile. */
void sio_redis_expire_ended(sio_redis_store *s);

#endif
