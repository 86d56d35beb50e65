/*
 * server/backends/event_queue.h - what is to be told to one backend: in order, once it can hear.
 *
 * Each socket has a line. Of a line at most one request is under way, and what waits in it when its
 * turn comes travels together, so a socket's events arrive in order. Several lines share a request
 * up to "max batch"; a connect travels alone. A request that came to nothing is repeated as it is,
 * until its events are too old. While no endpoint is in service nothing is sent but trials
 * (endpoints.h), and all that waits is kept.
 *
 *     line A: a1 a2 ──┐   "max requests" at once
 *     line B: b1 ─────┴── batch [a1 a2 b1] ── sent ──> answered: each event is done
 *     line C: c1          (c1: the next one)     └──> failed: again, after a while
 *
 * Pure: it sends through a table of functions, and has no clock of its own. Its files: event_lines
 * is what waits, event_batch what is sent, event_end how an event leaves; this one says when.
 */
#ifndef SIO_BACKENDS_EVENT_QUEUE_H
#define SIO_BACKENDS_EVENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/list.h"
#include "protocol/view.h"
#include "server/backends/endpoints.h"
#include "server/backends/event_lines.h"

enum {
    SIO_EVENT_BATCH_MAX_BYTES = 1024 * 1024, /* then no further event joins it */
    SIO_EVENT_FIRST_RETRY_MS = 100,
    SIO_EVENT_LONGEST_RETRY_MS = 5000,
    SIO_EVENT_MAX_RETRY_AFTER_S = 60,
    SIO_EVENT_ID_LEN = 26
};

typedef struct sio_event_batch sio_event_batch;

/* A request, and its repetitions. */
struct sio_event_batch {
    sio_link link;
    sio_link events; /* sio_queued_event, in the order of the answers */
    size_t   n_events;
    bool     is_connect;
    bool     is_sent;    /* and not answered */
    unsigned n_attempts; /* with this one */
    size_t   endpoint;
    uint64_t first_ms, next_ms;
    /* For whoever sends it; freed with it. */
    char     id[SIO_EVENT_ID_LEN + 1];
    sio_buf  body;
    void    *call;
    uint64_t sent_us; /* this attempt */
};

/* What came of an event. */
typedef enum {
    SIO_EVENT_DELIVERED, /* answered */
    SIO_EVENT_FAILED,    /* and to try again is of no use */
    SIO_EVENT_LATE,      /* it was tried for long enough */
    SIO_EVENT_DROPPED    /* sio_event_queue_drop() */
} sio_event_fate;

/* What came of a request. */
typedef enum {
    SIO_EVENT_REQUEST_DONE,
    SIO_EVENT_REQUEST_FAILED,
    SIO_EVENT_REQUEST_AGAIN /* it may succeed later */
} sio_event_request_result;

typedef struct {
    unsigned max_requests, max_connects; /* at once; the latter of the former */
    unsigned max_batch, batch_wait_ms;
    unsigned retry_for_ms, retry_disconnects_for_ms;
    size_t   max_events_per_socket, max_events, max_bytes;
} sio_event_limits;

/* arg: of sio_event_queue_init(). */
typedef struct {
    /*
     * Send the batch to its endpoint; what came of it is told by sio_event_queue_end(), but not in
     * this call. False: it could not be tried, and is tried again.
     */
    bool (*send)(void *arg, sio_event_batch *batch);
    /* Nothing of the batch will be told any more. */
    void (*cancel)(void *arg, sio_event_batch *batch);
    /*
     * The event has left the queue: it was the i-th of the batch, or batch is NULL. With the last
     * one of a line, its owner may free that. May add and drop.
     */
    void (*done)(void *arg, sio_queued_event *event, sio_event_fate fate, sio_event_batch *batch,
                 size_t i);
    /* The line is full, so that its socket should not be heard; or not any more. */
    void (*hold)(void *arg, sio_event_line *line, bool is_full);
    /* Call sio_event_queue_run() after that time, instead of what was said before. */
    void (*wake)(void *arg, uint64_t delay_ms);
    uint64_t (*now_ms)(void *arg);
    uint32_t (*random)(void *arg);
} sio_event_queue_ops;

typedef struct {
    const sio_event_queue_ops *ops;
    void                      *arg;
    sio_event_limits           limits;
    sio_endpoints              endpoints;
    sio_event_lines            lines;
    sio_link                   retries; /* batches, the next one first */
    sio_link                   sent;    /* batches */
    unsigned                   n_sent, n_sent_connects;
    unsigned                   n_retries, n_retry_connects;
    uint64_t                   out_since_ms; /* no endpoint is in service; 0: one is */
} sio_event_queue;

static inline sio_event_batch *
sio_event_batch_of(sio_link *link)
{
    return SIO_CONTAINER(link, sio_event_batch, link);
}

static inline uint64_t
sio_event_queue_now_ms(sio_event_queue *q)
{
    return q->ops->now_ms(q->arg);
}

/* ops lives as long as the queue; n_endpoints is at least one. */
void sio_event_queue_init(sio_event_queue *q, const sio_event_queue_ops *ops, void *arg,
                          const sio_event_limits *limits, size_t n_endpoints);

/* Requests are cancelled, and events forgotten: they and their lines stay with their owners. */
void sio_event_queue_fini(sio_event_queue *q);

/* Let an event wait, as sio_event_lines_add(). */
int sio_event_queue_add(sio_event_queue *q, sio_event_line *line, sio_queued_event *event);

/* Send what can be sent. */
void sio_event_queue_run(sio_event_queue *q);

/*
 * What came of a request; retry_after_s: the backend asks for that time. The events of a batch that
 * is done are told in their order.
 */
void sio_event_queue_end(sio_event_queue *q, sio_event_batch *batch,
                         sio_event_request_result result, sio_endpoint_report report,
                         unsigned retry_after_s);

/* Nobody waits for the answer to a connect any more. It is not told. */
void sio_event_queue_withdraw(sio_event_queue *q, sio_queued_event *connect);

/* Give up what the client of a line has emitted and is not under way. Each is told. */
void sio_event_queue_drop(sio_event_queue *q, sio_event_line *line);

#endif
