#include "server/backends/event_queue.h"

#include <stdlib.h>

#include "protocol/result.h"

/* So many times "max requests" wait to be sent again; until then others are sent in between. */
enum { RETRIES_FOR_EACH = 4 };

static sio_queued_event *
event_of(sio_link *link)
{
    return SIO_CONTAINER(link, sio_queued_event, link);
}

static sio_event_batch *
batch_of(sio_link *link)
{
    return SIO_CONTAINER(link, sio_event_batch, link);
}

static uint64_t
now_ms_of(sio_event_queue *q)
{
    return q->ops->now_ms(q->arg);
}

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
    const int rc = sio_event_lines_add(&q->lines, line, event, now_ms_of(q));

    if (rc == SIO_OK)
        q->ops->wake(q->arg, 0);
    return rc;
}

static void
give_up(sio_event_queue *q, sio_queued_event *event, sio_event_fate fate)
{
    sio_event_lines_remove(&q->lines, event, now_ms_of(q));
    q->ops->done(q->arg, event, fate, NULL, 0);
}

void
sio_event_queue_drop(sio_event_queue *q, sio_event_line *line)
{
    sio_queued_event *event;

    while (!sio_link_empty(&line->waiting) &&
           (event = sio_event_line_first(line))->kind == SIO_EVENT_EMITTED) {
        const bool is_last = line->waiting.prev == &event->link;

        give_up(q, event, SIO_EVENT_DROPPED);
        if (is_last) /* then the line may be gone */
            return;
    }
}

/* --- Batches. --- */

static void
batch_free(sio_event_queue *q, sio_event_batch *batch)
{
    unsigned *n = batch->is_sent ? &q->n_sent : &q->n_retries;
    unsigned *n_connects = batch->is_sent ? &q->n_sent_connects : &q->n_retry_connects;

    *n -= 1;
    *n_connects -= batch->is_connect;
    sio_link_remove(&batch->link);
    sio_buf_fini(&batch->body);
    free(batch);
}

/* Put it among those that wait, the next one first. */
static void
batch_wait(sio_event_queue *q, sio_event_batch *batch)
{
    sio_link *at = q->retries.prev;

    while (at != &q->retries && batch_of(at)->next_ms > batch->next_ms)
        at = at->prev;
    sio_link_remove(&batch->link);
    sio_link_append(at->next, &batch->link);
    q->n_retries++;
    q->n_retry_connects += batch->is_connect;
    batch->is_sent = false;
}

static void
batch_unwait(sio_event_queue *q, sio_event_batch *batch)
{
    sio_link_remove(&batch->link);
    sio_link_append(&q->sent, &batch->link);
    q->n_retries--;
    q->n_retry_connects -= batch->is_connect;
    q->n_sent++;
    q->n_sent_connects += batch->is_connect;
    batch->is_sent = true;
}

/* Full jitter: anything from nothing to the whole delay, which doubles. */
static uint64_t
delay_before_retry(sio_event_queue *q, const sio_event_batch *batch, unsigned retry_after_s)
{
    uint64_t most = SIO_EVENT_FIRST_RETRY_MS;

    if (retry_after_s > 0)
        return 1000u * (uint64_t)(retry_after_s < SIO_EVENT_MAX_RETRY_AFTER_S
                                      ? retry_after_s
                                      : SIO_EVENT_MAX_RETRY_AFTER_S);
    for (unsigned i = 1; i < batch->n_attempts && most < SIO_EVENT_LONGEST_RETRY_MS; i++)
        most *= 2;
    if (most > SIO_EVENT_LONGEST_RETRY_MS)
        most = SIO_EVENT_LONGEST_RETRY_MS;
    return q->ops->random(q->arg) % (most + 1);
}

static void
batch_send(sio_event_queue *q, sio_event_batch *batch, size_t endpoint)
{
    const uint64_t now_ms = now_ms_of(q);

    if (batch->n_attempts++ == 0)
        batch->first_ms = now_ms;
    batch->endpoint = endpoint;
    batch_unwait(q, batch);
    if (q->ops->send(q->arg, batch))
        return;
    q->n_sent--; /* there was no memory for it */
    q->n_sent_connects -= batch->is_connect;
    (void)sio_endpoints_report(&q->endpoints, endpoint, now_ms, SIO_ENDPOINT_UNKNOWN);
    batch->next_ms = now_ms + SIO_EVENT_FIRST_RETRY_MS;
    batch_wait(q, batch);
}

