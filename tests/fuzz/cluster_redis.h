/*
 * tests/fuzz/cluster_redis.h - a Redis that is a list of facts, and the connections of servers to
 * it. Nothing comes from it by itself: the script decides when a server hears the messages that
 * wait for it, and when it is answered.
 *
 * Used by cluster_store.h, which is what the servers see of it, and by fuzz_cluster.c.
 */
#ifndef SIO_TESTS_FUZZ_CLUSTER_REDIS_H
#define SIO_TESTS_FUZZ_CLUSTER_REDIS_H

#include <stdio.h>
#include <string.h>

#include "protocol/list.h"
#include "store/instances.h"
#include "tests/fuzz/must.h"

enum { LOST_AT_ONCE = 2 /* ids that one take of lost sessions brings */ };

typedef struct {
    sio_link links; /* every redis_link */
    sio_link facts;
    bool     away;
    uint64_t now_ms; /* set by whoever moves the clocks */
} redis;

/* The connections of one server to Redis: its store. */
typedef struct {
    sio_store      store; /* first: a redis_link is a sio_store */
    sio_link       link;  /* in redis->links */
    redis         *redis;
    sio_store_ears ears;
    char           tag[SIO_STORE_TAG_LEN + 1]; /* "": it does not listen */
    sio_link       messages;                   /* that wait to be heard, oldest first */
    sio_link       requests;                   /* that wait to be answered, oldest first */
    bool           subscribed;                 /* as Redis sees it */
    bool           up;                         /* as the server has been told */
    bool           cut;                        /* it alone can not reach Redis */
    bool           dead;                       /* its process has died: nothing gets out any more */
    unsigned       refuses; /* the next messages, so many: too much waits already */
} redis_link;

