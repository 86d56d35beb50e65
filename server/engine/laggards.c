#include "server/engine/laggards.h"

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/engine.h"
#include "server/engine/mailbox.h"

static void
laggards_arm(sio_env *env)
{
    sio_laggards  *all = &env->engine->laggards;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&env->timers);
    uint64_t       until_ms;

    if (sio_link_empty(&all->list) || sio_timer_armed(&all->timer))
        return;
    until_ms = SIO_CONTAINER(all->list.next, sio_laggard, link)->until_ms;
    sio_timer_set(&env->timers, &all->timer, until_ms > now_ms ? (unsigned)(until_ms - now_ms) : 0);
}

/* Should the first one have caught up meanwhile, the timer was early. */
static void
on_laggards_timer(sio_timer *timer)
{
    sio_env            *env = SIO_CONTAINER(timer, sio_engine, laggards.timer)->env;
    const sio_laggards *all = &env->engine->laggards;

    while (!sio_link_empty(&all->list)) {
        sio_laggard *first = SIO_CONTAINER(all->list.next, sio_laggard, link);

        if (first->until_ms > sio_timer_wheel_now_ms(&env->timers))
            break;
        sio_link_remove(&first->link);
        all->give_up(SIO_CONTAINER(first, sio_mailbox, laggard));
    }
    laggards_arm(env);
}

void
sio_laggards_init(sio_env *env, void (*give_up)(sio_mailbox *m))
{
    sio_laggards *all = &env->engine->laggards;

    sio_link_init(&all->list);
    all->timer.fire = on_laggards_timer;
    all->give_up = give_up;
}

static bool
lags(const sio_mailbox *m)
{
    return sio_send_queue_memory(&m->queue) > m->env->cfg->slow_consumer_bytes;
}

void
sio_laggards_grown(sio_mailbox *m)
{
    sio_env *env = m->env;

    if (!lags(m) || !sio_link_empty(&m->laggard.link))
        return;
    m->laggard.until_ms = sio_timer_wheel_now_ms(&env->timers) + env->cfg->slow_consumer_timeout_ms;
    sio_link_append(&env->engine->laggards.list, &m->laggard.link);
    laggards_arm(env);
}

void
sio_laggards_shrunk(sio_mailbox *m)
{
    if (!lags(m))
        sio_laggards_forget(m);
}

void
sio_laggards_forget(sio_mailbox *m)
{
    sio_link_remove(&m->laggard.link);
}
