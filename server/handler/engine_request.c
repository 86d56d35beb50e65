#include "server/handler/engine_request.h"

#include <string.h>

#include "protocol/eio3_jsonp.h"
#include "protocol/query.h"
#include "protocol/utf8.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/handler/engine_handshake.h"
#include "server/http/response.h"
#include "server/roaming/directory.h"
#include "server/roaming/proxy_request.h"
#include "server/roaming/proxy_session.h"
#include "server/transport/websocket_probe.h"

/* --- Judging. --- */

sio_session *
sio_engine_request_find(sio_env *env, sio_view sid)
{
    sio_session *session = sio_session_find(env, sid);

    if (session != NULL && session->engine != NULL && !session->ended)
        sio_heartbeat_catch_up(session);
    return sio_session_find(env, sid);
}

static bool
is_upgraded(const sio_session *s)
{
    return strcmp(s->transport_name, sio_transport_eio_websocket.name) == 0;
}

/* Its own body is here: one that is on its way is another's. */
static sio_eio_verdict
judge_post(const sio_engine_request *v, const sio_session *s)
{
    if (s->engine->posting != NULL)
        return SIO_EIO_SECOND_POST;
    return v->is_bytes && v->revision == SIO_EIO4 ? SIO_EIO_NO_BYTES : SIO_EIO_ACCEPTED;
}

static sio_eio_verdict
judge_poll(const sio_session *s)
{
    return s->mailbox.channel != NULL ? SIO_EIO_SECOND_POLL : SIO_EIO_ACCEPTED;
}

static sio_eio_verdict
engine_request_judge_upgrade(const sio_session *s)
{
    return is_upgraded(s) || s->mailbox.probe != NULL ? SIO_EIO_SECOND_WEBSOCKET : SIO_EIO_ACCEPTED;
}

/* A session that has ended is there for polls only: it has something to tell them. */
sio_eio_verdict
sio_engine_request_judge(const sio_engine_request *v, sio_session *s)
{
    sio_eio_verdict verdict;

    if (s == NULL || s->engine == NULL || (s->ended && v->kind == SIO_VISIT_UPGRADE))
        return SIO_EIO_UNKNOWN_SID;
    if (v->verdict != SIO_EIO_ACCEPTED)
        return v->verdict;
    if (s->engine->revision != v->revision)
        return SIO_EIO_BAD_REQUEST;
    if (v->kind == SIO_VISIT_UPGRADE)
        return engine_request_judge_upgrade(s);
    if (strcmp(s->transport_name, v->transport->name) != 0)
        return SIO_EIO_BAD_REQUEST;
    verdict = v->kind == SIO_VISIT_POLL ? judge_poll(s) : judge_post(v, s);
    if (verdict != SIO_EIO_ACCEPTED)
        sio_session_end(s, "transport error", false);
    return verdict;
}

void
sio_engine_request_receive(sio_session *s, sio_view body)
{
    if (!s->ended)
        sio_engine_io_receive_payload(s, body);
}

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
    sio_eio_response_post(x, sio_view_of(o->origin));
    sio_engine_request_receive(s, body);
}

static void
serve_here(sio_exchange *x, const sio_opening *o, const sio_engine_request *v, sio_view body,
           sio_session *s)
{
    const sio_eio_verdict verdict = sio_engine_request_judge(v, s);

    if (verdict == SIO_EIO_SECOND_WEBSOCKET)
        sio_websocket_probe_open(x, o, NULL);
    else if (verdict != SIO_EIO_ACCEPTED)
        sio_eio_response_refuse(x, sio_view_of(o->origin), verdict);
    else if (v->kind == SIO_VISIT_POLL)
        o->transport->open(x, o, &s->mailbox);
    else if (v->kind == SIO_VISIT_POST)
        engine_request_post_here(x, o, body, s);
    else
        sio_websocket_probe_open(x, o, &s->mailbox);
}

static void
serve_there(sio_exchange *x, sio_opening *o, const sio_engine_request *v, sio_view body,
            sio_view sid, sio_peer *peer)
{
    if (v->verdict != SIO_EIO_ACCEPTED || v->kind == SIO_VISIT_UPGRADE)
        sio_proxy_request_ask(x, o, v->verdict, sid, peer);
    else if (v->kind == SIO_VISIT_POLL)
        sio_proxy_session_open(x, o, sid, peer);
    else
        sio_proxy_request_post(x, o, sid, body, v->is_bytes, peer);
}

/* A session of Engine.IO stays where its handshake was, so its id tells where that is. */
static sio_peer *
find_peer(sio_env *env, sio_view sid)
{
    return sid.len == SIO_SESSION_ID_LEN ? sio_directory_home_of(env, sid) : NULL;
}

static void
engine_request_serve(sio_exchange *x, sio_opening *o, const sio_engine_request *v, sio_view body,
                     sio_view sid)
{
    sio_session *session = sio_engine_request_find(x->env, sid);
    sio_peer    *peer = session == NULL ? find_peer(x->env, sid) : NULL;

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
    return v->kind != SIO_VISIT_UPGRADE || v->verdict != SIO_EIO_ACCEPTED ||
           o->transport->accept(x, r, o);
}

void
sio_engine_request_serve(sio_exchange *x, const sio_request *r, sio_view sid, sio_opening *o,
                         sio_engine_request *v)
{
    sio_buf body;

    v->revision = o->revision;
    v->transport = o->transport;
    v->is_bytes = has_bytes(r);
    sio_buf_init(&body, SIZE_MAX);
    if (v->kind == SIO_VISIT_POST)
        copy_body(r, o, v->is_bytes, &body);
    if (body.failed)
        sio_response_refuse(x, 503, "Out of memory.");
    else if (accept_upgrade(x, r, o, v))
        engine_request_serve(x, o, v, sio_buf_view(&body), sid);
    sio_buf_fini(&body);
    sio_opening_fini(o);
}
