#include "server/handler/page.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/http_token.h"
#include "protocol/query.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/handler/handlers.h"
#include "server/handler/route.h"
#include "server/http/client_address.h"
#include "server/http/response.h"

enum { MAX_HEADER_BYTES = 16 * 1024, MAX_BODY_BYTES = 16 * 1024 * 1024 };

struct sio_page {
    sio_env           *env;
    sio_exchange      *x;       /* NULL: nobody waits for an answer any more */
    const sio_request *request; /* NULL: the call is over */
    sio_address        address; /* of the client */
    sio_buf            headers; /* of the answer, beside those that all have */
    bool               is_bad;  /* so is one of them */
    bool               is_answered;
    sio_timer          timer;
};

/* --- The request. --- */

const char *
sio_page_method(const sio_page *page)
{
    return page->request->head->method == SIO_HTTP_POST ? "POST" : "GET";
}

const char *
sio_page_path(const sio_page *page, size_t *len)
{
    sio_view       query;
    const sio_view path = sio_query_cut(page->request->head->target, &query);

    *len = path.len;
    return path.data;
}

static char *
page_decode(sio_view raw)
{
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    sio_query_decode(raw, &text);
    return sio_buf_take_c_string(&text);
}

char *
sio_page_query(const sio_page *page, const char *name)
{
    sio_view query, raw;

    (void)sio_query_cut(page->request->head->target, &query);
    return sio_query_find(query, name, &raw) ? page_decode(raw) : NULL;
}

char *
sio_page_field(const sio_page *page, const char *name)
{
    sio_view raw;

    return sio_query_find(page->request->body, name, &raw) ? page_decode(raw) : NULL;
}

const char *
sio_page_header(const sio_page *page, const char *name, size_t *len)
{
    sio_view value;

    if (!sio_http_header_get(page->request->head, name, &value))
        return NULL;
    *len = value.len;
    return value.data;
}

const char *
sio_page_body(const sio_page *page, size_t *len)
{
    *len = page->request->body.len;
    return *len > 0 ? page->request->body.data : "";
}

char *
sio_page_address(const sio_page *page)
{
    char text[SIO_ADDRESS_TEXT_MAX];

    return strdup(sio_address_text(&page->address, text));
}

/* --- Headers of the answer. --- */

/* What the server says itself, or what would break the framing. */
static bool
is_own_header(sio_view name)
{
    static const char *const names[] = {"connection", "content-length",    "content-type",
                                        "date",       "keep-alive",        "trailer",
                                        "te",         "transfer-encoding", "upgrade"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sio_view_eq_nocase(name, sio_view_of(names[i])))
            return true;
    return false;
}

void
sio_page_set_header(sio_page *page, const char *name, const char *value)
{
    const sio_view key = sio_view_of(name), text = sio_view_of(value);

    if (sio_http_token_is(key) && !is_own_header(key) && sio_http_token_is_value(text))
        sio_response_header(&page->headers, name, text);
    else
        page->is_bad = true;
}

/* --- The answer. --- */

static void
page_free(sio_page *page)
{
    sio_buf_fini(&page->headers);
    free(page);
}

/* Nobody waits for its answer from now on; the application has the page until it gives one. */
static void
page_detach(sio_page *page)
{
    sio_timer_cancel(&page->env->timers, &page->timer);
    page->x = NULL;
}

static void
on_page_abandoned(sio_exchange *x, const char *reason)
{
    (void)reason;
    page_detach(x->owner);
}

static void
on_page_late(sio_timer *timer)
{
    sio_page     *page = SIO_CONTAINER(timer, sio_page, timer);
    sio_exchange *x = page->x;

    page_detach(page);
    sio_response_refuse(x, 504, "The application has not answered in time.");
}

static const char *
page_mistake(const sio_page *page, unsigned status, const char *content_type, size_t len)
{
    if (page->headers.failed)
        return "the headers are longer than 16 KiB, or out of memory";
    if (page->is_bad || !sio_http_token_is_value(sio_view_of(content_type)))
        return "a header is none, or is the server's own";
    if (status < 200 || status > 599)
        return "the status is none of 200 to 599";
    return len > MAX_BODY_BYTES ? "the body is longer than 16 MiB" : NULL;
}

