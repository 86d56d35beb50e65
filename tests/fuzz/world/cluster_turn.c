#include "tests/fuzz/world/cluster_turn.h"

#include "server/server.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/cluster_check.h"
#include "tests/fuzz/world/session_server.h"

enum {
    SILENCE_MS = 7000, /* who is silent for longer may be declared lost */
    WORD_MS = 900      /* a home waits for longer, until it says that it knows no such session */
};

/* --- Turns. --- */

static bool
clients_turn(node *n)
{
    bool again = false;

    for (unsigned i = 0; i < N_SEATS; i++) {
        client *p = n->seats[i].client;

        if (p != NULL && p->left)
            client_gone(p, false);
        else if (p != NULL && client_deliver(p))
            again = true;
    }
    return again;
}

static bool
redis_turn(node *n)
{
    bool again;

    if (n->holding)
        return false;
    again = redis_notice(n->redis);
    while (redis_answer(n->redis))
        again = true;
    while (redis_hear(n->redis))
        again = true;
    return again;
}

/* What has come is read, and what follows from it is done. Was there anything? */
static bool
node_turn(world *w, node *n)
{
    bool again = redis_turn(n);

    server_run_tasks(n->server);
    again = clients_turn(n) || again;
    again = !sio_link_empty(&n->server->env.deferred.tasks) || again;
    server_run_tasks(n->server);
    if (n->server->stopped)
        node_end(w, n);
    return again;
}

void
world_turn(world *w)
{
    bool again = true;

    for (unsigned n = 0; again; n++) {
        must(n < 1000);
        again = false;
        for (unsigned i = 0; i < N_SERVERS; i++)
            if (node_is_awake(&w->nodes[i]) && node_turn(w, &w->nodes[i]))
                again = true;
    }
    cluster_check_turn(w);
}

/* --- Time. --- */

static void
note_silence(world *w, node *n, uint64_t now_ms)
{
    if (!node_is_silent(w, n))
        n->silent_from_ms = UINT64_MAX;
    else if (n->silent_from_ms == UINT64_MAX)
        n->silent_from_ms = w->now_ms;
    else if (now_ms - n->silent_from_ms > SILENCE_MS)
        w->promise.lost_is_normal = true;
}

static void
note_deafness(world *w, node *n, uint64_t now_ms)
{
    if (!node_is_deaf(w, n))
        n->deaf_from_ms = UINT64_MAX;
    else if (n->deaf_from_ms == UINT64_MAX)
        n->deaf_from_ms = w->now_ms;
    if (node_is_deaf(w, n) && now_ms - n->deaf_from_ms > WORD_MS)
        w->promise.word_is_late = true;
}

static void
clocks_set(world *w, uint64_t now_ms)
{
    for (unsigned i = 0; i < N_SERVERS; i++) {
        note_silence(w, &w->nodes[i], now_ms);
        note_deafness(w, &w->nodes[i], now_ms);
    }
    w->redis.now_ms = w->now_ms = now_ms;
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (node_is_awake(&w->nodes[i]))
            sio_timer_wheel_advance(&w->nodes[i].server->env.timers, now_ms);
    world_turn(w);
}

/* When anything is due, but not after that moment. */
static uint64_t
next_due(const world *w, uint64_t until_ms)
{
    uint64_t wait_ms = until_ms - w->now_ms;

    for (unsigned i = 0; i < N_SERVERS; i++)
        if (node_is_awake(&w->nodes[i]) &&
            sio_timer_wheel_idle_ms(&w->nodes[i].server->env.timers) < wait_ms)
            wait_ms = sio_timer_wheel_idle_ms(&w->nodes[i].server->env.timers);
    return w->now_ms + wait_ms;
}

void
world_pass_time(world *w, uint64_t ms)
{
    const uint64_t until_ms = w->now_ms + ms;

    for (unsigned n = 0; w->now_ms < until_ms; n++) {
        must(n < 100000);
        clocks_set(w, next_due(w, until_ms));
    }
    clocks_set(w, until_ms);
}

void
node_thaw(world *w, node *n)
{
    n->frozen = false;
    n->server->env.timers.clock_ms = w->now_ms;
    (void)node_turn(w, n);
    if (n->server != NULL)
        sio_timer_wheel_advance(&n->server->env.timers, w->now_ms);
}
