#include "server/backends/event_lines.h"

#include "protocol/result.h"

void
sio_event_lines_init(sio_event_lines *l)
{
    for (size_t i = 0; i < SIO_N_EVENT_KINDS; i++)
        sio_link_init(&l->ready[i]);
}

void
sio_event_line_init(sio_event_line *line)
{
    *line = (sio_event_line){.n_events = 0};
    sio_link_init(&line->link);
    sio_link_init(&line->waiting);
}

/* Its turn has come, if anything waits in it and nothing is under way. */
static void
line_up(sio_event_lines *l, sio_event_line *line, uint64_t now_ms)
{
    if (line->is_under_way || sio_link_empty(&line->waiting) || !sio_link_empty(&line->link))
        return;
    const sio_event_kind kind = sio_event_line_first(line)->kind;

    line->turn_ms = now_ms;
    sio_link_append(&l->ready[kind], &line->link);
    l->n_ready += kind != SIO_EVENT_CONNECT;
}

/* Before its first event changes, which says among which it is. */
static void
step_aside(sio_event_lines *l, sio_event_line *line)
{
    if (sio_link_empty(&line->link))
        return;
    l->n_ready -= sio_event_line_first(line)->kind != SIO_EVENT_CONNECT;
    sio_link_remove(&line->link);
}

/* Half empty before it goes on: a socket is not held and let go with each event. */
static void
judge_fullness(sio_event_lines *l, sio_event_line *line)
{
    const size_t full_at = line->is_full ? l->max_per_line / 2 + 1 : l->max_per_line;
    const bool   is_full = line->n_events >= full_at;

    if (is_full == line->is_full)
        return;
    line->is_full = is_full;
    l->hold(l->arg, line, is_full);
}

static void
uncount(sio_event_lines *l, sio_queued_event *event)
{
    l->n_events--;
    l->n_bytes -= event->n_bytes;
    event->line->n_events--;
}

static bool
lines_have_room(const sio_event_lines *l, const sio_queued_event *event)
{
    if (event->kind == SIO_EVENT_DISCONNECT)
        return true;
    return l->n_events < l->max_events && l->n_bytes <= l->max_bytes &&
           event->n_bytes <= l->max_bytes - l->n_bytes;
}

int
sio_event_lines_add(sio_event_lines *l, sio_event_line *line, sio_queued_event *event,
                    uint64_t now_ms)
{
    if (!lines_have_room(l, event))
        return SIO_ERR_FULL;
    event->line = line;
    event->batch = NULL;
    event->came_ms = now_ms;
    sio_link_append(&line->waiting, &event->link);
    line->n_events++;
    l->n_events++;
    l->n_bytes += event->n_bytes;
    line_up(l, line, now_ms);
    judge_fullness(l, line);
    return SIO_OK;
}

sio_event_line *
sio_event_lines_oldest(const sio_event_lines *l, sio_event_kind kind)
{
    const sio_link *ready = &l->ready[kind];

    return sio_link_empty(ready) ? NULL : SIO_CONTAINER(ready->next, sio_event_line, link);
}

sio_event_line *
sio_event_lines_oldest_others(const sio_event_lines *l)
{
    sio_event_line *a = sio_event_lines_oldest(l, SIO_EVENT_EMITTED);
    sio_event_line *b = sio_event_lines_oldest(l, SIO_EVENT_DISCONNECT);

    return a == NULL || (b != NULL && b->turn_ms < a->turn_ms) ? b : a;
}

sio_queued_event *
sio_event_lines_take(sio_event_lines *l, sio_event_line *line)
{
    sio_queued_event *event = sio_event_line_first(line);

    step_aside(l, line);
    line->is_under_way = true;
    sio_link_remove(&event->link);
    return event;
}

void
sio_event_lines_return(sio_event_lines *l, sio_queued_event *event, uint64_t now_ms)
{
    sio_event_line *line = event->line;

    step_aside(l, line);
    sio_link_remove(&event->link);
    sio_link_append(line->waiting.next, &event->link);
    event->batch = NULL;
    line->is_under_way = false;
    line_up(l, line, now_ms);
}

void
sio_event_lines_release(sio_event_lines *l, const sio_link *events, uint64_t now_ms)
{
    sio_link *at;

    for (at = events->next; at != events; at = at->next) {
        sio_queued_event *event = SIO_CONTAINER(at, sio_queued_event, link);

        event->line->is_under_way = false;
        uncount(l, event);
    }
    for (at = events->next; at != events; at = at->next) {
        sio_event_line *line = SIO_CONTAINER(at, sio_queued_event, link)->line;

        line_up(l, line, now_ms);
        judge_fullness(l, line);
    }
}

void
sio_event_lines_remove(sio_event_lines *l, sio_queued_event *event, uint64_t now_ms)
{
    sio_event_line *line = event->line;

    step_aside(l, line);
    sio_link_remove(&event->link);
    uncount(l, event);
    line_up(l, line, now_ms);
    judge_fullness(l, line);
}
