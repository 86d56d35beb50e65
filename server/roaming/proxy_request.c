#include "server/roaming/proxy_request.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/http/response.h"
#include "server/roaming/directory.h"
#include "server/roaming/proxy.h"
#include "server/roaming/proxy_session.h"
#include "server/roaming/roaming.h"
#include "server/transport/eio_response.h"
#include "server/transport/polling_eio.h"
#include "server/transport/post09.h"
#include "server/transport/websocket_probe.h"

/*
 * The most that is sent to an owner which has not said that it takes it. So honest clients, who
 * post little, never wait for that word; and what strangers post never gets any further.
 */
enum { UNASKED_BYTES = 4096 };

typedef struct {
    sio_hash_node node; /* in roaming->proxy_requests, by number */
    sio_link      link; /* in peer->lists[SIO_PEER_RELAYS] */
    sio_peer     *peer;
    uint64_t      number;
    sio_exchange *x;
    sio_opening   opening;
    sio_timer     timer; /* how long the answer is waited for */
    sio_buf       body;  /* of a POST, from when it is whole until the owner wants it */
    bool          is_post;
    bool          is_asked; /* a POST: the owner was asked whether it takes the body */
    bool          is_ready; /* it does */
    bool          is_whole; /* the body is here */
    bool          is_bytes; /* and not text */
    bool          is_sent;
    char          id[SIO_SESSION_ID_MAX + 1];
} relay;

static bool
is_engine(const relay *r)
{
    return r->opening.transport->channel->engine;
}

/* --- The end: each of these frees the relay. --- */

static void
relay_free(relay *r)
{
    sio_env *env = r->peer->env;

    sio_hash_remove(&env->roaming->proxy_requests, &r->node);
    sio_link_remove(&r->link);
    sio_timer_cancel(&env->timers, &r->timer);
    sio_opening_fini(&r->opening);
    sio_buf_fini(&r->body);
    free(r);
}

/* From now on the exchange does not know the relay: it is about to be answered. */
static sio_exchange *
release_exchange(const relay *r)
{
    r->x->abandoned = NULL;
    r->x->owner = NULL;
    return r->x;
}

/* The owner need not keep the place of a websocket that does not come. */
static void
proxy_request_tell_closed(const relay *r)
{
    sio_cluster_message m = {.kind = SIO_CM_CLOSED, .id = sio_view_of(r->id), .channel = r->number};

    sio_peer_send(r->peer, &m);
}

/* A session of Engine.IO can not go on without what was in the POST. */
static void
tell_lost(const relay *r)
{
    sio_cluster_message m = {.kind = SIO_CM_POST,
                             .id = sio_view_of(r->id),
                             .transport = sio_view_of(r->opening.transport->channel->name),
                             .revision = (uint64_t)r->opening.revision,
                             .flags = SIO_CM_CUT};

    if (is_engine(r) && sio_peer_has_room(r->peer))
        sio_peer_send(r->peer, &m);
}

static void
proxy_request_refuse(relay *r, sio_eio_verdict verdict)
{
    sio_exchange *x = release_exchange(r);

    if (verdict == SIO_EIO_SECOND_WEBSOCKET && r->opening.upgrade.answer.len > 0)
        sio_websocket_probe_open(x, &r->opening, NULL);
    else
        sio_eio_response_refuse(x, sio_view_of(r->opening.origin), verdict);
    relay_free(r);
}

static void
refuse_unavailable(relay *r, const char *text)
{
    sio_exchange *x = release_exchange(r);

    relay_free(r);
    sio_response_refuse(x, 503, text);
}

static void
refuse_orphan(relay *r)
{
    if (is_engine(r))
        proxy_request_refuse(r, SIO_EIO_UNKNOWN_SID);
    else
        refuse_unavailable(r, "The instance that had this session is gone.");
}

static void
answer_post(relay *r)
{
    const sio_view origin = sio_view_of(r->opening.origin);
    sio_exchange  *x = release_exchange(r);

    if (is_engine(r))
        sio_eio_response_post(x, origin);
    else
        sio_post09_answer(x, origin);
    relay_free(r);
}

static void
begin_upgrade(relay *r)
{
    sio_exchange *x = release_exchange(r);

    sio_proxy_session_upgrade(x, &r->opening, sio_view_of(r->id), r->number, r->peer);
    relay_free(r);
}

/* The client has gone; what was sent is on its way. */
static void
on_proxy_request_abandoned(sio_exchange *x, const char *reason)
{
    relay *r = x->owner;

    (void)reason;
    if (!r->is_post)
        proxy_request_tell_closed(r);
    else if (!r->is_sent)
        tell_lost(r);
    relay_free(r);
}

/* The client is told that it may ask again. */
static void
give_up_unsent(relay *r, const char *text)
{
    if (!r->is_post)
        proxy_request_tell_closed(r);
    else
        tell_lost(r);
    refuse_unavailable(r, text);
}

/* --- The beginning. --- */

