#include "server/roaming/proxy_session.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/utf8.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/config/config.h"
#include "server/engine/mailbox.h"
#include "server/engine/session.h"
#include "server/http/response.h"
#include "server/roaming/proxy.h"
#include "server/roaming/roaming.h"
#include "server/transport/websocket_probe.h"

typedef struct {
    sio_mailbox          mailbox;
    sio_hash_node        node; /* in roaming->proxy_sessions, by number */
    sio_link             link; /* in peer->lists[SIO_PEER_SINKS] */
    sio_peer            *peer; /* the owner; until it was heard, the home; NULL: it is gone */
    const sio_transport *transport;
    sio_eio_revision     revision; /* Engine.IO */
    uint64_t             number;
    uint64_t             n_received; /* packets of the owner */
    uint64_t             n_told;     /* of these, it knows to be written */
    sio_timer            timer;      /* no channel came of it; or the owner does not speak */
    sio_task             release;
    sio_buf              held; /* a list of messages, until the owner has been heard */
    bool                 is_heard;
    bool                 closed;
    char                 id[SIO_SESSION_ID_MAX + 1];
} sink;

/*
 * How long a poll of 0.9 waits when its session is lost, so that the client has the answer to its
 * POST before: 0.9.16 keeps its goodbye to the old session while a POST is under way, and would say
 * it to the next one. The POST may have come to another instance. All find at the same time that
 * one is away (watch.h); that one is silent each finds with a beat of its own.
 */
enum { AWAY_DELAY_MS = 200, GONE_DELAY_MS = 1000 };

/*
 * So much of what a client of 0.9 says on a stream is kept until its session is found: a stranger's
 * goes no further. (A websocket of Engine.IO is admitted before it is opened.)
 */
enum { MAX_HELD_BYTES = 64 * 1024 };

static sink *
sink_of(sio_mailbox *m)
{
    return SIO_CONTAINER(m, sink, mailbox);
}

static sio_view
number_key(const uint64_t *number)
{
    return (sio_view){(const char *)number, sizeof *number};
}

/* --- Messages to the owner. --- */

static void
tell_owner(const sink *k, sio_cluster_message *m)
{
    if (k->peer == NULL)
        return;
    m->id = sio_view_of(k->id);
    m->channel = k->number;
    sio_peer_send(k->peer, m);
}

static uint64_t
n_written(const sink *k)
{
    return k->n_received - k->mailbox.queue.n_frames;
}

static void
proxy_session_release(sio_task *task)
{
    sink *k = SIO_CONTAINER(task, sink, release);

    sio_mailbox_fini(&k->mailbox);
    sio_buf_fini(&k->held);
    free(k);
}

/* Its channel has gone. The owner is told, unless it has said so itself. */
static void
close_sink(sink *k)
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

static void
close_and_tell(sink *k, const char *reason)
{
    sio_cluster_message m = {
        .kind = SIO_CM_CLOSED, .count = n_written(k), .reason = sio_view_of(reason)};

    if (k->closed)
        return;
    tell_owner(k, &m);
    close_sink(k);
}

/* --- The mailbox. --- */

static void on_proxy_session_silence(sio_timer *timer);

/*
 * When the owner has to have said something, if only a heartbeat. A poll of 0.9 ends by itself: 0.
 */
static unsigned
silence_ms(const sink *k)
{
    const sio_cfg *cfg = k->mailbox.env->cfg;

    if (k->transport->channel->engine)
        return cfg->ping_interval_ms + cfg->ping_timeout_ms;
    return k->transport->channel->lasting ? cfg->heartbeat_interval_ms : 0;
}

static void
await_owner(sink *k)
{
    sio_env       *env = k->mailbox.env;
    const unsigned ms = silence_ms(k);

    sio_timer_cancel(&env->timers, &k->timer);
    k->timer.fire = on_proxy_session_silence;
    if (ms > 0)
        sio_timer_set(&env->timers, &k->timer, ms + sio_peers_patience_ms(env));
}

static void
on_proxy_session_attached(sio_mailbox *mailbox)
{
    sink               *k = sink_of(mailbox);
    sio_cluster_message m = {.kind = SIO_CM_OPEN,
                             .transport = sio_view_of(k->transport->channel->name),
                             .revision = (uint64_t)k->revision};

    if (k->peer != NULL) /* else the timer will tell the client */
        await_owner(k);
    tell_owner(k, &m);
}

static void
on_proxy_session_detached(sio_mailbox *mailbox, const char *reason)
{
    close_and_tell(sink_of(mailbox), reason);
}

