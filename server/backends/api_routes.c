#include "server/backends/api_routes.h"

#include <string.h>

#include "protocol/json_member.h"
#include "protocol/result.h"
#include "server/backends/api_access.h"
#include "server/backends/api_error.h"
#include "server/backends/api_reply.h"
#include "server/backends/api_request.h"
#include "server/backends/backends.h"

/* The description of the API, as it is when this is compiled. */
__asm__(".section .rodata\n"
        "api_description:\n"
        ".incbin \"server/backends/openapi.json\"\n"
        ".byte 0\n"
        ".previous\n");

extern const char api_description[];

/* --- What there is to read. --- */

static void
serve_description(sio_exchange *x, const sio_cfg_api_key *key)
{
    (void)key;
    sio_api_reply_text(x, sio_view_of(api_description));
}

/* texts NULL: all. */
static void
add_texts(sio_buf *json, const char *name, const sio_texts *texts)
{
    sio_json_member_name(json, name);
    sio_buf_add_char(json, '[');
    for (size_t i = 0; texts != NULL && i < texts->n; i++) {
        sio_buf_add_str(json, i > 0 ? "," : "");
        sio_buf_add_json_string(json, texts->items[i], SIO_JSON_PLAIN);
    }
    sio_buf_add_str(json, texts == NULL ? "\"*\"]" : "]");
}

static void
serve_whoami(sio_exchange *x, const sio_cfg_api_key *key)
{
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_add_char(&json, '{');
    sio_json_member_text(&json, "name", sio_view_of(key != NULL ? key->name : ""));
    add_texts(&json, "may", key != NULL ? &key->may : NULL);
    add_texts(&json, "namespaces", key != NULL ? &key->namespaces : NULL);
    sio_json_member_text(&json, "instance", sio_view_of(x->env->cfg->name));
    sio_buf_add_char(&json, '}');
    sio_api_reply(x, 200, &json, NULL, SIO_VIEW(""));
    sio_buf_fini(&json);
}

/* --- Paths. --- */

static const struct {
    sio_view path;
    void (*serve)(sio_exchange *x, const sio_cfg_api_key *key);
} pages[] = {
    {SIO_VIEW_INIT("/v1/whoami"), serve_whoami},
    {SIO_VIEW_INIT("/v1/openapi.json"), serve_description},
};

enum { N_PAGES = sizeof pages / sizeof pages[0] };

/* Is it a path of commands? *kind: which; SIO_N_BACKEND_COMMANDS: a batch. */
static bool
find_commands(sio_view path, sio_backend_command_kind *kind)
{
    const sio_view begin = SIO_VIEW("/v1/");
    sio_view       name;

    if (path.len <= begin.len || memcmp(path.data, begin.data, begin.len) != 0)
        return false;
    name = (sio_view){path.data + begin.len, path.len - begin.len};
    *kind = sio_backend_command_find(name);
    return *kind != SIO_N_BACKEND_COMMANDS || sio_view_eq(name, SIO_VIEW("batch"));
}

static unsigned
find_page(sio_view path)
{
    unsigned i = 0;

    while (i < N_PAGES && !sio_view_eq(path, pages[i].path))
        i++;
    return i;
}

static void
refuse_api_method(sio_exchange *x, sio_view allow)
{
    sio_api_reply_refuse_with(x, "wrong_method", "another method is needed; see Allow", "Allow",
                              allow);
}

static void
serve_page(sio_exchange *x, const sio_request *r, unsigned page, const sio_cfg_api_key *key)
{
    const sio_http_method method = r->head->method;

    if (page == N_PAGES)
        sio_api_reply_refuse(x, "not_found", "there is nothing here; see /v1/openapi.json");
    else if (method != SIO_HTTP_GET && method != SIO_HTTP_HEAD)
        refuse_api_method(x, SIO_VIEW("GET, HEAD"));
    else
        pages[page].serve(x, key);
}

static void
api_serve(sio_exchange *x, const sio_request *r)
{
    sio_backends            *b = x->env->backends;
    const sio_view           path = r->head->target;
    const sio_cfg_api_key   *key;
    sio_backend_command_kind kind;

    x->env->stats.api_requests++;
    if (!sio_api_access_check(&b->access, x, r->head, &key))
        return;
    if (!find_commands(path, &kind))
        serve_page(x, r, find_page(path), key);
    else if (r->head->method != SIO_HTTP_POST)
        refuse_api_method(x, SIO_VIEW("POST"));
    else
        sio_api_request_begin(b, x, r, kind, key);
}

/* --- The service. --- */

static size_t
api_max_body(const sio_env *env)
{
    return env->cfg->api.max_body;
}

static void
api_refuse_body(sio_exchange *x, const sio_http_request *head)
{
    const sio_cfg_api_key *key;

    x->env->stats.api_requests++;
    if (sio_api_access_check(&x->env->backends->access, x, head, &key))
        sio_api_reply_refuse(x, "too_large", "the body is longer than \"max body\"");
}

/* Who may not say anything is not read. */
static void
api_body_begins(sio_exchange *x, const sio_http_request *head)
{
    const sio_cfg_api_key *key;

    if (!sio_api_access_check(&x->env->backends->access, x, head, &key))
        x->env->stats.api_requests++;
}

static void
api_refuse(sio_exchange *x, unsigned status, const char *text)
{
    sio_api_reply_refuse(x, sio_api_error_of_status(status), text);
}

static const sio_http_route api_http_route = {
    .max_body = api_max_body,
    .refuse_body = api_refuse_body,
    .body_begins = api_body_begins,
    .serve = api_serve,
};

static const sio_http_route *
api_find_route(const sio_env *env, const sio_http_request *head)
{
    (void)env;
    (void)head;
    return &api_http_route;
}

static int
api_answer_other(const sio_env *env, sio_view bytes, sio_buf *answer)
{
    (void)env;
    (void)bytes;
    (void)answer;
    return SIO_BAD;
}

const sio_http_service sio_api_routes = {
    .find_route = api_find_route,
    .answer_other = api_answer_other,
    .refuse = api_refuse,
};
