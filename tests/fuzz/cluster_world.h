/*
 * tests/fuzz/cluster_world.h - several whole servers with one Redis, and the seats of their
 * clients: how they come and go.
 *
 * Used by fuzz_cluster.c and its other headers. What takes the place of sockets is in
 * session_client.h, and of Redis in cluster_redis.h; the rest is the real thing.
 */
#ifndef SIO_TESTS_FUZZ_CLUSTER_WORLD_H
#define SIO_TESTS_FUZZ_CLUSTER_WORLD_H

#include <stdint.h>
#include <sys/random.h>

#include "server/roaming/directory.h"
#include "server/startup.h"
#include "tests/fuzz/cluster_app.h"
#include "tests/fuzz/cluster_store.h"
#include "tests/fuzz/session_client.h"
#include "tests/fuzz/session_server.h"

enum {
    N_SERVERS = 3,
    N_SEATS = 11,  /* ten for the script, and the last one */
    BACKLOG = 4000 /* bytes, of one instance for another */
};

/* Where a client sits. */
typedef struct {
    client               *client;
    promise              *promise;
    const session_record *heard;        /* whose events came last; NULL: none have */
    const session_record *session;      /* for which its POST is */
    unsigned              message;      /* the mark of that, without an answer; 0: there is none */
    bool                  is_confirmed; /* the answer has come: the message has arrived */
    bool                  is_early; /* it was sent before the home was told who has the session */
    unsigned              last_framed; /* the mark of the last message on its websocket */
    bool                  is_engine;   /* that is one of Engine.IO */
    bool                  waits;       /* a whole request was sent, */
    unsigned              waits_for;   /* and so many are answered, when it is */
} seat;

/* A server and its clients; without a server while it is dead. */
typedef struct {
    sio_server *server;
    redis_link *redis;
    cluster_app app;
    seat        seats[N_SEATS];
    bool        frozen;
    bool        holding;        /* what comes from Redis waits */
    uint64_t    silent_from_ms; /* UINT64_MAX: it is not */
    uint64_t    deaf_from_ms;   /* the same */
} node;

typedef struct {
    node        nodes[N_SERVERS];
    redis       redis;
    session_ids ids;
    promise     promise;
    uint64_t    now_ms;
} world;

/* In place of the system's: a script does the same whenever it is run. */
static uint64_t random_state;

ssize_t
getrandom(void *bytes, size_t n, unsigned flags)
{
    (void)flags;
    for (size_t i = 0; i < n; i++) {
        random_state = random_state * 6364136223846793005 + 1442695040888963407;
        ((uint8_t *)bytes)[i] = (uint8_t)(random_state >> 56);
    }
    return (ssize_t)n;
}

/* --- Questions. --- */

static inline bool
is_awake(const node *n)
{
    return n->server != NULL && !n->frozen;
}

static inline unsigned
count_alive(const world *w)
{
    unsigned n_alive = 0;

    for (unsigned i = 0; i < N_SERVERS; i++)
        n_alive += w->nodes[i].server != NULL;
    return n_alive;
}

/* A tag that has gone never comes back. */
static inline bool
has_home(const world *w, const session_record *r)
{
    for (unsigned i = 0; i < N_SERVERS; i++) {
        const sio_server *s = w->nodes[i].server;

        if (s != NULL && !s->env.stopping && memcmp(r->id, s->env.tag, SIO_STORE_TAG_LEN) == 0)
            return true;
    }
    return false;
}

/* Does the server that made its handshake know who has the session? */
static inline bool
home_knows(const world *w, const session_record *r)
{
    for (unsigned i = 0; i < N_SERVERS; i++) {
        sio_server *s = w->nodes[i].server;

        if (s != NULL && memcmp(r->id, s->env.tag, SIO_STORE_TAG_LEN) == 0)
            return r->owner == s || sio_directory_find_forward(&s->env, sio_view_of(r->id)) != NULL;
    }
    return false;
}