typedef struct {
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

static inline void
redis_init(redis *r)
{
    *r = (redis){.away = false};
    sio_link_init(&r->links);
    sio_link_init(&r->facts);
}

static inline bool
redis_reaches(const redis_link *l)
{
    return !l->redis->away && !l->cut && !l->dead;
}

/* --- Facts. --- */

/* out: as large as the longest text of its sort and a NUL. */
static void
copy_text(char *out, sio_view text)
{
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

static redis_fact *
fact_new(fact_kind kind, sio_view tag, sio_view id, sio_view data)
{
    redis_fact *f = calloc(1, sizeof *f + data.len);

    must(f != NULL);
    sio_link_init(&f->link);
    f->kind = kind;
    copy_text(f->tag, tag);
    copy_text(f->id, id);
    f->len = data.len;
    if (data.len > 0)
        memcpy(f->data, data.data, data.len);
    return f;
}

static void
fact_free(redis_fact *f)
{
    if (f == NULL)
        return;
    sio_link_remove(&f->link);
    free(f);
}

/* The first fact of that kind; tag and id: NULL means any. */
static inline redis_fact *
redis_find(const redis *r, fact_kind kind, const char *tag, const char *id)
{
    for (sio_link *l = r->facts.next; l != &r->facts; l = l->next) {
        redis_fact *f = SIO_CONTAINER(l, redis_fact, link);

        if (f->kind == kind && (tag == NULL || strcmp(f->tag, tag) == 0) &&
            (id == NULL || strcmp(f->id, id) == 0))
            return f;
    }
    return NULL;
}

static void
state(redis_link *l, fact_kind kind, sio_view tag, sio_view id)
{
    redis_fact *f = fact_new(kind, tag, id, SIO_VIEW(""));

    if (redis_reaches(l) && redis_find(l->redis, kind, f->tag, f->id) == NULL)
        sio_link_append(&l->redis->facts, &f->link);
    else
        fact_free(f);
}

static void
deny(redis_link *l, fact_kind kind, sio_view tag, const char *id)
{
    char        text[SIO_STORE_TAG_LEN + 1];
    redis_fact *f;

    copy_text(text, tag);
    while (redis_reaches(l) && (f = redis_find(l->redis, kind, text, id)) != NULL)
        fact_free(f);
}

/* --- Requests. --- */

static void
request_free(redis_request *r)
{
    sio_link_remove(&r->link);
    fact_free(r->fact);
    free(r);
}

/* Answer the oldest request. False: there is none. */
static inline bool
redis_answer(redis_link *l)
{
    redis_request *r;

    if (sio_link_empty(&l->requests))
        return false;
    r = SIO_CONTAINER(l->requests.next, redis_request, link);
    sio_link_remove(&r->link);
    r->answer(r, redis_reaches(l));
    request_free(r);
    return true;
}

/* --- Messages. --- */

static inline void
redis_send(redis_link *to, const redis_link *from, bool direct, sio_view bytes)
{
    redis_message *m = malloc(sizeof *m + bytes.len);

    must(m != NULL);
    m->from = from;
    m->direct = direct;
    m->len = bytes.len;
    memcpy(m->bytes, bytes.data, bytes.len);
    sio_link_init(&m->link);
    sio_link_append(&to->messages, &m->link);
}

/* Let the server hear the oldest message. False: there is none. */
static inline bool
redis_hear(redis_link *l)
{
    redis_message *m;

    if (sio_link_empty(&l->messages))
        return false;
    m = SIO_CONTAINER(l->messages.next, redis_message, link);
    sio_link_remove(&m->link);
    l->ears.message(l->ears.arg, m->direct, (sio_view){m->bytes, m->len});
    free(m);
    return true;
}

static void
drop_messages(redis_link *to, const redis_link *from)
{
    sio_link *next;

    for (sio_link *l = to->messages.next; l != &to->messages; l = next) {
        redis_message *m = SIO_CONTAINER(l, redis_message, link);

        next = l->next;
        if (from != NULL && m->from != from)
            continue;
        sio_link_remove(&m->link);
        free(m);
    }
}

/* --- What happens to connections. --- */

/* Its subscription has ended: what waited for it is lost. redis_notice() makes a new one. */
static inline void
redis_unsubscribe(redis_link *l)
{
    l->subscribed = false;
    drop_messages(l, NULL);
}

/* It can not reach Redis; and what it has said and nobody has heard was still on its way there. */
static inline void
redis_cut(redis_link *l)
{
    l->cut = true;
    redis_unsubscribe(l);
    for (sio_link *at = l->redis->links.next; at != &l->redis->links; at = at->next)
        drop_messages(SIO_CONTAINER(at, redis_link, link), l);
}

static inline void
redis_go_away(redis *r)
{
    r->away = true;
    for (sio_link *at = r->links.next; at != &r->links; at = at->next)
        redis_unsubscribe(SIO_CONTAINER(at, redis_link, link));
}

/* Its memory is gone. A handshake is still with the server that made it. */
static inline void
redis_forget(redis *r)
{
    sio_link *next;

    for (sio_link *l = r->facts.next; l != &r->facts; l = next) {
        redis_fact *f = SIO_CONTAINER(l, redis_fact, link);

        next = l->next;
        f->shared = false;
        if (f->kind != HANDSHAKE || f->holder == NULL)
            fact_free(f);
    }
}

/* What only the holder has: shared now, or gone with it. */
static void
settle_handshakes(const redis_link *l, bool is_gone)
{
    redis    *r = l->redis;
    sio_link *next;

    for (sio_link *at = r->facts.next; at != &r->facts; at = next) {
        redis_fact *f = SIO_CONTAINER(at, redis_fact, link);

        next = at->next;
        if (f->kind != HANDSHAKE || f->holder != l)
            continue;
        f->shared = f->shared || !is_gone;
        if (is_gone)
            f->holder = NULL;
        if (!f->shared)
            fact_free(f);
    }
}

/* Let the server know how its connections are, and make them anew. Was there anything to know? */
static inline bool
redis_notice(redis_link *l)
{
    if (l->up && !l->subscribed) {
        l->up = false;
        l->ears.down(l->ears.arg);
        return true;
    }
    if (l->up || l->tag[0] == '\0' || !redis_reaches(l))
        return false;
    l->subscribed = l->up = true;
    settle_handshakes(l, false);
    l->ears.up(l->ears.arg);
    return true;
}

static inline void
redis_fini(redis *r)
{
    while (!sio_link_empty(&r->facts))
        fact_free(SIO_CONTAINER(r->facts.next, redis_fact, link));
}

#endif