static void
on_flushed(sio_mailbox *mailbox)
{
    sink               *k = sink_of(mailbox);
    sio_cluster_message m = {.kind = SIO_CM_WROTE, .count = n_written(k)};

    if (m.count == k->n_told)
        return;
    k->n_told = m.count;
    tell_owner(k, &m);
}

static void
on_proxy_session_failed(sio_mailbox *mailbox, const char *reason)
{
    sink *k = sink_of(mailbox);

    sio_mailbox_dismiss(mailbox);
    close_and_tell(k, reason);
}

static void
sink_send(sink *k, sio_cluster_message *m)
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
send_as_post(sink *k, sio_view message)
{
    sio_cluster_message m = {.kind = SIO_CM_POST,
                             .id = sio_view_of(k->id),
                             .transport = sio_view_of(k->transport->channel->name),
                             .body = message};

    sink_send(k, &m);
}

/* An upgrade: the owner has a channel for it. */
static void
send_as_message(sink *k, sio_view message, bool is_binary)
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
hold(sink *k, sio_view message)
{
    sio_cluster_message_add_packet(&k->held, message, false);
    if (k->held.failed)
        sio_mailbox_fail(&k->mailbox, "instance backlog full");
}

static void
send_held(sink *k)
{
    sio_view held = sio_buf_view(&k->held), message;

    while (!k->closed && sio_cluster_message_next_packet(&held, &message, NULL))
        send_as_post(k, message);
    sio_buf_fini(&k->held);
}

static void
on_proxy_session_received(sio_mailbox *mailbox, sio_view message, bool is_binary)
{
    sink *k = sink_of(mailbox);

    if (k->transport->channel->engine)
        send_as_message(k, message, is_binary);
    else if (k->is_heard)
        send_as_post(k, message);
    else
        hold(k, message);
}

/* The websocket is not the channel yet. When it has gone, nothing is left. */
static void
on_proxy_session_upgrading(sio_mailbox *mailbox, bool begins)
{
    sink               *k = sink_of(mailbox);
    sio_cluster_message m = {.kind = SIO_CM_UPGRADING};

    if (begins)
        tell_owner(k, &m);
    else
        close_and_tell(k, NULL);
}

static const sio_mailbox_owner mailbox_owner = {
    .attached = on_proxy_session_attached,
    .detached = on_proxy_session_detached,
    .flushed = on_flushed,
    .receive = on_proxy_session_received,
    .failed = on_proxy_session_failed,
    .upgrading = on_proxy_session_upgrading,
};

/* --- Opening. --- */

/* No channel came of it. The owner has not been told of any. */
static void
on_proxy_session_timer(sio_timer *timer)
{
    close_sink(SIO_CONTAINER(timer, sink, timer));
}

static sink *
sink_new(const sio_opening *o, sio_view id, uint64_t number, sio_peer *peer)
{
    sio_env *env = peer->env;
    sink    *k = calloc(1, sizeof *k);

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
    k->timer.fire = on_proxy_session_timer;
    sio_buf_init(&k->held, MAX_HELD_BYTES);
    sio_task_init(&k->release, proxy_session_release);
    sio_link_init(&k->link);
    sio_link_append(&peer->lists[SIO_PEER_SINKS], &k->link);
    sio_hash_insert(&env->roaming->proxy_sessions, &k->node);
    env->stats.sinks++;
    return k;
}

void
sio_proxy_session_open(sio_exchange *x, const sio_opening *o, sio_view id, sio_peer *peer)
{
    sio_env *env = x->env;
    sink    *k;

    if (!sio_proxy_has_room(x, peer))
        return;
    if ((k = sink_new(o, id, ++env->last_number, peer)) == NULL) {
        sio_response_refuse(x, 503, "Out of memory.");
        return;
    }
    sio_timer_set(&env->timers, &k->timer, env->cfg->request_timeout_ms);
    o->transport->open(x, o, &k->mailbox);
}

void
sio_proxy_session_upgrade(sio_exchange *x, const sio_opening *o, sio_view id, uint64_t number,
                          sio_peer *peer)
{
    sio_cluster_message closed = {.kind = SIO_CM_CLOSED, .id = id, .channel = number};
    sink               *k = sink_new(o, id, number, peer);

    if (k == NULL) {
        sio_peer_send(peer, &closed);
        sio_response_refuse(x, 503, "Out of memory.");
        return;
    }
    sio_websocket_probe_open(x, o, &k->mailbox);
    if (k->mailbox.probe == NULL && k->mailbox.channel == NULL)
        close_and_tell(k, NULL); /* there was no memory for it */
}

void
sio_proxy_session_end(sio_peer *peer, sio_view id)
{
    sio_cluster_message m = {.kind = SIO_CM_END, .id = id};

    sio_peer_send(peer, &m);
}

/* --- Messages of the owner. --- */

