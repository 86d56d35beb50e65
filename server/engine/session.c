#include "server/engine/session.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/base/random.h"
#include "server/config/config.h"
#include "server/engine/engine.h"
#include "server/engine/terms.h"
#include "server/engine/throttle.h"
#include "server/engine/watcher.h"
#include "store/instances.h"

/* The tag of this instance, the home of the session, and 84 random bits. */
int
sio_session_make_id(sio_env *env, char id[SIO_SESSION_ID_MAX + 1])
{
    memcpy(id, env->tag, SIO_STORE_TAG_LEN);
    return sio_random_text(id + SIO_STORE_TAG_LEN, SIO_SESSION_ID_LEN - SIO_STORE_TAG_LEN);
}

sio_session *
sio_session_find(sio_env *env, sio_view id)
{
    sio_hash_node *node = sio_hash_find(&env->engine->sessions, id);

    return node != NULL ? SIO_CONTAINER(node, sio_session, node) : NULL;
}

void
sio_session_forget(sio_session *s)
{
    if (s->forgotten)
        return;
    s->forgotten = true;
    sio_watcher_forgotten(s);
    sio_mailbox_end_probe(&s->mailbox);
    sio_mailbox_dismiss(&s->mailbox); /* one that could take nothing more */
    sio_hash_remove(&s->env->engine->sessions, &s->node);
    sio_timer_cancel(&s->env->timers, &s->close_timer);
    sio_deferred_add(&s->env->deferred, &s->free_task);
}

/* --- Timers. --- */

/* Nobody polled: the end of the session, or of the wait to deliver its goodbye. */
static void
on_close_timer(sio_timer *timer)
{
    sio_session *s = SIO_CONTAINER(timer, sio_session, close_timer);

    if (s->ended)
        sio_session_forget(s);
    else
        sio_session_end(s, "close timeout", false);
}

/* --- Channels. --- */

static sio_session *
session_of_mailbox(sio_mailbox *m)
{
    return SIO_CONTAINER(m, sio_session, mailbox);
}

/*
 * Let the channel take the rest. False: it is not there, or takes nothing more; or it is a poll,
 * and takes only some, so that others have to come.
 */
static bool
finish_channel(sio_session *s)
{
    sio_mailbox *m = &s->mailbox;
    sio_channel *ch = m->channel;

    sio_mailbox_hush(m);
    sio_mailbox_forget_away(m);
    if (ch == NULL)
        return false;
    if (ch->ops->lasting || sio_mailbox_poll_size(m) >= m->queue.n_frames)
        return ch->ops->finish(ch);
    sio_mailbox_flush(m);
    return false;
}

/* The object of the channel does not live as long as the session. */
static void
note_channel(sio_session *s, const sio_channel_ops *channel)
{
    uint64_t     *sessions = s->env->measures.sessions[s->dialect->speaks];
    const uint8_t before = s->carried_by;

    if (!s->ended) {
        sessions[s->carried_by]--;
        sessions[channel->carried_by]++;
        s->carried_by = (uint8_t)channel->carried_by;
    }
    s->transport_name = channel->name;
    s->is_on_websocket = channel->is_websocket;
    if (s->carried_by != before && before != SIO_CARRIED_BY_NOTHING)
        sio_watcher_carried(s);
}

static void
on_session_attached(sio_mailbox *m)
{
    sio_session           *s = session_of_mailbox(m);
    const sio_channel_ops *channel = m->channel->ops;

    note_channel(s, channel);
    if (s->ended) { /* only its goodbye was left */
        sio_mailbox_forget_away(m);
        if (s->dialect->kind->put_off_goodbye(s))
            return;
        if (finish_channel(s))
            sio_session_forget(s);
        return;
    }
    sio_timer_cancel(&s->env->timers, &s->close_timer);
    s->dialect->heartbeat->attached(s, channel);
    if (m->is_paused && channel->pause != NULL)
        channel->pause(m->channel, true);
    sio_mailbox_wake(m);
    s->dialect->kind->attached(s);
    sio_log_limit_write(&s->env->log_limits, SIO_LOG_OPENED, s->id, "opened %s", s->transport_name);
}

static void
on_session_detached(sio_mailbox *m, const char *reason)
{
    sio_session *s = session_of_mailbox(m);

    if (reason != NULL && !s->ended)
        sio_session_end(s, s->dialect->kind->reason(reason), false);
    else
        sio_session_await_channel(s);
}

static void
on_session_received(sio_mailbox *m, sio_view message, bool is_binary)
{
    sio_session_receive(session_of_mailbox(m), message, is_binary);
}

