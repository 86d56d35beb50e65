/*
 * store/redis_store.h - what the files of the Redis store share; for them alone.
 *
 * store/redis.c has the life of the store and its handshakes, store/redis_data.c the
 * data of clients, store/redis_instances.c and store/redis_lost.c what instances tell
 * and know of each other.
 */
#ifndef SIO_STORE_REDIS_STORE_H
#define SIO_STORE_REDIS_STORE_H

#include "store/clients.h"
#include "store/handshakes.h"
#include "store/instances.h"
#include "store/redis.h"
#include "store/redis_bus.h"
#include "store/redis_client.h"
#include "store/redis_key.h"

enum { SIO_REDIS_SETS_TTL_MS = 24 * 60 * 60 * 1000 }; /* of the two sets, without a touch */

/* Of a store that listens; for redis_instances.c. */
typedef struct {
    sio_redis_bus *bus; /* NULL until the first sio_store_listen() */
    sio_store_ears ears;
    char           tag[SIO_STORE_TAG_LEN];
    bool           up;         /* what the ears were told last */
    uint64_t       lost_ms;    /* when the bus alone was lost, and nothing is said yet; else 0 */
    bool           said;       /* the log knows that the bus alone is away */
    char           reason[96]; /* why it was lost */
} sio_redis_hearing;

typedef struct sio_redis_channels sio_redis_channels; /* of redis_channels.c */

typedef struct {
    sio_store           store;   /* first: it is a sio_store */
    sio_handshakes     *local;   /* the handshakes made here and not known to be taken */
    sio_clients        *clients; /* whose data were set here: keys and lengths */
    sio_redis_client   *client;
    sio_redis_hearing   hearing;
    sio_redis_channels *channels;      /* NULL: none are heard */
    size_t              publish_bytes; /* in flight */
    size_t              max_publish_bytes;
    struct event_base  *base;
    sio_redis_url       url;
    char                prefix[SIO_REDIS_MAX_PREFIX + 1];
    bool                bare_clients; /* the hash of a client is called by its id alone */
    bool                no_getdel;    /* this server is older than 6.2 */
    uint64_t            refused_ms;   /* when Redis last refused something; 0: never */
    sio_store_log       log;
    void               *log_arg;
} sio_redis_store;

static inline sio_redis_store *
sio_redis_store_of(sio_store *self)
{
    return (sio_redis_store *)(void *)self;
}

/* <prefix><kind><id>. kind: at most SIO_REDIS_MAX_KIND characters. */
sio_redis_key sio_redis_key_make(const sio_redis_store *s, const char *kind, sio_view id);

/* The hash with the data of a client: <prefix>client:<id>, or the id itself. */
sio_redis_key sio_redis_data_client_key(const sio_redis_store *s, sio_view id);

/*
 * One line when Redis begins to refuse what we ask (a replica, out of memory, a missing right).
 * What it accepts meanwhile does not make the next refusal a new one; a minute without does.
 */
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
sio_store_req *sio_redis_data_inherit(sio_store *self, sio_view id, sio_view from,
                                      sio_store_done_cb cb, void *arg);
sio_store_req *sio_redis_data_expire(sio_store *self, sio_view id, uint64_t ttl_ms,
                                     sio_store_done_cb cb, void *arg);

/* Redis is there (again): let it forget the data of those who have left meanwhile. */
void sio_redis_data_expire_ended(sio_redis_store *s);

/* --- redis_instances.c --- */

extern const struct sio_store_instance_ops sio_redis_instance_ops;

/* The connection for commands is there, or is not (also when an attempt to make it failed). */
void sio_redis_instances_up(sio_redis_store *s);
void sio_redis_instances_down(sio_redis_store *s);

/* verb <key> [word], sent now or not at all, and nobody waits; a refusal is noted. */
void sio_redis_instances_tell(sio_redis_store *s, const char *verb, const sio_redis_key *key,
                              const sio_view *word);

/* PEXPIRE <key> <ttl_ms>, in the same way. */
void sio_redis_instances_tell_expiry(sio_redis_store *s, const sio_redis_key *key, uint64_t ttl_ms);

/*
 * PUBLISH channel bytes, results as sio_store_publish(). is_cast: this instance hears that channel
 * itself, and has to.
 */
int sio_redis_instances_publish(sio_redis_store *s, sio_view channel, sio_view bytes, bool is_cast);

/* The two sets of store/instances.h. */
sio_redis_key sio_redis_instances_key(const sio_redis_store *s);
sio_redis_key sio_redis_instances_sessions_key(const sio_redis_store *s, sio_view tag);

/* --- redis_channels.c --- */

extern const struct sio_store_channel_ops sio_redis_channel_ops;

void sio_redis_channels_free(sio_redis_channels *c); /* NULL is allowed */

/* --- redis_lost.c: as in sio_store_instance_ops --- */

sio_store_req *sio_redis_lost_list_instances(sio_store *self, sio_store_list_cb cb, void *arg);
sio_store_req *sio_redis_lost_claim(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg);
sio_store_req *sio_redis_lost_check(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg);
sio_store_req *sio_redis_lost_take(sio_store *self, sio_view tag, uint64_t data_ttl_ms,
                                   sio_store_list_cb cb, void *arg);

#endif
