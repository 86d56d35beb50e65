#include "server/http/http_conn.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/http/exchange_settings.h"
#include "server/http/http.h"
#include "server/http/request_body.h"
#include "server/http/request_origin.h"
#include "server/http/response.h"
#include "server/http/side.h"

typedef struct {
    sio_exchange exchange;
    sio_buf in;   /* bytes not served yet: an incomplete request, or those behind a pending one */
    size_t  need; /* do not look at `in` before it has so many bytes */
    size_t  serving; /* the first bytes of `in` that are the request being handed over */
    sio_request_body body;
    sio_task         next; /* serve what waits in `in` */
    sio_task         release;
    bool             timed;   /* the time limit of an incomplete request runs */
    bool             pending; /* a request is with its handler */
    bool             paused;
    bool             is_used;  /* it has had a request */
    bool             detached; /* the connection is not ours any more */
} http_conn;

static const sio_conn_handler http_handler;

static http_conn *
http_of(sio_exchange *x)
{
    return SIO_CONTAINER(x, http_conn, exchange);
}

/* --- Life. --- */

static void
http_conn_release(sio_task *task)
{
    http_conn *h = SIO_CONTAINER(task, http_conn, release);

    sio_buf_fini(&h->in);
    sio_request_body_fini(&h->body);
    free(h->exchange.origin);
    free(h);
}

/*
 * The connection is given up; h itself may still be on the stack, so it goes at the end of the
 * turn.
 */
static void
http_conn_leave(http_conn *h)
{
    h->detached = true;
    h->exchange.abandoned = NULL;
    sio_request_body_end(&h->body, true);
    sio_charge_end(&h->body.charge);
    sio_task_cancel(&h->next); /* the connection may be gone before its turn comes */
    sio_deferred_add(&h->exchange.env->deferred, &h->release);
}

static void
close_connection(http_conn *h)
{
    sio_conn_close(h->exchange.conn);
    http_conn_leave(h);
}

static void
on_http_conn_done(sio_exchange *x)
{
    http_conn *h = http_of(x);

    x->abandoned = NULL;
    x->writable = NULL;
    free(x->origin);
    x->origin = NULL;
    h->pending = false;
    sio_charge_end(&h->body.charge);
    if (!x->keep_alive) {
        close_connection(h);
        return;
    }
    sio_conn_set_timeout(x->conn, sio_exchange_settings_keep_alive_ms(&h->exchange));
    if (h->in.len > 0 || h->paused)
        sio_deferred_add(&x->env->deferred, &h->next);
}

sio_conn *
sio_http_conn_detach(sio_exchange *x, sio_buf *rest)
{
    http_conn *h = http_of(x);

    if (h->in.len > h->serving) /* otherwise there may be no buffer at all */
        sio_buf_add(rest, h->in.data + h->serving, h->in.len - h->serving);
    if (rest->failed) /* out of memory: what came is lost, so nothing may follow it */
        sio_conn_fail(x->conn);
    if (h->paused)
        sio_conn_pause(x->conn, false);
    sio_conn_set_timeout(x->conn, 0);
    sio_conn_keep(x->conn, 0);
    http_conn_leave(h);
    return x->conn;
}

/* --- Requests. --- */

/*
 * Pages may read why they are refused, if they may read anything. The head may be cut short.
 * Without memory for it the answer is that of a page without an origin.
 */
static void
note_origin(http_conn *h, const sio_http_request *head)
{
    const sio_view origin = sio_request_origin_readable(h->exchange.env, head);

    free(h->exchange.origin);
    h->exchange.origin = origin.len > 0 ? strndup(origin.data, origin.len) : NULL;
}

/*
 * Refuse what can not be understood; where the next request would begin is unknown. What is known
 * of its head is in http->request.
 */
static void
refuse_and_close(http_conn *h, unsigned status, const char *text)
{
    note_origin(h, &h->exchange.env->http->request);
    h->exchange.keep_alive = false;
    h->exchange.head_only = false; /* of the request before */
    sio_exchange_settings_service(&h->exchange)->refuse(&h->exchange, status, text);
}

