#include "server/engine/heartbeat.h"

#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/engine/terms.h"

static void
heartbeat_arm(sio_session *s)
{
    const uint64_t now_ms = sio_timer_wheel_now_ms(&s->env->timers);
    uint64_t       due_ms = s->next_beat_ms;

    if (s->deadline_ms != 0 && s->deadline_ms < due_ms)
        due_ms = s->deadline_ms;
    sio_timer_set(&s->env->timers, &s->beat_timer,
                  due_ms > now_ms ? (unsigned)(due_ms - now_ms) : 0);
}

static bool
is_overdue(const sio_session *s, uint64_t now_ms)
{
    return s->deadline_ms != 0 && now_ms >= s->deadline_ms;
}

/* It may have answered: nobody has looked. True: it is paused, and counts as alive. */
static bool
is_excused(sio_session *s, uint64_t now_ms)
{
    if (!s->mailbox.is_paused)
        return false;
    s->deadline_ms = 0;
    if (s->next_beat_ms > now_ms) /* clients expect the next one not long after the time is over */
        s->next_beat_ms = now_ms;
    return true;
}

static void
time_out(sio_session *s, const char *reason)
{
    s->env->stats.heartbeat_timeouts++;
    sio_session_end(s, reason, false);
}

/* An answer has come that was awaited. */
static void
measure_answer(sio_session *s)
{
    const uint32_t ms = (uint32_t)sio_timer_wheel_now_ms(&s->env->timers) - s->beat_ms;

    sio_histogram_add(&s->env->measures.heartbeat_answers, (uint64_t)ms * 1000);
}

/* --- Socket.IO 0.9 (section 5.3). --- */

static void
attached_09(sio_session *s, const sio_channel_ops *channel)
{
    s->deadline_ms = 0;
    s->next_beat_ms = sio_timer_wheel_now_ms(&s->env->timers) + s->terms->heartbeat_interval_ms;
    if (channel->beats)
        heartbeat_arm(s);
    else
        sio_timer_cancel(&s->env->timers, &s->beat_timer);
}

/* Only a heartbeat ends the wait for one; other packets show life and move the deadline. */
static void
alive_09(sio_session *s)
{
    if (s->deadline_ms != 0)
        s->deadline_ms = sio_timer_wheel_now_ms(&s->env->timers) + s->terms->heartbeat_timeout_ms;
}

static void
beat_09(sio_session *s, uint64_t now_ms)
{
    const sio_terms *terms = s->terms;

    sio_session_send_text(s, SIO_VIEW("2::"));
    s->next_beat_ms = now_ms + terms->heartbeat_interval_ms;
    if (s->deadline_ms != 0)
        return;
    s->deadline_ms = now_ms + terms->heartbeat_timeout_ms;
    s->beat_ms = (uint32_t)now_ms;
}

static void
due_09(sio_timer *timer)
{
    sio_session   *s = SIO_CONTAINER(timer, sio_session, beat_timer);
    const uint64_t now_ms = sio_timer_wheel_now_ms(&s->env->timers);

    if (is_overdue(s, now_ms) && !is_excused(s, now_ms)) {
        time_out(s, "heartbeat timeout");
        return;
    }
    if (now_ms >= s->next_beat_ms)
        beat_09(s, now_ms);
    heartbeat_arm(s);
}

const sio_heartbeat sio_heartbeat_09 = {
    .attached = attached_09,
    .alive = alive_09,
    .due = due_09,
};

void
sio_heartbeat_answered(sio_session *s)
{
    if (s->deadline_ms != 0)
        measure_answer(s);
    s->deadline_ms = 0;
}

/* --- Engine.IO. Both watch over the session, whatever carries it, also between two polls. --- */

static const uint64_t never = UINT64_MAX;

/* --- Revision 4. --- */

static void
await_next_beat(sio_session *s)
{
    s->deadline_ms = 0;
    s->next_beat_ms = sio_timer_wheel_now_ms(&s->env->timers) + s->terms->ping_interval_ms;
    heartbeat_arm(s);
}

