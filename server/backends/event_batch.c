#include "server/backends/event_batch.h"

#include <stdlib.h>

void
sio_event_batch_free(sio_event_queue *q, sio_event_batch *batch)
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

    while (at != &q->retries && sio_event_batch_of(at)->next_ms > batch->next_ms)
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
retry_delay_ms(sio_event_queue *q, const sio_event_batch *batch, unsigned retry_after_s)
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

sio_event_batch *
sio_event_batch_make(sio_event_queue *q, sio_event_line *line)
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

/* It was sent, and waits again. */
static void
batch_unsend(sio_event_queue *q, sio_event_batch *batch)
{
    q->n_sent--;
    q->n_sent_connects -= batch->is_connect;
    batch_wait(q, batch);
}

void
sio_event_batch_send(sio_event_queue *q, sio_event_batch *batch, size_t endpoint)
{
    const uint64_t now_ms = sio_event_queue_now_ms(q);

    if (batch->n_attempts++ == 0)
        batch->first_ms = now_ms;
    batch->endpoint = endpoint;
    batch_unwait(q, batch);
    if (q->ops->send(q->arg, batch))
        return;
    (void)sio_endpoints_report(&q->endpoints, endpoint, now_ms, SIO_ENDPOINT_UNKNOWN);
    batch->next_ms = now_ms + SIO_EVENT_FIRST_RETRY_MS; /* there was no memory for it */
    batch_unsend(q, batch);
}

void
sio_event_batch_delay(sio_event_queue *q, sio_event_batch *batch, unsigned retry_after_s)
{
    batch->next_ms = sio_event_queue_now_ms(q) + retry_delay_ms(q, batch, retry_after_s);
    batch_unsend(q, batch);
}

void
sio_event_batch_cancel(sio_event_queue *q, sio_event_batch *batch)
{
    if (!batch->is_sent)
        return;
    q->ops->cancel(q->arg, batch);
    (void)sio_endpoints_report(&q->endpoints, batch->endpoint, sio_event_queue_now_ms(q),
                               SIO_ENDPOINT_UNKNOWN);
}