static sink *
find_sink(const sio_env *env, uint64_t number)
{
    sio_hash_node *node = sio_hash_find(&env->roaming->proxy_sessions, number_key(&number));

    return node != NULL ? SIO_CONTAINER(node, sink, node) : NULL;
}

/* The home has passed the request on: from now on the owner is spoken to. */
static void
note_owner(sink *k, sio_peer *owner)
{
    sio_timer_cancel(&k->mailbox.env->timers, &k->timer);
    k->is_heard = true;
    if (k->peer == owner)
        return;
    sio_link_remove(&k->link);
    sio_link_append(&owner->lists[SIO_PEER_SINKS], &k->link);
    k->peer = owner;
}

static void
receive_packets(sink *k, const sio_cluster_message *m)
{
    sio_view packets = m->packets, packet;
    bool     is_binary;

    k->mailbox.no_bytes = (m->flags & SIO_CM_BASE64) != 0;
    while (sio_cluster_message_next_packet(&packets, &packet, &is_binary)) {
        sio_frame *frame;

        k->n_received++;
        if (!is_binary && !sio_utf8_valid(packet)) { /* no instance sends that */
            k->mailbox.env->stats.bad_messages++;
            continue;
        }
        frame = sio_frame_new(packet, is_binary);
        if (frame != NULL)
            sio_mailbox_send(&k->mailbox, frame, false);
        else
            sio_mailbox_fail(&k->mailbox, "out of memory");
        sio_frame_unref(frame);
    }
}

/* What has come is written, and the channel ends. */
static void
proxy_session_finish(sink *k, bool is_tidy)
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
send_away(sink *k)
{
    sio_frame *frame = sio_frame_new(SIO_VIEW("7:::1+0"), false);

    if (frame != NULL)
        sio_mailbox_send(&k->mailbox, frame, false);
    sio_frame_unref(frame);
    proxy_session_finish(k, true);
}

static void
proxy_session_refuse(sink *k, sio_eio_verdict verdict)
{
    sio_channel *ch = k->mailbox.channel;

    sio_mailbox_hush(&k->mailbox);
    if (ch != NULL) {
        sio_mailbox_leave(&k->mailbox);
        ch->ops->refuse(ch, verdict);
    }
    close_sink(k);
}

/* The owner does not have the session, or is gone. */
static void
disown(sink *k)
{
    if (k->transport->channel->engine)
        proxy_session_refuse(k, SIO_EIO_UNKNOWN_SID);
    else
        send_away(k);
}

static void
hear_unknown(sink *k, const sio_cluster_message *m)
{
    const sio_eio_verdict verdict = sio_eio_verdict_of(m->verdict);

    if (k->transport->channel->engine && verdict != SIO_EIO_ACCEPTED)
        proxy_session_refuse(k, verdict);
    else
        disown(k);
}

/* It has closed in the meantime: none of these were written. */
static void
return_packets(sio_peer *peer, const sio_cluster_message *m)
{
    sio_cluster_message closed = {.kind = SIO_CM_CLOSED, .id = m->id, .channel = m->channel};

    sio_peer_send(peer, &closed);
}

static void
sink_hear(sink *k, const sio_cluster_message *m)
{
    switch (m->kind) {
    case SIO_CM_PACKETS:
        receive_packets(k, m);
        break;
    case SIO_CM_ASIDE:
        sio_mailbox_dismiss(&k->mailbox);
        close_and_tell(k, NULL);
        break;
    case SIO_CM_FINISH:
        receive_packets(k, m);
        proxy_session_finish(k, (m->flags & SIO_CM_GOODBYE) != 0);
        break;
    case SIO_CM_UNKNOWN:
        hear_unknown(k, m);
        break;
    }
}

static void
proxy_session_hear(sio_peer *peer, const sio_cluster_message *m)
{
    sink *k = find_sink(peer->env, m->channel);

    if (k != NULL) {
        note_owner(k, peer);
        sink_hear(k, m);
        send_held(k);
    } else if (m->kind == SIO_CM_PACKETS) {
        return_packets(peer, m);
    }
}

static void
on_orphan_timer(sio_timer *timer)
{
    disown(SIO_CONTAINER(timer, sink, timer));
}

static void
on_proxy_session_silence(sio_timer *timer)
{
    sink *k = SIO_CONTAINER(timer, sink, timer);

    if (sio_peers_patience_is_over(k->mailbox.env))
        disown(k);
    else
        await_owner(k);
}

static void
orphan(sink *k, unsigned delay_ms)
{
    k->peer = NULL;
    sio_link_remove(&k->link);
    if (k->transport->channel->engine) {
        disown(k);
        return;
    }
    k->timer.fire = on_orphan_timer;
    sio_timer_set(&k->mailbox.env->timers, &k->timer, delay_ms);
}