static void
attached_eio4(sio_session *s, const sio_channel_ops *channel)
{
    (void)channel;
    if (!sio_timer_armed(&s->beat_timer))
        await_next_beat(s);
}

/* Data shows life: an answer may be late behind it on a slow line. */
static void
alive_eio4(sio_session *s)
{
    if (s->deadline_ms != 0)
        s->deadline_ms = sio_timer_wheel_now_ms(&s->env->timers) + s->terms->ping_timeout_ms;
}

/* The client counts from when it was due. What this timer is late is not given to it again. */
static void
beat_eio4(sio_session *s, uint64_t now_ms)
{
    const uint64_t late_ms = now_ms - s->next_beat_ms;

    sio_session_send_text(s, SIO_VIEW("2"));
    s->beat_ms = (uint32_t)now_ms;
    s->deadline_ms = now_ms + s->terms->ping_timeout_ms -
                     (late_ms < SIO_WHEEL_TICK_MS ? late_ms : SIO_WHEEL_TICK_MS);
    s->next_beat_ms = never;
}

static void
due_eio4(sio_timer *timer)
{
    sio_session   *s = SIO_CONTAINER(timer, sio_session, beat_timer);
    const uint64_t now_ms = sio_timer_wheel_now_ms(&s->env->timers);

    if (is_overdue(s, now_ms) && !is_excused(s, now_ms)) {
        time_out(s, "ping timeout");
        return;
    }
    if (now_ms >= s->next_beat_ms)
        beat_eio4(s, now_ms);
    heartbeat_arm(s);
}

const sio_heartbeat sio_heartbeat_eio4 = {
    .attached = attached_eio4,
    .alive = alive_eio4,
    .due = due_eio4,
};

void
sio_heartbeat_ponged(sio_session *s)
{
    if (s->deadline_ms == 0)
        return;
    measure_answer(s);
    await_next_beat(s);
}

/* --- Revision 3: any packet of the client counts as its beat. --- */

static void
alive_eio3(sio_session *s)
{
    const sio_terms *terms = s->terms;

    s->next_beat_ms = never;
    s->deadline_ms =
        sio_timer_wheel_now_ms(&s->env->timers) + terms->ping_interval_ms + terms->ping_timeout_ms;
}

static void
attached_eio3(sio_session *s, const sio_channel_ops *channel)
{
    (void)channel;
    if (sio_timer_armed(&s->beat_timer))
        return;
    alive_eio3(s);
    heartbeat_arm(s);
}

/* Its pings are not read, and it waits for the answers: it gets some without having asked. */
static void
paused_eio3(sio_session *s)
{
    alive_eio3(s);
    s->next_beat_ms = sio_timer_wheel_now_ms(&s->env->timers) + s->terms->ping_timeout_ms / 2;
    heartbeat_arm(s);
}

static void
due_eio3(sio_timer *timer)
{
    sio_session *s = SIO_CONTAINER(timer, sio_session, beat_timer);

    if (s->mailbox.is_paused) {
        sio_session_send_text(s, SIO_VIEW("3"));
        paused_eio3(s);
    } else if (is_overdue(s, sio_timer_wheel_now_ms(&s->env->timers))) {
        time_out(s, "ping timeout");
    } else {
        heartbeat_arm(s); /* the deadline has moved since */
    }
}

const sio_heartbeat sio_heartbeat_eio3 = {
    .attached = attached_eio3,
    .alive = alive_eio3,
    .due = due_eio3,
    .paused = paused_eio3,
};

void
sio_heartbeat_catch_up(sio_session *s)
{
    sio_timer *timer = &s->beat_timer;

    if (!sio_timer_armed(timer) || sio_timer_wheel_now_ms(&s->env->timers) < timer->due_ms)
        return;
    sio_timer_cancel(&s->env->timers, timer);
    s->dialect->heartbeat->due(timer);
}