static void
on_proxy_request_timer(sio_timer *timer)
{
    relay   *r = SIO_CONTAINER(timer, relay, timer);
    sio_env *env = r->peer->env;

    if (!r->is_post) {
        give_up_unsent(r, "The instance that has this session does not answer.");
    } else if (sio_peers_patience_is_over(env)) {
        refuse_orphan(r);
    } else {
        sio_timer_set(&env->timers, timer, sio_peers_patience_ms(env));
    }
}

/* Takes what o owns, unless it refuses x and returns NULL. */
static relay *
relay_new(sio_exchange *x, sio_opening *o, sio_view id, sio_peer *peer)
{
    sio_env *env = x->env;
    relay   *r;

    if (!sio_proxy_has_room(x, peer))
        return NULL;
    r = calloc(1, sizeof *r);
    if (r == NULL || id.len > SIO_SESSION_ID_MAX) {
        free(r);
        sio_response_refuse(x, 503, "Out of memory.");
        return NULL;
    }
    memcpy(r->id, id.data, id.len);
    r->x = x;
    r->peer = peer;
    r->opening = *o;
    *o = (sio_opening){.transport = o->transport};
    r->number = ++env->last_number;
    r->node.key = (sio_view){(const char *)&r->number, sizeof r->number};
    sio_hash_insert(&env->roaming->proxy_requests, &r->node);
    sio_link_init(&r->link);
    sio_link_append(&peer->lists[SIO_PEER_RELAYS], &r->link);
    r->timer.fire = on_proxy_request_timer;
    sio_buf_init(&r->body, SIZE_MAX);
    x->owner = r;
    return r;
}

/* Send *m, which is filled in but for where it belongs to, and wait for the answer. */
static void
relay_send(relay *r, sio_cluster_message *m)
{
    sio_env *env = r->peer->env;

    sio_timer_set(&env->timers, &r->timer,
                  r->is_post ? sio_peers_patience_ms(env) : env->cfg->upgrade_timeout_ms);
    m->id = sio_view_of(r->id);
    m->channel = r->number;
    m->transport = sio_view_of(r->opening.transport->channel->name);
    m->revision = (uint64_t)r->opening.revision;
    sio_peer_send(r->peer, m);
}

void
sio_proxy_request_ask(sio_exchange *x, sio_opening *o, sio_eio_verdict verdict, sio_view id,
                      sio_peer *peer)
{
    sio_cluster_message m = {.kind = SIO_CM_PROBE, .verdict = (uint64_t)verdict};
    relay              *r = relay_new(x, o, id, peer);

    if (r == NULL)
        return;
    x->abandoned = on_proxy_request_abandoned;
    relay_send(r, &m);
}

/* --- POSTs. --- */

/* n_bytes: of the body; 0: not known. */
static void
ask_owner(relay *r, size_t n_bytes)
{
    sio_cluster_message m = {.kind = SIO_CM_MAY_POST, .count = n_bytes};

    r->is_asked = true;
    relay_send(r, &m);
}

static void
send_body(relay *r, sio_view body)
{
    sio_cluster_message m = {
        .kind = SIO_CM_POST, .body = body, .flags = r->is_bytes ? SIO_CM_BINARY : 0};

    r->is_sent = true;
    relay_send(r, &m);
    sio_buf_fini(&r->body);
}

/* The owner may have less room for it now than when the body began. */
static void
send_body_or_refuse(relay *r, sio_view body)
{
    if (sio_peer_has_room(r->peer)) {
        send_body(r, body);
        return;
    }
    r->peer->env->stats.backlog_full++;
    refuse_unavailable(r, "The instance that has this session does not answer.");
}

/* Until the owner wants it, a large one is kept here. */
static void
hand_on(relay *r, sio_view body, bool is_bytes)
{
    r->x->abandoned = on_proxy_request_abandoned;
    r->is_whole = true;
    r->is_bytes = is_bytes;
    if (r->is_ready || body.len <= UNASKED_BYTES) {
        send_body_or_refuse(r, body);
        return;
    }
    sio_buf_add_view(&r->body, body);
    if (r->body.failed)
        refuse_unavailable(r, "Out of memory.");
    else if (!r->is_asked)
        ask_owner(r, body.len);
}

void
sio_proxy_request_post(sio_exchange *x, sio_opening *o, sio_view id, sio_view body, bool is_bytes,
                       sio_peer *peer)
{
    relay *r = relay_new(x, o, id, peer);

    if (r == NULL)
        return;
    r->is_post = true;
    hand_on(r, body, is_bytes);
}

void
sio_proxy_request_body_begins(sio_exchange *x, const sio_http_request *head, sio_opening *o,
                              sio_view id, sio_peer *peer)
{
    relay *r = relay_new(x, o, id, peer);

    if (r == NULL)
        return;
    r->is_post = true;
    if (head->chunked || head->content_length > UNASKED_BYTES)
        ask_owner(r, (size_t)head->content_length);
}