static void
on_session_failed(sio_mailbox *m, const char *reason)
{
    sio_session *s = session_of_mailbox(m);

    sio_session_end(s, s->dialect->kind->reason(reason), false);
}

static void
on_session_upgrading(sio_mailbox *m, bool begins)
{
    sio_session *s = session_of_mailbox(m);

    if (!s->ended)
        s->dialect->kind->upgrading(s, begins);
    else if (!begins && !m->tidy) /* its next poll is refused, which makes the client come back */
        sio_session_forget(s);
}

static const sio_mailbox_owner mailbox_owner = {
    .attached = on_session_attached,
    .detached = on_session_detached,
    .violated = on_session_failed,
    .receive = on_session_received,
    .failed = on_session_failed,
    .upgrading = on_session_upgrading,
};

void
sio_session_await_channel(sio_session *s)
{
    const unsigned ms = s->dialect->kind->patience_ms(s);

    if (ms > 0 && s->mailbox.channel == NULL && !s->forgotten && !sio_timer_armed(&s->close_timer))
        sio_timer_set(&s->env->timers, &s->close_timer, ms);
}

/* --- Birth. --- */

static void
session_release(sio_task *task)
{
    sio_session *s = SIO_CONTAINER(task, sio_session, free_task);

    sio_intake_free(s);
    sio_throttle_free(s);
    sio_charge_end(&s->charge);
    sio_terms_give_back(s->terms);
    sio_mailbox_fini(&s->mailbox);
    if (s->dialect->release != NULL)
        s->dialect->release(s);
    free(s);
}

/* It pays for all that its address makes the server keep. */
static void
on_session_evicted(sio_charge *c)
{
    sio_session *s = SIO_CONTAINER(c, sio_session, charge);

    const char *reason = c->n_waiting > 0 ? "slow consumer" : "out of memory";

    s->env->stats.evicted++;
    if (c->n_waiting > 0)
        s->mailbox.failure = reason; /* what waits is not sent */
    sio_session_end(s, s->dialect->kind->reason(reason), false);
    if (c->n_waiting > 0)
        sio_mailbox_drop(&s->mailbox, s->mailbox.queue.n_frames);
    sio_session_forget(s);
}

static bool
open_account(sio_session *s, sio_view handshake)
{
    uint8_t key[SIO_BUDGET_KEY_MAX];

    s->charge.evict = on_session_evicted;
    return sio_budget_begin(s->env, &s->charge, sio_budget_key_of_record(handshake, key),
                            s->dialect->session_size + handshake.len) == SIO_OK;
}

sio_session *
sio_session_new(sio_env *env, sio_view id, sio_view handshake, const sio_dialect *dialect)
{
    sio_session *s = id.len <= SIO_SESSION_ID_MAX ? calloc(1, dialect->session_size) : NULL;

    if (s == NULL)
        return NULL;
    memcpy(s->id, id.data, id.len);
    s->node.key = (sio_view){s->id, id.len};
    s->env = env;
    s->dialect = dialect;
    if (!open_account(s, handshake)) {
        free(s);
        return NULL;
    }
    if ((s->terms = sio_terms_take(env)) == NULL ||
        (dialect->init != NULL && dialect->init(s, handshake) != SIO_OK)) {
        sio_terms_give_back(s->terms);
        sio_charge_end(&s->charge);
        free(s);
        return NULL;
    }
    s->beat_timer.fire = dialect->heartbeat->due;
    s->close_timer.fire = on_close_timer;
    sio_mailbox_init(&s->mailbox, env, &mailbox_owner);
    s->mailbox.first_alone = true;
    sio_task_init(&s->free_task, session_release);
    sio_hash_insert(&env->engine->sessions, &s->node);
    s->made_ms = sio_timer_wheel_now_ms(&env->timers);
    env->stats.sessions++;
    env->measures.sessions[dialect->speaks][SIO_CARRIED_BY_NOTHING]++;
    sio_watcher_opened(s);
    return s;
}

void
sio_session_connect(sio_session *s, const sio_channel_ops *channel)
{
    note_channel(s, channel);
    sio_watcher_connected(s);
    s->dialect->opened(s);
}

/* --- Packets. --- */

static void
receive_now(sio_session *s, sio_view message, unsigned is_binary)
{
    s->env->stats.packets_in++;
    sio_histogram_add(&s->env->measures.message_bytes[SIO_INCOMING], message.len);
    sio_throttle_count(s, message.len);
    s->dialect->heartbeat->alive(s);
    s->dialect->receive(s, message, is_binary != 0);
}

