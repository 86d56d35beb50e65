/*
 * tests/unit/engine/engine_fixture.h - the surroundings of an engine without a broker: a clock that
 * is moved by hand, and a channel that writes down what it is told.
 */
#ifndef SIO_TESTS_UNIT_ENGINE_FIXTURE_H
#define SIO_TESTS_UNIT_ENGINE_FIXTURE_H

#include <stdlib.h>

#include "protocol/buf.h"
#include "protocol/result.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/engine.h"
#include "server/engine/mailbox.h"
#include "tests/unit/check.h"

static sio_env    env;
static sio_engine engine;
static sio_cfg    cfg;
static sio_buf    heard; /* what happened, a word for each, ended by a space */

static void
engine_begin(void)
{
    env = (sio_env){.cfg = &cfg, .engine = &engine};
    engine = (sio_engine){.env = NULL};
    sio_env_init(&env);
    env.base = event_base_new();
    if (env.base == NULL || sio_deferred_init(&env.deferred, env.base) != SIO_OK ||
        sio_cfg_init(&cfg) != SIO_OK || sio_engine_init(&env) != SIO_OK ||
        sio_budget_init(&env) != SIO_OK)
        exit(1);
    env.log.level = SIO_LOG_NONE;
    engine.queue_limits = (sio_send_queue_limits){.max_frames = 4, .max_bytes = 1000};
    sio_buf_init(&heard, SIZE_MAX);
}

/* The end of a turn of the loop. */
static void
turn(void)
{
    event_base_loop(env.base, EVLOOP_NONBLOCK);
}

/* So much time goes by, a tick at a time. */
static void
pass_ms(unsigned ms)
{
    const uint64_t until_ms = sio_timer_wheel_now_ms(&env.timers) + ms;

    turn();
    while (sio_timer_wheel_now_ms(&env.timers) < until_ms) {
        sio_timer_wheel_advance(&env.timers,
                                sio_timer_wheel_now_ms(&env.timers) + SIO_WHEEL_TICK_MS);
        turn();
    }
}

static void
engine_end(void)
{
    sio_engine_end_sessions(&env, "server shutting down");
    turn();
    sio_deferred_fini(&env.deferred);
    sio_engine_fini(&env);
    sio_cfg_fini(&cfg);
    sio_env_fini(&env);
    event_base_free(env.base);
    sio_buf_fini(&heard);
}

static void
hear(const char *word)
{
    sio_buf_add_str(&heard, word);
    sio_buf_add_char(&heard, ' ');
}

/* What was heard since the last time. */
#define CHECK_HEARD(want)                       \
    do {                                        \
        CHECK_VIEW(sio_buf_view(&heard), want); \
        sio_buf_clear(&heard);                  \
    } while (0)

#define RUN_WITH_ENGINE(test) \
    do {                      \
        engine_begin();       \
        RUN(test);            \
        engine_end();         \
    } while (0)

/* --- A channel. --- */

typedef struct {
    sio_channel     channel;
    sio_channel_ops ops;
    bool            is_poll;    /* it is gone when it has taken something */
    bool            is_blocked; /* it takes nothing */
} stub_channel;

static stub_channel *
stub_of(sio_channel *ch)
{
    return SIO_CONTAINER(ch, stub_channel, channel);
}

static void
take_all(sio_mailbox *m, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        sio_buf_add_view(&heard, sio_frame_message(sio_send_queue_at(&m->queue, i)));
        sio_buf_add_char(&heard, ' ');
    }
    sio_mailbox_drop(m, n);
}

static void
stub_flush(sio_channel *ch)
{
    sio_mailbox *m = ch->mailbox;

    if (stub_of(ch)->is_blocked)
        return;
    take_all(m, stub_of(ch)->is_poll ? sio_mailbox_poll_size(m) : m->queue.n_frames);
    if (stub_of(ch)->is_poll)
        sio_mailbox_detach(ch);
}

static void
stub_step_aside(sio_channel *ch)
{
    (void)ch;
    hear("aside");
}

static bool
stub_finish(sio_channel *ch)
{
    sio_mailbox *m = ch->mailbox;

    if (stub_of(ch)->is_blocked)
        return false;
    take_all(m, m->queue.n_frames);
    sio_mailbox_leave(m);
    hear("finished");
    return true;
}

/* A poll of 0.9. */
static inline stub_channel
stub_poll(void)
{
    return (stub_channel){.ops = {.name = "poll",
                                  .flush = stub_flush,
                                  .step_aside = stub_step_aside,
                                  .finish = stub_finish},
                          .is_poll = true};
}

/* A websocket of 0.9. */
static inline stub_channel
stub_websocket(void)
{
    return (stub_channel){.ops = {.name = "websocket",
                                  .lasting = true,
                                  .beats = true,
                                  .is_websocket = true,
                                  .flush = stub_flush,
                                  .step_aside = stub_step_aside,
                                  .finish = stub_finish}};
}

static inline void
stub_attach(stub_channel *c, sio_mailbox *m)
{
    c->channel.ops = &c->ops;
    sio_mailbox_attach(m, &c->channel);
}

#endif
