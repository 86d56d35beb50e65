#include "server/backends/event_queue.h"

#include "protocol/result.h"
#include "server/backends/event_batch.h"
#include "server/backends/event_end.h"

/* So many times "max requests" wait to be sent again; until then others are sent in between. */
enum { RETRIES_FOR_EACH = 4 };

static uint32_t
random_for_endpoints(void *arg)
{
    sio_event_queue *q = arg;

    return q->ops->random(q->arg);
}

void
sio_event_queue_init(sio_event_queue *q, const sio_event_queue_ops *ops, void *arg,
                     const sio_event_limits *limits, size_t n_endpoints)
{
    *q = (sio_event_queue){.ops = ops, .arg = arg, .limits = *limits};
    q->lines = (sio_event_lines){.max_per_line = limits->max_events_per_socket,
                                 .max_events = limits->max_events,
                                 .max_bytes = limits->max_bytes,
                                 .hold = ops->hold,
                                 .arg = arg};
    sio_endpoints_init(&q->endpoints, n_endpoints, random_for_endpoints, q);
    sio_event_lines_init(&q->lines);
    sio_link_init(&q->retries);
    sio_link_init(&q->sent);
}

/* --- What waits. --- */

int
sio_event_queue_add(sio_event_queue *q, sio_event_line *line, sio_queued_event *event)
{
    const int rc = sio_event_lines_add(&q->lines, line, event, sio_event_queue_now_ms(q));

    if (rc == SIO_OK)
        q->ops->wake(q->arg, 0);
    return rc;
}

void
sio_event_queue_drop(sio_event_queue *q, sio_event_line *line)
{
    sio_queued_event *event;

    while (!sio_link_empty(&line->waiting) &&
           (event = sio_event_line_first(line))->kind == SIO_EVENT_EMITTED) {
        const bool is_last = line->waiting.prev == &event->link;

        sio_event_end_one(q, event, SIO_EVENT_DROPPED);
        if (is_last) /* then the line may be gone */
            return;
    }
}

static void
note_service(sio_event_queue *q, uint64_t now_ms)
{
    if (!sio_endpoints_all_out(&q->endpoints))
        q->out_since_ms = 0;
    else if (q->out_since_ms == 0)
        q->out_since_ms = now_ms;
}

/* --- Whose turn it is. --- */

static bool
may_send_connect(const sio_event_queue *q)
{
    return q->n_sent_connects < q->limits.max_connects &&
           q->n_retry_connects < RETRIES_FOR_EACH * q->limits.max_connects;
}

static bool
may_send_others(const sio_event_queue *q)
{
    return q->n_retries - q->n_retry_connects < RETRIES_FOR_EACH * q->limits.max_requests;
}

/* When a batch of less than it may have is sent all the same. */
static uint64_t
batch_due_ms(const sio_event_queue *q, const sio_event_line *oldest)
{
    return q->lines.n_ready >= q->limits.max_batch ? 0 : oldest->turn_ms + q->limits.batch_wait_ms;
}

/* NULL: none. */
static sio_event_line *
next_line_to_send(const sio_event_queue *q, uint64_t now_ms)
{
    sio_event_line *line = may_send_others(q) ? sio_event_lines_oldest_others(&q->lines) : NULL;
    sio_event_line *connect =
        may_send_connect(q) ? sio_event_lines_oldest(&q->lines, SIO_EVENT_CONNECT) : NULL;

    if (line == NULL || batch_due_ms(q, line) > now_ms)
        return connect;
    return connect != NULL && connect->turn_ms <= line->turn_ms ? connect : line;
}

/* One that waits for its repetition goes first. NULL: nothing is to be sent now. */
static sio_event_batch *
next_batch(sio_event_queue *q, uint64_t now_ms)
{
    sio_link       *first = q->retries.next;
    sio_event_line *line;

    for (; first != &q->retries && sio_event_batch_of(first)->next_ms <= now_ms;
         first = first->next)
        if (!sio_event_batch_of(first)->is_connect || q->n_sent_connects < q->limits.max_connects)
            return sio_event_batch_of(first);
    return (line = next_line_to_send(q, now_ms)) != NULL ? sio_event_batch_make(q, line) : NULL;
}

/* --- The next time. --- */

static void
be_earlier(uint64_t *at_ms, uint64_t other_ms)
{
    if (other_ms < *at_ms)
        *at_ms = other_ms;
}

