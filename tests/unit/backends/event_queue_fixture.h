/*
 * tests/unit/backends/event_queue_fixture.h - a queue whose backend is asked and answers by hand.
 */
#ifndef SIO_TESTS_UNIT_BACKENDS_EVENT_QUEUE_FIXTURE_H
#define SIO_TESTS_UNIT_BACKENDS_EVENT_QUEUE_FIXTURE_H

#include "protocol/result.h"
#include "server/backends/event_queue.h"
#include "tests/unit/check.h"

/* --- A backend that is asked by hand, and an application with some sockets. --- */

enum { MAX = 64, N_SOCKETS = 8 };

typedef struct {
    sio_queued_event event; /* first */
    char             name;
    bool             is_mine; /* not in the queue */
} test_event;

typedef struct {
    sio_event_queue  q;
    uint64_t         now_ms;
    uint32_t         number;  /* the next random one */
    uint64_t         wake_ms; /* UINT64_MAX: never */
    sio_event_line   lines[N_SOCKETS];
    test_event       events[MAX];
    size_t           n_events;
    sio_event_batch *sent[MAX]; /* and not answered */
    size_t           n_sent;
    bool             refuses; /* to send */
    unsigned         n_cancelled;
    char             log[1024]; /* what became of the events, in order: "a+" */
    char             holds[64]; /* "0!" is held, "0." is let go */
} world;

static const sio_event_limits usual = {
    .max_requests = 4,
    .max_connects = 2,
    .max_batch = 10,
    .retry_for_ms = 30000,
    .retry_disconnects_for_ms = 300000,
    .max_events_per_socket = 100,
    .max_events = 1000,
    .max_bytes = 1000000,
};

static inline bool
on_send(void *arg, sio_event_batch *batch)
{
    world *w = arg;

    if (w->refuses)
        return false;
    w->sent[w->n_sent++] = batch;
    return true;
}

static inline void
forget_sent(world *w, const sio_event_batch *batch)
{
    for (size_t i = 0; i < w->n_sent; i++)
        if (w->sent[i] == batch) {
            w->n_sent--;
            memmove(&w->sent[i], &w->sent[i + 1], (w->n_sent - i) * sizeof w->sent[0]);
            return;
        }
    CHECK_VIEW(SIO_VIEW("not sent"), "sent");
}

static inline void
on_cancel(void *arg, sio_event_batch *batch)
{
    world *w = arg;

    w->n_cancelled++;
    forget_sent(w, batch);
}

static inline void
note(char *log, size_t size, char what, char how)
{
    const size_t len = strlen(log);

    if (len + 3 < size)
        snprintf(log + len, size - len, "%c%c", what, how);
}

static inline void
on_done(void *arg, sio_queued_event *event, sio_event_fate fate, sio_event_batch *batch, size_t i)
{
    static const char how[] = {
        [SIO_EVENT_DELIVERED] = '+',
        [SIO_EVENT_FAILED] = '-',
        [SIO_EVENT_LATE] = '~',
        [SIO_EVENT_DROPPED] = '/',
    };
    world      *w = arg;
    test_event *e = (test_event *)(void *)event;

    CHECK(!e->is_mine);
    CHECK(i < MAX && (batch != NULL || i == 0));
    e->is_mine = true;
    note(w->log, sizeof w->log, e->name, how[fate]);
}

static inline void
on_hold(void *arg, sio_event_line *line, bool is_full)
{
    world *w = arg;

    note(w->holds, sizeof w->holds, (char)('0' + (line - w->lines)), is_full ? '!' : '.');
}

static inline void
on_wake(void *arg, uint64_t delay_ms)
{
    world *w = arg;

    w->wake_ms = w->now_ms + delay_ms;
}

static inline uint64_t
tell_now_ms(void *arg)
{
    return ((world *)arg)->now_ms;
}

static inline uint32_t
tell_random(void *arg)
{
    return ((world *)arg)->number;
}

static const sio_event_queue_ops ops = {on_send, on_cancel,   on_done,    on_hold,
                                        on_wake, tell_now_ms, tell_random};

