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

typedef struct {
    sio_hash_node node; /* in roaming->proxy_requests, by number */
    sio_link      link; /* in peer->lists[SIO_PEER_RELAYS] */
    sio_peer     *peer;
    uint64_t      number;
    sio_exchange *x;
    sio_opening   opening;
    sio_timer     timer; /* how long the answer is waited for */
    bool          is_post;
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
    sio_env *env = r->x->env;

    sio_hash_remove(&env->roaming->proxy_requests, &r->node);
    sio_link_remove(&r->link);
    sio_timer_cancel(&env->timers, &r->timer);
    sio_opening_fini(&r->opening);
    free(r);
}

/* The owner need not keep the place of a websocket that does not come. */
static void
proxy_request_tell_closed(const relay *r)
{
    sio_cluster_message m = {.kind = SIO_CM_CLOSED, .id = sio_view_of(r->id), .channel = r->number};

    sio_peer_send(r->peer, &m);
}

static void
proxy_request_refuse(relay *r, sio_eio_verdict verdict)
{
    sio_exchange *x = r->x;

    x->abandoned = NULL;
    if (verdict == SIO_EIO_SECOND_WEBSOCKET && r->opening.upgrade.answer.len > 0)
        sio_websocket_probe_open(x, &r->opening, NULL);
    else
        sio_eio_response_refuse(x, sio_view_of(r->opening.origin), verdict);
    relay_free(r);
}

static void
refuse_unavailable(relay *r, const char *text)
{
    sio_exchange *x = r->x;

    x->abandoned = NULL;
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

    r->x->abandoned = NULL;
    if (is_engine(r))
        sio_eio_response_post(r->x, origin);
    else
        sio_post09_answer(r->x, origin);
    relay_free(r);
}

static void
begin_upgrade(relay *r)
{
    r->x->abandoned = NULL;
    sio_proxy_session_upgrade(r->x, &r->opening, sio_view_of(r->id), r->number, r->peer);
    relay_free(r);
}

/* The client has gone; what it posted is on its way. */
static void
on_proxy_request_abandoned(sio_exchange *x, const char *reason)
{
    relay *r = x->owner;

    (void)reason;
    if (!r->is_post)
        proxy_request_tell_closed(r);
    relay_free(r);
}

/* --- The beginning. --- */

static void
on_proxy_request_timer(sio_timer *timer)
{
    relay   *r = SIO_CONTAINER(timer, relay, timer);
    sio_env *env = r->x->env;

    if (!r->is_post) {
        proxy_request_tell_closed(r);
        refuse_unavailable(r, "The instance that has this session does not answer.");
    } else if (sio_peers_patience_is_over(env)) {
        refuse_orphan(r);
    } else {
        sio_timer_set(&env->timers, timer, sio_peers_patience_ms(env));
    }
}

