#include "tests/fuzz/world/cluster_check.h"

#include "server/cluster/peers.h"
#include "server/engine/session.h"
#include "server/server.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/session_server.h"

enum { MAX_BACKLOG = 32000 /* BACKLOG, with what was let in before it was reached */ };

/* --- After each turn. --- */

/*
 * A POST that was confirmed has come to the application; a server that stops can not wait for that.
 */
static void
seat_check(const node *n, seat *at)
{
    if (!at->is_confirmed)
        return;
    promise_must_keep(at->promise, at->promise->arrived[at->message] || seat_may_lose_message(at) ||
                                       n->server->env.phase == SIO_STOPPING);
    at->is_confirmed = false;
    at->message = 0;
}

/*
 * The numbers of messages between two: nothing is heard before it is sent, nor told before heard.
 */
static void
peer_check(const promise *p, const sio_peer *here)
{
    promise_must_keep(p, here->n_unacked_bytes <= MAX_BACKLOG);
    promise_must_keep(p, here->sent_seq <= here->made_seq && here->told_seq <= here->heard_seq);
    promise_must_keep(p, sio_link_empty(&here->unacked) == (here->n_unacked_bytes == 0));
}

/* The peer that the servers are to each other, as the first one sees it; NULL: they do not know. */
static const sio_peer *
peer_of(const node *here, const node *there)
{
    if (here->server == NULL || there->server == NULL || here == there)
        return NULL;
    return sio_peer_find(&here->server->env, sio_view_of(there->server->env.tag));
}

static void
numbers_check(const world *w)
{
    for (unsigned i = 0; i < N_SERVERS; i++)
        for (unsigned k = 0; k < N_SERVERS; k++) {
            const sio_peer *from = peer_of(&w->nodes[i], &w->nodes[k]);
            const sio_peer *to = peer_of(&w->nodes[k], &w->nodes[i]);

            if (from != NULL)
                peer_check(&w->promise, from);
            if (from != NULL && to != NULL)
                promise_must_keep(&w->promise, to->heard_seq <= from->made_seq);
        }
}

static void
node_check(const world *w, node *n)
{
    const sio_cluster *c = &n->server->cluster;

    server_check(n->server);
    must(n->server->roaming.proxy_sessions.n_items == n->server->env.stats.sinks);
    must(c->peers.n_items == n->server->env.stats.peers);
    must(n->server->roaming.forwards.n_items == n->server->env.stats.forwards);
    promise_must_keep(&w->promise,
                      w->promise.lost_is_normal || n->server->env.stats.lost_instances == 0);
    for (unsigned i = 0; i < N_SEATS; i++)
        seat_check(n, &n->seats[i]);
}

void
cluster_check_turn(world *w)
{
    for (unsigned i = 0; i < w->promise.n_sessions; i++)
        w->promise.sessions[i].is_homeless = !world_has_home(w, &w->promise.sessions[i]);
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (node_is_awake(&w->nodes[i]))
            node_check(w, &w->nodes[i]);
    numbers_check(w);
}

/* --- When messages have got through. --- */

static bool
is_reading(const client *p)
{
    return !p->stalled && !p->failing && !p->left && !p->conn.broken &&
           p->conn.state == SIO_CONN_OPEN;
}

/* Does the client read a stream, a websocket or a page? */
static bool
is_streaming(const client *p)
{
    return is_reading(p) && (p->transcript.phase == IN_FRAMES || p->transcript.phase == IN_CHUNKS);
}

void
cluster_check_settled(const world *w, const node *n)
{
    for (unsigned i = 0; i < N_SEATS; i++) {
        const seat           *at = &n->seats[i];
        const session_record *r = at->heard;

        if (at->client == NULL)
            continue;
        if (r != NULL && is_streaming(at->client))
            promise_must_keep(&w->promise, r->is_over || r->n_heard == r->n_emitted);
        promise_must_keep(&w->promise, at->message == 0 || seat_may_lose_message(at));
    }
}

void
cluster_check_unwanted(const promise *p)
{
    for (unsigned i = 0; i < p->n_sessions; i++) {
        const session_record *r = &p->sessions[i];

        promise_must_keep(p, !r->is_unwanted || r->is_over || r->is_homeless || p->lost_is_normal ||
                                 p->word_is_late);
    }
}

void
cluster_check_note_waiting(world *w)
{
    sio_http_request r;

    for (unsigned i = 0; i < N_SERVERS * N_SEATS; i++) {
        seat         *at = &w->nodes[i / N_SEATS].seats[i % N_SEATS];
        const client *p = at->client;

        at->waits = p != NULL && p->transcript.phase < IN_FRAMES && is_reading(p) &&
                    transcript_request(&p->transcript, &r) > 0;
        at->waits_for = at->waits ? p->transcript.n_answers : 0;
    }
}

void
cluster_check_answered(const world *w)
{
    for (unsigned i = 0; i < N_SERVERS * N_SEATS; i++) {
        const seat   *at = &w->nodes[i / N_SEATS].seats[i % N_SEATS];
        const client *p = at->client;

        if (p != NULL && at->waits && is_reading(p))
            promise_must_keep(&w->promise, p->transcript.n_answers > at->waits_for ||
                                               p->transcript.phase > IN_SIZED_BODY);
    }
}

/* --- When everybody has left. --- */

/* Both have said all, heard all, and know that. */
static void
check_peer_idle(const sio_peer *here, const sio_peer *there)
{
    must(here != NULL && there != NULL);
    must(sio_link_empty(&here->unacked) && here->sent_seq == here->made_seq);
    must(there->heard_seq == here->made_seq && there->told_seq == there->heard_seq);
    for (unsigned i = 0; i < SIO_PEER_N_ROAMING; i++)
        must(sio_link_empty(&here->lists[i]));
    must(here->claim == NULL && !here->broken);
}

static void
check_node_idle(const world *w, const node *n)
{
    const sio_cluster *c = &n->server->cluster;
    const sio_roaming *r = &n->server->roaming;

    must(server_is_idle(n->server));
    must(r->proxy_sessions.n_items + r->proxy_requests.n_items == 0);
    must(r->owner_channels.n_items + r->forwards.n_items == 0);
    must(sio_link_empty(&c->obituaries) && sio_link_empty(&n->redis->requests));
    must(c->check == NULL && c->list == NULL && c->barrier == NULL);
    must(c->peers.n_items == world_count_alive(w) - 1);
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (w->nodes[i].server != NULL && &w->nodes[i] != n)
            check_peer_idle(peer_of(n, &w->nodes[i]), peer_of(&w->nodes[i], n));
}

/*
 * In Redis there are only the instances that live, and none of their sessions; or one that came to
 * life after it had been declared lost, and died: the next one that joins will find it.
 */
static void
check_redis_idle(const world *w)
{
    unsigned n_instances = 0;

    for (sio_link *l = w->redis.facts.next; l != &w->redis.facts; l = l->next) {
        const redis_fact *f = SIO_CONTAINER(l, redis_fact, link);

        n_instances += f->kind == INSTANCE;
        must(f->kind != SESSION || world_count_alive(w) == 0 ||
             (redis_find(&w->redis, INSTANCE, f->tag, NULL) != NULL &&
              redis_find(&w->redis, LOST, f->tag, NULL) != NULL));
    }
    must(w->promise.lost_is_normal || n_instances == world_count_alive(w));
}

void
cluster_check_nothing_left(const world *w)
{
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (w->nodes[i].server != NULL)
            check_node_idle(w, &w->nodes[i]);
    check_redis_idle(w);
}