static sink *
first_sink_of(const sio_peer *peer)
{
    return sio_link_empty(&peer->lists[SIO_PEER_SINKS])
               ? NULL
               : SIO_CONTAINER(peer->lists[SIO_PEER_SINKS].next, sink, link);
}

static bool
proxy_session_awaits(const sio_peer *peer)
{
    return first_sink_of(peer) != NULL;
}

/* Its clients are told to reconnect; and should it come back, so is it. */
static void
proxy_session_peer_away(sio_peer *peer)
{
    sink *k;

    while ((k = first_sink_of(peer)) != NULL) {
        sio_cluster_message m = {
            .kind = SIO_CM_CLOSED, .count = n_written(k), .reason = SIO_VIEW("connection lost")};

        tell_owner(k, &m);
        orphan(k, AWAY_DELAY_MS);
    }
}

static void
proxy_session_peer_gone(sio_peer *peer)
{
    sink *k;

    while ((k = first_sink_of(peer)) != NULL)
        orphan(k, GONE_DELAY_MS);
}

/* Any of them, or NULL. */
static sink *
some_sink(sio_env *env)
{
    sio_hash_node *node = sio_hash_any(&env->roaming->proxy_sessions);

    return node != NULL ? SIO_CONTAINER(node, sink, node) : NULL;
}

static void
close_by_itself(sink *k)
{
    sio_mailbox_dismiss(&k->mailbox);
    close_and_tell(k, k->transport->channel->lasting ? "server shutting down" : NULL);
}

/* From now on this instance writes nothing of the session. */
static void
give_back(sink *k)
{
    sio_cluster_message m = {.kind = SIO_CM_CLOSED, .count = n_written(k)};

    tell_owner(k, &m);
    sio_mailbox_hush(&k->mailbox);
    sio_timer_cancel(&k->mailbox.env->timers, &k->timer);
    sio_link_remove(&k->link);
    k->peer = NULL;
}

static void
close_sinks_of(sio_peer *peer)
{
    while (!sio_link_empty(&peer->lists[SIO_PEER_SINKS])) {
        sink *k = SIO_CONTAINER(peer->lists[SIO_PEER_SINKS].next, sink, link);

        if (k->transport->channel->engine && !k->transport->channel->lasting)
            give_back(k);
        else
            close_by_itself(k);
    }
}

/*
 * This instance stops: polls are answered, so that clients go on elsewhere; streams end. Polls of
 * Engine.IO are only given back to their owners, and answered when Redis has that: should the next
 * poll overtake the word, the owner would take it for a second one.
 */
static void
proxy_session_close_all(sio_env *env)
{
    sio_link *list = &env->cluster->peer_list;

    for (sio_link *l = list->next; l != list; l = l->next)
        close_sinks_of(SIO_CONTAINER(l, sio_peer, link));
}

static void
proxy_session_answer_all(sio_env *env)
{
    sink *k;

    while ((k = some_sink(env)) != NULL)
        close_by_itself(k);
}

static void
proxy_session_drop_all(sio_env *env)
{
    sink *k;

    while ((k = some_sink(env)) != NULL)
        disown(k);
}

void
sio_proxy_session_each_stream(sio_env *env, void (*fn)(void *arg, uint64_t number), void *arg)
{
    for (sio_hash_node *n = NULL; (n = sio_hash_next(&env->roaming->proxy_sessions, n)) != NULL;) {
        const sink *k = SIO_CONTAINER(n, sink, node);

        if (k->mailbox.channel != NULL && k->mailbox.channel->ops->lasting)
            fn(arg, k->number);
    }
}

bool
sio_proxy_session_end_stream(sio_env *env, uint64_t number)
{
    sink *k = find_sink(env, number);

    if (k != NULL)
        close_by_itself(k);
    return k != NULL;
}

/* A number in SIO_CM_UNKNOWN is that of a sink, or of a request (proxy_request.c). */
static const char kinds[] = {SIO_CM_PACKETS, SIO_CM_ASIDE, SIO_CM_FINISH, SIO_CM_UNKNOWN, 0};

const sio_cluster_module sio_proxy_session_module = {
    .kinds = kinds,
    .hear = proxy_session_hear,
    .awaits = proxy_session_awaits,
    .peer_away = proxy_session_peer_away,
    .peer_gone = proxy_session_peer_gone,
    .on = {[SIO_CLUSTER_LEAVING] = proxy_session_close_all,
           [SIO_CLUSTER_LEFT] = proxy_session_answer_all,
           [SIO_CLUSTER_QUIT] = proxy_session_drop_all},
};
