/*
 * server/engine_routes.c - what a request of Engine.IO asks for, and whether it may.
 *
 * Rules: spec/socketio-modern.md sections 1.1 and 1.2, in its order of checks.
 */
#include <stdlib.h>
#include <string.h>

#include "protocol/query.h"
#include "server/answer.h"
#include "server/eio_answer.h"
#include "server/engine.h"
#include "server/engine_open.h"
#include "server/engine_visit.h"
#include "server/handshake.h"
#include "server/relay.h"
#include "server/server.h"
#include "server/session.h"
#include "server/websocket.h"

static const sio_eio_revision no_revision = (sio_eio_revision)0;

/* --- The request. --- */

static sio_view
header(const sio_http_request *head, const char *name)
{
    sio_view value = SIO_VIEW("");

    (void)sio_http_header_get(head, name, &value);
    return value;
}

static bool
is_echo(const sio_server *s, sio_view path)
{
    return path.len > 0 && sio_view_eq(path, sio_view_of(s->cfg.engine_echo));
}

/* Is the path the resource, or that of the echo, with or without a slash behind it? */
static bool
split_target(const sio_server *s, sio_view target, sio_view *path, sio_view *query)
{
    const char *mark = memchr(target.data, '?', target.len);

    if (mark == NULL)
        return false;
    *path = (sio_view){target.data, (size_t)(mark - target.data)};
    *query = (sio_view){mark + 1, target.len - path->len - 1};
    if (path->len > 0 && path->data[path->len - 1] == '/')
        path->len--;
    return sio_view_eq(*path, sio_view_of(s->cfg.resource)) || is_echo(s, *path);
}

static sio_view
parameter(sio_view query, const char *name)
{
    sio_view value = SIO_VIEW("");

    (void)sio_query_find(query, name, &value);
    return value;
}

bool
sio_engine_owns(const sio_server *s, const sio_http_request *head)
{
    sio_view path, query, ignored;

    return s->cfg.engine && split_target(s, head->target, &path, &query) &&
           (sio_query_find(query, "EIO", &ignored) ||
            sio_query_find(query, "transport", &ignored) || sio_query_find(query, "sid", &ignored));
}

