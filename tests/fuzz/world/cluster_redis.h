/*
 * tests/fuzz/world/cluster_redis.h - a Redis that is a list of facts, and the connections of
 * servers to it. Nothing comes from it by itself: the script decides when a server hears the
 * messages that wait for it, and when it is answered.
 *
 * Used by cluster_store.c, which is what the servers see of it, by fuzz_cluster.c, and by
 * tests/unit/server/memory_world.c.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_CLUSTER_REDIS_H
#define SIO_TESTS_FUZZ_WORLD_CLUSTER_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/list.h"
#include "store/instances.h"

typedef struct {
    sio_link links; /* every redis_link */
    sio_link facts;
    bool     away;
    uint64_t now_ms; /* set by whoever moves the clocks */
} redis;

/* The connections of one server to Redis: its store. */
typedef struct {
    sio_store             store; /* first: a redis_link is a sio_store */
    sio_link              link;  /* in redis->links */
    redis                *redis;
    sio_store_ears        ears;
    char                  tag[SIO_STORE_TAG_LEN + 1]; /* "": it does not listen */
    sio_link              messages;                   /* that wait to be heard, oldest first */
    sio_link              requests;                   /* that wait to be answered, oldest first */
    bool                  subscribed;                 /* as Redis sees it */
    bool                  up;                         /* as the server has been told */
    bool                  cut;                        /* it alone can not reach Redis */
    bool                  dead;    /* its process has died: nothing gets out any more */
    unsigned              refuses; /* the next messages, so many: too much waits already */
    struct redis_message *last;    /* that it has heard; NULL: none */
} redis_link;

typedef struct redis_message {
    sio_link          link;
    const redis_link *from;
    bool              direct;
    size_t            len;
    char              bytes[];
} redis_message;

typedef enum { HANDSHAKE, INSTANCE, SESSION, LOST } fact_kind;

typedef struct {
    sio_link  link;
    fact_kind kind;
    char      tag[SIO_STORE_TAG_LEN + 1]; /* of all but HANDSHAKE */
    char      id[SIO_STORE_MAX_ID + 1]; /* of HANDSHAKE and SESSION; LOST: the tag of who says so */
    redis_link *holder;                 /* HANDSHAKE: who made it */
    bool        shared;                 /* HANDSHAKE: Redis has it, not only the holder */
    uint64_t    expires_ms;
    size_t      len;
    char        data[];
} redis_fact;

typedef struct redis_request redis_request;

struct redis_request {
    sio_store_req req;  /* first */
    sio_link      link; /* in at->requests */
    redis_link   *at;
    void (*answer)(redis_request *r, bool is_reached);
    sio_store_put_cb  put;
    sio_store_take_cb take;
    sio_store_done_cb done;
    sio_store_list_cb list;
    void             *arg;
    redis_fact       *fact; /* to be put */
    char              tag[SIO_STORE_TAG_LEN + 1];
    char              id[SIO_STORE_MAX_ID + 1];
};

/* Nobody is connected, and no fact is known. End it with redis_fini(), after all its links. */
void redis_init(redis *r);

/* Do commands of that server get through? */
bool redis_reaches(const redis_link *l);

/* --- Facts. --- */

/* out: as large as the longest text of its sort and a NUL. */
void redis_copy_text(char *out, sio_view text);

/* A fact that Redis does not know yet; the caller owns it until it is appended to redis->facts. */
redis_fact *redis_fact_new(fact_kind kind, sio_view tag, sio_view id, sio_view data);

/* NULL is none. */
void redis_fact_free(redis_fact *f);

/* The first fact of that kind; tag and id: NULL means any. */
redis_fact *redis_find(const redis *r, fact_kind kind, const char *tag, const char *id);

/* Redis knows that from now on, if the server reaches it. */
void redis_state(redis_link *l, fact_kind kind, sio_view tag, sio_view id);

/* ... no more; id: NULL means any. */
void redis_deny(redis_link *l, fact_kind kind, sio_view tag, const char *id);

/* --- Requests. --- */

/* It is not answered any more. */
void redis_request_free(redis_request *r);

/* Answer the oldest request. False: there is none. */
bool redis_answer(redis_link *l);

/* --- Messages. --- */

/* A message to that server, which waits to be heard. from: NULL is no server. */
void redis_send(redis_link *to, const redis_link *from, bool direct, sio_view bytes);

/* Let the server hear the oldest message. False: there is none. */
bool redis_hear(redis_link *l);

/* What it has heard last waits once more. What that was; NULL: nothing. */
const redis_message *redis_replay(redis_link *l);

/* What waits to be heard is lost: what comes from there. from: NULL means any. */
void redis_drop_messages(redis_link *to, const redis_link *from);

/* --- What happens to connections. --- */

/* Its subscription has ended: what waited for it is lost. redis_notice() makes a new one. */
void redis_unsubscribe(redis_link *l);

/* It can not reach Redis; and what it has said and nobody has heard was still on its way there. */
void redis_cut(redis_link *l);

/* Nobody reaches it until away is false; subscriptions have ended. */
void redis_go_away(redis *r);

/* Its memory is gone. A handshake is still with the server that made it. */
void redis_forget(redis *r);

/* What only the holder has: shared now, or gone with it. */
void redis_settle_handshakes(const redis_link *l, bool is_gone);

/* Let the server know how its connections are, and make them anew. Was there anything to know? */
bool redis_notice(redis_link *l);

/* Free what is known. */
void redis_fini(redis *r);

#endif
