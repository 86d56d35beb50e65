#include "server/backends/hook_backend.h"

#include <stdlib.h>

#include "protocol/result.h"
#include "server/backends/backends.h"
#include "server/backends/call_sender.h"
#include "server/backends/hook_sender.h"
#include "server/backends/stream_sender.h"
#include "server/base/random.h"
#include "store/clock.h"

struct sio_hook_backend {
    sio_hook_sender_host        host;
    const sio_hook_sender_ops  *sender_ops;
    void                       *sender;
    sio_env                    *env;
    const sio_cfg_backend      *cfg;
    const sio_hook_backend_ops *ops;
    void                       *arg;
    sio_event_queue             queue;
    sio_task                    run_task;
    sio_timer                   run_timer;
    bool                        is_closed;
    bool                        is_awaited; /* a server that stops waits for the queue */
    sio_backend_measures        measures;
    const sio_hook_sender_end  *end; /* while a batch ends: what came of it */
};

/* What waits is told before the server stops, if it does not take too long. */
static void
note_queue(sio_hook_backend *b)
{
    const bool waits = !b->is_closed && b->queue.lines.n_events > 0;

    if (waits == b->is_awaited)
        return;
    b->is_awaited = waits;
    if (waits)
        sio_holds_take(&b->env->backends->untold);
    else
        sio_holds_release(&b->env->backends->untold);
}

/* --- What the queue sends. --- */

static bool
on_hook_send(void *arg, sio_event_batch *batch)
{
    sio_hook_backend *b = arg;

    if (batch->body.len == 0 && !b->sender_ops->write(b->sender, batch)) {
        sio_buf_fini(&batch->body);
        return false;
    }
    batch->sent_us = sio_now_us();
    if (!b->sender_ops->send(b->sender, batch))
        return false;
    b->env->stats.backend_requests++;
    b->env->stats.backend_retries += batch->n_attempts > 1;
    return true;
}

static void
on_hook_cancel(void *arg, sio_event_batch *batch)
{
    const sio_hook_backend *b = arg;

    b->sender_ops->cancel(b->sender, batch);
}

/* --- What the sender tells. --- */

static void
add_hook_event_json(void *arg, sio_queued_event *event, sio_buf *out)
{
    const sio_hook_backend *b = arg;

    b->ops->add_json(b->arg, event, out);
}

static const char *
tell_hook_handshake(void *arg, sio_queued_event *event)
{
    const sio_hook_backend *b = arg;

    return b->ops->handshake(b->arg, event);
}

static bool
is_endpoint_in_service(const sio_hook_backend *b, size_t endpoint)
{
    return b->queue.endpoints.list[endpoint].state == SIO_ENDPOINT_IN_SERVICE;
}

static void
log_service(const sio_hook_backend *b, size_t endpoint, bool was_in_service)
{
    const bool is_in_service = is_endpoint_in_service(b, endpoint);

    if (is_in_service != was_in_service)
        sio_log_warn(&b->env->log, NULL, "backend %s: %s is %s", b->cfg->name,
                     b->sender_ops->endpoint_name(b->cfg, endpoint),
                     is_in_service ? "back in service" : "out of service");
}

/* What comes after is told event by event, in on_hook_event_done(). */
static void
on_batch_ended(void *arg, sio_event_batch *batch, const sio_hook_sender_end *end)
{
    sio_hook_backend *b = arg;
    const size_t      endpoint = batch->endpoint;
    const bool        was_in_service = is_endpoint_in_service(b, endpoint);

    sio_histogram_add(&b->measures.requests, sio_now_us() - batch->sent_us);
    b->end = end;
    sio_event_queue_end(&b->queue, batch, end->status.result, end->status.report,
                        end->retry_after_s);
    b->end = NULL;
    log_service(b, endpoint, was_in_service);
}

static void on_hook_wake(void *arg, uint64_t delay_ms);

/* Sooner than the queue would try. */
static void
on_endpoint_works(void *arg, size_t endpoint)
{
    sio_hook_backend *b = arg;

    if (sio_endpoints_report(&b->queue.endpoints, endpoint, sio_timer_wheel_now_ms(&b->env->timers),
                             SIO_ENDPOINT_WORKS)) {
        log_service(b, endpoint, false);
        on_hook_wake(b, 0);
    }
}

/* --- The queue's surroundings. --- */

static void
on_hook_event_done(void *arg, sio_queued_event *event, sio_event_fate fate, sio_event_batch *batch,
                   size_t i)
{
    sio_hook_backend *b = arg;
    sio_hook_result   result = {.fate = fate, .answer = SIO_VIEW("")};

    if (fate == SIO_EVENT_DELIVERED && batch != NULL && b->end != NULL && b->end->answers != NULL) {
        result.answer = b->end->answers[i];
        result.is_refusal = b->end->status.is_refusal;
    }
    b->env->stats.backend_queue--;
    b->env->stats.backend_given_up += fate != SIO_EVENT_DELIVERED;
    b->ops->done(b->arg, event, &result);
    note_queue(b);
}

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

    b->sender_ops->adapt(&limits);
    sio_event_queue_init(&b->queue, &queue_ops, b, &limits, b->sender_ops->n_endpoints(cfg));
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
    b->host = (sio_hook_sender_host){.env = env,
                                     .cfg = cfg,
                                     .measures = &b->measures,
                                     .add_json = add_hook_event_json,
                                     .handshake = tell_hook_handshake,
                                     .ended = on_batch_ended,
                                     .works = on_endpoint_works,
                                     .arg = b};
    b->sender_ops = cfg->stream ? &sio_stream_sender : &sio_call_sender;
    sio_measures_add_backend(&env->measures, &b->measures, cfg->name);
    sio_task_init(&b->run_task, run_hook_queue);
    b->run_timer.fire = run_hook_queue_later;
    begin_queue(b);
    sio_buf_add_str(error, "backend ");
    sio_buf_add_str(error, cfg->name);
    sio_buf_add_str(error, ": ");
    rc = b->sender_ops->open(&b->sender, &b->host, error);
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
    b->sender_ops->free(b->sender);
    b->sender = NULL;
    sio_timer_cancel(&b->env->timers, &b->run_timer);
    sio_task_cancel(&b->run_task);
    note_queue(b);
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
    sio_link_remove(&b->measures.link);
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
    note_queue(b);
    return rc;
}

void
sio_hook_backend_withdraw(sio_hook_backend *b, sio_queued_event *connect)
{
    b->env->stats.backend_queue--;
    sio_event_queue_withdraw(&b->queue, connect);
    note_queue(b);
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
