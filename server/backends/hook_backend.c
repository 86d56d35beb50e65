#include "server/backends/hook_backend.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/backend_answer.h"
#include "protocol/result.h"
#include "server/backends/answer_status.h"
#include "server/backends/hook_headers.h"
#include "server/backends/http_client.h"
#include "server/backends/sign.h"
#include "server/backends/stream_sender.h"
#include "server/base/random.h"

struct sio_hook_backend {
    sio_env                    *env;
    const sio_cfg_backend      *cfg;
    const sio_hook_backend_ops *ops;
    void                       *arg;
    sio_event_queue             queue;
    sio_stream_sender          *stream; /* NULL: it is called */
    sio_http_client            *client;
    sio_sign                   *sign;
    sio_task                    run_task;
    sio_timer                   run_timer;
    bool                        is_closed;
    /* While a request ends. */
    const sio_view *answers;
    bool            is_refusal;
};

/* A request under way: batch->call. */
typedef struct {
    sio_hook_backend *backend;
    sio_event_batch  *batch;
    sio_http_call    *call;
    sio_hook_headers  headers;
} request;

/* --- Sending. --- */

/* {"events":[...]}; all attempts send the same. */
static bool
make_body(sio_hook_backend *b, sio_event_batch *batch)
{
    const char *separator = "{\"events\":[";

    memcpy(batch->id, "msg_", 4);
    if (sio_random_text(batch->id + 4, SIO_EVENT_ID_LEN - 4) != SIO_OK)
        return false;
    for (sio_link *l = batch->events.next; l != &batch->events; l = l->next) {
        sio_buf_add_str(&batch->body, separator);
        b->ops->add_json(b->arg, sio_queued_event_of(l), &batch->body);
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
handshake_to_pass(const sio_hook_backend *b, const sio_event_batch *batch)
{
    sio_queued_event *event = b->cfg->pass_headers.n > 0 ? only_event(batch) : NULL;

    return event != NULL ? b->ops->handshake(b->arg, event) : NULL;
}

static void on_hook_answer(void *arg, const sio_http_answer *answer);

static bool
start_request(request *r)
{
    sio_hook_backend *b = r->backend;

    if (!sio_hook_headers_make(&r->headers, b->env, b->cfg, b->sign, r->batch,
                               handshake_to_pass(b, r->batch)))
        return false;
    const sio_http_post post = {.url = b->cfg->urls.items[r->batch->endpoint].data,
                                .headers = r->headers.list,
                                .n_headers = r->headers.n,
                                .body = sio_buf_view(&r->batch->body)};

    r->call = sio_http_client_post(b->client, &post, on_hook_answer, r);
    return r->call != NULL;
}

static bool
send_request(sio_hook_backend *b, sio_event_batch *batch)
{
    request *r = calloc(1, sizeof *r);

    if (r == NULL)
        return false;
    r->backend = b;
    r->batch = batch;
    batch->call = r;
    if (start_request(r))
        return true;
    request_free(r);
    return false;
}

/* The only event; there is no request around it. */
static bool
make_entry(sio_hook_backend *b, sio_event_batch *batch)
{
    b->ops->add_json(b->arg, sio_queued_event_of(batch->events.next), &batch->body);
    return !batch->body.failed;
}

static bool
on_hook_send(void *arg, sio_event_batch *batch)
{
    sio_hook_backend *b = arg;

    if (batch->body.len == 0 && !(b->stream != NULL ? make_entry : make_body)(b, batch)) {
        sio_buf_fini(&batch->body);
        return false;
    }
    if (b->stream != NULL ? !sio_stream_sender_send(b->stream, batch) : !send_request(b, batch))
        return false;
    b->env->stats.backend_requests++;
    b->env->stats.backend_retries += batch->n_attempts > 1;
    return true;
}

static void
on_hook_cancel(void *arg, sio_event_batch *batch)
{
    const sio_hook_backend *b = arg;
    request                *r = batch->call;

    if (b->stream != NULL) {
        sio_stream_sender_cancel(b->stream, batch);
        return;
    }
    sio_http_client_cancel(r->call);
    request_free(r);
}

/* --- Answers. --- */

static void
log_failure(const sio_hook_backend *b, const sio_event_batch *batch, const sio_http_answer *answer)
{
    sio_buf line;

    sio_buf_init(&line, 500);
    sio_buf_add_str(&line, "backend ");
    sio_buf_add_str(&line, b->cfg->name);
    sio_buf_add_str(&line, ": ");
    sio_buf_add_view(&line, b->cfg->urls.items[batch->endpoint]);
    sio_buf_add_str(&line, ": ");
    if (answer->status != 0) {
        sio_buf_add_str(&line, "status ");
        sio_buf_add_u64(&line, answer->status);
        sio_buf_add_str(&line, answer->why[0] != '\0' ? ", " : "");
    }
    sio_buf_add_str(&line, answer->why);
    sio_buf_add_char(&line, '\0');
    if (!line.failed)
        sio_log_limit_write(&b->env->log_limits, SIO_LOG_FAILURE, NULL, "%s", line.data);
    sio_buf_fini(&line);
}

static void
log_service(const sio_hook_backend *b, size_t endpoint, bool was_in_service)
{
    const bool is_in_service = b->queue.endpoints.list[endpoint].state == SIO_ENDPOINT_IN_SERVICE;

    if (is_in_service != was_in_service)
        sio_log_warn(&b->env->log, NULL, "backend %s: %s is %s", b->cfg->name,
                     b->stream != NULL ? "its stream" : b->cfg->urls.items[endpoint].data,
                     is_in_service ? "back in service" : "out of service");
}

/* What comes after is told event by event, in on_hook_event_done(). */
static void
end_request(sio_hook_backend *b, sio_event_batch *batch, const sio_answer_status *status,
            unsigned retry_after_s)
{
    const size_t endpoint = batch->endpoint;
    const bool was_in_service = b->queue.endpoints.list[endpoint].state == SIO_ENDPOINT_IN_SERVICE;

    b->is_refusal = status->is_refusal;
    sio_event_queue_end(&b->queue, batch, status->result, status->report, retry_after_s);
    b->answers = NULL;
    log_service(b, endpoint, was_in_service);
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
on_hook_answer(void *arg, const sio_http_answer *answer)
{
    request          *r = arg;
    sio_hook_backend *b = r->backend;
    sio_event_batch  *batch = r->batch;
    sio_answer_status status =
        sio_answer_status_of(answer, batch->is_connect, b->cfg->at_most_once);
    sio_view *answers = calloc(batch->n_events, sizeof *answers);

    request_free(r);
    if (status.result == SIO_EVENT_REQUEST_DONE)
        split_answer(batch, answer, &status, answers);
    b->env->stats.bad_answers += status.is_bad;
    if (status.result != SIO_EVENT_REQUEST_DONE) {
        b->env->stats.backend_failures++;
        log_failure(b, batch, answer);
    }
    b->answers = answers;
    end_request(b, batch, &status, answer->retry_after_s);
    free(answers);
}

static void
on_stream_ended(void *arg, sio_event_batch *batch, bool is_added)
{
    static const sio_answer_status added = {.result = SIO_EVENT_REQUEST_DONE,
                                            .report = SIO_ENDPOINT_WORKS};
    static const sio_answer_status failed = {.result = SIO_EVENT_REQUEST_AGAIN,
                                             .report = SIO_ENDPOINT_FAILED};
    sio_hook_backend              *b = arg;

    b->env->stats.backend_failures += !is_added;
    end_request(b, batch, is_added ? &added : &failed, 0);
}

static void on_hook_wake(void *arg, uint64_t delay_ms);

/* Sooner than the queue would try. */
static void
on_stream_works(void *arg)
{
    sio_hook_backend *b = arg;

    if (sio_endpoints_report(&b->queue.endpoints, 0, sio_timer_wheel_now_ms(&b->env->timers),
                             SIO_ENDPOINT_WORKS)) {
        log_service(b, 0, false);
        on_hook_wake(b, 0);
    }
}

static void
on_hook_event_done(void *arg, sio_queued_event *event, sio_event_fate fate, sio_event_batch *batch,
                   size_t i)
{
    sio_hook_backend *b = arg;
    sio_hook_result   result = {.fate = fate, .answer = SIO_VIEW("")};

    if (fate == SIO_EVENT_DELIVERED && batch != NULL && b->answers != NULL) {
        result.answer = b->answers[i];
        result.is_refusal = b->is_refusal;
    }
    b->env->stats.backend_queue--;
    b->env->stats.backend_given_up += fate != SIO_EVENT_DELIVERED;
    b->ops->done(b->arg, event, &result);
}

/* --- The queue's surroundings. --- */

static void
on_hook_hold(void *arg, sio_event_line *line, bool is_full)
{
    sio_hook_backend *b = arg;

    b->ops->hold(b->arg, line, is_full);
}

/* What comes in this turn travels together: at its end all is sent. */
static void
on_hook_wake(void *arg, uint64_t delay_ms)
{
    sio_hook_backend *b = arg;

    if (b->is_closed)
        return;
    if (delay_ms == 0)
        sio_deferred_add(&b->env->deferred, &b->run_task);
    else
        sio_timer_set(&b->env->timers, &b->run_timer,
                      delay_ms < SIO_TIMER_MAX_DELAY_MS ? (unsigned)delay_ms
                                                        : SIO_TIMER_MAX_DELAY_MS);
}

static uint64_t
tell_hook_time(void *arg)
{
    sio_hook_backend *b = arg;

    return sio_timer_wheel_now_ms(&b->env->timers);
}

static uint32_t
tell_hook_random(void *arg)
{
    uint32_t number = 0;

    (void)arg;
    (void)sio_random_u32(&number); /* without one, there is no jitter */
    return number;
}

static const sio_event_queue_ops queue_ops = {
    .send = on_hook_send,
    .cancel = on_hook_cancel,
    .done = on_hook_event_done,
    .hold = on_hook_hold,
    .wake = on_hook_wake,
    .now_ms = tell_hook_time,
    .random = tell_hook_random,
};

static void
run_hook_queue(sio_task *task)
{
    sio_event_queue_run(&SIO_CONTAINER(task, sio_hook_backend, run_task)->queue);
}

static void
run_hook_queue_later(sio_timer *timer)
{
    sio_event_queue_run(&SIO_CONTAINER(timer, sio_hook_backend, run_timer)->queue);
}

/* --- The backend. --- */

static int
open_client(sio_hook_backend *b, sio_buf *error)
{
    const sio_cfg_backend        *cfg = b->cfg;
    const sio_http_client_options options = {
        .max_calls = cfg->max_requests,
        .connect_timeout_ms = cfg->connect_timeout_ms,
        .timeout_ms = cfg->timeout_ms,
        .max_answer_bytes = cfg->max_answer_bytes,
        .is_sent_once = cfg->at_most_once,
        .trusts_all = !cfg->verify,
        .ca_file = cfg->ca_file[0] != '\0' ? cfg->ca_file : NULL,
        .certificate = cfg->certificate[0] != '\0' ? cfg->certificate : NULL,
        .key = cfg->key[0] != '\0' ? cfg->key : NULL,
    };

    return sio_http_client_new(&b->client, b->env->base, &b->env->deferred, &b->env->timers,
                               &options, error);
}

static int
open_sign(sio_hook_backend *b, sio_buf *error)
{
    const char *const texts[] = {b->cfg->secret, b->cfg->old_secret};
    sio_view          secrets[SIO_SIGN_MAX_SECRETS];
    size_t            n = 0;
    int               rc;

    for (size_t i = 0; i < SIO_SIGN_MAX_SECRETS; i++)
        if (texts[i][0] != '\0')
            secrets[n++] = sio_view_of(texts[i]);
    if ((rc = sio_sign_new(&b->sign, secrets, n)) == SIO_OK)
        return SIO_OK;
    sio_buf_add_str(error, rc == SIO_BAD ? "a secret must be \"whsec_\" and 24 to 64 bytes in "
                                           "base64"
                                         : "OpenSSL can not sign");
    return rc == SIO_BAD ? SIO_ERR_CONFIG : rc;
}

/* An event is an entry, and one of each socket is under way at a time. So they stay in order. */
static void
adapt_to_stream(sio_event_limits *limits)
{
    limits->max_requests = SIO_STREAM_SENDER_MAX_ADDING;
    limits->max_batch = 1;
    limits->batch_wait_ms = 0;
}

static int
open_stream(sio_hook_backend *b, sio_buf *error)
{
    const sio_stream_sender_ops ops = {
        .ended = on_stream_ended, .works = on_stream_works, .arg = b};
    const int rc = sio_stream_sender_new(&b->stream, b->env, b->cfg, &ops);

    if (rc != SIO_OK)
        sio_buf_add_str(error, "out of memory");
    return rc;
}

static int
open_calls(sio_hook_backend *b, sio_buf *error)
{
    const int rc = open_sign(b, error);

    return rc == SIO_OK ? open_client(b, error) : rc;
}

static void
begin_queue(sio_hook_backend *b)
{
    const sio_cfg_backend *cfg = b->cfg;
    sio_event_limits       limits = {
              .max_requests = cfg->max_requests,
              .max_connects = cfg->max_connects,
              .max_batch = cfg->max_batch,
              .batch_wait_ms = cfg->batch_wait_ms,
              .retry_for_ms = cfg->retry_for_ms,
              .retry_disconnects_for_ms = cfg->retry_disconnects_for_ms,
              .max_events_per_socket = cfg->max_events_per_socket,
              .max_events = cfg->max_queued_events,
              .max_bytes = cfg->max_queued_bytes,
    };

    if (cfg->stream)
        adapt_to_stream(&limits);
    sio_event_queue_init(&b->queue, &queue_ops, b, &limits, cfg->stream ? 1 : cfg->urls.n);
}

int
sio_hook_backend_new(sio_hook_backend **out, sio_env *env, const sio_cfg_backend *cfg,
                     const sio_hook_backend_ops *ops, void *arg, sio_buf *error)
{
    sio_hook_backend *b = calloc(1, sizeof *b);
    int               rc;

    if (b == NULL) {
        sio_buf_add_str(error, "out of memory");
        return SIO_ERR_NOMEM;
    }
    b->env = env;
    b->cfg = cfg;
    b->ops = ops;
    b->arg = arg;
    sio_task_init(&b->run_task, run_hook_queue);
    b->run_timer.fire = run_hook_queue_later;
    begin_queue(b);
    sio_buf_add_str(error, "backend ");
    sio_buf_add_str(error, cfg->name);
    sio_buf_add_str(error, ": ");
    rc = cfg->stream ? open_stream(b, error) : open_calls(b, error);
    if (rc == SIO_OK) {
        sio_buf_clear(error);
        *out = b;
    } else {
        sio_hook_backend_free(b);
    }
    return rc;
}

void
sio_hook_backend_close(sio_hook_backend *b)
{
    if (b->is_closed)
        return;
    b->is_closed = true;
    sio_event_queue_fini(&b->queue);
    sio_http_client_free(b->client);
    sio_stream_sender_free(b->stream);
    sio_timer_cancel(&b->env->timers, &b->run_timer);
    sio_task_cancel(&b->run_task);
}

void
sio_hook_backend_free(sio_hook_backend *b)
{
    if (b == NULL)
        return;
    sio_hook_backend_close(b);
    if (b->queue.lines.n_events > 0)
        sio_log_warn(&b->env->log, NULL, "backend %s: %zu events were not delivered", b->cfg->name,
                     b->queue.lines.n_events);
    b->env->stats.backend_queue -= b->queue.lines.n_events;
    sio_sign_free(b->sign);
    free(b);
}

const sio_cfg_backend *
sio_hook_backend_cfg(const sio_hook_backend *b)
{
    return b->cfg;
}

int
sio_hook_backend_add(sio_hook_backend *b, sio_event_line *line, sio_queued_event *event)
{
    const int rc = sio_event_queue_add(&b->queue, line, event);

    b->env->stats.backend_queue += rc == SIO_OK;
    return rc;
}

void
sio_hook_backend_withdraw(sio_hook_backend *b, sio_queued_event *connect)
{
    b->env->stats.backend_queue--;
    sio_event_queue_withdraw(&b->queue, connect);
}

void
sio_hook_backend_drop(sio_hook_backend *b, sio_event_line *line)
{
    sio_event_queue_drop(&b->queue, line);
}

void
sio_hook_backend_revive(sio_hook_backend *b)
{
    sio_endpoints_revive(&b->queue.endpoints);
    on_hook_wake(b, 0);
}
