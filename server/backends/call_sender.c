#include "server/backends/call_sender.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/backend_answer.h"
#include "protocol/endpoint_url.h"
#include "protocol/result.h"
#include "server/backends/hook_headers.h"
#include "server/backends/http_client.h"
#include "server/backends/sign.h"
#include "server/base/random.h"

typedef struct {
    const sio_hook_sender_host *host;
    sio_http_client            *client;
    sio_sign                   *sign;
} call_sender;

/* A request under way: batch->call. */
typedef struct {
    call_sender     *of;
    sio_event_batch *batch;
    sio_http_call   *call;
    sio_hook_headers headers;
} request;

/* --- A request. --- */

/* {"events":[...]} */
static bool
write_request(void *self, sio_event_batch *batch)
{
    const call_sender *s = self;
    const char        *separator = "{\"events\":[";

    memcpy(batch->id, "msg_", 4);
    if (sio_random_text(batch->id + 4, SIO_EVENT_ID_LEN - 4) != SIO_OK)
        return false;
    for (sio_link *l = batch->events.next; l != &batch->events; l = l->next) {
        sio_buf_add_str(&batch->body, separator);
        s->host->add_json(s->host->arg, sio_queued_event_of(l), &batch->body);
        separator = ",";
    }
    sio_buf_add_str(&batch->body, "]}");
    return !batch->body.failed;
}

static void
request_free(request *r)
{
    r->batch->call = NULL;
    sio_hook_headers_fini(&r->headers);
    free(r);
}

/* One of the batch, if all are of the same socket; NULL: of several. */
static sio_queued_event *
only_event(const sio_event_batch *batch)
{
    sio_queued_event *first = sio_queued_event_of(batch->events.next);

    for (sio_link *l = batch->events.next; l != &batch->events; l = l->next)
        if (sio_queued_event_of(l)->line != first->line)
            return NULL;
    return first;
}

/* Of the one client that a request is about, if headers of it are passed on; else NULL. */
static const char *
handshake_to_pass(const sio_hook_sender_host *host, const sio_event_batch *batch)
{
    sio_queued_event *event = host->cfg->pass_headers.n > 0 ? only_event(batch) : NULL;

    return event != NULL ? host->handshake(host->arg, event) : NULL;
}

static void on_call_ended(void *arg, const sio_http_answer *answer);

static bool
start_request(request *r)
{
    const call_sender          *s = r->of;
    const sio_hook_sender_host *host = s->host;

    if (!sio_hook_headers_make(&r->headers, host->env, host->cfg, s->sign, r->batch,
                               handshake_to_pass(host, r->batch)))
        return false;
    const sio_http_post post = {.url = host->cfg->urls.items[r->batch->endpoint].data,
                                .headers = r->headers.list,
                                .n_headers = r->headers.n,
                                .body = sio_buf_view(&r->batch->body)};

    r->call = sio_http_client_post(s->client, &post, on_call_ended, r);
    return r->call != NULL;
}

static bool
send_request(void *self, sio_event_batch *batch)
{
    request *r = calloc(1, sizeof *r);

    if (r == NULL)
        return false;
    r->of = self;
    r->batch = batch;
    batch->call = r;
    if (start_request(r))
        return true;
    request_free(r);
    return false;
}

static void
cancel_request(void *self, sio_event_batch *batch)
{
    request *r = batch->call;

    (void)self;
    sio_http_client_cancel(r->call);
    request_free(r);
}

/* --- Its answer. --- */

static const char *
url_of(const sio_cfg_backend *cfg, size_t endpoint)
{
    return cfg->urls.items[endpoint].data;
}

static void
log_failure(const sio_hook_sender_host *host, const sio_event_batch *batch,
            const sio_http_answer *answer)
{
    sio_buf line;

    sio_buf_init(&line, 500);
    sio_buf_add_str(&line, "backend ");
    sio_buf_add_str(&line, host->cfg->name);
    sio_buf_add_str(&line, ": ");
    sio_buf_add_str(&line, url_of(host->cfg, batch->endpoint));
    sio_buf_add_str(&line, ": ");
    if (answer->status != 0) {
        sio_buf_add_str(&line, "status ");
        sio_buf_add_u64(&line, answer->status);
        sio_buf_add_str(&line, answer->why[0] != '\0' ? ", " : "");
    }
    sio_buf_add_str(&line, answer->why);
    sio_buf_add_char(&line, '\0');
    if (!line.failed)
        sio_log_limit_write(&host->env->log_limits, SIO_LOG_FAILURE, NULL, "%s", line.data);
    sio_buf_fini(&line);
}

