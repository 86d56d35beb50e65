#include "server/handler/engine_request.h"

#include "protocol/eio3_jsonp.h"
#include "protocol/query.h"
#include "protocol/utf8_repair.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/http/response.h"
#include "server/roaming/directory.h"
#include "server/roaming/proxy_request.h"
#include "server/roaming/proxy_session.h"
#include "server/transport/eio_response.h"
#include "server/transport/held_post.h"
#include "server/transport/websocket_probe.h"

/* --- Bodies. --- */

/* Field d of a form; without it there is nothing, which is no payload. */
static void
copy_jsonp_body(sio_view form, sio_buf *body)
{
    sio_view raw = SIO_VIEW("");
    sio_buf  field;

    sio_buf_init(&field, SIZE_MAX);
    (void)sio_query_find(form, "d", &raw);
    sio_query_decode(raw, &field);
    sio_eio3_jsonp_decode(sio_buf_view(&field), body);
    body->failed |= field.failed;
    sio_buf_fini(&field);
}

static void
copy_body(const sio_request *r, const sio_opening *o, bool is_bytes, sio_buf *body)
{
    if (is_bytes)
        sio_buf_add_view(body, r->body);
    else if (o->jsonp)
        copy_jsonp_body(r->body, body);
    else
        sio_utf8_repair(r->body, body);
}

static bool
has_bytes(const sio_request *r)
{
    const sio_view octets = SIO_VIEW("application/octet-stream");
    sio_view       type = SIO_VIEW("");

    (void)sio_http_header_get(r->head, "content-type", &type);
    type.len = type.len < octets.len ? type.len : octets.len;
    return sio_view_eq_nocase(type, octets);
}

/* --- Serving. --- */

/* Answered first, whatever the packets are. */
static void
engine_request_post_here(sio_exchange *x, const sio_opening *o, sio_view body, sio_session *s)
{
    sio_held_post(x, s, sio_view_of(o->origin), sio_eio_response_post);
    sio_engine_io_receive_payload(s, body);
}

static void
serve_here(sio_exchange *x, const sio_opening *o, const sio_engine_request *v, sio_view body,
           sio_session *s)
{
    const sio_eio_verdict verdict = sio_engine_judge(v, s);

    if (verdict == SIO_EIO_SECOND_WEBSOCKET)
        sio_websocket_probe_open(x, o, NULL);
    else if (verdict != SIO_EIO_ACCEPTED)
        sio_eio_response_refuse(x, sio_view_of(o->origin), verdict);
    else if (v->kind == SIO_ENGINE_POLL)
        o->transport->open(x, o, &s->mailbox);
    else if (v->kind == SIO_ENGINE_POST)
        engine_request_post_here(x, o, body, s);
    else
        sio_websocket_probe_open(x, o, &s->mailbox);
}

static void
serve_there(sio_exchange *x, sio_opening *o, const sio_engine_request *v, sio_view body,
            sio_view sid, sio_peer *peer)
{
    if (v->verdict != SIO_EIO_ACCEPTED || v->kind == SIO_ENGINE_UPGRADE)
        sio_proxy_request_ask(x, o, v->verdict, sid, peer);
    else if (v->kind == SIO_ENGINE_POLL)
        sio_proxy_session_open(x, o, sid, peer);
    else
        sio_proxy_request_post(x, o, sid, body, v->is_bytes, peer);
}

/* A session of Engine.IO stays where its handshake was, so its id tells where that is. */
sio_peer *
sio_engine_request_find_peer(sio_env *env, sio_view sid)
{
    sio_peer *home = sid.len == SIO_SESSION_ID_LEN ? sio_directory_home_of(env, sid) : NULL;

    return home != NULL && home->away ? NULL : home;
}

static void
engine_request_serve(sio_exchange *x, sio_opening *o, const sio_engine_request *v, sio_view body,
                     sio_view sid)
{
    sio_session *session = sio_engine_judge_find(x->env, sid);
    sio_peer    *peer = session == NULL ? sio_engine_request_find_peer(x->env, sid) : NULL;

    if (peer != NULL) {
        serve_there(x, o, v, body, sid, peer);
        return;
    }
    if (session == NULL) {
        x->env->stats.unknown_sessions++;
        sio_eio_response_refuse(x, sio_view_of(o->origin), SIO_EIO_UNKNOWN_SID);
        return;
    }
    serve_here(x, o, v, body, session);
}

/* What can be refused as JSON is answered later, behind what is wrong with the session. */
static bool
accept_upgrade(sio_exchange *x, const sio_request *r, sio_opening *o, const sio_engine_request *v)
{
    return v->kind != SIO_ENGINE_UPGRADE || v->verdict != SIO_EIO_ACCEPTED ||
           o->transport->accept(x, r, o);
}

void
sio_engine_request_serve(sio_exchange *x, const sio_request *r, sio_view sid, sio_opening *o,
                         sio_engine_request *v)
{
    sio_buf body;

    v->revision = o->revision;
    v->is_websocket = o->transport->channel->is_websocket;
    v->is_bytes = has_bytes(r);
    sio_buf_init(&body, SIZE_MAX);
    if (v->kind == SIO_ENGINE_POST)
        copy_body(r, o, v->is_bytes, &body);
    if (body.failed)
        sio_response_refuse(x, 503, "Out of memory.");
    else if (accept_upgrade(x, r, o, v))
        engine_request_serve(x, o, v, sio_buf_view(&body), sid);
    sio_buf_fini(&body);
    sio_opening_fini(o);
}

void
sio_engine_request_deliver(sio_exchange *x, const sio_request *r)
{
    const bool is_bytes = has_bytes(r);
    sio_buf    body;

    sio_buf_init(&body, SIZE_MAX);
    copy_body(r, sio_proxy_request_opening(x), is_bytes, &body);
    sio_proxy_request_body_is_here(x, &body, is_bytes);
    sio_buf_fini(&body);
}
