#include <stdlib.h>
#include <string.h>

#include "protocol/http_token.h"
#include "server/base/env.h"
#include "server/handler/page.h"
#include "server/http/response.h"
#include "server/http/status.h"

enum { MAX_BODY_BYTES = 16 * 1024 * 1024 };

/* --- Headers. --- */

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

static bool
is_close(sio_view name, sio_view value)
{
    return sio_view_eq_nocase(name, SIO_VIEW("connection")) &&
           sio_view_eq_nocase(value, SIO_VIEW("close"));
}

void
sio_page_set_header(sio_page *page, const char *name, const char *value)
{
    const sio_view key = sio_view_of(name), text = sio_view_of(value);

    if (is_close(key, text))
        page->closes = true;
    else if (sio_http_token_is(key) && !is_own_header(key) && sio_http_token_is_value(text))
        sio_response_header(&page->headers, name, text);
    else
        page->is_bad = true;
}

void
sio_page_set_reason(sio_page *page, const char *reason)
{
    free(page->reason);
    page->reason = strdup(reason);
    if (page->reason == NULL || !sio_http_token_is_value(sio_view_of(reason)))
        page->is_bad = true;
}

/* --- What all answers begin with. --- */

static const char *
page_mistake(const sio_page *page, unsigned status, const char *content_type)
{
    if (page->has_begun)
        return "an answer has begun already";
    if (page->headers.failed)
        return "the headers are longer than 16 KiB, or out of memory";
    if (page->is_bad || !sio_http_token_is_value(sio_view_of(content_type)))
        return "a header is none, or is the server's own";
    return status < 200 || status > 599 ? "the status is none of 200 to 599" : NULL;
}

static const char *
page_type(const char *content_type)
{
    return content_type != NULL ? content_type : "text/html; charset=UTF-8";
}

/* Those have no body, and 204 no length either (RFC 9110, 8.6 and 15.4.5). */
static bool
has_body(unsigned status)
{
    return status != 204 && status != 304;
}

static sio_buf *
page_begin_head(const sio_page *page, unsigned status, const char *content_type)
{
    const char *reason = page->reason != NULL ? page->reason : sio_status_text(status);
    sio_buf    *head = sio_response_begin_as(page->x, status, reason);

    if (page->closes)
        page->x->keep_alive = false;
    if (has_body(status) && content_type[0] != '\0')
        sio_response_header(head, "Content-Type", sio_view_of(content_type));
    return head;
}

/* An application that serves all the rest says all by itself, as it would on a server of its own. */
static void
page_end_head(const sio_page *page, sio_buf *head)
{
    sio_buf_add_view(head, sio_buf_view(&page->headers));
    if (page->is_rest)
        sio_response_date(page->x, head);
    else
        sio_response_common(page->x, head);
    sio_response_connection(page->x, head);
}

/* --- An answer in one piece. --- */

static void
page_send(sio_page *page, unsigned status, const char *content_type, sio_view body)
{
    sio_exchange *x = page->x;
    sio_buf      *head = page_begin_head(page, status, content_type);

    if (has_body(status))
        sio_response_content_length(head, body.len);
    page_end_head(page, head);
    sio_page_detach(page);
    sio_response_end(x, has_body(status) ? body : SIO_VIEW(""));
}

/* The client gets 500, unless something was sent already; then it sees that the answer is cut. */
static int
page_fail(sio_page *page, const char *mistake)
{
    sio_exchange *x = page->x;

    if (x == NULL)
        return -1;
    sio_page_detach(page);
    if (page->has_begun) {
        x->keep_alive = false;
        x->done(x);
    } else {
        sio_response_refuse(x, 500, "The answer of the application is not valid.");
    }
    return sio_env_fail(page->env, mistake);
}

int
sio_page_answer(sio_page *page, unsigned status, const char *content_type, const void *body,
                size_t len)
{
    const char *type = page_type(content_type);
    const char *mistake = page_mistake(page, status, type);
    int         rc = 0;

    if (mistake == NULL && len > MAX_BODY_BYTES)
        mistake = "the body is longer than 16 MiB";
    if (mistake != NULL)
        rc = page_fail(page, mistake);
    else if (page->x != NULL)
        page_send(page, status, type, (sio_view){body, len});
    sio_page_release(page);
    return rc;
}

