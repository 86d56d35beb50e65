#include "server/engine/mailbox.h"

#include "server/base/env.h"
#include "server/engine/engine.h"
#include "server/engine/session.h"

enum { POLL_BYTES = 1024 * 1024, TIGHT_BYTES = 16 * 1024 };

/* --- Life. --- */

static void
on_mailbox_wake(sio_task *task)
{
    sio_mailbox *m = SIO_CONTAINER(task, sio_mailbox, wake_task);

    if (m->failure != NULL)
        m->owner->failed(m, m->failure);
    else
        sio_mailbox_flush(m);
}

void
sio_mailbox_init(sio_mailbox *m, sio_env *env, const sio_mailbox_owner *owner)
{
    m->owner = owner;
    m->env = env;
    sio_send_queue_init(&m->queue, &env->budget);
    sio_link_init(&m->promises);
    sio_link_init(&m->laggard.link);
    sio_task_init(&m->wake_task, on_mailbox_wake);
}

void
sio_mailbox_fini(sio_mailbox *m)
{
    sio_mailbox_end_probe(m);
    while (!sio_link_empty(&m->promises))
        sio_promise_drop(SIO_CONTAINER(m->promises.next, sio_promise, link));
    sio_task_cancel(&m->wake_task);
    sio_laggards_forget(m);
    sio_send_queue_fini(&m->queue);
}

/* --- Channels. --- */

void
sio_mailbox_attach(sio_mailbox *m, sio_channel *ch)
{
    sio_channel *previous = m->channel;

    if (previous != NULL) {
        sio_mailbox_leave(m);
        previous->ops->step_aside(previous);
    }
    ch->mailbox = m;
    m->channel = ch;
    m->n_channels++;
    m->owner->attached(m);
}

static void
mailbox_detach(sio_channel *ch, const char *reason)
{
    sio_mailbox *m = ch->mailbox;

    sio_mailbox_leave(m);
    m->owner->detached(m, reason);
}

void
sio_mailbox_detach(sio_channel *ch)
{
    mailbox_detach(ch, NULL);
}

void
sio_mailbox_lost(sio_channel *ch, const char *reason)
{
    mailbox_detach(ch, ch->ops->lasting || ch->ops->engine ? reason : NULL);
}

void
sio_mailbox_violated(sio_channel *ch, const char *reason)
{
    ch->mailbox->owner->violated(ch->mailbox, reason);
}

void
sio_mailbox_leave(sio_mailbox *m)
{
    m->channel->mailbox = NULL;
    m->channel = NULL;
}

void
sio_mailbox_dismiss(sio_mailbox *m)
{
    sio_channel *ch = m->channel;

    if (ch == NULL)
        return;
    sio_mailbox_leave(m);
    ch->ops->step_aside(ch);
}

void
sio_promise_make(sio_promise *p, sio_mailbox *m)
{
    sio_link_init(&p->link);
    p->mailbox = m;
    if (m != NULL)
        sio_link_append(&m->promises, &p->link);
}

void
sio_promise_drop(sio_promise *p)
{
    sio_link_remove(&p->link);
    p->mailbox = NULL;
}

/* --- Probes. --- */

void
sio_probe_begin(sio_probe *p, sio_mailbox *m)
{
    p->mailbox = m;
    m->probe = p;
}

static void
tell_upgrading(sio_mailbox *m, bool begins)
{
    if (m->owner->upgrading != NULL)
        m->owner->upgrading(m, begins);
}

void
sio_probe_announce(sio_probe *p)
{
    if (p->mailbox == NULL || p->is_announced)
        return;
    p->is_announced = true;
    tell_upgrading(p->mailbox, true);
}

sio_mailbox *
sio_probe_succeed(sio_probe *p)
{
    sio_mailbox *m = p->mailbox;

    if (m != NULL)
        m->probe = NULL;
    p->mailbox = NULL;
    return m;
}

void
sio_probe_withdraw(sio_probe *p)
{
    sio_mailbox *m = sio_probe_succeed(p);

    if (m != NULL)
        tell_upgrading(m, false);
}

void
sio_mailbox_end_probe(sio_mailbox *m)
{
    sio_probe *p = m->probe;

    if (p == NULL)
        return;
    (void)sio_probe_succeed(p);
    p->over(p);
}

