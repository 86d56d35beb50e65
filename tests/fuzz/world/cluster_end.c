#include "tests/fuzz/world/cluster_end.h"

#include <stdio.h>
#include <string.h>

#include "server/engine/session.h"
#include "server/server.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/cluster_check.h"
#include "tests/fuzz/world/cluster_seat.h"
#include "tests/fuzz/world/cluster_turn.h"
#include "tests/fuzz/world/session_server.h"

enum {
    SETTLE_MS = 5000,        /* after which everything has been sent again */
    MOURN_MS = 13000,        /* the same, and the dead have been found */
    REQUEST_MS = 2000,       /* a request that needs no event takes less */
    POLL_MS = 6000,          /* and a poll */
    ENGINE_POLL_MS = 30000,  /* one of Engine.IO, whose client does not answer pings */
    POLL_OF_DEAD_MS = 60000, /* when nobody knew that its owner had died */
    END_MS = 100000,         /* more than all timeouts together, of one request */
    MAX_ENDS = 8             /* and of all that were sent on one connection, and their sessions */
};

/* All that stands in the way of messages is removed, and what was lost comes again. */
static void
settle(world *w)
{
    w->redis.away = false;
    for (unsigned i = 0; i < N_SERVERS; i++) {
        node *n = &w->nodes[i];

        if (n->server == NULL)
            continue;
        n->holding = n->redis->cut = false;
        n->redis->refuses = 0;
        if (n->frozen)
            node_thaw(w, n);
    }
    world_turn(w);
    world_pass_time(w, w->promise.lost_is_normal ? MOURN_MS : SETTLE_MS);
    cluster_check_unwanted(&w->promise);
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (w->nodes[i].server != NULL)
            cluster_check_settled(w, &w->nodes[i]);
}

/* --- What clients have not got. --- */

/*
 * Where the client of the session comes: to another server than its owner, if that can know of it.
 */
static node *
node_for(world *w, const session_record *r)
{
    node *owner = NULL;

    for (unsigned i = 0; i < N_SERVERS; i++) {
        node *n = &w->nodes[i];

        if (n->server != NULL && n->server == r->owner)
            owner = n;
        else if (n->server != NULL && n->server->env.phase != SIO_STOPPING && !r->is_homeless)
            return n;
    }
    return owner;
}

static void
ask_once(world *w, const session_record *r, bool is_post)
{
    char    path[PATH_LEN];
    node   *n = node_for(w, r);
    seat   *at;
    client *p;

    if (n == NULL || (p = seat_client(w, n, N_SEATS - 1)) == NULL)
        return;
    at = &n->seats[N_SEATS - 1];
    seat_path_of(r, path);
    if (is_post)
        seat_post_marked(w, at, sio_view_of(path));
    else
        client_request(p, "GET ", sio_view_of(path), "");
    world_turn(w);
    if (at->message != 0 || (!is_post && r->n_heard < r->n_emitted))
        world_pass_time(w, REQUEST_MS);
    promise_must_keep(&w->promise, at->message == 0 || r->is_over);
    if (at->client != NULL)
        client_gone(at->client, false);
    world_turn(w);
}

/* Then it neither polls nor posts, and its websocket may be stalled. */
static bool
is_upgraded(const session_record *r)
{
    const sio_session *session = sio_session_find(&r->owner->env, sio_view_of(r->id));

    return r->revision != 0 && session != NULL && strcmp(session->transport_name, "websocket") == 0;
}

/* The client sends one more message, and asks for all events: the first poll brings one alone. */
static void
ask_for_rest(world *w, const session_record *r)
{
    if (is_upgraded(r))
        return;
    ask_once(w, r, true);
    for (unsigned i = 0; i < 3 && !r->is_over && r->n_heard < r->n_emitted; i++)
        ask_once(w, r, false);
    promise_must_keep(&w->promise, r->is_over || r->n_heard == r->n_emitted);
}

/* How long a request may take now. */
static uint64_t
patience_ms(const promise *p)
{
    if (p->lost_is_normal)
        return POLL_OF_DEAD_MS;
    return p->has_engine ? ENGINE_POLL_MS : POLL_MS;
}

/* For every other session: the rest ends without help. And who waits gets an answer meanwhile. */
static void
ask_for_all(world *w)
{
    const uint64_t until_ms = w->now_ms + patience_ms(&w->promise);

    cluster_check_note_waiting(w);
    for (unsigned i = 0; i < w->promise.n_sessions; i += 2)
        if (!w->promise.sessions[i].is_over)
            ask_for_rest(w, &w->promise.sessions[i]);
    if (w->now_ms < until_ms)
        world_pass_time(w, until_ms - w->now_ms);
    cluster_check_answered(w);
}

/* --- Nobody does anything any more. --- */

static bool
all_are_idle(const world *w)
{
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (w->nodes[i].server != NULL && !server_is_idle(w->nodes[i].server))
            return false;
    return true;
}

void
world_end(world *w)
{
    unsigned n_alive;

    settle(w);
    if (!w->promise.is_void)
        ask_for_all(w);
    for (unsigned i = 0; i < MAX_ENDS && (i == 0 || !all_are_idle(w)); i++)
        world_pass_time(w, END_MS);
    if (!w->promise.is_void)
        cluster_check_nothing_left(w);
    n_alive = world_count_alive(w);
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (w->nodes[i].server != NULL)
            node_end(w, &w->nodes[i]);
    promise_check_ends(&w->promise, n_alive);
    redis_fini(&w->redis);
}
