/*
 * tests/fuzz/cluster_turn.h - the turns of the servers of a cluster, and the time that passes.
 *
 * Used by fuzz_cluster.c and its other headers.
 */
#ifndef SIO_TESTS_FUZZ_CLUSTER_TURN_H
#define SIO_TESTS_FUZZ_CLUSTER_TURN_H

#include "tests/fuzz/cluster_check.h"

enum {
    SILENCE_MS = 7000, /* who is silent for longer may be declared lost */
    WORD_MS = 900      /* a home waits for longer, until it says that it knows no such session */
};

/* --- Turns. --- */

static inline bool
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

static inline bool
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
static inline bool
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

/* Turns of all servers, until nothing is left to be done at once. */
static inline void
turn(world *w)
{
    bool again = true;

    for (unsigned n = 0; again; n++) {
        must(n < 1000);
        again = false;
        for (unsigned i = 0; i < N_SERVERS; i++)
            if (is_awake(&w->nodes[i]) && node_turn(w, &w->nodes[i]))
                again = true;
    }
    world_check(w);
}

/* --- Time. --- */

static inline void
note_silence(world *w, node *n, uint64_t now_ms)
{
    if (!is_silent(w, n))
        n->silent_from_ms = UINT64_MAX;
    else if (n->silent_from_ms == UINT64_MAX)
        n->silent_from_ms = w->now_ms;
    else if (now_ms - n->silent_from_ms > SILENCE_MS)
        w->promise.lost_is_normal = true;
}

static inline void
note_deafness(world *w, node *n, uint64_t now_ms)
{
    if (!is_deaf(w, n))
        n->deaf_from_ms = UINT64_MAX;
    else if (n->deaf_from_ms == UINT64_MAX)
        n->deaf_from_ms = w->now_ms;
    if (is_deaf(w, n) && now_ms - n->deaf_from_ms > WORD_MS)
        w->promise.word_is_late = true;
}

static inline void
clocks_set(world *w, uint64_t now_ms)
{
    for (unsigned i = 0; i < N_SERVERS; i++) {
        note_silence(w, &w->nodes[i], now_ms);
        note_deafness(w, &w->nodes[i], now_ms);
    }
    w->redis.now_ms = w->now_ms = now_ms;
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (is_awake(&w->nodes[i]))
            sio_timer_wheel_advance(&w->nodes[i].server->env.timers, now_ms);
    turn(w);
}

/* When anything is due, but not after that moment. */
static inline uint64_t
next_due(const world *w, uint64_t until_ms)
{
    uint64_t wait_ms = until_ms - w->now_ms;

    for (unsigned i = 0; i < N_SERVERS; i++)
        if (is_awake(&w->nodes[i]) &&
            sio_timer_wheel_idle_ms(&w->nodes[i].server->env.timers) < wait_ms)
            wait_ms = sio_timer_wheel_idle_ms(&w->nodes[i].server->env.timers);
    return w->now_ms + wait_ms;
}

/* Let time pass, from one thing that is due to the next. */
static inline void
pass_time(world *w, uint64_t ms)
{
    const uint64_t until_ms = w->now_ms + ms;

    for (unsigned n = 0; w->now_ms < until_ms; n++) {
        must(n < 100000);
        clocks_set(w, next_due(w, until_ms));
    }
    clocks_set(w, until_ms);
}

/* It reads what has come, as far as it does not wait, and then finds that time has passed. */
static inline void
node_thaw(world *w, node *n)
{
    n->frozen = false;
    n->server->env.timers.clock_ms = w->now_ms;
    (void)node_turn(w, n);
    if (n->server != NULL)
        sio_timer_wheel_advance(&n->server->env.timers, w->now_ms);
}

#endif