/* --- Packets. --- */

void
sio_mailbox_receive(sio_mailbox *m, sio_view message, bool is_binary)
{
    m->owner->receive(m, message, is_binary);
}

void
sio_mailbox_flush(sio_mailbox *m)
{
    sio_channel *ch = m->channel;

    if (ch == NULL || m->queue.n_frames == 0 || m->n_away > 0)
        return;
    if (m->failure == NULL) /* of a failure the owner is still to be told */
        sio_task_cancel(&m->wake_task);
    ch->ops->flush(ch);
    if (m->channel == ch && m->owner->flushed != NULL)
        m->owner->flushed(m);
}

uint32_t
sio_mailbox_poll_size(const sio_mailbox *m)
{
    return m->first_alone && m->n_channels == 1 ? 1 : sio_send_queue_count(&m->queue, POLL_BYTES);
}

void
sio_mailbox_drop(sio_mailbox *m, uint32_t n)
{
    sio_send_queue_drop(&m->queue, n);
    sio_laggards_shrunk(m);
}

/* While memory is short, much less than usual may wait. */
static bool
mailbox_is_full(const sio_mailbox *m)
{
    return sio_send_queue_is_full(&m->queue, &m->env->engine->queue_limits) ||
           (m->env->budget.is_tight && sio_send_queue_memory(&m->queue) > TIGHT_BYTES);
}

/* A full queue is no fault of the client while its connection takes more: that is asked first. */
static bool
mailbox_has_room(sio_mailbox *m)
{
    if (!mailbox_is_full(m))
        return true;
    sio_mailbox_flush(m);
    return !mailbox_is_full(m);
}

/* What may have left already stays, as it is still to be counted. */
static void
drop_if_tight(sio_mailbox *m)
{
    if (m->env->budget.is_tight && m->n_away == 0)
        sio_mailbox_drop(m, m->queue.n_frames);
}

int
sio_mailbox_push_last(sio_mailbox *m, sio_frame *frame)
{
    const size_t n_bytes = m->queue.n_bytes;

    if (sio_send_queue_push(&m->queue, frame) != SIO_OK)
        return SIO_ERR_NOMEM;
    sio_histogram_add(&m->env->measures.message_bytes[SIO_OUTGOING], m->queue.n_bytes - n_bytes);
    return SIO_OK;
}

/* All or nothing of it is an event; without memory the session ends, so that does not matter. */
static int
mailbox_push(sio_mailbox *m, sio_frame *frame)
{
    for (sio_frame *f = frame; f != NULL; f = sio_frame_next(f))
        if (sio_mailbox_push_last(m, f) != SIO_OK)
            return SIO_ERR_NOMEM;
    sio_laggards_grown(m);
    return SIO_OK;
}

void
sio_mailbox_send(sio_mailbox *m, sio_frame *frame, bool is_volatile)
{
    sio_stats *stats = &m->env->stats;

    if (m->failure != NULL)
        return;
    if (is_volatile && (m->channel == NULL || m->queue.n_frames > 0)) {
        stats->volatile_dropped++;
        return;
    }
    if (!mailbox_has_room(m)) {
        sio_mailbox_give_up(m);
        drop_if_tight(m);
        return;
    }
    if (mailbox_push(m, frame) != SIO_OK) {
        sio_mailbox_fail(m, "out of memory");
        return;
    }
    stats->packets_out++;
    sio_mailbox_wake(m);
}

void
sio_mailbox_wake(sio_mailbox *m)
{
    if (m->channel != NULL)
        sio_deferred_add(&m->env->deferred, &m->wake_task);
}

void
sio_mailbox_forget_away(sio_mailbox *m)
{
    sio_mailbox_drop(m, m->n_away);
    m->n_away = 0;
    m->away = NULL;
}

void
sio_mailbox_give_up(sio_mailbox *m)
{
    m->env->stats.slow_consumers++;
    sio_mailbox_fail(m, "slow consumer");
}

void
sio_mailbox_fail(sio_mailbox *m, const char *reason)
{
    m->failure = reason;
    sio_deferred_add(&m->env->deferred, &m->wake_task);
}

void
sio_mailbox_hush(sio_mailbox *m)
{
    sio_task_cancel(&m->wake_task);
    sio_laggards_forget(m);
}