/* One for each event; answers NULL: no memory. The status may turn out not to be good. */
static void
split_answer(const sio_event_batch *batch, const sio_http_answer *answer, sio_answer_status *status,
             sio_view *answers)
{
    if (answers == NULL) {
        status->result = SIO_EVENT_REQUEST_FAILED;
    } else if (status->is_refusal) {
        answers[0] = answer->body;
    } else if (sio_backend_answer_split(answer->body, batch->n_events, answers) != SIO_OK) {
        status->result = SIO_EVENT_REQUEST_FAILED;
        status->is_bad = true;
    }
}

static void
on_call_ended(void *arg, const sio_http_answer *answer)
{
    request                    *r = arg;
    const sio_hook_sender_host *host = r->of->host;
    sio_event_batch            *batch = r->batch;
    sio_view                   *answers = calloc(batch->n_events, sizeof *answers);
    sio_hook_sender_end         end = {
                .status = sio_answer_status_of(answer, batch->is_connect, host->cfg->at_most_once),
                .retry_after_s = answer->retry_after_s,
                .answers = answers};

    request_free(r);
    if (end.status.result == SIO_EVENT_REQUEST_DONE)
        split_answer(batch, answer, &end.status, answers);
    host->env->stats.bad_answers += end.status.is_bad;
    if (end.status.result != SIO_EVENT_REQUEST_DONE) {
        host->env->stats.backend_failures++;
        log_failure(host, batch, answer);
    }
    host->ended(host->arg, batch, &end);
    free(answers);
}

/* --- The sender. --- */

static bool
has_tls(const sio_cfg_backend *cfg)
{
    sio_endpoint_url url;

    for (size_t i = 0; i < cfg->urls.n; i++)
        if (sio_endpoint_url_read(cfg->urls.items[i], &url) && url.is_tls)
            return true;
    return false;
}

static int
open_client(call_sender *s, sio_buf *error)
{
    sio_env                      *env = s->host->env;
    const sio_cfg_backend        *cfg = s->host->cfg;
    const sio_http_loop           loop = {env->base, &env->deferred, &env->timers};
    const sio_http_client_options options = {
        .max_calls = cfg->max_requests,
        .connect_timeout_ms = cfg->connect_timeout_ms,
        .timeout_ms = cfg->timeout_ms,
        .max_answer_bytes = cfg->max_answer_bytes,
        .is_sent_once = cfg->at_most_once,
        .may_use_tls = has_tls(cfg),
        .trusts_all = !cfg->verify,
        .ca_file = cfg->ca_file,
        .certificate = cfg->certificate,
        .key = cfg->key,
    };

    return sio_http_client_new(&s->client, &loop, &options, error);
}

static int
open_sign(call_sender *s, sio_buf *error)
{
    const char *const texts[] = {s->host->cfg->secret, s->host->cfg->old_secret};
    sio_view          secrets[SIO_SIGN_MAX_SECRETS];
    size_t            n = 0;
    int               rc;

    for (size_t i = 0; i < SIO_SIGN_MAX_SECRETS; i++)
        if (texts[i][0] != '\0')
            secrets[n++] = sio_view_of(texts[i]);
    if ((rc = sio_sign_new(&s->sign, secrets, n)) == SIO_OK)
        return SIO_OK;
    sio_buf_add_str(error, rc == SIO_BAD ? "a secret must be \"whsec_\" and 24 to 64 bytes in "
                                           "base64"
                                         : "OpenSSL can not sign");
    return rc == SIO_BAD ? SIO_ERR_CONFIG : rc;
}

static void
close_calls(void *self)
{
    call_sender *s = self;

    if (s == NULL)
        return;
    sio_http_client_free(s->client);
    sio_sign_free(s->sign);
    free(s);
}

static int
open_calls(void **out, const sio_hook_sender_host *host, sio_buf *error)
{
    call_sender *s = calloc(1, sizeof *s);
    int          rc;

    if (s == NULL) {
        sio_buf_add_str(error, "out of memory");
        return SIO_ERR_NOMEM;
    }
    s->host = host;
    if ((rc = open_sign(s, error)) != SIO_OK || (rc = open_client(s, error)) != SIO_OK) {
        close_calls(s);
        return rc;
    }
    *out = s;
    return SIO_OK;
}

static void
keep_limits(sio_event_limits *limits)
{
    (void)limits;
}

static size_t
count_urls(const sio_cfg_backend *cfg)
{
    return cfg->urls.n;
}

const sio_hook_sender_ops sio_call_sender = {
    .open = open_calls,
    .free = close_calls,
    .adapt = keep_limits,
    .n_endpoints = count_urls,
    .endpoint_name = url_of,
    .write = write_request,
    .send = send_request,
    .cancel = cancel_request,
};
