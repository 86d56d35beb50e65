#include "server/engine/throttle.h"

#include <stdint.h>
#include <stdlib.h>

#include "protocol/result.h"
#include "server/engine/intake.h"

enum {
    BUCKET_MS = 2000, /* what it has room for, at the rate of the setting */
    REST_MS = 100,    /* of room before it goes on: pauses are not for single packets */
    UNIT = 1000       /* what is counted are thousandths, since time passes in ms */
};

struct sio_throttle {
    sio_session *session;
    sio_timer    timer; /* armed: it waits */
    uint64_t     paid_ms;
    uint64_t     events, bytes; /* thousandths that time has not paid for */
};

static void
on_paid(sio_timer *timer)
{
    sio_intake_resume(SIO_CONTAINER(timer, sio_throttle, timer)->session);
}

static sio_throttle *
throttle_of(sio_session *s)
{
    sio_throttle *t = s->throttle;

    if (t != NULL || (t = calloc(1, sizeof *t)) == NULL)
        return t;
    t->session = s;
    t->paid_ms = sio_timer_wheel_now_ms(&s->env->timers);
    t->timer.fire = on_paid;
    s->throttle = t;
    return t;
}

/* A setting that is off pays for everything. */
static uint64_t
paid(uint64_t spent, uint64_t rate, uint64_t ms)
{
    return rate == 0 || spent / rate < ms ? 0 : spent - ms * rate;
}

/* Until there is room again; 0: there is. */
static uint64_t
wait_ms(uint64_t spent, uint64_t rate)
{
    return rate > 0 && spent / rate >= BUCKET_MS ? spent / rate - BUCKET_MS + REST_MS : 0;
}

static void
await_room(sio_session *s, uint64_t ms)
{
    sio_throttle *t = s->throttle;

    if (sio_timer_armed(&t->timer) || sio_intake_pause(s) != SIO_OK)
        return;
    s->env->stats.throttled++;
    sio_timer_set(&s->env->timers, &t->timer,
                  ms < SIO_TIMER_MAX_DELAY_MS ? (unsigned)ms : SIO_TIMER_MAX_DELAY_MS);
}

void
sio_throttle_count_one(sio_session *s, size_t n_bytes)
{
    const sio_cfg *cfg = s->env->cfg;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&s->env->timers);
    sio_throttle  *t = throttle_of(s);
    uint64_t       ms, ms_for_bytes;

    if (t == NULL)
        return;
    t->events = paid(t->events, cfg->max_events_per_second, now_ms - t->paid_ms) + UNIT;
    t->bytes = paid(t->bytes, cfg->max_bytes_per_second, now_ms - t->paid_ms) + UNIT * n_bytes;
    t->paid_ms = now_ms;
    ms = wait_ms(t->events, cfg->max_events_per_second);
    ms_for_bytes = wait_ms(t->bytes, cfg->max_bytes_per_second);
    if (ms_for_bytes > ms)
        ms = ms_for_bytes;
    if (ms > 0)
        await_room(s, ms);
}

void
sio_throttle_end(sio_session *s)
{
    if (s->throttle != NULL)
        sio_timer_cancel(&s->env->timers, &s->throttle->timer);
}

void
sio_throttle_free(sio_session *s)
{
    free(s->throttle);
}
