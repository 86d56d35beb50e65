#include "tests/fuzz/world/cluster_world.h"

#include <string.h>

#include "server/cluster/peers.h"
#include "server/roaming/directory.h"
#include "server/server.h"
#include "server/startup.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/cluster_store.h"
#include "tests/fuzz/world/session_server.h"

/* --- Questions. --- */

bool
node_is_awake(const node *n)
{
    return n->server != NULL && !n->frozen;
}

unsigned
world_count_alive(const world *w)
{
    unsigned n_alive = 0;

    for (unsigned i = 0; i < N_SERVERS; i++)
        n_alive += w->nodes[i].server != NULL;
    return n_alive;
}

bool
world_has_home(const world *w, const session_record *r)
{
    for (unsigned i = 0; i < N_SERVERS; i++) {
        const sio_server *s = w->nodes[i].server;

        if (s != NULL && s->env.phase != SIO_STOPPING &&
            memcmp(r->id, s->env.tag, SIO_STORE_TAG_LEN) == 0)
            return true;
    }
    return false;
}

bool
world_home_knows(const world *w, const session_record *r)
{
    for (unsigned i = 0; i < N_SERVERS; i++) {
        sio_server *s = w->nodes[i].server;

        if (s != NULL && memcmp(r->id, s->env.tag, SIO_STORE_TAG_LEN) == 0)
            return r->owner == s || sio_directory_find_forward(&s->env, sio_view_of(r->id)) != NULL;
    }
    return false;
}

bool
world_knows_home(sio_server *s, const session_record *r)
{
    const sio_view tag = {r->id, SIO_STORE_TAG_LEN};

    return r->owner == s || sio_view_eq(tag, sio_view_of(s->env.tag)) ||
           sio_peer_find(&s->env, tag) != NULL;
}

bool
node_is_silent(const world *w, const node *n)
{
    const redis_link *l = n->redis;

    return n->server != NULL &&
           (n->frozen || (!w->redis.away && (!redis_reaches(l) || !l->up || l->refuses > 0)));
}

bool
seat_may_lose_message(const seat *at)
{
    return at->session->is_over || at->session->is_homeless || at->promise->lost_is_normal ||
           (at->is_early && at->promise->word_is_late);
}

bool
node_is_deaf(const world *w, const node *n)
{
    return n->server != NULL && (n->holding || w->redis.away || node_is_silent(w, n));
}

/* --- Servers come and go. --- */

/* A backlog and timeouts that are short, so that scripts are. */
static void
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

void
node_start(world *w, node *n)
{
    sio_server *s = server_new(w->switches);

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

void
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

void
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

void
node_stop(world *w, node *n)
{
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (node_is_silent(w, &w->nodes[i]) || w->nodes[i].holding || w->redis.away)
            w->promise.lost_is_normal = true;
    sio_stop(n->server);
}
