#include "server/backends/outgoing.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/http_token.h"
#include "protocol/result.h"
#include "server/backends/backends.h"
#include "server/config/config.h"

enum {
    MAX_CALLS = 64, /* of each client */
    CONNECT_MS = 10000,
    TIMEOUT_MS = 300000,
    MAX_ANSWER_BYTES = 16 * 1024 * 1024
};

struct sio_outgoing {
    sio_link        link; /* in sio_outgoing_calls.calls */
    sio_http_call  *call;
    sio_outgoing_fn fn;
    void           *arg;
    /* Copies: a call borrows them. */
    char  *url, *method, *body;
    char  *headers[SIO_HTTP_CALL_MAX_HEADERS];
    size_t n_headers;
};

static void
free_outgoing(sio_outgoing *o)
{
    if (o == NULL)
        return;
    sio_link_remove(&o->link);
    for (size_t i = 0; i < o->n_headers; i++)
        free(o->headers[i]);
    free(o->url);
    free(o->method);
    free(o->body);
    free(o);
}

/* --- What is asked. --- */

/* "Name: value" of two tokens that end no line. */
static bool
is_header(const char *line)
{
    const char *colon = strchr(line, ':');

    return colon != NULL && sio_http_token_is((sio_view){line, (size_t)(colon - line)}) &&
           sio_http_token_is_value(sio_view_of(line));
}

/* What the client says itself, or what would end the body elsewhere. */
static bool
is_framing(const char *line)
{
    static const char *const names[] = {"connection:", "content-length:", "transfer-encoding:",
                                        "keep-alive:", "upgrade:",        "expect:",
                                        "te:",         "trailer:"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncasecmp(line, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* NULL: nothing. */
static const char *
mistake_of(const sio_outgoing_request *r)
{
    sio_endpoint_url url;

    if (strncmp(r->url, "unix:", 5) == 0 || !sio_endpoint_url_read(sio_view_of(r->url), &url))
        return "the URL is none of http:// or https:// that can be asked";
    if (r->method != NULL && !sio_http_token_is(sio_view_of(r->method)))
        return "the method is none";
    if (r->method != NULL && strcmp(r->method, "CONNECT") == 0)
        return "the method CONNECT is for proxies";
    if (r->n_headers > SIO_HTTP_CALL_MAX_HEADERS)
        return "there are more than 48 headers";
    for (size_t i = 0; i < r->n_headers; i++)
        if (!is_header(r->headers[i]) || is_framing(r->headers[i]))
            return "a header is none, or is about the connection";
    return NULL;
}

static sio_outgoing *
copy_request(const sio_outgoing_request *r)
{
    sio_outgoing *o = calloc(1, sizeof *o);
    bool          is_whole;

    if (o == NULL)
        return NULL;
    sio_link_init(&o->link);
    o->url = strdup(r->url);
    o->method = strdup(r->method != NULL ? r->method : "GET");
    o->body = malloc(r->body_len + 1);
    is_whole = o->url != NULL && o->method != NULL && o->body != NULL;
    for (; is_whole && o->n_headers < r->n_headers; o->n_headers += is_whole)
        is_whole = (o->headers[o->n_headers] = strdup(r->headers[o->n_headers])) != NULL;
    if (!is_whole) {
        free_outgoing(o);
        return NULL;
    }
    if (r->body_len > 0)
        memcpy(o->body, r->body, r->body_len);
    return o;
}

/* --- Who asks. --- */

/* NULL, with a reason for sio_error(): there is no client for it. */
static sio_http_client *
client_for(sio_env *env, bool is_tls, bool is_safe)
{
    sio_http_client             **client = &env->backends->outgoing.clients[is_tls][is_safe];
    const sio_http_loop           loop = {env->base, &env->deferred, &env->timers};
    const sio_http_client_options options = {
        .max_calls = MAX_CALLS,
        .connect_timeout_ms = CONNECT_MS,
        .timeout_ms = TIMEOUT_MS,
        .max_answer_bytes = MAX_ANSWER_BYTES,
        .is_sent_once = !is_safe,
        .keeps_head = true,
        .may_use_tls = is_tls,
        .ca_file = env->cfg->outgoing_ca,
    };
    sio_buf error;

    if (*client != NULL)
        return *client;
    sio_buf_init(&error, SIZE_MAX);
    if (sio_http_client_new(client, &loop, &options, &error) != SIO_OK)
        sio_log_warn(&env->log, NULL, "no requests to https:// URLs: %.*s", (int)error.len,
                     error.data);
    sio_buf_fini(&error);
    return *client;
}

static void
tell_answer(void *arg, const sio_http_answer *answer)
{
    sio_outgoing             *o = arg;
    const sio_outgoing_fn     fn = o->fn;
    void *const               fn_arg = o->arg;
    const bool                is_whole = answer->outcome == SIO_HTTP_ANSWERED;
    const sio_outgoing_answer a = {
        .status = is_whole ? answer->status : 0,
        .why = is_whole ? NULL : answer->why,
        .head = {answer->head.data, answer->head.len},
        .body = {answer->body.data, answer->body.len},
    };

    free_outgoing(o);
    fn(&a, fn_arg);
}

sio_outgoing *
sio_outgoing_send(sio_server *io, const sio_outgoing_request *request, sio_outgoing_fn fn,
                  void *arg)
{
    sio_env         *env = sio_env_of(io);
    const char      *mistake = mistake_of(request);
    sio_outgoing    *o;
    sio_http_client *client;

    if (mistake != NULL) {
        (void)sio_env_fail(env, mistake);
        return NULL;
    }
    if ((o = copy_request(request)) == NULL) {
        (void)sio_env_fail_memory(env);
        return NULL;
    }
    const sio_http_post post = {.url = o->url,
                                .method = o->method,
                                .headers = (const char *const *)o->headers,
                                .n_headers = o->n_headers,
                                .body = {o->body, request->body_len}};

    o->fn = fn;
    o->arg = arg;
    client = client_for(env, strncasecmp(o->url, "https:", 6) == 0,
                        sio_http_call_is_bodiless(o->method));
    if (client == NULL)
        (void)sio_env_fail(env, "there is no client for https://; the log says why");
    else if ((o->call = sio_http_client_post(client, &post, tell_answer, o)) == NULL)
        (void)sio_env_fail(env, "64 requests are under way, or out of memory");
    if (o->call == NULL) {
        free_outgoing(o);
        return NULL;
    }
    sio_link_append(&env->backends->outgoing.calls, &o->link);
    return o;
}

void
sio_outgoing_cancel(sio_outgoing *o)
{
    if (o == NULL)
        return;
    sio_http_client_cancel(o->call);
    free_outgoing(o);
}

void
sio_outgoing_init(sio_outgoing_calls *o)
{
    sio_link_init(&o->calls);
}

void
sio_outgoing_fini(sio_outgoing_calls *o)
{
    while (!sio_link_empty(&o->calls))
        sio_outgoing_cancel(SIO_CONTAINER(o->calls.next, sio_outgoing, link));
    for (size_t i = 0; i < 4; i++)
        sio_http_client_free(o->clients[i / 2][i % 2]);
}