/* The body is not read, so this ends the connection as well. */
static void
refuse_body(http_conn *h)
{
    sio_env *env = h->exchange.env;

    env->stats.oversize_messages++;
    sio_request_body_end(&h->body, false); /* the client is told */
    note_origin(h, &env->http->request);
    h->exchange.keep_alive = false;
    h->exchange.head_only = env->http->request.method == SIO_HTTP_HEAD;
    h->exchange.route->refuse_body(&h->exchange, &env->http->request);
}

/* What an answer has to know of its request. */
static void
note_request(http_conn *h, const sio_http_request *head)
{
    h->exchange.head_only = head->method == SIO_HTTP_HEAD;
    h->exchange.http_1_0 = head->minor == 0;
    note_origin(h, head);
}

/* For more requests than this one. */
static bool
may_stay(const sio_exchange *x)
{
    return x->env->phase < SIO_SPREADING && (x->side == NULL || !x->side->is_closed);
}

static void
http_conn_dispatch(http_conn *h, size_t request_len, sio_view body)
{
    const sio_http_request *head = &h->exchange.env->http->request;
    const sio_request       request = {.head = head, .body = body};

    h->need = 0;
    h->serving = request_len;
    h->timed = false;
    h->pending = true;
    h->is_used = true;
    if (!h->body.is_coming) {
        h->exchange.owner = NULL;
        note_request(h, head);
    }
    h->exchange.keep_alive = head->keep_alive && may_stay(&h->exchange);
    if (h->exchange.side == NULL)
        h->exchange.env->stats.requests++;
    sio_conn_set_timeout(h->exchange.conn, 0);
    sio_request_body_end(&h->body, false);
    h->exchange.route->serve(&h->exchange, &request);
    /* One that came at once is kept until it is answered. */
    if (h->pending && !h->detached && body.len > 0 && h->body.charge.account == NULL)
        sio_request_body_charge(&h->body, head, body.len);
}

/*
 * The head is here and the body is not. The time for it starts anew. Should it be answered now, the
 * rest is not read, so the connection ends with that.
 */
static void
await_body(http_conn *h)
{
    const sio_http_request *head = &h->exchange.env->http->request;

    if (h->body.is_coming)
        return;
    h->exchange.keep_alive = false;
    note_request(h, head);
    sio_request_body_begin(&h->body, head);
    if (head->expect_continue && !h->detached)
        sio_conn_write(h->exchange.conn, SIO_VIEW("HTTP/1.1 100 Continue\r\n\r\n"));
}

/* Each serve_ function returns how many bytes of `in` are done with; 0 means: more must come. */
static size_t
serve_chunked(http_conn *h, size_t head_len)
{
    ptrdiff_t used;

    if (!h->body.is_coming) {
        sio_http_chunked_init(&h->body.chunked);
        sio_buf_init(&h->body.bytes, h->exchange.route->max_body(h->exchange.env));
    }
    used = sio_http_chunked_feed(&h->body.chunked, h->in.data + head_len, h->in.len - head_len,
                                 &h->body.bytes);
    if (used == SIO_TOO_LARGE) {
        refuse_body(h);
        return h->in.len;
    }
    if (used < 0) {
        refuse_and_close(h, 400, "Bad chunked body.");
        return h->in.len;
    }
    if (h->body.chunked.done) {
        http_conn_dispatch(h, head_len + (size_t)used, sio_buf_view(&h->body.bytes));
        sio_buf_fini(&h->body.bytes);
        return head_len + (size_t)used;
    }
    await_body(h);
    h->in.len = head_len; /* all chunk bytes were taken; the head is parsed again at the end */
    h->need = head_len + 1;
    return 0;
}

static size_t
serve_sized(http_conn *h, size_t head_len)
{
    const sio_http_request *head = &h->exchange.env->http->request;
    const uint64_t          content_length = head->content_length;
    size_t                  request_len;

    if (content_length > h->exchange.route->max_body(h->exchange.env)) {
        refuse_body(h);
        return h->in.len;
    }
    if (h->in.len - head_len < content_length) {
        await_body(h);
        h->need = head_len + (size_t)content_length;
        return 0;
    }
    request_len = head_len + (size_t)content_length;
    http_conn_dispatch(h, request_len, (sio_view){h->in.data + head_len, (size_t)content_length});
    return request_len;
}