/* Does the server know where to ask for the session? One that has just joined may not. */
static inline bool
knows_home(sio_server *s, const session_record *r)
{
    const sio_view tag = {r->id, SIO_STORE_TAG_LEN};

    return r->owner == s || sio_view_eq(tag, sio_view_of(s->env.tag)) ||
           sio_peer_find(&s->env, tag) != NULL;
}

/* Do others hear nothing of it, who hear themselves? */
static inline bool
is_silent(const world *w, const node *n)
{
    const redis_link *l = n->redis;

    return n->server != NULL &&
           (n->frozen || (!w->redis.away && (!redis_reaches(l) || !l->up || l->refuses > 0)));
}

/* Nobody promises anything of the POST that waits for its answer. */
static inline bool
may_lose_message(const seat *at)
{
    return at->session->is_over || at->session->is_homeless || at->promise->lost_is_normal ||
           (at->is_early && at->promise->word_is_late);
}

/* Does it hear nothing, or is not heard? */
static inline bool
is_deaf(const world *w, const node *n)
{
    return n->server != NULL && (n->holding || w->redis.away || is_silent(w, n));
}

/* --- Servers come and go. --- */

/* A backlog and timeouts that are short, so that scripts are. */
static inline void
set_limits(sio_server *s)
{
    static const struct {
        const char *key, *value;
    } settings[] = {
        {"redis", "\"redis://fake\""}, {"heartbeat interval", "5"}, {"heartbeat timeout", "12"},
        {"close timeout", "15"},       {"polling duration", "5"},   {"request timeout", "5"},
        {"keep-alive timeout", "20"},  {"pingInterval", "5000"},    {"pingTimeout", "20000"},
    };

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        must(sio_set(s, settings[i].key, settings[i].value) == 0);
    s->cfg.max_instance_backlog = BACKLOG;
}

static inline void
node_start(world *w, node *n)
{
    sio_server *s = server_new();

    set_limits(s);
    n->server = s;
    n->redis = redis_link_new(&w->redis);
    s->env.store = &n->redis->store;
    n->frozen = n->holding = false;
    n->silent_from_ms = n->deaf_from_ms = UINT64_MAX;
    sio_timer_wheel_advance(&s->env.timers, w->now_ms);
    cluster_app_init(&n->app, s, &w->promise);
    must(sio_startup_join(s) == SIO_OK);
}

/* The process ends, and its sockets with it. What it still says nobody hears. */
static inline void
node_end(world *w, node *n)
{
    n->redis->dead = true;
    for (unsigned i = 0; i < N_SEATS; i++)
        if (n->seats[i].client != NULL)
            client_gone(n->seats[i].client, false);
    for (unsigned i = 0; i < w->promise.n_sessions; i++)
        if (w->promise.sessions[i].owner == n->server)
            promise_owner_gone(&w->promise.sessions[i]);
    sio_server_free(n->server);
    n->server = NULL;
}

/*
 * It dies; the sessions that Redis knows of must be announced by others. One that was declared lost
 * before, came to life and dies before it hears of that, waits for the next one that joins.
 */
static inline void
node_kill(world *w, node *n)
{
    const char *tag = n->server->env.tag;

    const bool was_lost = redis_find(&w->redis, LOST, tag, NULL) != NULL;

    w->promise.lost_is_normal = true;
    for (unsigned i = 0; i < w->promise.n_sessions && !was_lost; i++) {
        session_record *r = &w->promise.sessions[i];

        if (r->owner == n->server && redis_find(&w->redis, SESSION, tag, r->id) != NULL)
            r->is_orphan = true;
    }
    node_end(w, n);
}

/* It says goodbye once, and some may not hear it. */
static inline void
node_stop(world *w, node *n)
{
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (is_silent(w, &w->nodes[i]) || w->nodes[i].holding || w->redis.away)
            w->promise.lost_is_normal = true;
    sio_stop(n->server);
}

#endif
