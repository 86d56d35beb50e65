/*
 * server/backends/event_lines.h - what waits to be told to a backend: a line for each socket.
 *
 * Of a line at most one request is under way, so a socket's events stay in order. Lines whose turn
 * has come are in the order in which it came. What waits is bounded: for a socket, which is then
 * held, and in all. Pure: the caller knows the time.
 */
#ifndef SIO_BACKENDS_EVENT_LINES_H
#define SIO_BACKENDS_EVENT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/list.h"

typedef enum {
    SIO_EVENT_CONNECT, /* the first of its client, and alone in its request */
    SIO_EVENT_EMITTED,
    SIO_EVENT_DISCONNECT, /* the last of its client; there is always room for it */
    SIO_N_EVENT_KINDS
} sio_event_kind;

/* Of a socket; part of an object of the caller, who keeps it while anything is in it. */
typedef struct {
    sio_link link;     /* among those whose turn has come */
    sio_link waiting;  /* sio_queued_event */
    unsigned n_events; /* waiting and under way */
    bool     is_under_way;
    bool     is_full; /* as its owner was told last */
    uint64_t turn_ms; /* when its turn came */
} sio_event_line;

/* Part of an object of the caller, who owns it again when it has left. */
typedef struct {
    sio_link        link;
    sio_event_line *line;
    void           *batch; /* that it is under way with; NULL: it waits in its line */
    sio_event_kind  kind;
    size_t          n_bytes; /* what it costs while it is there */
    uint64_t        came_ms;
} sio_queued_event;

typedef struct {
    sio_link ready[SIO_N_EVENT_KINDS]; /* lines, by the kind of their first event */
    size_t   n_ready;                  /* of these, those that do not begin with a connect */
    size_t   n_events, n_bytes;        /* waiting and under way */
    size_t   max_per_line, max_events, max_bytes;
    /* The line is full, so that its socket should not be heard; or not any more. */
    void (*hold)(void *arg, sio_event_line *line, bool is_full);
    void *arg;
} sio_event_lines;

/* Bounds and hold are set before; they may change later. */
void sio_event_lines_init(sio_event_lines *l);

void sio_event_line_init(sio_event_line *line);

static inline sio_queued_event *
sio_queued_event_of(sio_link *link)
{
    return SIO_CONTAINER(link, sio_queued_event, link);
}

static inline sio_queued_event *
sio_event_line_first(const sio_event_line *line)
{
    return sio_queued_event_of(line->waiting.next);
}

/*
 * Let an event wait; its owner has set kind and n_bytes. SIO_OK, or SIO_ERR_FULL: there is no room
 * in all. (A line that is full has room: its socket may not be held at once.)
 */
int sio_event_lines_add(sio_event_lines *l, sio_event_line *line, sio_queued_event *event,
                        uint64_t now_ms);

/* The line whose turn came first, of those that begin with that kind; NULL: none. */
sio_event_line *sio_event_lines_oldest(const sio_event_lines *l, sio_event_kind kind);

/* The same of all that do not begin with a connect. */
sio_event_line *sio_event_lines_oldest_others(const sio_event_lines *l);

/* The first event of a line becomes under way: it is the caller's, and still counts. */
sio_queued_event *sio_event_lines_take(sio_event_lines *l, sio_event_line *line);

/* It was not under way: it is the first of its line again. */
void sio_event_lines_return(sio_event_lines *l, sio_queued_event *event, uint64_t now_ms);

/*
 * These, a list of what was taken, are under way no longer, and count no more; it is the turn of
 * those behind them. Nothing is touched later but by the caller.
 */
void sio_event_lines_release(sio_event_lines *l, const sio_link *events, uint64_t now_ms);

/* One that waits leaves. */
void sio_event_lines_remove(sio_event_lines *l, sio_queued_event *event, uint64_t now_ms);

#endif