/* As sio_http_request_parse(), of what waits, into http->request. */
static ptrdiff_t
parse_head(http_conn *h)
{
    sio_env              *env = h->exchange.env;
    const sio_http_limits limits = {sio_exchange_settings_max_header_bytes(&h->exchange),
                                    env->cfg->max_headers};

    return sio_http_request_parse(h->in.data, h->in.len, &limits, &env->http->request);
}

/* What has come is no request, but it may be something else that is answered here. */
static size_t
serve_other(http_conn *h)
{
    const sio_http_service *service = sio_exchange_settings_service(&h->exchange);
    sio_http               *http = h->exchange.env->http;
    int                     rc;

    sio_buf_clear(&http->answer);
    rc = service->answer_other(h->exchange.env, sio_buf_view(&h->in), &http->answer);
    if (rc == SIO_PARTIAL)
        return 0;
    if (rc != SIO_OK) {
        refuse_and_close(h, http->request.error_status, http->request.error_text);
        return h->in.len;
    }
    if (!http->answer.failed)
        sio_conn_write(h->exchange.conn, sio_buf_view(&http->answer));
    close_connection(h);
    return h->in.len;
}

static size_t
serve_one(http_conn *h)
{
    sio_env          *env = h->exchange.env;
    sio_http_request *request = &env->http->request;
    const ptrdiff_t   head_len = parse_head(h);

    if (head_len == SIO_PARTIAL)
        return 0;
    if (head_len < 0)
        return serve_other(h);
    if (request->target.len > env->cfg->max_url_bytes) {
        refuse_and_close(h, 414, "URL too long.");
        return h->in.len;
    }
    if (!h->body.is_coming)
        h->exchange.route = sio_exchange_settings_service(&h->exchange)->find_route(env, request);
    return request->chunked ? serve_chunked(h, (size_t)head_len) : serve_sized(h, (size_t)head_len);
}

static bool
may_serve(http_conn *h)
{
    return !h->detached && !h->pending && h->in.len > 0 && h->in.len >= h->need &&
           !sio_conn_blocked(h->exchange.conn);
}

/* Requests in turn; the bytes of each stay in place until its handler has returned. */
static void
http_conn_serve(http_conn *h)
{
    while (may_serve(h)) {
        const size_t used = serve_one(h);

        if (used == 0 || h->detached)
            break;
        memmove(h->in.data, h->in.data + used, h->in.len - used);
        h->in.len -= used;
        h->serving = 0;
    }
    if (h->in.len == 0 && !h->detached)
        sio_buf_fini(&h->in); /* an idle connection owns no buffer */
}

/*
 * Nothing is read into memory while requests can not be served: the client waits in its socket.
 * Behind an answer that is being made some may wait here.
 */
static bool
must_wait(http_conn *h)
{
    return h->pending ? h->in.len > sio_exchange_settings_max_header_bytes(&h->exchange)
                      : h->in.len > 0 && sio_conn_blocked(h->exchange.conn);
}

static void
refuse_late(http_conn *h)
{
    (void)parse_head(h);
    refuse_and_close(h, 408, "Request not complete in time.");
}

static void
limit_body(http_conn *h)
{
    const unsigned left_ms = sio_request_body_left_ms(&h->body);

    if (left_ms > 0)
        sio_conn_set_timeout(h->exchange.conn, left_ms);
    else
        refuse_late(h);
}

/* After serve(): limit the time of a request that is incomplete, and the bytes that wait. */
static void
set_limits(http_conn *h)
{
    if (h->detached)
        return;
    /* A body has its own charge. */
    sio_conn_keep(h->exchange.conn, h->body.is_coming ? 0 : h->in.cap);
    if (h->body.is_coming) {
        sio_request_body_weigh(&h->body, h->in.cap + h->body.bytes.cap);
        limit_body(h);
    } else if (!h->pending && h->in.len > 0 && !h->timed) {
        h->timed = true;
        sio_conn_set_timeout(h->exchange.conn, sio_exchange_settings_timeout_ms(&h->exchange));
    }
    if (!h->detached && !h->paused && must_wait(h)) {
        h->paused = true;
        sio_conn_pause(h->exchange.conn, true);
    }
}

static void
serve_waiting(http_conn *h)
{
    if (h->paused) {
        h->paused = false;
        sio_conn_pause(h->exchange.conn, false);
    }
    http_conn_serve(h);
    set_limits(h);
}

