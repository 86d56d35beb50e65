/*
 * server/adapter/node09_resend.c - what the others may have missed is told again.
 *
 * Nobody acknowledges what is published. When Redis was away, a process of Node comes back to it later
 * than we do: its pauses grow with the outage, up to about its length. So from the moment when Redis is
 * lost, until as long after its return as the outage was and a minute more, sessions that begin, change
 * or end are remembered, and told in rounds, first at once and then at growing distances. What was told
 * before the outage is still known: a Redis that is restarted does not make Node forget.
 */
#include <string.h>

#include "server/adapter/adapters.h"
#include "server/adapter/node09.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/engine/engine.h"
#include "server/engine/session.h"

enum {
    SOON_MS = 20,
    RETRY_MS = 1000,
    FIRST_WAIT_MS = 500, /* between the first two rounds; then twice as long each time */
    DOUBT_MS = 60 * 1000,
    N_AT_ONCE = 50,              /* sessions every SOON_MS */
    MAX_ENDED_BYTES = 256 * 1024 /* of ids; Node keeps sessions whose end it is not told */
};

typedef enum { DONE, MORE, FAILED } progress;

static bool
is_sure(const sio_env *env)
{
    return env->cluster->up &&
           sio_timer_wheel_now_ms(&env->timers) >= env->adapters->node09.sure_ms;
}

static void
begin_rounds(sio_env *env, uint64_t until_ms, unsigned delay_ms)
{
    sio_node09 *n = &env->adapters->node09;

    n->sure_ms = until_ms;
    n->wait_ms = FIRST_WAIT_MS;
    n->round++;
    n->n_ended_told = 0;
    sio_timer_set(&env->timers, &n->again_timer, delay_ms);
}

/* --- What is in doubt. --- */

static void
node09_down(sio_env *env)
{
    env->adapters->node09.down_ms = sio_timer_wheel_now_ms(&env->timers);
}

static void
node09_up(sio_env *env)
{
    sio_node09    *n = &env->adapters->node09;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&env->timers);

    /* At the start others were not away, only we were. */
    begin_rounds(env, n->was_up ? now_ms + (now_ms - n->down_ms) + DOUBT_MS : now_ms, SOON_MS);
    n->was_up = true;
}

/* Redis is there, but takes nothing more at the moment. */
static void
doubt(sio_env *env)
{
    if (is_sure(env))
        begin_rounds(env, sio_timer_wheel_now_ms(&env->timers) + DOUBT_MS, RETRY_MS);
}

void
sio_node09_resend_note_told(sio_session *session, bool is_told)
{
    if (is_told && is_sure(session->env))
        return;
    session->is_in_doubt = true;
    session->told_in_round = 0;
    if (!is_told)
        doubt(session->env);
}

void
sio_node09_resend_note_end(sio_env *env, sio_view id, bool is_told)
{
    sio_buf *ended = &env->adapters->node09.ended;

    if (is_told && is_sure(env))
        return;
    if (ended->len + id.len + 1 > MAX_ENDED_BYTES || !sio_buf_reserve(ended, id.len + 1)) {
        ended->failed = false; /* the next one may find memory */
        env->stats.untold_ends++;
        return;
    }
    sio_buf_add_view(ended, id);
    sio_buf_add_char(ended, '\n');
    if (!is_told)
        doubt(env);
}

/* Nobody who will ever come back is still away. */
static void
be_sure(sio_env *env)
{
    for (sio_hash_node *n = NULL; (n = sio_hash_next(&env->engine->sessions, n)) != NULL;)
        SIO_CONTAINER(n, sio_session, node)->is_in_doubt = false;
    sio_buf_fini(&env->adapters->node09.ended);
    env->adapters->node09.n_ended_told = 0;
}

/* --- Rounds. --- */

static progress
tell_ends(sio_env *env)
{
    sio_node09 *n = &env->adapters->node09;

    while (n->n_ended_told < n->ended.len) {
        const char    *id = n->ended.data + n->n_ended_told;
        const char    *feed = memchr(id, '\n', n->ended.len - n->n_ended_told);
        const sio_view text = {id, (size_t)(feed - id)};

        if (!sio_node09_publish_end(env, text))
            return FAILED;
        n->n_ended_told += text.len + 1;
    }
    return DONE;
}

static progress
tell_sessions(sio_env *env)
{
    const unsigned round = env->adapters->node09.round;
    unsigned       n_left = N_AT_ONCE;

    for (sio_hash_node *n = NULL; (n = sio_hash_next(&env->engine->sessions, n)) != NULL;) {
        sio_session *session = SIO_CONTAINER(n, sio_session, node);

        if (!session->is_in_doubt || session->ended || session->told_in_round == round)
            continue;
        if (n_left-- == 0)
            return MORE;
        if (!sio_node09_publish_session(session))
            return FAILED;
        session->told_in_round = round;
    }
    return DONE;
}

static void
end_round(sio_env *env)
{
    sio_node09    *n = &env->adapters->node09;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&env->timers);

    if (now_ms >= n->sure_ms) {
        be_sure(env);
        return;
    }
    n->round++;
    n->n_ended_told = 0;
    sio_timer_set(&env->timers, &n->again_timer,
                  now_ms + n->wait_ms < n->sure_ms ? n->wait_ms : (unsigned)(n->sure_ms - now_ms));
    n->wait_ms *= 2;
}

void
sio_node09_resend_begin(sio_timer *timer)
{
    sio_env *env = SIO_CONTAINER(timer, sio_adapters, node09.again_timer)->env;
    progress p;

    if (!env->cluster->up)
        return; /* node09_up() follows */
    p = tell_ends(env);
    if (p == DONE)
        p = tell_sessions(env);
    if (p == DONE)
        end_round(env);
    else
        sio_timer_set(&env->timers, timer, p == MORE ? SOON_MS : RETRY_MS);
}

static void
node09_quit(sio_env *env)
{
    sio_timer_cancel(&env->timers, &env->adapters->node09.again_timer);
}

const sio_cluster_module sio_node09_resend_module = {
    .session_lost = sio_node09_publish_ended,
    .on = {[SIO_CLUSTER_UP] = node09_up,
           [SIO_CLUSTER_DOWN] = node09_down,
           [SIO_CLUSTER_QUIT] = node09_quit},
};
