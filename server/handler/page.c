#include "server/handler/page.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/handler/handlers.h"
#include "server/handler/route.h"
#include "server/http/client_address.h"
#include "server/http/response.h"

enum { MAX_HEADER_BYTES = 16 * 1024 };

/* --- Life. --- */

static void
page_free(sio_page *page)
{
    sio_buf_fini(&page->headers);
    free(page->reason);
    free(page);
}

void
sio_page_detach(sio_page *page)
{
    sio_timer_cancel(&page->env->timers, &page->timer);
    page->x = NULL;
}

void
sio_page_release(sio_page *page)
{
    page->is_answered = true;
    if (page->request == NULL)
        page_free(page);
}

/* It may be released in the call. */
static void
tell_gone(const sio_page *page)
{
    if (page->gone != NULL)
        page->gone(page->gone_arg);
}

static void
on_page_abandoned(sio_exchange *x, const char *reason)
{
    sio_page *page = x->owner;

    (void)reason;
    sio_page_detach(page);
    tell_gone(page);
}

static void
on_page_late(sio_timer *timer)
{
    sio_page     *page = SIO_CONTAINER(timer, sio_page, timer);
    sio_exchange *x = page->x;

    sio_page_detach(page);
    sio_response_refuse(x, 504, "The application has not answered in time.");
    tell_gone(page);
}

/* --- The route. --- */

/* Those of a route do not see a HEAD; whoever has all the rest sees what was sent. */
static sio_view
page_method(const sio_http_request *head, bool is_rest)
{
    return !is_rest && head->method == SIO_HTTP_HEAD ? SIO_VIEW("GET") : head->method_text;
}

static sio_page *
page_new(sio_exchange *x, const sio_request *r, const sio_route_handler *handler)
{
    const sio_view method = page_method(r->head, handler->is_rest);
    sio_page      *page = calloc(1, sizeof *page);

    if (page == NULL)
        return NULL;
    page->env = x->env;
    page->x = x;
    page->request = r;
    page->is_rest = handler->is_rest;
    page->address = sio_client_address(x, r->head);
    memcpy(page->method, method.data, method.len);
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

static bool
is_method_of_route(sio_http_method method)
{
    return method == SIO_HTTP_GET || method == SIO_HTTP_HEAD || method == SIO_HTTP_POST;
}

static void
page_serve(sio_exchange *x, const sio_request *r)
{
    const sio_route_handler handler = sio_route_find(x->env, r->head->target);
    sio_page               *page;

    if (!handler.is_rest && !is_method_of_route(r->head->method)) {
        refuse_page_method(x);
    } else if (handler.fn == NULL) { /* its route went while its body came */
        sio_response_refuse(x, 404, "Nothing here any more.");
    } else if (r->head->method_text.len >= SIO_PAGE_MAX_METHOD) {
        sio_response_refuse(x, 501, "Method not known.");
    } else if ((page = page_new(x, r, &handler)) == NULL) {
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
