#include "server/backends/event_end.h"

#include "server/backends/event_batch.h"

void
sio_event_end_one(sio_event_queue *q, sio_queued_event *event, sio_event_fate fate)
{
    sio_event_lines_remove(&q->lines, event, sio_event_queue_now_ms(q));
    q->ops->done(q->arg, event, fate, NULL, 0);
}

/* UINT64_MAX: its owner withdraws it. */
static uint64_t
event_patience_ms(const sio_event_queue *q, const sio_queued_event *event)
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
    const uint64_t most = event_patience_ms(q, event);

    return most != UINT64_MAX && at_ms >= since_ms && at_ms - since_ms >= most;
}

void
sio_event_end_batch(sio_event_queue *q, sio_event_batch *batch, sio_event_fate fate)
{
    sio_event_lines_release(&q->lines, &batch->events, sio_event_queue_now_ms(q));
    for (size_t i = 0; !sio_link_empty(&batch->events); i++) {
        sio_queued_event *event = sio_queued_event_of(batch->events.next);

        sio_link_remove(&event->link);
        event->batch = NULL;
        q->ops->done(q->arg, event, fate, batch, i);
    }
    sio_event_batch_free(q, batch);
}

void
sio_event_end_late_batch(sio_event_queue *q, sio_event_batch *batch, uint64_t at_ms)
{
    sio_link *link = batch->events.prev;

    while (link != &batch->events) {
        sio_queued_event *event = sio_queued_event_of(link);

        link = link->prev;
        if (!is_late(q, event, batch->first_ms, at_ms))
            sio_event_lines_return(&q->lines, event, sio_event_queue_now_ms(q));
    }
    sio_event_end_batch(q, batch, SIO_EVENT_LATE);
}

bool
sio_event_end_has_late(const sio_event_queue *q, const sio_event_batch *batch, uint64_t at_ms)
{
    for (sio_link *l = batch->events.next; l != &batch->events; l = l->next)
        if (is_late(q, sio_queued_event_of(l), batch->first_ms, at_ms))
            return true;
    return false;
}

static sio_event_batch *
first_late_batch(sio_event_queue *q, uint64_t now_ms)
{
    for (sio_link *link = q->retries.next; link != &q->retries; link = link->next)
        if (sio_event_end_has_late(q, sio_event_batch_of(link), now_ms))
            return sio_event_batch_of(link);
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

void
sio_event_end_late_ones(sio_event_queue *q, uint64_t now_ms)
{
    sio_event_batch *batch;
    sio_event_line  *line;

    while ((batch = first_late_batch(q, now_ms)) != NULL)
        sio_event_end_late_batch(q, batch, now_ms);
    while ((line = first_late_line(q, SIO_EVENT_EMITTED, now_ms)) != NULL ||
           (line = first_late_line(q, SIO_EVENT_DISCONNECT, now_ms)) != NULL)
        sio_event_end_one(q, sio_event_line_first(line), SIO_EVENT_LATE);
}

/* When the first of a line will be too old. */
static uint64_t
line_late_ms(const sio_event_queue *q, sio_event_kind kind)
{
    const sio_event_line   *line = sio_event_lines_oldest(&q->lines, kind);
    const sio_queued_event *event = line != NULL ? sio_event_line_first(line) : NULL;

    return event != NULL ? stuck_since_ms(q, event) + event_patience_ms(q, event) : UINT64_MAX;
}

/* When the first of a batch will be. */
static uint64_t
batch_late_ms(const sio_event_queue *q, const sio_event_batch *batch)
{
    uint64_t least = UINT64_MAX;

    for (sio_link *l = batch->events.next; l != &batch->events; l = l->next) {
        const uint64_t ms = event_patience_ms(q, sio_queued_event_of(l));

        if (ms < least)
            least = ms;
    }
    return least != UINT64_MAX ? batch->first_ms + least : UINT64_MAX;
}

uint64_t
sio_event_end_next_ms(const sio_event_queue *q)
{
    const uint64_t emitted_ms = line_late_ms(q, SIO_EVENT_EMITTED);
    const uint64_t left_ms = line_late_ms(q, SIO_EVENT_DISCONNECT);
    uint64_t       at_ms = emitted_ms < left_ms ? emitted_ms : left_ms;

    for (sio_link *l = q->retries.next; l != &q->retries; l = l->next) {
        const uint64_t batch_ms = batch_late_ms(q, sio_event_batch_of(l));

        if (batch_ms < at_ms)
            at_ms = batch_ms;
    }
    return at_ms;
}
