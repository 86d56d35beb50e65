#include "server/handler/routes.h"

#include <strings.h>
#include <time.h>

#include "protocol/origin.h"
#include "protocol/query.h"
#include "protocol/sio09_target.h"
#include "server/assets/client09_files.h"
#include "server/assets/client4_files.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/engine_io.h"
#include "server/engine/session.h"
#include "server/handler/handlers.h"
#include "server/handler/handshake09.h"
#include "server/handler/session09.h"
#include "server/http/response.h"

static const sio_view none = {"", 0};

static sio_view
routes_header(const sio_request *r, const char *name)
{
    sio_view value = none;

    (void)sio_http_header_get(r->head, name, &value);
    return value;
}

static void
welcome(sio_exchange *x)
{
    sio_response_send(x, 200, NULL, none, SIO_VIEW("Welcome to socket.io."));
}

/* --- The browser client. --- */

static void
serve_client_file(sio_exchange *x, const sio_request *r, sio_view path)
{
    const sio_client_request request = {
        .path = path,
        .accept_encoding = routes_header(r, "accept-encoding"),
        .if_none_match = routes_header(r, "if-none-match"),
        .now = time(NULL),
    };
    sio_client_answer answer;
    sio_buf           headers;
    sio_buf          *head;

    sio_buf_init(&headers, SIZE_MAX);
    if (sio_client4_files_match(x->env->cfg, path))
        sio_client4_files_answer(x->env->handlers->client4_files, &request, &headers, &answer);
    else
        sio_client09_files_answer(x->env->handlers->client09_files, &request, &headers, &answer);
    head = sio_response_begin(x, answer.status);
    sio_buf_add_view(head, sio_buf_view(&headers));
    head->failed |= headers.failed;
    sio_buf_fini(&headers);
    if (!answer.dated)
        sio_response_date(x, head);
    sio_response_connection(x, head);
    sio_response_end_parts(x, answer.lead, answer.body);
}

/* Where 0.9 says welcome, that would be run as a script. */
static void
route_client4(sio_exchange *x, const sio_request *r, sio_view path)
{
    if (x->env->handlers->client4_files != NULL)
        serve_client_file(x, r, path);
    else
        sio_response_refuse(x, 404, "The client of socket.io 4 is not served here.");
}

/* --- Requests of a session. --- */

/* A page of another origin may send what the transports send; nobody needs more. */
static void
answer_preflight(sio_exchange *x, const sio_request *r)
{
    sio_buf *head = sio_response_begin(x, 200);

    sio_response_cors(head, routes_header(r, "origin"));
    sio_response_header(head, "Access-Control-Allow-Methods", SIO_VIEW("GET, POST, OPTIONS"));
    sio_response_header(head, "Access-Control-Allow-Headers", SIO_VIEW("Content-Type"));
    sio_response_header(head, "Allow", SIO_VIEW("GET, POST, OPTIONS"));
    sio_response_content_length(head, 0);
    sio_response_date(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, none);
}

static void
refuse_method(sio_exchange *x)
{
    const sio_view text = SIO_VIEW("Method not allowed.");
    sio_buf       *head = sio_response_begin(x, 405);

    x->env->stats.bad_requests++;
    sio_response_header(head, "Content-Type", SIO_VIEW("text/plain"));
    sio_response_cors_of_refusal(x, head);
    sio_response_header(head, "Allow", SIO_VIEW("GET, POST, OPTIONS"));
    sio_response_content_length(head, text.len);
    sio_response_date(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, text);
}

static const sio_transport *
enabled_transport(const sio_env *env, sio_view name)
{
    return sio_texts_has(&env->cfg->transports, name) ? sio_transport_find(name) : NULL;
}

static void
routes_session(sio_exchange *x, const sio_request *r, const sio09_target *t)
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
        refuse_method(x);
}

/* --- Upgrades. The original asks for no protocol version here (section 2.1). --- */

static bool
routes_is_websocket_upgrade(const sio_request *r)
{
    return r->head->upgrade &&
           sio_view_eq_nocase(routes_header(r, "upgrade"), SIO_VIEW("websocket"));
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
        serve_client_file(x, r, t->path);
    else if (is_file || (t->transport.len == 0 && t->protocol == SIO09_PROTOCOL_NONE))
        welcome(x);
    else if (t->protocol != SIO09_PROTOCOL_1)
        sio_response_send(x, 500, NULL, sio_view_of(x->origin),
                          SIO_VIEW("Protocol version not supported."));
    else if (t->id.len > 0)
        routes_session(x, r, t);
    else
        sio_handshake09_serve(x, r, t);
}

size_t
sio_routes_max_body(const sio_env *env, const sio_http_request *head)
{
    return sio_engine_routes_own(env, head) ? env->cfg->max_payload : env->cfg->destroy_buffer_size;
}

void
sio_routes_await_body(sio_exchange *x, const sio_http_request *head)
{
    if (sio_engine_routes_own(x->env, head))
        sio_engine_routes_await_body(x, head);
}

void
sio_routes_too_large(sio_exchange *x, const sio_http_request *head)
{
    if (sio_engine_routes_own(x->env, head))
        sio_engine_routes_refuse_body(x, head);
    else
        sio_response_refuse(x, 413, "Body too large.");
}

void
sio_routes_serve(sio_exchange *x, const sio_request *r)
{
    sio09_target t;

    sio09_target_parse(r->head->target, sio_view_of(x->env->cfg->resource), &t);
    if (sio_engine_routes_own(x->env, r->head))
        sio_engine_routes_serve(x, r);
    else if (routes_is_websocket_upgrade(r) && t.matched)
        route_upgrade(x, r, &t);
    else if (routes_is_websocket_upgrade(r) && x->env->cfg->destroy_upgrade)
        sio_response_refuse(x, 400, "No websocket here.");
    else if (t.matched)
        route_plain(x, r, &t);
    else
        welcome(x);
}