void
sio_session_receive(sio_session *s, sio_view message, bool is_binary)
{
    if (s->ended)
        return;
    if (s->mailbox.is_paused)
        sio_session_hold(s, receive_now, is_binary, message);
    else
        receive_now(s, message, is_binary);
}

/* Two POSTs as long as they may be: one that was under way, and one that is not answered. */
static size_t
max_held(const sio_session *s)
{
    const sio_cfg *cfg = s->env->cfg;
    const bool     is_engine = s->engine.revision != 0;
    const size_t   body = is_engine ? s->terms->max_payload : cfg->destroy_buffer_size;

    return 2 * sio_intake_cost(body, cfg->max_payload_packets);
}

void
sio_session_hold(sio_session *s, sio_intake_receive receive, unsigned form, sio_view bytes)
{
    if (sio_intake_hold(s, max_held(s), receive, form, bytes))
        return;
    s->env->stats.overloaded++;
    sio_session_end(s, "overloaded", false);
}

void
sio_session_charge(sio_session *s, size_t n_bytes)
{
    sio_budget_add(s->env, &s->charge, n_bytes);
}

void
sio_session_refund(sio_session *s, size_t n_bytes)
{
    sio_charge_sub(&s->charge, n_bytes);
}

void
sio_session_send_frame(sio_session *s, sio_frame *frame, bool is_volatile)
{
    if (!s->ended)
        sio_mailbox_send(&s->mailbox, frame, is_volatile);
}

void
sio_session_send_new(sio_session *s, sio_frame *frame, bool is_volatile)
{
    if (frame != NULL)
        sio_session_send_frame(s, frame, is_volatile);
    else
        sio_mailbox_fail(&s->mailbox, "out of memory");
    sio_frame_unref(frame);
}

void
sio_session_send_text(sio_session *s, sio_view text)
{
    sio_session_send_new(s, sio_frame_new(text, false), false);
}

/* --- End. --- */

void
sio_session_queue_last(sio_session *s, sio_view text)
{
    sio_frame *frame = sio_frame_new(text, false);

    if (frame != NULL)
        (void)sio_mailbox_push_last(&s->mailbox, frame); /* else the end of TCP says it */
    sio_frame_unref(frame);
}

/* What comes behind a gap means nothing, and what waits is too much. */
static void
drop_if_failed(sio_mailbox *m)
{
    if (m->failure != NULL)
        sio_mailbox_drop(m, m->queue.n_frames);
}

/*
 * last_word: queues what its client still has to be told; NULL: nothing.
 *
 * A client that changes its transport may have left its polls already, and does not go back to them
 * when the websocket fails: they would wait there until their ping timeout. So however the session
 * ends, its probe stays until the client has moved to it, or has taken the goodbye by a poll.
 */
static void
session_end(sio_session *s, const char *reason, void (*last_word)(sio_session *s), bool is_tidy)
{
    sio_env *env = s->env;

    if (s->ended)
        return;
    s->ended = true; /* first: handlers of `disconnect` may end it again */
    if (s->dialect->ended != NULL)
        s->dialect->ended(s, reason);
    sio_throttle_end(s);
    sio_intake_end(s);
    sio_watcher_ended(s);
    s->mailbox.tidy = is_tidy;
    env->stats.sessions--;
    env->measures.sessions[s->dialect->speaks][s->carried_by]--;
    sio_measures_count_end(&env->measures, reason);
    sio_memory_trim_ended(env);
    sio_timer_cancel(&env->timers, &s->beat_timer);
    s->dialect->kind->ended(s);
    sio_log_limit_write(&env->log_limits, SIO_LOG_ENDED, s->id, "ended: %s", reason);
    sio_mailbox_forget_away(&s->mailbox);
    drop_if_failed(&s->mailbox);
    if (s->mailbox.probe != NULL)
        last_word = s->dialect->kind->goodbye;
    if (last_word != NULL)
        last_word(s);
    if (finish_channel(s) || (!is_tidy && s->mailbox.probe == NULL) || env->phase == SIO_STOPPING)
        sio_session_forget(s);
    else
        sio_session_await_channel(s);
}

void
sio_session_end(sio_session *s, const char *reason, bool say_goodbye)
{
    session_end(s, reason, say_goodbye ? s->dialect->kind->goodbye : NULL, say_goodbye);
}

void
sio_session_send_away(sio_session *s, const char *reason)
{
    session_end(s, reason, s->dialect->kind->send_away, false);
}

bool
sio_session_is_busy(sio_session *s)
{
    return s->mailbox.channel == NULL || s->mailbox.queue.n_frames > 0 ||
           s->engine.posting != NULL || s->engine.is_upgrading ||
           (s->dialect->is_awaited != NULL && s->dialect->is_awaited(s));
}