/* A client may have left and come again: its connect travels alone all the same. */
static bool
has_next_event(const sio_event_line *line)
{
    return !sio_link_empty(&line->waiting) && sio_event_line_first(line)->kind != SIO_EVENT_CONNECT;
}

/* The events at the head of a line join a batch; a connect does so alone. */
static void
batch_join(sio_event_queue *q, sio_event_batch *batch, sio_event_line *line, size_t *n_bytes)
{
    do {
        sio_queued_event *event = sio_event_lines_take(&q->lines, line);

        sio_link_append(&batch->events, &event->link);
        event->batch = batch;
        batch->n_events++;
        *n_bytes += event->n_bytes;
    } while (!batch->is_connect && has_next_event(line) && batch->n_events < q->limits.max_batch &&
             *n_bytes + sio_event_line_first(line)->n_bytes <= SIO_EVENT_BATCH_MAX_BYTES);
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
next_line(const sio_event_queue *q, uint64_t now_ms)
{
    sio_event_line *line = may_send_others(q) ? sio_event_lines_oldest_others(&q->lines) : NULL;
    sio_event_line *connect =
        may_send_connect(q) ? sio_event_lines_oldest(&q->lines, SIO_EVENT_CONNECT) : NULL;

    if (line == NULL || batch_due_ms(q, line) > now_ms)
        return connect;
    return connect != NULL && connect->turn_ms <= line->turn_ms ? connect : line;
}

/* NULL: no memory. */
static sio_event_batch *
make_batch(sio_event_queue *q, sio_event_line *line)
{
    sio_event_batch *batch = calloc(1, sizeof *batch);
    size_t           n_bytes = 0;

    if (batch == NULL) {
        q->ops->wake(q->arg, SIO_EVENT_FIRST_RETRY_MS);
        return NULL;
    }
    sio_link_init(&batch->link);
    sio_link_init(&batch->events);
    sio_buf_init(&batch->body, SIZE_MAX);
    batch->is_connect = sio_event_line_first(line)->kind == SIO_EVENT_CONNECT;
    batch_wait(q, batch);
    do
        batch_join(q, batch, line, &n_bytes);
    while (!batch->is_connect && batch->n_events < q->limits.max_batch &&
           (line = sio_event_lines_oldest_others(&q->lines)) != NULL &&
           n_bytes + sio_event_line_first(line)->n_bytes <= SIO_EVENT_BATCH_MAX_BYTES);
    return batch;
}

/* One that waits for its repetition goes first. NULL: nothing is to be sent now. */
static sio_event_batch *
next_batch(sio_event_queue *q, uint64_t now_ms)
{
    sio_link       *first = q->retries.next;
    sio_event_line *line;

    for (; first != &q->retries && batch_of(first)->next_ms <= now_ms; first = first->next)
        if (!batch_of(first)->is_connect || q->n_sent_connects < q->limits.max_connects)
            return batch_of(first);
    return (line = next_line(q, now_ms)) != NULL ? make_batch(q, line) : NULL;
}

/* --- What is too old. --- */

/* UINT64_MAX: its owner withdraws it. */
static uint64_t
patience_ms(const sio_event_queue *q, const sio_queued_event *event)
{
    switch (event->kind) {
    case SIO_EVENT_EMITTED:
        return q->limits.retry_for_ms;
    case SIO_EVENT_DISCONNECT:
        return q->limits.retry_disconnects_for_ms;
    default:
        return UINT64_MAX;
    }
}

static bool
is_late(const sio_event_queue *q, const sio_queued_event *event, uint64_t since_ms, uint64_t at_ms)
{
    const uint64_t most = patience_ms(q, event);

    return most != UINT64_MAX && at_ms >= since_ms && at_ms - since_ms >= most;
}

/* Tell of all events in the batch, and free it. */
static void
end_batch(sio_event_queue *q, sio_event_batch *batch, sio_event_fate fate)
{
    sio_event_lines_release(&q->lines, &batch->events, now_ms_of(q));
    for (size_t i = 0; !sio_link_empty(&batch->events); i++) {
        sio_queued_event *event = event_of(batch->events.next);

        sio_link_remove(&event->link);
        event->batch = NULL;
        q->ops->done(q->arg, event, fate, batch, i);
    }
    batch_free(q, batch);
}

/* Events may be too old before the end of their line, which is tried for longer, is. */
static void
end_late_batch(sio_event_queue *q, sio_event_batch *batch, uint64_t at_ms)
{
    sio_link *link = batch->events.prev;

    while (link != &batch->events) {
        sio_queued_event *event = event_of(link);

        link = link->prev;
        if (!is_late(q, event, batch->first_ms, at_ms))
            sio_event_lines_return(&q->lines, event, now_ms_of(q));
    }
    end_batch(q, batch, SIO_EVENT_LATE);
}

static bool
has_late_event(const sio_event_queue *q, const sio_event_batch *batch, uint64_t at_ms)
{
    for (sio_link *l = batch->events.next; l != &batch->events; l = l->next)
        if (is_late(q, event_of(l), batch->first_ms, at_ms))
            return true;
    return false;
}

static sio_event_batch *
first_late_batch(sio_event_queue *q, uint64_t now_ms)
{
    for (sio_link *link = q->retries.next; link != &q->retries; link = link->next)
        if (has_late_event(q, batch_of(link), now_ms))
            return batch_of(link);
    return NULL;
}

/* Since when can this one not be sent? */
static uint64_t
stuck_since_ms(const sio_event_queue *q, const sio_queued_event *event)
{
    return event->came_ms > q->out_since_ms ? event->came_ms : q->out_since_ms;
}

/* The first line of a kind, if it has waited for too long; NULL: it has not. */
static sio_event_line *
first_late_line(const sio_event_queue *q, sio_event_kind kind, uint64_t now_ms)
{
    sio_event_line         *line = sio_event_lines_oldest(&q->lines, kind);
    const sio_queued_event *event = line != NULL ? sio_event_line_first(line) : NULL;

    return event != NULL && is_late(q, event, stuck_since_ms(q, event), now_ms) ? line : NULL;
}

/* No endpoint is in service: what has waited for too long is given up. */
static void
give_up_late_ones(sio_event_queue *q, uint64_t now_ms)
{
    sio_event_batch *batch;
    sio_event_line  *line;

    while ((batch = first_late_batch(q, now_ms)) != NULL)
        end_late_batch(q, batch, now_ms);
    while ((line = first_late_line(q, SIO_EVENT_EMITTED, now_ms)) != NULL ||
           (line = first_late_line(q, SIO_EVENT_DISCONNECT, now_ms)) != NULL)
        give_up(q, sio_event_line_first(line), SIO_EVENT_LATE);
}

static void
note_service(sio_event_queue *q, uint64_t now_ms)
{
    if (!sio_endpoints_all_out(&q->endpoints))
        q->out_since_ms = 0;
    else if (q->out_since_ms == 0)
        q->out_since_ms = now_ms;
}

/* --- The next time. --- */

static void
be_earlier(uint64_t *at_ms, uint64_t other_ms)
{
    if (other_ms < *at_ms)
        *at_ms = other_ms;
}

/* When the first of a line will be too old. */
static uint64_t
late_ms(const sio_event_queue *q, sio_event_kind kind)
{
    const sio_event_line   *line = sio_event_lines_oldest(&q->lines, kind);
    const sio_queued_event *event = line != NULL ? sio_event_line_first(line) : NULL;

    return event != NULL ? stuck_since_ms(q, event) + patience_ms(q, event) : UINT64_MAX;
}

/* While none is in service: when there may be one, and when something is too old. */
static uint64_t
next_while_out_ms(const sio_event_queue *q, uint64_t now_ms)
{
    uint64_t at_ms = sio_endpoints_next_ms(&q->endpoints, now_ms);

    be_earlier(&at_ms, late_ms(q, SIO_EVENT_EMITTED));
    be_earlier(&at_ms, late_ms(q, SIO_EVENT_DISCONNECT));
    for (sio_link *l = q->retries.next; l != &q->retries; l = l->next)
        for (sio_link *e = batch_of(l)->events.next; e != &batch_of(l)->events; e = e->next)
            if (event_of(e)->kind != SIO_EVENT_CONNECT)
                be_earlier(&at_ms, batch_of(l)->first_ms + patience_ms(q, event_of(e)));
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
    while (l != &q->retries && batch_of(l)->next_ms <= now_ms)
        l = l->next; /* they wait for others of their kind */
    if (l != &q->retries)
        be_earlier(&at_ms, batch_of(l)->next_ms);
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
    const uint64_t   now_ms = now_ms_of(q);
    sio_event_batch *batch;
    int              endpoint;

    note_service(q, now_ms);
    if (q->out_since_ms != 0)
        give_up_late_ones(q, now_ms);
    while (q->n_sent < q->limits.max_requests &&
           sio_endpoints_next_ms(&q->endpoints, now_ms) <= now_ms &&
           (batch = next_batch(q, now_ms)) != NULL) {
        endpoint = sio_endpoints_take(&q->endpoints, now_ms);
        batch_send(q, batch, (size_t)endpoint);
    }
    wake_in_time(q, now_ms);
}

/* --- The end of a request. --- */

static void
unsend(sio_event_queue *q, sio_event_batch *batch)
{
    q->n_sent--;
    q->n_sent_connects -= batch->is_connect;
    batch_wait(q, batch);
}

static void
try_again(sio_event_queue *q, sio_event_batch *batch, uint64_t now_ms, unsigned retry_after_s)
{
    batch->next_ms = now_ms + delay_before_retry(q, batch, retry_after_s);
    unsend(q, batch);
    if (has_late_event(q, batch, batch->next_ms))
        end_late_batch(q, batch, batch->next_ms);
}

void
sio_event_queue_end(sio_event_queue *q, sio_event_batch *batch, sio_event_request_result result,
                    sio_endpoint_report report, unsigned retry_after_s)
{
    const uint64_t now_ms = now_ms_of(q);

    (void)sio_endpoints_report(&q->endpoints, batch->endpoint, now_ms, report);
    note_service(q, now_ms);
    batch->call = NULL;
    if (result == SIO_EVENT_REQUEST_AGAIN)
        try_again(q, batch, now_ms, retry_after_s);
    else
        end_batch(q, batch,
                  result == SIO_EVENT_REQUEST_DONE ? SIO_EVENT_DELIVERED : SIO_EVENT_FAILED);
    q->ops->wake(q->arg, 0);
}

static void
cancel_batch(sio_event_queue *q, sio_event_batch *batch)
{
    if (!batch->is_sent)
        return;
    q->ops->cancel(q->arg, batch);
    (void)sio_endpoints_report(&q->endpoints, batch->endpoint, now_ms_of(q), SIO_ENDPOINT_UNKNOWN);
}

void
sio_event_queue_withdraw(sio_event_queue *q, sio_queued_event *connect)
{
    sio_event_batch *batch = connect->batch;

    if (batch != NULL) {
        cancel_batch(q, batch);
        sio_event_lines_return(&q->lines, connect, now_ms_of(q));
        batch_free(q, batch);
    }
    sio_event_lines_remove(&q->lines, connect, now_ms_of(q));
    q->ops->wake(q->arg, 0);
}

static void
forget_batches(sio_event_queue *q, sio_link *list)
{
    while (!sio_link_empty(list)) {
        sio_event_batch *batch = batch_of(list->next);

        cancel_batch(q, batch);
        while (!sio_link_empty(&batch->events))
            sio_link_remove(batch->events.next);
        batch_free(q, batch);
    }
}

void
sio_event_queue_fini(sio_event_queue *q)
{
    forget_batches(q, &q->sent);
    forget_batches(q, &q->retries);
}