/* Those have no body, and 204 no length either (RFC 9110, 8.6 and 15.4.5). */
static bool
has_body(unsigned status)
{
    return status != 204 && status != 304;
}

static void
page_send(const sio_page *page, sio_exchange *x, unsigned status, const char *content_type,
          sio_view body)
{
    sio_buf *head = sio_response_begin(x, status);

    if (has_body(status)) {
        sio_response_header(head, "Content-Type", sio_view_of(content_type));
        sio_response_content_length(head, body.len);
    }
    sio_buf_add_view(head, sio_buf_view(&page->headers));
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, has_body(status) ? body : SIO_VIEW(""));
}

int
sio_page_answer(sio_page *page, unsigned status, const char *content_type, const void *body,
                size_t len)
{
    sio_exchange *x = page->x;
    const char   *type = content_type != NULL ? content_type : "text/html; charset=UTF-8";
    const char   *mistake = page_mistake(page, status, type, len);
    int           rc = 0;

    if (mistake != NULL)
        rc = x != NULL ? sio_env_fail(page->env, mistake) : -1;
    if (x != NULL)
        page_detach(page);
    if (x != NULL && mistake == NULL)
        page_send(page, x, status, type, (sio_view){body, len});
    else if (x != NULL)
        sio_response_refuse(x, 500, "The answer of the application is not valid.");
    page->is_answered = true;
    if (page->request == NULL)
        page_free(page);
    return rc;
}

/* --- The route. --- */

static sio_page *
page_new(sio_exchange *x, const sio_request *r)
{
    sio_page *page = calloc(1, sizeof *page);

    if (page == NULL)
        return NULL;
    page->env = x->env;
    page->x = x;
    page->request = r;
    page->address = sio_client_address(x, r->head);
    page->timer.fire = on_page_late;
    sio_buf_init(&page->headers, MAX_HEADER_BYTES);
    return page;
}

/* The application may do anything in the call. */
static void
page_call(sio_page *page, const sio_route_handler *handler)
{
    sio_timer_set(&page->env->timers, &page->timer, page->env->handlers->page_patience_ms);
    handler->fn(page, handler->arg);
    page->request = NULL;
    if (page->is_answered)
        page_free(page);
}

static void
refuse_page_method(sio_exchange *x)
{
    const sio_view text = SIO_VIEW("Method not allowed.");
    sio_buf       *head = sio_response_begin(x, 405);

    sio_response_count_refusal(x, 405, "no method of a page");
    sio_response_header(head, "Content-Type", SIO_VIEW("text/plain"));
    sio_response_header(head, "Allow", SIO_VIEW("GET, HEAD, POST"));
    sio_response_content_length(head, text.len);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, text);
}

static void
page_serve(sio_exchange *x, const sio_request *r)
{
    const sio_http_method   method = r->head->method;
    const sio_route_handler handler = sio_route_find(x->env, r->head->target);
    sio_page               *page;

    if (method != SIO_HTTP_GET && method != SIO_HTTP_HEAD && method != SIO_HTTP_POST) {
        refuse_page_method(x);
    } else if (handler.fn == NULL) { /* its route went while its body came */
        sio_response_refuse(x, 404, "Nothing here any more.");
    } else if ((page = page_new(x, r)) == NULL) {
        sio_response_refuse(x, 503, "Out of memory.");
    } else {
        x->owner = page;
        x->abandoned = on_page_abandoned;
        page_call(page, &handler);
    }
}

bool
sio_page_owns(const sio_env *env, const sio_http_request *head)
{
    return sio_route_find(env, head->target).fn != NULL;
}

static size_t
page_max_body(const sio_env *env)
{
    return env->cfg->max_payload;
}

static void
page_refuse_body(sio_exchange *x, const sio_http_request *head)
{
    (void)head;
    sio_response_refuse(x, 413, "Body too large.");
}

const sio_http_route sio_page_route = {
    .max_body = page_max_body,
    .refuse_body = page_refuse_body,
    .serve = page_serve,
};
