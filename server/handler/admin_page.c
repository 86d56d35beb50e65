#include "server/handler/admin_page.h"

#include <string.h>

#include "protocol/query.h"
#include "server/assets/admin_ui_files.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/handler/handlers.h"
#include "server/http/response.h"

/* What stands behind the place of the page; false: it is elsewhere. "/admin" is short for it. */
static bool
cut_page(const sio_env *env, sio_view target, sio_view *rest, bool *lacks_slash)
{
    const sio_view page = sio_view_of(env->cfg->admin_ui.page);
    sio_view       query;
    const sio_view path = sio_query_cut(target, &query);

    if (page.len == 0 || path.len < page.len - 1 || memcmp(path.data, page.data, page.len - 1) != 0)
        return false;
    *lacks_slash = path.len == page.len - 1;
    if (!*lacks_slash && path.data[page.len - 1] != '/')
        return false;
    *rest = *lacks_slash ? SIO_VIEW("") : (sio_view){path.data + page.len, path.len - page.len};
    return true;
}

bool
sio_admin_page_owns(const sio_env *env, const sio_http_request *head)
{
    sio_view rest;
    bool     lacks_slash;

    return env->handlers->admin_ui_files != NULL &&
           cut_page(env, head->target, &rest, &lacks_slash);
}

static void
send_plain_answer(sio_exchange *x, unsigned status, const char *name, sio_view value)
{
    sio_buf *head = sio_response_begin(x, status);

    sio_response_header(head, name, value);
    sio_response_content_length(head, 0);
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, SIO_VIEW(""));
}

static void
serve_ui_file(sio_exchange *x, const sio_request *r, sio_view path)
{
    const sio_client_request request = {
        .path = path,
        .accept_encoding = sio_http_header_value(r->head, "accept-encoding"),
        .if_none_match = sio_http_header_value(r->head, "if-none-match"),
    };
    sio_client_answer answer;
    sio_buf           headers, *head;

    sio_buf_init(&headers, SIZE_MAX);
    if (!sio_admin_ui_files_answer(x->env->handlers->admin_ui_files, &request, &headers, &answer)) {
        sio_response_refuse(x, 404, "The Admin UI has no such file.");
    } else {
        head = sio_response_begin(x, answer.status);
        sio_buf_add_view(head, sio_buf_view(&headers));
        head->failed |= headers.failed;
        sio_response_common(x, head);
        sio_response_connection(x, head);
        sio_response_end(x, answer.body);
    }
    sio_buf_fini(&headers);
}

/* Addresses in the page are relative to the slash at its end. */
static void
admin_page_serve(sio_exchange *x, const sio_request *r)
{
    sio_view rest = SIO_VIEW("");
    bool     lacks_slash = false;

    (void)cut_page(x->env, r->head->target, &rest, &lacks_slash);
    if (r->head->method != SIO_HTTP_GET && r->head->method != SIO_HTTP_HEAD) {
        sio_response_count_refusal(x, 405, "no method of the Admin UI");
        send_plain_answer(x, 405, "Allow", SIO_VIEW("GET, HEAD"));
    } else if (lacks_slash) {
        send_plain_answer(x, 301, "Location", sio_view_of(x->env->cfg->admin_ui.page));
    } else {
        serve_ui_file(x, r, rest);
    }
}

static size_t
admin_page_max_body(const sio_env *env)
{
    (void)env;
    return 0;
}

static void
admin_page_refuse_body(sio_exchange *x, const sio_http_request *head)
{
    (void)head;
    sio_response_refuse(x, 413, "Body too large.");
}

const sio_http_route sio_admin_page_route = {
    .max_body = admin_page_max_body,
    .refuse_body = admin_page_refuse_body,
    .serve = admin_page_serve,
};