static void
serve_next(sio_task *task)
{
    serve_waiting(SIO_CONTAINER(task, http_conn, next));
}

static void
on_http_conn_readable(sio_conn *c, char *bytes, size_t n)
{
    http_conn *h = c->owner;

    h->body.pace.n_bytes += n;
    sio_buf_add(&h->in, bytes, n);
    if (h->in.failed) {
        sio_conn_fail(c); /* whoever has yet to answer the request before is told so */
        return;
    }
    http_conn_serve(h);
    set_limits(h);
}

static void
on_http_conn_writable(sio_conn *c)
{
    http_conn *h = c->owner;

    if (h->exchange.writable != NULL)
        h->exchange.writable(&h->exchange);
    serve_waiting(h);
}

static void
on_http_conn_timeout(sio_conn *c)
{
    http_conn *h = c->owner;

    if (h->in.len == 0)
        close_connection(h); /* idle between requests: nobody waits for an answer */
    else
        refuse_late(h);
}

static void
on_http_conn_closed(sio_conn *c, const char *reason)
{
    http_conn *h = c->owner;

    if (h->exchange.abandoned != NULL)
        h->exchange.abandoned(&h->exchange, reason);
    http_conn_leave(h);
}

/*
 * A client that ends its side does not wait for an answer that is still being made. But it may read
 * those that are, and the requests behind them are served as it does.
 */
static bool
http_conn_hears_out(sio_conn *c, bool has_unread)
{
    const http_conn *h = c->owner;

    (void)has_unread;
    return !h->pending;
}

static const sio_conn_handler http_handler = {
    .readable = on_http_conn_readable,
    .writable = on_http_conn_writable,
    .timeout = on_http_conn_timeout,
    .closed = on_http_conn_closed,
    .hears_out = http_conn_hears_out,
};

static void
drain_conn(http_conn *h, bool waits_for_request)
{
    h->exchange.keep_alive = false;
    if (h->pending || (waits_for_request && (h->in.len > 0 || !h->is_used)))
        return;
    close_connection(h);
}

void
sio_http_conn_drain(sio_conn *c, bool waits_for_request)
{
    http_conn *h = c->owner;

    if (c->handler == &http_handler && h->exchange.side == NULL)
        drain_conn(h, waits_for_request);
}

void
sio_http_conn_leave_side(sio_conn *c)
{
    http_conn *h = c->owner;

    if (c->handler == &http_handler && h->exchange.side != NULL)
        drain_conn(h, true);
}

void
sio_http_conn_start_at(sio_conn *c, struct sio_side *side)
{
    http_conn *h = calloc(1, sizeof *h);

    if (h == NULL) {
        sio_conn_abort(c);
        return;
    }
    h->exchange = (sio_exchange){.env = c->env, .conn = c, .side = side, .done = on_http_conn_done};
    sio_request_body_init(&h->body, &h->exchange);
    sio_buf_init(&h->in, SIZE_MAX); /* bounded by set_limits() and the checks of serve_one() */
    sio_task_init(&h->next, serve_next);
    sio_task_init(&h->release, http_conn_release);
    c->handler = &http_handler;
    c->owner = h;
    sio_conn_set_timeout(c, sio_exchange_settings_keep_alive_ms(&h->exchange));
}

void
sio_http_conn_start(sio_conn *c)
{
    sio_http_conn_start_at(c, NULL);
}

/* In place of a connection that is one too many. */
static const char refusal[] = "HTTP/1.1 503 Service Unavailable\r\n"
                              "Content-Type: text/plain\r\n"
                              "Content-Length: 21\r\n"
                              "Retry-After: 1\r\n"
                              "Connection: close\r\n"
                              "\r\n"
                              "Too many connections.";

/* For a client without TLS where it has to be spoken: what it has said can not be answered else. */
static const char insecure[] = "HTTP/1.1 400 Bad Request\r\n"
                               "Content-Type: text/plain\r\n"
                               "Content-Length: 44\r\n"
                               "Connection: close\r\n"
                               "\r\n"
                               "This port speaks TLS: use https:// or wss://";

const sio_net_owner sio_http_conn_owner = {
    .accepted = sio_http_conn_start,
    .refusal = {refusal, sizeof refusal - 1},
    .insecure = {insecure, sizeof insecure - 1},
};
