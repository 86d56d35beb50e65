#include "server/roaming/proxy_session.h"

#include "protocol/utf8.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/config/config.h"
#include "server/http/response.h"
#include "server/roaming/proxy.h"
#include "server/roaming/roaming.h"
#include "server/roaming/sink.h"
#include "server/transport/websocket_probe.h"

/*
 * How long a poll of 0.9 waits when its session is lost, so that the client has the answer to its
 * POST before: 0.9.16 keeps its goodbye to the old session while a POST is under way, and would say
 * it to the next one. The POST may have come to another instance. All find at the same time that
 * one is away (watch.h); that one is silent each finds with a beat of its own.
 */
enum { AWAY_DELAY_MS = 200, GONE_DELAY_MS = 1000 };

/* --- Opening. --- */

void
sio_proxy_session_open(sio_exchange *x, const sio_opening *o, sio_view id, sio_peer *peer)
{
    sio_env  *env = x->env;
    sio_sink *k;

    if (!sio_proxy_has_room(x, peer))
        return;
    if ((k = sio_sink_new(o, id, ++env->last_number, peer)) == NULL) {
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
    sio_sink           *k = sio_sink_new(o, id, number, peer);

    if (k == NULL) {
        sio_peer_send(peer, &closed);
        sio_response_refuse(x, 503, "Out of memory.");
        return;
    }
    sio_websocket_probe_open(x, o, &k->mailbox);
    if (k->mailbox.probe == NULL && k->mailbox.channel == NULL)
        sio_sink_close_and_tell(k, NULL); /* there was no memory for it */
}

void
sio_proxy_session_end(sio_peer *peer, sio_view id)
{
    sio_cluster_message m = {.kind = SIO_CM_END, .id = id};

    sio_peer_send(peer, &m);
}

/* --- Messages of the owner. --- */

/* The home has passed the request on: from now on the owner is spoken to. */
static void
note_owner(sio_sink *k, sio_peer *owner)
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
receive_packets(sio_sink *k, const sio_cluster_message *m)
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
        if (frame != NULL && (m->flags & SIO_CM_PLAIN) != 0)
            sio_frame_keep_plain(frame);
        if (frame != NULL)
            sio_mailbox_send(&k->mailbox, frame, false);
        else
            sio_mailbox_fail(&k->mailbox, "out of memory");
        sio_frame_unref(frame);
    }
}

static void
hear_unknown(sio_sink *k, const sio_cluster_message *m)
{
    const sio_eio_verdict verdict = sio_eio_verdict_of(m->verdict);

    if (k->transport->channel->engine && verdict != SIO_EIO_ACCEPTED)
        sio_sink_refuse(k, verdict);
    else
        sio_sink_disown(k);
}

/* It has closed in the meantime: none of these were written. */
static void
return_packets(sio_peer *peer, const sio_cluster_message *m)
{
    sio_cluster_message closed = {.kind = SIO_CM_CLOSED, .id = m->id, .channel = m->channel};

    sio_peer_send(peer, &closed);
}

static void
sink_hear(sio_sink *k, const sio_cluster_message *m)
{
    switch (m->kind) {
    case SIO_CM_PACKETS:
        receive_packets(k, m);
        break;
    case SIO_CM_ASIDE:
        sio_mailbox_dismiss(&k->mailbox);
        sio_sink_close_and_tell(k, NULL);
        break;
    case SIO_CM_FINISH:
        receive_packets(k, m);
        sio_sink_finish(k, (m->flags & SIO_CM_GOODBYE) != 0);
        break;
    case SIO_CM_UNKNOWN:
        hear_unknown(k, m);
        break;
    }
}

static void
proxy_session_hear(sio_peer *peer, const sio_cluster_message *m)
{
    sio_sink *k = sio_sink_find(peer->env, m->channel);

    if (k != NULL) {
        note_owner(k, peer);
        sink_hear(k, m);
        sio_sink_send_held(k);
    } else if (m->kind == SIO_CM_PACKETS) {
        return_packets(peer, m);
    }
}

/* --- The owner is away. --- */

static void
on_orphan_timer(sio_timer *timer)
{
    sio_sink_disown(SIO_CONTAINER(timer, sio_sink, timer));
}

static void
orphan(sio_sink *k, unsigned delay_ms)
{
    k->peer = NULL;
    sio_link_remove(&k->link);
    if (k->transport->channel->engine) {
        sio_sink_disown(k);
        return;
    }
    k->timer.fire = on_orphan_timer;
    sio_timer_set(&k->mailbox.env->timers, &k->timer, delay_ms);
}

static sio_sink *
first_sink_of(const sio_peer *peer)
{
    return sio_link_empty(&peer->lists[SIO_PEER_SINKS])
               ? NULL
               : SIO_CONTAINER(peer->lists[SIO_PEER_SINKS].next, sio_sink, link);
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
    sio_sink *k;

    while ((k = first_sink_of(peer)) != NULL) {
        sio_cluster_message m = {.kind = SIO_CM_CLOSED,
                                 .count = sio_sink_n_written(k),
                                 .reason = SIO_VIEW("connection lost")};

        sio_sink_tell_owner(k, &m);
        orphan(k, AWAY_DELAY_MS);
    }
}

static void
proxy_session_peer_gone(sio_peer *peer)
{
    sio_sink *k;

    while ((k = first_sink_of(peer)) != NULL)
        orphan(k, GONE_DELAY_MS);
}

/* Any of them, or NULL. */
static sio_sink *
some_sink(sio_env *env)
{
    sio_hash_node *node = sio_hash_any(&env->roaming->proxy_sessions);

    return node != NULL ? SIO_CONTAINER(node, sio_sink, node) : NULL;
}

static void
close_by_itself(sio_sink *k)
{
    sio_mailbox_dismiss(&k->mailbox);
    sio_sink_close_and_tell(k, k->transport->channel->lasting ? "server shutting down" : NULL);
}

/* From now on this instance writes nothing of the session. */
static void
give_back(sio_sink *k)
{
    sio_cluster_message m = {.kind = SIO_CM_CLOSED, .count = sio_sink_n_written(k)};

    sio_sink_tell_owner(k, &m);
    sio_mailbox_hush(&k->mailbox);
    sio_timer_cancel(&k->mailbox.env->timers, &k->timer);
    sio_link_remove(&k->link);
    k->peer = NULL;
}

static void
close_sinks_of(sio_peer *peer)
{
    while (!sio_link_empty(&peer->lists[SIO_PEER_SINKS])) {
        sio_sink *k = SIO_CONTAINER(peer->lists[SIO_PEER_SINKS].next, sio_sink, link);

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
    sio_sink *k;

    while ((k = some_sink(env)) != NULL)
        close_by_itself(k);
}

static void
proxy_session_drop_all(sio_env *env)
{
    sio_sink *k;

    while ((k = some_sink(env)) != NULL)
        sio_sink_disown(k);
}

void
sio_proxy_session_each_stream(sio_env *env, void (*fn)(void *arg, uint64_t number), void *arg)
{
    for (sio_hash_node *n = NULL; (n = sio_hash_next(&env->roaming->proxy_sessions, n)) != NULL;) {
        const sio_sink *k = SIO_CONTAINER(n, sio_sink, node);

        if (k->mailbox.channel != NULL && k->mailbox.channel->ops->lasting)
            fn(arg, k->number);
    }
}

bool
sio_proxy_session_end_stream(sio_env *env, uint64_t number)
{
    sio_sink *k = sio_sink_find(env, number);

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
