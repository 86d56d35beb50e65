/* What a request of Engine.IO asks for, and whether it may, in the order of checks of the spec. */
#include "server/handler/engine_routes.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/gzip.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/engine_io.h"
#include "server/engine/session.h"
#include "server/handler/engine_handshake.h"
#include "server/handler/engine_request.h"
#include "server/handler/engine_target.h"
#include "server/http/request_origin.h"
#include "server/http/response.h"
#include "server/roaming/proxy_request.h"
#include "server/transport/eio_response.h"

/* --- The request. --- */

static bool
is_served(sio_eio_revision revision)
{
    return revision != (sio_eio_revision)0;
}

bool
sio_engine_routes_own(const sio_env *env, const sio_http_request *head)
{
    return sio_engine_target_matches(env, head->target);
}

static bool
contains(sio_view text, sio_view part)
{
    return text.len > 0 && memmem(text.data, text.len, part.data, part.len) != NULL;
}

static bool
is_old_ie(sio_view agent)
{
    return contains(agent, SIO_VIEW(";MSIE")) || contains(agent, SIO_VIEW("Trident/"));
}

/* SIO_OK or SIO_ERR_NOMEM. */
static int
opening_init(sio_opening *o, const sio_env *env, const sio_request *r, const sio_engine_target *t)
{
    const sio_view origin = sio_request_origin_readable_engine(env, r->head);

    if (sio_opening_init(o, t->transport, origin) != SIO_OK)
        return SIO_ERR_NOMEM;
    o->revision = t->revision;
    o->client = t->client;
    o->echo = t->echo;
    o->jsonp = t->jsonp;
    o->jsonp_index = t->jsonp_index;
    o->base64 = t->base64;
    o->gzip = env->cfg->http_compression &&
              sio_gzip_is_accepted(sio_http_header_value(r->head, "accept-encoding"));
    o->old_ie = is_old_ie(sio_http_header_value(r->head, "user-agent"));
    return SIO_OK;
}

static bool
engine_routes_is_websocket_upgrade(const sio_http_request *head)
{
    return head->upgrade && head->method == SIO_HTTP_GET &&
           sio_view_eq_nocase(sio_http_header_value(head, "upgrade"), SIO_VIEW("websocket"));
}

/* The drafts without a key are those of 0.9 clients: they can not carry bytes. */
static bool
has_key(const sio_request *r)
{
    return sio_http_header_value(r->head, "sec-websocket-key").len > 0;
}

/* --- Requests of a session. --- */

static sio_engine_request_kind
engine_routes_kind_of(const sio_http_request *head)
{
    if (engine_routes_is_websocket_upgrade(head))
        return SIO_ENGINE_UPGRADE;
    if (head->method == SIO_HTTP_GET)
        return SIO_ENGINE_POLL;
    return head->method == SIO_HTTP_POST ? SIO_ENGINE_POST : SIO_ENGINE_OTHER;
}

static sio_eio_verdict
engine_routes_judge_upgrade(const sio_env *env, const sio_request *r, const sio_opening *o)
{
    if (!o->transport->upgrade || !env->cfg->allow_upgrades || !has_key(r))
        return SIO_EIO_BAD_REQUEST;
    return sio_request_origin_allowed(env, r->head) ? SIO_EIO_ACCEPTED : SIO_EIO_FORBIDDEN;
}

/* What is wrong with it, whatever session it is for? */
static sio_eio_verdict
judge_request(const sio_env *env, const sio_request *r, const sio_opening *o,
              sio_engine_request_kind kind)
{
    sio_eio_verdict verdict = SIO_EIO_ACCEPTED;

    if (kind == SIO_ENGINE_OTHER)
        return SIO_EIO_NO_METHOD;
    if (kind == SIO_ENGINE_UPGRADE)
        verdict = engine_routes_judge_upgrade(env, r, o);
    else if (o->transport->upgrade)
        verdict = SIO_EIO_BAD_REQUEST;
    return verdict == SIO_EIO_ACCEPTED && !is_served(o->revision) ? SIO_EIO_BAD_REQUEST : verdict;
}

static void
engine_routes_session(sio_exchange *x, const sio_request *r, sio_view sid, sio_opening *o)
{
    sio_engine_request v = {.kind = engine_routes_kind_of(r->head)};

    v.verdict = judge_request(x->env, r, o, v.kind);
    sio_engine_request_serve(x, r, sid, o, &v);
}

/* --- Handshakes. --- */

static sio_eio_verdict
judge_handshake(const sio_env *env, const sio_request *r, const sio_opening *o)
{
    if (r->head->method != SIO_HTTP_GET)
        return SIO_EIO_BAD_METHOD;
    if (engine_routes_is_websocket_upgrade(r->head) != o->transport->upgrade ||
        (o->transport->upgrade && !has_key(r)))
        return SIO_EIO_BAD_REQUEST;
    if (!sio_request_origin_allowed(env, r->head))
        return SIO_EIO_FORBIDDEN;
    if (!is_served(o->revision))
        return SIO_EIO_UNSUPPORTED;
    return SIO_EIO_ACCEPTED;
}