/* --- An answer in parts. --- */

static void
on_page_writable(sio_exchange *x)
{
    sio_page *page = x->owner;

    page->n_waiting = 0;
    if (page->drained != NULL)
        page->drained(page->drained_arg);
}

/* Without a length it comes in chunks; HTTP/1.0 has none, and ends it with the connection. */
static void
page_send_head(sio_page *page, unsigned status, const char *content_type)
{
    sio_exchange *x = page->x;
    sio_buf      *head = page_begin_head(page, status, content_type);
    const bool    is_open = page->n_left == SIO_PAGE_ANY_LENGTH;

    page->is_chunked = is_open && !x->http_1_0;
    if (is_open && x->http_1_0)
        x->keep_alive = false;
    if (page->is_chunked)
        sio_response_header(head, "Transfer-Encoding", SIO_VIEW("chunked"));
    if (!is_open)
        sio_response_content_length(head, page->n_left);
    page_end_head(page, head);
    sio_buf_add_str(head, "\r\n");
    if (head->failed)
        sio_conn_fail(x->conn);
    else
        sio_conn_write(x->conn, sio_buf_view(head));
}

int
sio_page_begin(sio_page *page, unsigned status, const char *content_type, size_t len)
{
    const char *type = page_type(content_type);
    const char *mistake = page_mistake(page, status, type);

    if (mistake == NULL && !has_body(status))
        mistake = "the statuses 204 and 304 have no body";
    if (mistake != NULL)
        return page_fail(page, mistake);
    page->has_begun = true;
    page->n_left = len;
    if (page->x == NULL)
        return 0;
    sio_timer_cancel(&page->env->timers, &page->timer);
    page->x->writable = on_page_writable;
    page_send_head(page, status, type);
    return 0;
}

/* A chunk is one write, and so one packet if it is small. */
static void
page_write_chunk(const sio_page *page, sio_view bytes)
{
    sio_buf out;

    sio_buf_init(&out, SIZE_MAX);
    sio_response_add_chunk(&out, bytes);
    if (out.failed)
        sio_conn_fail(page->x->conn);
    else
        sio_conn_write(page->x->conn, sio_buf_view(&out));
    sio_buf_fini(&out);
}

int
sio_page_write(sio_page *page, const void *bytes, size_t len)
{
    sio_exchange *x = page->x;

    if (x == NULL || !page->has_begun)
        return -1;
    if (len > page->n_left)
        return page_fail(page, "the answer is longer than was told");
    if (len > MAX_BODY_BYTES - page->n_waiting)
        return page_fail(page, "16 MiB of the answer wait, and the client does not take them");
    if (page->n_left != SIO_PAGE_ANY_LENGTH)
        page->n_left -= len;
    if (len == 0 || x->head_only)
        return 0;
    if (page->is_chunked)
        page_write_chunk(page, (sio_view){bytes, len});
    else
        sio_conn_write(x->conn, (sio_view){bytes, len});
    if (!sio_conn_blocked(x->conn))
        return 0;
    page->n_waiting += len;
    return 1;
}

void
sio_page_end(sio_page *page)
{
    sio_exchange *x = page->x;
    const bool    is_short = page->n_left != SIO_PAGE_ANY_LENGTH && page->n_left > 0;

    if (x != NULL && !page->has_begun) {
        (void)page_fail(page, "the answer has no beginning");
    } else if (x != NULL) {
        sio_page_detach(page);
        if (is_short && !x->head_only) /* the client sees that it is cut */
            x->keep_alive = false;
        if (page->is_chunked && !x->head_only)
            sio_conn_write(x->conn, SIO_VIEW(SIO_ANSWER_LAST_CHUNK));
        x->done(x);
    }
    sio_page_release(page);
}

void
sio_page_on_gone(sio_page *page, void (*fn)(void *arg), void *arg)
{
    page->gone = fn;
    page->gone_arg = arg;
}

void
sio_page_on_drain(sio_page *page, void (*fn)(void *arg), void *arg)
{
    page->drained = fn;
    page->drained_arg = arg;
}