const sio_opening *
sio_proxy_request_opening(const sio_exchange *x)
{
    const relay *r = x->owner;

    return &r->opening;
}

void
sio_proxy_request_body_ends(sio_exchange *x, bool is_lost)
{
    relay *r = x->owner;

    if (r == NULL || !is_lost) /* answered already, or on its way to the next function */
        return;
    x->owner = NULL;
    tell_lost(r);
    relay_free(r);
}

void
sio_proxy_request_body_refused(sio_exchange *x)
{
    relay *r = x->owner;

    x->owner = NULL;
    relay_free(r);
}

void
sio_proxy_request_body_is_here(sio_exchange *x, const sio_buf *body, bool is_bytes)
{
    relay *r = x->owner;

    if (body->failed)
        refuse_unavailable(r, "Out of memory.");
    else
        hand_on(r, sio_buf_view(body), is_bytes);
}

/* --- Answers. --- */

static relay *
proxy_request_find(const sio_env *env, uint64_t number)
{
    const sio_view key = {(const char *)&number, sizeof number};
    sio_hash_node *node = sio_hash_find(&env->roaming->proxy_requests, key);

    return node != NULL ? SIO_CONTAINER(node, relay, node) : NULL;
}

/* The session is there, which need not be where it was asked for: the body goes there at once. */
static void
owner_is_ready(relay *r, sio_peer *owner)
{
    if (r->is_ready || r->is_sent)
        return;
    r->is_ready = true;
    r->peer = owner;
    sio_link_remove(&r->link);
    sio_link_append(&owner->lists[SIO_PEER_RELAYS], &r->link);
    if (r->is_whole)
        send_body_or_refuse(r, sio_buf_view(&r->body));
    else /* the time of the body has limits of its own */
        sio_timer_cancel(&owner->env->timers, &r->timer);
}

static void
refuse_as_owner(relay *r, sio_eio_verdict verdict)
{
    if (is_engine(r))
        proxy_request_refuse(r, verdict != SIO_EIO_ACCEPTED ? verdict : SIO_EIO_UNKNOWN_SID);
    else if (r->is_post)
        answer_post(r); /* 0.9: as for any id (2.3) */
}

/* An answer of the owner. */
static void
proxy_request_hear(sio_peer *peer, const sio_cluster_message *m)
{
    relay                *r = proxy_request_find(peer->env, m->channel);
    const sio_eio_verdict verdict = sio_eio_verdict_of(m->verdict);

    if (r == NULL)
        return;
    if (m->kind == SIO_CM_POSTED && r->is_sent && verdict == SIO_EIO_ACCEPTED)
        answer_post(r);
    else if (m->kind == SIO_CM_READY && r->is_post)
        owner_is_ready(r, peer);
    else if (m->kind == SIO_CM_READY && r->opening.upgrade.answer.len > 0)
        begin_upgrade(r);
    else
        refuse_as_owner(r, verdict);
}

static bool
proxy_request_awaits(const sio_peer *peer)
{
    return !sio_link_empty(&peer->lists[SIO_PEER_RELAYS]);
}

static relay *
first_relay_of(const sio_peer *peer)
{
    return proxy_request_awaits(peer)
               ? SIO_CONTAINER(peer->lists[SIO_PEER_RELAYS].next, relay, link)
               : NULL;
}

/* What was sent is lost, unless it comes back; and then it need not wait for the rest. */
static void
proxy_request_peer_away(sio_peer *peer)
{
    relay *r;

    while ((r = first_relay_of(peer)) != NULL) {
        if (!r->is_post)
            proxy_request_tell_closed(r);
        else if (!r->is_sent)
            tell_lost(r);
        refuse_orphan(r);
    }
}

static void
proxy_request_peer_gone(sio_peer *peer)
{
    relay *r;

    while ((r = first_relay_of(peer)) != NULL)
        refuse_orphan(r);
}

/* What was sent is on its way; and now there is no time left to ask. */
static void
settle_at_end(relay *r)
{
    if (r->is_whole && !r->is_sent && sio_peer_has_room(r->peer))
        send_body(r, sio_buf_view(&r->body));
    if (r->is_sent)
        answer_post(r);
    else
        give_up_unsent(r, "This instance stops.");
}

static void
proxy_request_close_all(sio_env *env)
{
    sio_hash_node *node;

    while ((node = sio_hash_any(&env->roaming->proxy_requests)) != NULL)
        settle_at_end(SIO_CONTAINER(node, relay, node));
}

static const char kinds[] = {SIO_CM_POSTED, SIO_CM_READY, SIO_CM_UNKNOWN, 0};

const sio_cluster_module sio_proxy_request_module = {
    .kinds = kinds,
    .hear = proxy_request_hear,
    .awaits = proxy_request_awaits,
    .peer_away = proxy_request_peer_away,
    .peer_gone = proxy_request_peer_gone,
    .on = {[SIO_CLUSTER_LEAVING] = proxy_request_close_all},
};