static inline void
begin_with(world *w, const sio_event_limits *limits, size_t n_endpoints)
{
    *w = (world){.now_ms = 1000, .wake_ms = UINT64_MAX};
    sio_event_queue_init(&w->q, &ops, w, limits, n_endpoints);
    for (size_t i = 0; i < N_SOCKETS; i++)
        sio_event_line_init(&w->lines[i]);
}

static inline void
begin(world *w)
{
    begin_with(w, &usual, 1);
}

/* Let it do what it wants to do now. */
static inline void
run(world *w)
{
    for (unsigned i = 0; w->wake_ms <= w->now_ms && i < 1000; i++) {
        w->wake_ms = UINT64_MAX;
        sio_event_queue_run(&w->q);
    }
    CHECK(w->wake_ms > w->now_ms);
}

static inline void
pass(world *w, uint64_t ms)
{
    const uint64_t until_ms = w->now_ms + ms;

    run(w);
    while (w->wake_ms <= until_ms) {
        w->now_ms = w->wake_ms;
        run(w);
    }
    w->now_ms = until_ms;
}

static inline int
add_bytes(world *w, unsigned socket, sio_event_kind kind, char name, size_t n_bytes)
{
    test_event *e = &w->events[w->n_events++];

    *e = (test_event){.event = {.kind = kind, .n_bytes = n_bytes}, .name = name};
    const int rc = sio_event_queue_add(&w->q, &w->lines[socket], &e->event);

    e->is_mine = rc != SIO_OK;
    return rc;
}

static inline void
add(world *w, unsigned socket, sio_event_kind kind, char name)
{
    CHECK_INT(add_bytes(w, socket, kind, name, 10), SIO_OK);
}

/* "a0b1": the event a of socket 0, then b of socket 1. */
static inline void
emit(world *w, const char *events)
{
    for (; *events != '\0'; events += 2)
        add(w, (unsigned)(events[1] - '0'), SIO_EVENT_EMITTED, events[0]);
}

/* The events of a batch that is under way, by their names. */
static inline void
check_sent(world *w, size_t i, const char *names)
{
    char   got[MAX] = "";
    size_t n = 0;

    run(w);
    if (i >= w->n_sent) {
        CHECK_VIEW(SIO_VIEW("nothing"), names);
        return;
    }
    for (sio_link *l = w->sent[i]->events.next; l != &w->sent[i]->events; l = l->next)
        got[n++] = ((test_event *)(void *)SIO_CONTAINER(l, sio_queued_event, link))->name;
    CHECK_VIEW(sio_view_of(got), names);
    CHECK_INT(w->sent[i]->n_events, n);
}

static inline void
check_n_sent(world *w, size_t n)
{
    run(w);
    CHECK_INT(w->n_sent, n);
}

static inline void
end_request(world *w, size_t i, sio_event_request_result result, sio_endpoint_report report,
            unsigned retry_after_s)
{
    sio_event_batch *batch = w->sent[i];

    forget_sent(w, batch);
    sio_event_queue_end(&w->q, batch, result, report, retry_after_s);
    run(w);
}

static inline void
answer(world *w, size_t i)
{
    end_request(w, i, SIO_EVENT_REQUEST_DONE, SIO_ENDPOINT_WORKS, 0);
}

static inline void
fail(world *w, size_t i)
{
    end_request(w, i, SIO_EVENT_REQUEST_AGAIN, SIO_ENDPOINT_FAILED, 0);
}

/* The same, and the endpoint works: "429 Too Many Requests". */
static inline void
put_off(world *w, size_t i, unsigned retry_after_s)
{
    end_request(w, i, SIO_EVENT_REQUEST_AGAIN, SIO_ENDPOINT_WORKS, retry_after_s);
}

static inline void
check_log(world *w, const char *want)
{
    CHECK_VIEW(sio_view_of(w->log), want);
    w->log[0] = '\0';
}

static inline void
end(world *w)
{
    sio_event_queue_fini(&w->q);
    CHECK_INT(w->n_sent, 0);
}

/* It fails until its endpoint is out of service; one request is under way. */
static inline void
put_out(world *w)
{
    w->number = 0;
    for (unsigned i = 0; i < SIO_ENDPOINT_MAX_FAILURES; i++) {
        check_n_sent(w, 1);
        fail(w, 0);
    }
    check_n_sent(w, 0);
}

#endif