static void
route_handshake(sio_exchange *x, const sio_request *r, sio_view query, sio_opening *o)
{
    const sio_eio_verdict verdict = judge_handshake(x->env, r, o);

    if (verdict != SIO_EIO_ACCEPTED) {
        x->env->stats.refused_handshakes++;
        sio_eio_response_refuse(x, sio_view_of(o->origin), verdict);
        sio_opening_fini(o);
    } else if (o->transport->accept != NULL && !o->transport->accept(x, r, o)) {
        sio_opening_fini(o);
    } else {
        sio_engine_handshake_open(x, r, query, o);
    }
}

/* --- The decision. --- */

static void
engine_routes_serve(sio_exchange *x, const sio_request *r)
{
    sio_engine_target t;
    sio_opening       o;

    sio_engine_target_parse(x->env, r->head->target, &t);
    if (opening_init(&o, x->env, r, &t) != SIO_OK) {
        sio_response_refuse(x, 503, "Out of memory.");
    } else if (r->head->method == SIO_HTTP_OPTIONS) {
        sio_eio_response_preflight(x, r, sio_view_of(o.origin));
        sio_opening_fini(&o);
    } else if (o.transport == NULL) {
        sio_eio_response_refuse(x, sio_view_of(o.origin), SIO_EIO_UNKNOWN_TRANSPORT);
        sio_opening_fini(&o);
    } else if (t.has_sid) {
        engine_routes_session(x, r, sio_view_of(t.sid), &o);
    } else {
        route_handshake(x, r, t.query, &o);
    }
}

/* --- Bodies. --- */

static size_t
engine_routes_max_body(const sio_env *env)
{
    return env->cfg->max_payload;
}

static void
engine_routes_refuse_body(sio_exchange *x, const sio_http_request *head)
{
    sio_eio_response_refuse(x, sio_request_origin_readable_engine(x->env, head), SIO_EIO_TOO_LARGE);
}

/* --- Bodies for sessions of other instances. --- */

static void
engine_routes_refuse_body_there(sio_exchange *x, const sio_http_request *head)
{
    if (x->owner != NULL)
        sio_proxy_request_body_refused(x);
    engine_routes_refuse_body(x, head);
}

static const sio_http_route engine_routes_there = {
    .max_body = engine_routes_max_body,
    .refuse_body = engine_routes_refuse_body_there,
    .body_ends = sio_proxy_request_body_ends,
    .serve = sio_engine_request_deliver,
};

/* What is wrong with the request by itself is said when its body is here, by the owner. */
static void
await_body_there(sio_exchange *x, const sio_request *r, const sio_engine_target *t, sio_peer *peer)
{
    sio_opening o;

    if (opening_init(&o, x->env, r, t) != SIO_OK) {
        sio_response_refuse(x, 503, "Out of memory.");
        return;
    }
    if (judge_request(x->env, r, &o, SIO_ENGINE_POST) == SIO_EIO_ACCEPTED) {
        x->route = &engine_routes_there;
        sio_proxy_request_body_begins(x, r->head, &o, sio_view_of(t->sid), peer);
    }
    sio_opening_fini(&o);
}

/* --- Bodies for sessions that are here. --- */

/* Until the body is here, or lost, the exchange owns the id, and the session knows the exchange. */
static void
await_body_here(sio_exchange *x, sio_session *s)
{
    if (s->engine.posting != NULL)
        return; /* one too many, as will be said when it is here */
    if ((x->owner = strdup(s->id)) != NULL)
        s->engine.posting = x;
    else /* nobody would know that the body was lost */
        sio_session_end(s, "transport error", false);
}

static void
engine_routes_body_begins(sio_exchange *x, const sio_http_request *head)
{
    const sio_request r = {.head = head};
    sio_engine_target t;
    sio_session      *s;
    sio_peer         *peer = NULL;

    x->owner = NULL;
    if (head->method != SIO_HTTP_POST)
        return;
    sio_engine_target_parse(x->env, head->target, &t);
    s = sio_session_find(x->env, sio_view_of(t.sid));
    if (s == NULL && t.transport != NULL && t.has_sid)
        peer = sio_engine_request_find_peer(x->env, sio_view_of(t.sid));
    if (s != NULL && sio_session_is_engine_io(s))
        await_body_here(x, s);
    else if (peer != NULL)
        await_body_there(x, &r, &t, peer);
    else /* nobody wants it, and it is not read */
        engine_routes_serve(x, &r);
}

/* With a body that is lost, so are its packets: the session can not go on. */
static void
engine_routes_body_ends(sio_exchange *x, bool is_lost)
{
    char        *sid = x->owner;
    sio_session *s = sid != NULL ? sio_session_find(x->env, sio_view_of(sid)) : NULL;

    x->owner = NULL;
    if (s != NULL && sio_session_is_engine_io(s) && s->engine.posting == x) {
        s->engine.posting = NULL;
        if (is_lost)
            sio_session_end(s, "transport error", false);
    }
    free(sid);
}

const sio_http_route sio_engine_routes = {
    .max_body = engine_routes_max_body,
    .refuse_body = engine_routes_refuse_body,
    .body_begins = engine_routes_body_begins,
    .body_ends = engine_routes_body_ends,
    .serve = engine_routes_serve,
};