/* Some clients say nothing and mean 3 (section 1.1). */
static sio_eio_revision
revision_of(const sio_cfg *cfg, sio_view query)
{
    sio_view eio;

    if (!sio_query_find(query, "EIO", &eio))
        return cfg->refuse_missing_eio || !cfg->allow_eio3 ? no_revision : SIO_EIO3;
    if (sio_view_eq(eio, SIO_VIEW("4")))
        return SIO_EIO4;
    if (sio_view_eq(eio, SIO_VIEW("3")) || sio_view_eq(eio, SIO_VIEW("2")))
        return cfg->allow_eio3 ? SIO_EIO3 : no_revision;
    return no_revision;
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

/* "j" counts as if it had only its digits. */
static uint32_t
jsonp_index(sio_view j)
{
    uint32_t n = 0;

    for (size_t i = 0; i < j.len; i++)
        if (j.data[i] >= '0' && j.data[i] <= '9' && n < 100000000)
            n = n * 10 + (uint32_t)(j.data[i] - '0');
    return n;
}

static const sio_transport *
enabled_transport(const sio_cfg *cfg, sio_view name)
{
    return sio_texts_has(&cfg->engine_transports, name) ? sio_transport_find_engine(name) : NULL;
}

/* SIO_OK or SIO_ERR_NOMEM. */
static int
opening_init(sio_opening *o, const sio_server *s, const sio_request *r, sio_view path,
             sio_view query)
{
    const sio_view origin = sio_handshake_readable_origin(s, r->head);
    sio_view       j;

    *o = (sio_opening){.origin = strndup(origin.len > 0 ? origin.data : "", origin.len)};
    sio_buf_init(&o->upgrade.answer, SIZE_MAX);
    if (o->origin == NULL)
        return SIO_ERR_NOMEM;
    o->transport = enabled_transport(&s->cfg, parameter(query, "transport"));
    o->revision = revision_of(&s->cfg, query);
    o->client = sio_eio3_client_of(parameter(query, "EIO"), parameter(query, "t"));
    o->echo = is_echo(s, path);
    o->jsonp = sio_query_find(query, "j", &j);
    o->jsonp_index = o->jsonp ? jsonp_index(j) : 0;
    o->base64 = parameter(query, "b64").len > 0 || o->jsonp;
    o->old_ie = is_old_ie(header(r->head, "user-agent"));
    return SIO_OK;
}

static bool
is_websocket_upgrade(const sio_http_request *head)
{
    return head->upgrade && head->method == SIO_HTTP_GET &&
           sio_view_eq_nocase(header(head, "upgrade"), SIO_VIEW("websocket"));
}

/* The drafts without a key are those of 0.9 clients: they can not carry bytes. */
static bool
has_key(const sio_request *r)
{
    return sio_websocket_header(r, "sec-websocket-key").len > 0;
}

/* --- Requests of a session. --- */

static sio_visit_kind
kind_of(const sio_http_request *head)
{
    if (is_websocket_upgrade(head))
        return SIO_VISIT_UPGRADE;
    if (head->method == SIO_HTTP_GET)
        return SIO_VISIT_POLL;
    return head->method == SIO_HTTP_POST ? SIO_VISIT_POST : SIO_VISIT_OTHER;
}

static sio_eio_verdict
judge_upgrade(const sio_server *s, const sio_request *r, const sio_opening *o)
{
    if (!o->transport->upgrade || !s->cfg.allow_upgrades || !has_key(r))
        return SIO_EIO_BAD_REQUEST;
    return sio_handshake_origin_allowed(s, r->head) ? SIO_EIO_ACCEPTED : SIO_EIO_FORBIDDEN;
}

/* What is wrong with it, whatever session it is for? */
static sio_eio_verdict
judge_request(const sio_server *s, const sio_request *r, const sio_opening *o, sio_visit_kind kind)
{
    sio_eio_verdict verdict = SIO_EIO_ACCEPTED;

    if (kind == SIO_VISIT_OTHER)
        return SIO_EIO_NO_METHOD;
    if (kind == SIO_VISIT_UPGRADE)
        verdict = judge_upgrade(s, r, o);
    else if (o->transport->upgrade)
        verdict = SIO_EIO_BAD_REQUEST;
    return verdict == SIO_EIO_ACCEPTED && o->revision == no_revision ? SIO_EIO_BAD_REQUEST
                                                                     : verdict;
}

static void
route_session(sio_exchange *x, const sio_request *r, sio_view sid, sio_opening *o)
{
    sio_visit v = {.kind = kind_of(r->head)};

    v.verdict = judge_request(x->server, r, o, v.kind);
    sio_visit_session(x, r, sid, o, &v);
}

/* --- Handshakes. --- */

static sio_eio_verdict
judge_handshake(const sio_server *s, const sio_request *r, const sio_opening *o)
{
    if (r->head->method != SIO_HTTP_GET)
        return SIO_EIO_BAD_METHOD;
    if (is_websocket_upgrade(r->head) != o->transport->upgrade ||
        (o->transport->upgrade && !has_key(r)))
        return SIO_EIO_BAD_REQUEST;
    if (!sio_handshake_origin_allowed(s, r->head))
        return SIO_EIO_FORBIDDEN;
    if (o->revision == no_revision)
        return SIO_EIO_UNSUPPORTED;
    return SIO_EIO_ACCEPTED;
}

static void
route_handshake(sio_exchange *x, const sio_request *r, sio_view query, sio_opening *o)
{
    const sio_eio_verdict verdict = judge_handshake(x->server, r, o);

    if (verdict != SIO_EIO_ACCEPTED) {
        x->server->stats.refused_handshakes++;
        sio_eio_refuse(x, sio_view_of(o->origin), verdict);
        sio_opening_fini(o);
    } else if (o->transport->accept != NULL && !o->transport->accept(x, r, o)) {
        sio_opening_fini(o);
    } else {
        sio_engine_open(x, r, query, o);
    }
}

/* --- The decision. --- */

void
sio_engine_route(sio_exchange *x, const sio_request *r)
{
    sio_view    path = SIO_VIEW(""), query = SIO_VIEW(""), sid;
    sio_opening o;

    (void)split_target(x->server, r->head->target, &path, &query);
    if (opening_init(&o, x->server, r, path, query) != SIO_OK) {
        sio_answer_refuse(x, 503, "Out of memory.");
    } else if (r->head->method == SIO_HTTP_OPTIONS) {
        sio_eio_answer_preflight(x, r, sio_view_of(o.origin));
        sio_opening_fini(&o);
    } else if (o.transport == NULL) {
        sio_eio_refuse(x, sio_view_of(o.origin), SIO_EIO_UNKNOWN_TRANSPORT);
        sio_opening_fini(&o);
    } else if (sio_query_find(query, "sid", &sid)) {
        route_session(x, r, sid, &o);
    } else {
        route_handshake(x, r, query, &o);
    }
}

/* --- Bodies. --- */

/* With a body that is lost, so are its packets: the session can not go on. */
static void
on_body_over(sio_exchange *x, bool is_lost)
{
    sio_session *s = x->owner;

    s->engine->posting = NULL;
    if (is_lost)
        sio_session_end(s, "transport error", false);
}

static void
await_here(sio_exchange *x, sio_session *s)
{
    if (s->engine == NULL || s->engine->posting != NULL)
        return;
    s->engine->posting = x;
    x->owner = s;
    x->body_over = on_body_over;
}

void
sio_engine_await_body(sio_exchange *x, const sio_http_request *head)
{
    sio_session *session;
    sio_view     path, query, sid;

    if (head->method != SIO_HTTP_POST || !split_target(x->server, head->target, &path, &query) ||
        !sio_query_find(query, "sid", &sid))
        return;
    if ((session = sio_session_find(x->server, sid)) != NULL)
        await_here(x, session);
    else
        sio_relay_await_body(x, sid);
}

void
sio_engine_refuse_body(sio_exchange *x, const sio_http_request *head)
{
    sio_eio_refuse(x, sio_handshake_readable_origin(x->server, head), SIO_EIO_TOO_LARGE);
}
