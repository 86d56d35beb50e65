#include "server/roaming/sink.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/config/config.h"
#include "server/roaming/roaming.h"

/*
 * So much of what a client of 0.9 says on a stream is kept until its session is found: a stranger's
 * goes no further. (A websocket of Engine.IO is admitted before it is opened.)
 */
enum { MAX_HELD_BYTES = 64 * 1024 };

static sio_sink *
sink_of(sio_mailbox *m)
{
    return SIO_CONTAINER(m, sio_sink, mailbox);
}

static sio_view
number_key(const uint64_t *number)
{
    return (sio_view){(const char *)number, sizeof *number};
}

/* --- Messages to the owner. --- */

void
sio_sink_tell_owner(const sio_sink *k, sio_cluster_message *m)
{
    if (k->peer == NULL)
        return;
    m->id = sio_view_of(k->id);
    m->channel = k->number;
    sio_peer_send(k->peer, m);
}

uint64_t
sio_sink_n_written(const sio_sink *k)
{
    return k->n_received - k->mailbox.queue.n_frames;
}

/* --- The end. --- */

static void
sink_release(sio_task *task)
{
    sio_sink *k = SIO_CONTAINER(task, sio_sink, release);

    sio_mailbox_fini(&k->mailbox);
    sio_buf_fini(&k->held);
    free(k);
}

/* Its channel has gone. The owner is told, unless it has said so itself. */
static void
close_sink(sio_sink *k)
{
    sio_env *env = k->mailbox.env;

    if (k->closed)
        return;
    k->closed = true;
    sio_hash_remove(&env->roaming->proxy_sessions, &k->node);
    sio_link_remove(&k->link);
    sio_timer_cancel(&env->timers, &k->timer);
    sio_mailbox_hush(&k->mailbox);
    sio_mailbox_end_probe(&k->mailbox);
    env->stats.sinks--;
    sio_deferred_add(&env->deferred, &k->release);
}

void
sio_sink_close_and_tell(sio_sink *k, const char *reason)
{
    sio_cluster_message m = {
        .kind = SIO_CM_CLOSED, .count = sio_sink_n_written(k), .reason = sio_view_of(reason)};

    if (k->closed)
        return;
    sio_sink_tell_owner(k, &m);
    close_sink(k);
}

void
sio_sink_finish(sio_sink *k, bool is_tidy)
{
    sio_mailbox *m = &k->mailbox;

    sio_mailbox_hush(m);
    m->tidy = is_tidy;
    if (m->channel != NULL)
        (void)m->channel->ops->finish(m->channel);
    close_sink(k);
}

/* 0.9: the session is not known anywhere, and the client is to reconnect. */
static void
send_away(sio_sink *k)
{
    sio_frame *frame = sio_frame_new(SIO_VIEW("7:::1+0"), false);

    if (frame != NULL)
        sio_mailbox_send(&k->mailbox, frame, false);
    sio_frame_unref(frame);
    sio_sink_finish(k, true);
}

void
sio_sink_refuse(sio_sink *k, sio_eio_verdict verdict)
{
    sio_channel *ch = k->mailbox.channel;

    sio_mailbox_hush(&k->mailbox);
    if (ch != NULL) {
        sio_mailbox_leave(&k->mailbox);
        ch->ops->refuse(ch, verdict);
    }
    close_sink(k);
}

void
sio_sink_disown(sio_sink *k)
{
    if (k->transport->channel->engine)
        sio_sink_refuse(k, SIO_EIO_UNKNOWN_SID);
    else
        send_away(k);
}

/* --- The owner is silent. --- */

static void await_owner(sio_sink *k);

static void
on_sink_silence(sio_timer *timer)
{
    sio_sink *k = SIO_CONTAINER(timer, sio_sink, timer);

    if (sio_peers_patience_is_over(k->mailbox.env))
        sio_sink_disown(k);
    else
        await_owner(k);
}

/*
 * When the owner has to have said something, if only a heartbeat. A poll of 0.9 ends by itself: 0.
 */
static unsigned
silence_ms(const sio_sink *k)
{
    const sio_cfg *cfg = k->mailbox.env->cfg;

    if (k->transport->channel->engine)
        return cfg->ping_interval_ms + cfg->ping_timeout_ms;
    return k->transport->channel->lasting ? cfg->heartbeat_interval_ms : 0;
}

static void
await_owner(sio_sink *k)
{
    sio_env       *env = k->mailbox.env;
    const unsigned ms = silence_ms(k);

    sio_timer_cancel(&env->timers, &k->timer);
    k->timer.fire = on_sink_silence;
    if (ms > 0)
        sio_timer_set(&env->timers, &k->timer, ms + sio_peers_patience_ms(env));
}

/* --- The mailbox. --- */

static void
on_sink_attached(sio_mailbox *mailbox)
{
    sio_sink           *k = sink_of(mailbox);
    sio_cluster_message m = {.kind = SIO_CM_OPEN,
                             .transport = sio_view_of(k->transport->channel->name),
                             .revision = (uint64_t)k->revision};

    if (k->peer != NULL) /* else the timer will tell the client */
        await_owner(k);
    sio_sink_tell_owner(k, &m);
}

static void
on_sink_detached(sio_mailbox *mailbox, const char *reason)
{
    sio_sink_close_and_tell(sink_of(mailbox), reason);
}