/* While none is in service: when there may be one, and when something is too old. */
static uint64_t
next_while_out_ms(const sio_event_queue *q, uint64_t now_ms)
{
    uint64_t at_ms = sio_endpoints_next_ms(&q->endpoints, now_ms);

    be_earlier(&at_ms, sio_event_end_next_ms(q));
    return at_ms;
}

static uint64_t
next_in_service_ms(const sio_event_queue *q, uint64_t now_ms)
{
    const sio_event_line *line = sio_event_lines_oldest_others(&q->lines);
    uint64_t              at_ms = UINT64_MAX;
    sio_link             *l = q->retries.next;

    if (q->n_sent >= q->limits.max_requests)
        return at_ms; /* the end of one of these comes first */
    if (line != NULL && may_send_others(q) && batch_due_ms(q, line) > now_ms)
        at_ms = batch_due_ms(q, line);
    while (l != &q->retries && sio_event_batch_of(l)->next_ms <= now_ms)
        l = l->next; /* they wait for others of their kind */
    if (l != &q->retries)
        be_earlier(&at_ms, sio_event_batch_of(l)->next_ms);
    return at_ms;
}

static void
wake_in_time(sio_event_queue *q, uint64_t now_ms)
{
    const bool is_idle = sio_link_empty(&q->retries) && q->lines.n_ready == 0 &&
                         sio_event_lines_oldest(&q->lines, SIO_EVENT_CONNECT) == NULL;
    const uint64_t at_ms = is_idle                ? UINT64_MAX
                           : q->out_since_ms != 0 ? next_while_out_ms(q, now_ms)
                                                  : next_in_service_ms(q, now_ms);

    if (at_ms != UINT64_MAX)
        q->ops->wake(q->arg, at_ms > now_ms ? at_ms - now_ms : 0);
}

void
sio_event_queue_run(sio_event_queue *q)
{
    const uint64_t   now_ms = sio_event_queue_now_ms(q);
    sio_event_batch *batch;
    int              endpoint;

    note_service(q, now_ms);
    if (q->out_since_ms != 0)
        sio_event_end_late_ones(q, now_ms);
    while (q->n_sent < q->limits.max_requests &&
           sio_endpoints_next_ms(&q->endpoints, now_ms) <= now_ms &&
           (batch = next_batch(q, now_ms)) != NULL) {
        endpoint = sio_endpoints_take(&q->endpoints, now_ms);
        sio_event_batch_send(q, batch, (size_t)endpoint);
    }
    wake_in_time(q, now_ms);
}

/* --- The end of a request. --- */

static void
try_again(sio_event_queue *q, sio_event_batch *batch, unsigned retry_after_s)
{
    sio_event_batch_delay(q, batch, retry_after_s);
    if (sio_event_end_has_late(q, batch, batch->next_ms))
        sio_event_end_late_batch(q, batch, batch->next_ms);
}

void
sio_event_queue_end(sio_event_queue *q, sio_event_batch *batch, sio_event_request_result result,
                    sio_endpoint_report report, unsigned retry_after_s)
{
    const uint64_t now_ms = sio_event_queue_now_ms(q);

    (void)sio_endpoints_report(&q->endpoints, batch->endpoint, now_ms, report);
    note_service(q, now_ms);
    batch->call = NULL;
    if (result == SIO_EVENT_REQUEST_AGAIN)
        try_again(q, batch, retry_after_s);
    else
        sio_event_end_batch(
            q, batch, result == SIO_EVENT_REQUEST_DONE ? SIO_EVENT_DELIVERED : SIO_EVENT_FAILED);
    q->ops->wake(q->arg, 0);
}

void
sio_event_queue_withdraw(sio_event_queue *q, sio_queued_event *connect)
{
    sio_event_batch *batch = connect->batch;

    if (batch != NULL) {
        sio_event_batch_cancel(q, batch);
        sio_event_lines_return(&q->lines, connect, sio_event_queue_now_ms(q));
        sio_event_batch_free(q, batch);
    }
    sio_event_lines_remove(&q->lines, connect, sio_event_queue_now_ms(q));
    q->ops->wake(q->arg, 0);
}

static void
forget_batches(sio_event_queue *q, sio_link *list)
{
    while (!sio_link_empty(list)) {
        sio_event_batch *batch = sio_event_batch_of(list->next);

        sio_event_batch_cancel(q, batch);
        while (!sio_link_empty(&batch->events))
            sio_link_remove(batch->events.next);
        sio_event_batch_free(q, batch);
    }
}

void
sio_event_queue_fini(sio_event_queue *q)
{
    forget_batches(q, &q->sent);
    forget_batches(q, &q->retries);
}
