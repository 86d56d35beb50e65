#include "server/adapter/node09_resend.h"

#include "server/adapter/adapters.h"
#include "server/adapter/node09_pending.h"
#include "server/adapter/node09_publish.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/engine/session.h"

enum {
    SOON_MS = 20,
    RETRY_MS = 1000,
    N_AT_ONCE = 50 /* sessions every SOON_MS */
};

typedef enum { DONE, MORE, FAILED } progress;

/* --- Rounds. --- */

static progress
tell_ends(sio_env *env)
{
    sio_node09_pending *p = &env->adapters->node09.pending;
    sio_view            id;

    while ((id = sio_node09_pending_untold_end(p)).len > 0) {
        if (!sio_node09_publish_end(env, id))
            return FAILED;
        sio_node09_pending_pass_end(p);
    }
    return DONE;
}

static progress
tell_sessions(sio_env *env)
{
    sio_node09_pending *p = &env->adapters->node09.pending;
    unsigned            n_left = N_AT_ONCE;
    sio_view            id;

    while ((id = sio_node09_pending_untold(p)).len > 0) {
        sio_session *session = sio_session_find(env, id);

        if (n_left-- == 0)
            return MORE;
        if (session != NULL && !sio_node09_publish_session(session))
            return FAILED;
        sio_node09_pending_pass(p);
    }
    return DONE;
}

static void
end_round(sio_env *env)
{
    sio_node09_pending *p = &env->adapters->node09.pending;

    if (sio_timer_wheel_now_ms(&env->timers) >= p->sure_ms)
        sio_node09_pending_clear(p);
    else
        sio_node09_pending_next_round(env);
}

static void
on_round(sio_timer *timer)
{
    sio_env *env = SIO_CONTAINER(timer, sio_adapters, node09.pending.timer)->env;
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

/* --- Redis. --- */

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
    sio_node09_pending_begin(
        env, n->was_up ? now_ms + (now_ms - n->down_ms) + SIO_NODE09_DOUBT_MS : now_ms, SOON_MS);
    n->was_up = true;
}

static void
node09_quit(sio_env *env)
{
    sio_timer_cancel(&env->timers, &env->adapters->node09.pending.timer);
}

const sio_cluster_module sio_node09_resend_module = {
    .session_lost = sio_node09_publish_ended,
    .on = {[SIO_CLUSTER_UP] = node09_up,
           [SIO_CLUSTER_DOWN] = node09_down,
           [SIO_CLUSTER_QUIT] = node09_quit},
};

void
sio_node09_resend_init(sio_env *env)
{
    env->adapters->node09.pending.timer.fire = on_round;
}