static void
on_sink_failed(sio_mailbox *mailbox, const char *reason)
{
    sio_sink *k = sink_of(mailbox);

    sio_mailbox_dismiss(mailbox);
    sio_sink_close_and_tell(k, reason);
}

/* Behind what the client has said: so the owner finishes with the answers to that. */
static void
on_sink_violated(sio_mailbox *mailbox, const char *reason)
{
    sio_sink           *k = sink_of(mailbox);
    sio_cluster_message m = {.kind = SIO_CM_CLOSED,
                             .count = sio_sink_n_written(k),
                             .reason = sio_view_of(reason),
                             .flags = SIO_CM_VIOLATED};

    if (k->is_heard)
        sio_sink_tell_owner(k, &m);
    else
        on_sink_failed(mailbox, reason);
}

static void
on_sink_flushed(sio_mailbox *mailbox)
{
    sio_sink           *k = sink_of(mailbox);
    sio_cluster_message m = {.kind = SIO_CM_WROTE, .count = sio_sink_n_written(k)};

    if (m.count == k->n_told)
        return;
    k->n_told = m.count;
    sio_sink_tell_owner(k, &m);
}

static void
sink_send(sio_sink *k, sio_cluster_message *m)
{
    if (k->peer == NULL)
        return;
    if (sio_peer_has_room(k->peer))
        sio_peer_send(k->peer, m);
    else
        sio_mailbox_fail(&k->mailbox, "instance backlog full");
}

/* 0.9: a message on a stream is to the owner what a POST is. */
static void
send_as_post(sio_sink *k, sio_view message)
{
    sio_cluster_message m = {.kind = SIO_CM_POST,
                             .id = sio_view_of(k->id),
                             .transport = sio_view_of(k->transport->channel->name),
                             .body = message};

    sink_send(k, &m);
}

/* An upgrade: the owner has a channel for it. */
static void
send_as_message(sio_sink *k, sio_view message, bool is_binary)
{
    sio_cluster_message m = {.kind = SIO_CM_MESSAGE,
                             .id = sio_view_of(k->id),
                             .channel = k->number,
                             .transport = sio_view_of(k->transport->channel->name),
                             .body = message,
                             .flags = is_binary ? SIO_CM_BINARY : 0};

    sink_send(k, &m);
}

static void
hold(sio_sink *k, sio_view message)
{
    sio_cluster_message_add_packet(&k->held, message, false);
    if (k->held.failed)
        sio_mailbox_fail(&k->mailbox, "instance backlog full");
}

void
sio_sink_send_held(sio_sink *k)
{
    sio_view held = sio_buf_view(&k->held), message;

    while (!k->closed && sio_cluster_message_next_packet(&held, &message, NULL))
        send_as_post(k, message);
    sio_buf_fini(&k->held);
}

static void
on_sink_received(sio_mailbox *mailbox, sio_view message, bool is_binary)
{
    sio_sink *k = sink_of(mailbox);

    if (k->transport->channel->engine)
        send_as_message(k, message, is_binary);
    else if (k->is_heard)
        send_as_post(k, message);
    else
        hold(k, message);
}

/* The websocket is not the channel yet. When it has gone, nothing is left. */
static void
on_sink_upgrading(sio_mailbox *mailbox, bool begins)
{
    sio_sink           *k = sink_of(mailbox);
    sio_cluster_message m = {.kind = SIO_CM_UPGRADING};

    if (begins)
        sio_sink_tell_owner(k, &m);
    else
        sio_sink_close_and_tell(k, NULL);
}

static const sio_mailbox_owner mailbox_owner = {
    .attached = on_sink_attached,
    .detached = on_sink_detached,
    .violated = on_sink_violated,
    .flushed = on_sink_flushed,
    .receive = on_sink_received,
    .failed = on_sink_failed,
    .upgrading = on_sink_upgrading,
};

/* --- The beginning. --- */

/* No channel came of it. The owner has not been told of any. */
static void
on_sink_timer(sio_timer *timer)
{
    close_sink(SIO_CONTAINER(timer, sio_sink, timer));
}

sio_sink *
sio_sink_new(const sio_opening *o, sio_view id, uint64_t number, sio_peer *peer)
{
    sio_env  *env = peer->env;
    sio_sink *k = calloc(1, sizeof *k);

    if (k == NULL || id.len > SIO_SESSION_ID_MAX) {
        free(k);
        return NULL;
    }
    sio_mailbox_init(&k->mailbox, env, &mailbox_owner);
    k->mailbox.no_bytes = true; /* as far as is known: its owner says so with what it sends */
    memcpy(k->id, id.data, id.len);
    k->peer = peer;
    k->transport = o->transport;
    k->revision = o->revision;
    k->number = number;
    k->node.key = number_key(&k->number);
    k->timer.fire = on_sink_timer;
    sio_buf_init(&k->held, MAX_HELD_BYTES);
    sio_task_init(&k->release, sink_release);
    sio_link_init(&k->link);
    sio_link_append(&peer->lists[SIO_PEER_SINKS], &k->link);
    sio_hash_insert(&env->roaming->proxy_sessions, &k->node);
    env->stats.sinks++;
    return k;
}

sio_sink *
sio_sink_find(const sio_env *env, uint64_t number)
{
    sio_hash_node *node = sio_hash_find(&env->roaming->proxy_sessions, number_key(&number));

    return node != NULL ? SIO_CONTAINER(node, sio_sink, node) : NULL;
}