/* Takes what o owns when there is memory. */
static relay *
relay_new(sio_exchange *x, sio_opening *o, sio_view id, sio_peer *peer)
{
    sio_env *env = x->env;
    relay   *r = calloc(1, sizeof *r);

    if (r == NULL || id.len > SIO_SESSION_ID_MAX) {
        free(r);
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
    x->owner = r;
    x->abandoned = on_proxy_request_abandoned;
    return r;
}

/* Send *m, which is filled in but for where it belongs to, and wait for the answer. */
static void
proxy_request_begin(sio_exchange *x, sio_opening *o, sio_view id, sio_peer *peer,
                    sio_cluster_message *m)
{
    sio_env *env = x->env;
    relay   *r;

    if (!sio_proxy_has_room(x, peer))
        return;
    if ((r = relay_new(x, o, id, peer)) == NULL) {
        sio_response_refuse(x, 503, "Out of memory.");
        return;
    }
    r->is_post = m->kind == SIO_CM_POST;
    sio_timer_set(&env->timers, &r->timer,
                  r->is_post ? sio_peers_patience_ms(env) : env->cfg->upgrade_timeout_ms);
    m->id = id;
    m->channel = r->number;
    m->transport = sio_view_of(r->opening.transport->channel->name);
    m->revision = (uint64_t)r->opening.revision;
    sio_peer_send(peer, m);
}

void
sio_proxy_request_post(sio_exchange *x, sio_opening *o, sio_view id, sio_view body, bool is_bytes,
                       sio_peer *peer)
{
    sio_cluster_message m = {
        .kind = SIO_CM_POST, .body = body, .flags = is_bytes ? SIO_CM_BINARY : 0};

    proxy_request_begin(x, o, id, peer, &m);
}

void
sio_proxy_request_body_lost(sio_env *env, sio_view id)
{
    sio_peer           *peer = id.len == SIO_SESSION_ID_LEN ? sio_directory_home_of(env, id) : NULL;
    sio_cluster_message m = {.kind = SIO_CM_POST,
                             .id = id,
                             .transport = sio_view_of(sio_transport_eio_polling.channel->name),
                             .revision = SIO_EIO4, /* either: what it was does not matter */
                             .flags = SIO_CM_CUT};

    if (peer != NULL && sio_peer_has_room(peer))
        sio_peer_send(peer, &m);
}

void
sio_proxy_request_ask(sio_exchange *x, sio_opening *o, sio_eio_verdict verdict, sio_view id,
                      sio_peer *peer)
{
    sio_cluster_message m = {.kind = SIO_CM_PROBE, .verdict = (uint64_t)verdict};

    proxy_request_begin(x, o, id, peer, &m);
}

/* --- Answers. --- */

static relay *
proxy_request_find(const sio_env *env, uint64_t number)
{
    const sio_view key = {(const char *)&number, sizeof number};
    sio_hash_node *node = sio_hash_find(&env->roaming->proxy_requests, key);

    return node != NULL ? SIO_CONTAINER(node, relay, node) : NULL;
}

/* An answer of the owner. */
static void
proxy_request_hear(sio_peer *peer, const sio_cluster_message *m)
{
    relay                *r = proxy_request_find(peer->env, m->channel);
    const sio_eio_verdict verdict = sio_eio_verdict_of(m->verdict);

    if (r == NULL)
        return;
    if (m->kind == SIO_CM_POSTED && r->is_post && verdict == SIO_EIO_ACCEPTED)
        answer_post(r);
    else if (m->kind == SIO_CM_READY && !r->is_post && r->opening.upgrade.answer.len > 0)
        begin_upgrade(r);
    else if (is_engine(r))
        proxy_request_refuse(r, verdict != SIO_EIO_ACCEPTED ? verdict : SIO_EIO_UNKNOWN_SID);
}

static void
proxy_request_peer_gone(sio_peer *peer)
{
    while (!sio_link_empty(&peer->lists[SIO_PEER_RELAYS]))
        refuse_orphan(SIO_CONTAINER(peer->lists[SIO_PEER_RELAYS].next, relay, link));
}

/* This instance stops: what was posted is on its way. */
static void
proxy_request_close_all(sio_env *env)
{
    sio_hash_node *node;

    while ((node = sio_hash_any(&env->roaming->proxy_requests)) != NULL) {
        relay *r = SIO_CONTAINER(node, relay, node);

        if (r->is_post) {
            answer_post(r);
        } else {
            proxy_request_tell_closed(r);
            refuse_unavailable(r, "This instance stops.");
        }
    }
}

static const char kinds[] = {SIO_CM_POSTED, SIO_CM_READY, SIO_CM_UNKNOWN, 0};

const sio_cluster_module sio_proxy_request_module = {
    .kinds = kinds,
    .hear = proxy_request_hear,
    .peer_gone = proxy_request_peer_gone,
    .on = {[SIO_CLUSTER_LEAVING] = proxy_request_close_all},
};
