#include "server/handler/routes09.h"

#include "protocol/query.h"
#include "protocol/sio09_target.h"
#include "server/assets/client09_files.h"
#include "server/assets/client4_files.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/handler/client_files.h"
#include "server/handler/handlers.h"
#include "server/handler/handshake09.h"
#include "server/handler/session09.h"
#include "server/http/request_origin.h"
#include "server/http/response.h"
#include "server/roaming/proxy_request.h"

static const sio_view none = {"", 0};

static void
welcome(sio_exchange *x)
{
    sio_response_send(x, 200, NULL, none, SIO_VIEW("Welcome to socket.io."));
}

/* --- The browser client. --- */

/* Where 0.9 says welcome, that would be run as a script. */
static void
route_client4(sio_exchange *x, const sio_request *r, sio_view path)
{
    if (x->env->handlers->client4_files != NULL)
        sio_client_files_serve(x, r, path);
    else
        sio_response_refuse(x, 404, "The client of socket.io 4 is not served here.");
}

/* --- Requests of a session. --- */

/* A page of another origin may send what the transports send; nobody needs more. */
static void
answer_preflight(sio_exchange *x, const sio_request *r)
{
    sio_buf *head = sio_response_begin(x, 200);

    sio_response_cors(head, sio_request_origin_readable(x->env, r->head));
    sio_response_header(head, "Access-Control-Allow-Methods", SIO_VIEW("GET, POST, OPTIONS"));
    sio_response_header(head, "Access-Control-Allow-Headers", SIO_VIEW("Content-Type"));
    sio_response_header(head, "Allow", SIO_VIEW("GET, POST, OPTIONS"));
    sio_response_content_length(head, 0);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, none);
}

static void
refuse_method_09(sio_exchange *x, unsigned status, sio_view allowed)
{
    const sio_view text =
        status == 501 ? SIO_VIEW("Method not known.") : SIO_VIEW("Method not allowed.");
    sio_buf *head = sio_response_begin(x, status);

    x->env->stats.bad_requests++;
    sio_response_header(head, "Content-Type", SIO_VIEW("text/plain"));
    sio_response_cors_of_refusal(x, head);
    sio_response_header(head, "Allow", allowed);
    sio_response_content_length(head, text.len);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, text);
}

/*
 * The original serves any method, and so do we, but those that no client needs: TRACE, which would
 * give a page headers that it may not see, and what is no method (RFC 9110, 9.1).
 */
static bool
refuse_strange_method(sio_exchange *x, const sio_http_request *head)
{
    if (head->method != SIO_HTTP_TRACE && head->method != SIO_HTTP_OTHER)
        return false;
    refuse_method_09(x, head->method == SIO_HTTP_TRACE ? 405 : 501,
                     SIO_VIEW("GET, HEAD, POST, OPTIONS"));
    return true;
}

static const sio_transport *
enabled_transport(const sio_env *env, sio_view name)
{
    return sio_texts_has(&env->cfg->transports, name) ? sio_transport_find(name) : NULL;
}

static void
routes09_session(sio_exchange *x, const sio_request *r, const sio09_target *t)
{
    const sio_transport *transport = enabled_transport(x->env, t->transport);
    sio_view             ignored;

    if (r->head->method == SIO_HTTP_OPTIONS)
        answer_preflight(x, r);
    else if (sio_query_find(t->query, "disconnect", &ignored))
        sio_session09_disconnect(x, t->id);
    else if (transport == NULL)
        sio_response_refuse(x, 400, "Transport unknown or not enabled.");
    else if (transport->upgrade)
        sio_response_refuse(x, 400, "This transport needs a websocket upgrade.");
    else if (r->head->method == SIO_HTTP_GET)
        sio_session09_open_channel(x, r, t, transport);
    else if (r->head->method == SIO_HTTP_POST)
        sio_session09_post(x, r, t, transport);
    else
        refuse_method_09(x, 405, SIO_VIEW("GET, POST, OPTIONS"));
}

/* --- Upgrades. The original asks for no protocol version here (section 2.1). --- */

static bool
routes09_is_websocket_upgrade(const sio_http_request *head)
{
    return head->upgrade &&
           sio_view_eq_nocase(sio_http_header_value(head, "upgrade"), SIO_VIEW("websocket"));
}

