/*
 * store/redis_store.h - what the files of the Redis store share; for them alone.
 *
 * store/redis.c has the life of the store and its handshakes, store/redis_data.c the
 * data of clients, store/redis_instances.c and store/redis_lost.c what instances tell
 * and know of each other, store/redis_presence.c whether an instance is connected,
 * store/redis_post.c the commands that nobody waits for.
 */
#ifndef SIO_STORE_REDIS_STORE_H
#define SIO_STORE_REDIS_STORE_H

#include "store/clients.h"
#include "store/handshakes.h"
#include "store/instances.h"
#include "store/redis.h"
#include "store/redis_bus.h"
#include "store/redis_client.h"
#include "store/redis_cluster.h"
#include "store/redis_key.h"
#include "store/redis_partitions.h"
#include "store/redis_sentinel.h"

enum { SIO_REDIS_SETS_TTL_MS = 24 * 60 * 60 * 1000 }; /* of the two sets, without a touch */

/* Of a store that listens; for redis_instances.c. */
typedef struct {
    sio_redis_bus       *bus;        /* NULL until the first sio_store_listen() */
    sio_redis_partitions partitions; /* those that it hears, or will */
    sio_store_ears       ears;
    char                 tag[SIO_STORE_TAG_LEN];
    bool                 up;      /* what the ears were told last */
    uint64_t             lost_ms; /* when the bus alone was lost, and nothing is said yet; else 0 */
    bool                 said;    /* the log knows that the bus alone is away */
    char                 reason[96]; /* why it was lost */
    uint64_t connection; /* what Redis calls the one for commands; 0: not known (presence) */
    bool     is_there;   /* this instance has told that it is (touch) */
    bool     is_blind;   /* the log knows that Redis tells nothing of connections */
} sio_redis_hearing;

typedef struct sio_redis_channels sio_redis_channels; /* of redis_channels.c */
typedef struct sio_redis_shards   sio_redis_shards;   /* of redis_shards.c */
typedef struct sio_redis_tail     sio_redis_tail;     /* of redis_tail.c */

typedef struct {
    sio_store            store;   /* first: it is a sio_store */
    sio_handshakes      *local;   /* the handshakes made here and not known to be taken */
    sio_clients         *clients; /* whose data were set here: keys and lengths */
    sio_redis_client    *client;  /* to the home: for what instances tell and know of each other */
    sio_redis_hearing    hearing;
    sio_redis_channels  *channels;      /* NULL: none are heard */
    sio_redis_shards    *shards;        /* likewise */
    sio_redis_tail      *tail;          /* likewise: of a stream */
    sio_link             heirs;         /* of redis_wills.c: who wait for a will */
    size_t               publish_bytes; /* in flight */
    size_t               max_publish_bytes;
    struct event_base   *base;
    sio_redis_url        url;
    sio_redis_tls       *tls;             /* NULL: the URL has none */
    sio_redis_sentinels *sentinels;       /* NULL: the URL has none */
    sio_redis_cluster   *cluster;         /* NULL: likewise; then all keys are at the home */
    bool                 is_home_settled; /* it is known whether the home can be used */
    char                 prefix[SIO_REDIS_MAX_PREFIX + 1];
    bool                 bare_clients; /* the hash of a client is called by its id alone */
    bool                 no_getdel;    /* this server is older than 6.2 */
    bool                 is_ending;    /* nobody is told anything any more */
    uint64_t             refused_ms;   /* when Redis last refused something; 0: never */
    sio_store_log        log;
    void                *log_arg;
} sio_redis_store;

/* For the connections to the home: where they go. NULL: to where the URL says. */
static inline sio_redis_primary *
sio_redis_store_primary(sio_redis_store *s)
{
    if (s->cluster != NULL)
        return sio_redis_cluster_home(s->cluster);
    return s->sentinels != NULL ? sio_redis_sentinels_primary(s->sentinels) : NULL;
}

static inline sio_redis_store *
sio_redis_store_of(sio_store *self)
{
    return (sio_redis_store *)(void *)self;
}

/* <prefix><kind><id>. kind: at most SIO_REDIS_MAX_KIND characters. */
sio_redis_key sio_redis_store_key(const sio_redis_store *s, const char *kind, sio_view id);

/* A key or channel of the home: in Redis Cluster {<prefix>}<kind><id>, so that it is in its slot. */
sio_redis_key sio_redis_store_home_key(const sio_redis_store *s, const char *kind, sio_view id);

/* The connection for commands to whoever has this key. NULL: see redis_client.h. */
sio_redis_client *sio_redis_store_client(const sio_redis_store *s, const sio_redis_key *key);

/* The hash with the data of a client, at the home: <prefix>client:<id>, or the id itself. */
sio_redis_key sio_redis_store_client_key(const sio_redis_store *s, sio_view id);

/* The two sets of store/instances.h. */
sio_redis_key sio_redis_store_instances_key(const sio_redis_store *s);
sio_redis_key sio_redis_store_sessions_key(const sio_redis_store *s, sio_view tag);

/*
 * One line when Redis begins to refuse what we ask (a replica, out of memory, a missing right).
 * What it accepts meanwhile does not make the next refusal a new one; a minute without does.
 */
void sio_redis_store_note_reply(sio_redis_store *s, const redisReply *reply);

/* Log "Redis at <name> <text>", and " (<reason>)" unless that is NULL. */
void sio_redis_store_log(const sio_redis_store *s, int level, const char *text, const char *reason);

#endif