static void
route_upgrade(sio_exchange *x, const sio_request *r, const sio09_target *t)
{
    const sio_transport *transport = enabled_transport(x->env, t->transport);
    sio_view             ignored;

    if (r->head->method != SIO_HTTP_GET)
        sio_response_refuse(x, 400, "Only GET can upgrade.");
    else if (transport == NULL)
        sio_response_refuse(x, 400, "Transport unknown or not enabled.");
    else if (!transport->upgrade)
        sio_response_refuse(x, 400, "This transport takes no upgrade.");
    else if (t->id.len == 0)
        sio_response_refuse(x, 400, "Session id missing.");
    else if (sio_query_find(t->query, "disconnect", &ignored))
        sio_response_refuse(x, 400, "An upgrade can not disconnect.");
    else
        sio_session09_open_channel(x, r, t, transport);
}

/* --- The decision table, in its order. --- */

static void
route_plain(sio_exchange *x, const sio_request *r, const sio09_target *t)
{
    const bool is_file = sio_client09_files_match(t->path);

    /* first: names of the client of 0.9 count anywhere in a path */
    if (sio_client4_files_match(x->env->cfg, t->path))
        route_client4(x, r, t->path);
    else if (is_file && x->env->handlers->client09_files != NULL)
        sio_client_files_serve(x, r, t->path);
    else if (is_file || (t->transport.len == 0 && t->protocol == SIO09_PROTOCOL_NONE))
        welcome(x);
    else if (t->protocol != SIO09_PROTOCOL_1)
        sio_response_send(x, 500, NULL, sio_view_of(x->origin),
                          SIO_VIEW("Protocol version not supported."));
    else if (t->id.len > 0)
        routes09_session(x, r, t);
    else
        sio_handshake09_serve(x, r, t);
}

static void
routes09_serve(sio_exchange *x, const sio_request *r)
{
    sio09_target t;

    if (refuse_strange_method(x, r->head))
        return;
    sio09_target_parse(r->head->target, sio_view_of(x->env->cfg->resource), &t);
    if (routes09_is_websocket_upgrade(r->head))
        route_upgrade(x, r, &t);
    else
        route_plain(x, r, &t);
}

bool
sio_routes09_own(const sio_env *env, const sio_http_request *head)
{
    sio09_target t;

    sio09_target_parse(head->target, sio_view_of(env->cfg->resource), &t);
    return t.matched;
}

static void
routes09_serve_elsewhere(sio_exchange *x, const sio_request *r)
{
    if (refuse_strange_method(x, r->head))
        return;
    if (routes09_is_websocket_upgrade(r->head) && x->env->cfg->destroy_upgrade)
        sio_response_refuse(x, 400, "No websocket here.");
    else
        welcome(x);
}

/* --- Bodies. --- */

static size_t
routes09_max_body(const sio_env *env)
{
    return env->cfg->destroy_buffer_size;
}

static void
routes09_refuse_body(sio_exchange *x, const sio_http_request *head)
{
    (void)head;
    sio_response_refuse(x, 413, "Body too large.");
}

static void
routes09_refuse_body_there(sio_exchange *x, const sio_http_request *head)
{
    if (x->owner != NULL)
        sio_proxy_request_body_refused(x);
    routes09_refuse_body(x, head);
}

static const sio_http_route routes09_there = {
    .max_body = routes09_max_body,
    .refuse_body = routes09_refuse_body_there,
    .body_ends = sio_proxy_request_body_ends,
    .serve = sio_session09_deliver,
};

/* What routes09_serve() will hand to sio_session09_post(). */
static const sio_transport *
posted_transport(const sio_env *env, const sio_http_request *head, const sio09_target *t)
{
    sio_view ignored;

    if (head->method != SIO_HTTP_POST || routes09_is_websocket_upgrade(head) ||
        t->protocol != SIO09_PROTOCOL_1 || t->id.len == 0 || sio_client09_files_match(t->path) ||
        sio_client4_files_match(env->cfg, t->path) ||
        sio_query_find(t->query, "disconnect", &ignored))
        return NULL;
    return enabled_transport(env, t->transport);
}

static void
routes09_body_begins(sio_exchange *x, const sio_http_request *head)
{
    const sio_transport *transport;
    sio09_target         t;

    x->owner = NULL;
    sio09_target_parse(head->target, sio_view_of(x->env->cfg->resource), &t);
    transport = posted_transport(x->env, head, &t);
    if (transport != NULL && sio_session09_post_begins(x, head, &t, transport))
        x->route = &routes09_there;
}

const sio_http_route sio_routes09 = {
    .max_body = routes09_max_body,
    .refuse_body = routes09_refuse_body,
    .body_begins = routes09_body_begins,
    .serve = routes09_serve,
};

const sio_http_route sio_routes09_elsewhere = {
    .max_body = routes09_max_body,
    .refuse_body = routes09_refuse_body,
    .serve = routes09_serve_elsewhere,
};
