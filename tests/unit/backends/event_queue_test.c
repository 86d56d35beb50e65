#include "server/backends/event_queue.h"

#include <stdlib.h>

#include "protocol/result.h"
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

static bool
on_send(void *arg, sio_event_batch *batch)
{
    world *w = arg;

    if (w->refuses)
        return false;
    w->sent[w->n_sent++] = batch;
    return true;
}

static void
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

static void
on_cancel(void *arg, sio_event_batch *batch)
{
    world *w = arg;

    w->n_cancelled++;
    forget_sent(w, batch);
}

static void
note(char *log, size_t size, char what, char how)
{
    const size_t len = strlen(log);

    if (len + 3 < size)
        snprintf(log + len, size - len, "%c%c", what, how);
}

static void
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

static void
on_hold(void *arg, sio_event_line *line, bool is_full)
{
    world *w = arg;

    note(w->holds, sizeof w->holds, (char)('0' + (line - w->lines)), is_full ? '!' : '.');
}

static void
on_wake(void *arg, uint64_t delay_ms)
{
    world *w = arg;

    w->wake_ms = w->now_ms + delay_ms;
}

static uint64_t
tell_now_ms(void *arg)
{
    return ((world *)arg)->now_ms;
}

static uint32_t
tell_random(void *arg)
{
    return ((world *)arg)->number;
}

static const sio_event_queue_ops ops = {on_send, on_cancel,   on_done,    on_hold,
                                        on_wake, tell_now_ms, tell_random};

static void
begin_with(world *w, const sio_event_limits *limits, size_t n_endpoints)
{
    *w = (world){.now_ms = 1000, .wake_ms = UINT64_MAX};
    sio_event_queue_init(&w->q, &ops, w, limits, n_endpoints);
    for (size_t i = 0; i < N_SOCKETS; i++)
        sio_event_line_init(&w->lines[i]);
}

static void
begin(world *w)
{
    begin_with(w, &usual, 1);
}

/* Let it do what it wants to do now. */
static void
run(world *w)
{
    for (unsigned i = 0; w->wake_ms <= w->now_ms && i < 1000; i++) {
        w->wake_ms = UINT64_MAX;
        sio_event_queue_run(&w->q);
    }
    CHECK(w->wake_ms > w->now_ms);
}

static void
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

static int
add_bytes(world *w, unsigned socket, sio_event_kind kind, char name, size_t n_bytes)
{
    test_event *e = &w->events[w->n_events++];

    *e = (test_event){.event = {.kind = kind, .n_bytes = n_bytes}, .name = name};
    const int rc = sio_event_queue_add(&w->q, &w->lines[socket], &e->event);

    e->is_mine = rc != SIO_OK;
    return rc;
}

static void
add(world *w, unsigned socket, sio_event_kind kind, char name)
{
    CHECK_INT(add_bytes(w, socket, kind, name, 10), SIO_OK);
}

/* "a0b1": the event a of socket 0, then b of socket 1. */
static void
emit(world *w, const char *events)
{
    for (; *events != '\0'; events += 2)
        add(w, (unsigned)(events[1] - '0'), SIO_EVENT_EMITTED, events[0]);
}

/* The events of a batch that is under way, by their names. */
static void
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

static void
check_n_sent(world *w, size_t n)
{
    run(w);
    CHECK_INT(w->n_sent, n);
}

static void
end_request(world *w, size_t i, sio_event_request_result result, sio_endpoint_report report,
            unsigned retry_after_s)
{
    sio_event_batch *batch = w->sent[i];

    forget_sent(w, batch);
    sio_event_queue_end(&w->q, batch, result, report, retry_after_s);
    run(w);
}

static void
answer(world *w, size_t i)
{
    end_request(w, i, SIO_EVENT_REQUEST_DONE, SIO_ENDPOINT_WORKS, 0);
}

static void
fail(world *w, size_t i)
{
    end_request(w, i, SIO_EVENT_REQUEST_AGAIN, SIO_ENDPOINT_FAILED, 0);
}

/* The same, and the endpoint works: "429 Too Many Requests". */
static void
put_off(world *w, size_t i, unsigned retry_after_s)
{
    end_request(w, i, SIO_EVENT_REQUEST_AGAIN, SIO_ENDPOINT_WORKS, retry_after_s);
}

static void
check_log(world *w, const char *want)
{
    CHECK_VIEW(sio_view_of(w->log), want);
    w->log[0] = '\0';
}

static void
end(world *w)
{
    sio_event_queue_fini(&w->q);
    CHECK_INT(w->n_sent, 0);
}

/* --- Order. --- */

static void
test_a_socket_has_one_request_under_way(void)
{
    world w;

    begin(&w);
    emit(&w, "a0");
    check_sent(&w, 0, "a");
    emit(&w, "b0c0");
    check_n_sent(&w, 1);
    answer(&w, 0);
    check_sent(&w, 0, "bc"); /* what has waited travels together */
    answer(&w, 0);
    check_log(&w, "a+b+c+");
    check_n_sent(&w, 0);
    end(&w);
}

static void
test_sockets_share_a_request(void)
{
    world w;

    begin(&w);
    emit(&w, "a0b1c0d2");
    check_sent(&w, 0, "acbd");
    check_n_sent(&w, 1);
    answer(&w, 0);
    check_log(&w, "a+c+b+d+");
    end(&w);
}

static void
test_no_more_in_a_request_than_allowed(void)
{
    sio_event_limits limits = usual;
    world            w;

    limits.max_batch = 2;
    begin_with(&w, &limits, 1);
    emit(&w, "a0b0c0d1e2");
    check_sent(&w, 0, "ab");
    check_sent(&w, 1, "de");
    check_n_sent(&w, 2);
    answer(&w, 0);
    check_sent(&w, 1, "c");
    answer(&w, 1);
    answer(&w, 0);
    check_log(&w, "a+b+c+d+e+");
    end(&w);
}

static void
test_no_request_grows_without_a_bound_in_bytes(void)
{
    sio_event_limits limits = usual;
    world            w;

    limits.max_bytes = SIZE_MAX;
    begin_with(&w, &limits, 1);
    for (unsigned i = 0; i < 3; i++)
        add_bytes(&w, i, SIO_EVENT_EMITTED, (char)('a' + i), SIO_EVENT_BATCH_MAX_BYTES / 2);
    add_bytes(&w, 3, SIO_EVENT_EMITTED, 'd', 2 * SIO_EVENT_BATCH_MAX_BYTES);
    check_sent(&w, 0, "ab");
    check_sent(&w, 1, "c");
    check_sent(&w, 2, "d"); /* which nothing can make smaller */
    end(&w);
}

static void
test_a_connect_travels_alone(void)
{
    world w;

    begin(&w);
    add(&w, 0, SIO_EVENT_CONNECT, 'c');
    emit(&w, "a0b1");
    check_sent(&w, 0, "c");
    check_sent(&w, 1, "b");
    CHECK(w.sent[0]->is_connect && !w.sent[1]->is_connect);
    answer(&w, 0);
    check_sent(&w, 1, "a");
    end(&w);
}

static void
test_a_disconnect_is_the_last(void)
{
    world w;

    begin(&w);
    emit(&w, "a0b0");
    add(&w, 0, SIO_EVENT_DISCONNECT, 'x');
    check_sent(&w, 0, "abx");
    answer(&w, 0);
    check_log(&w, "a+b+x+");
    end(&w);
}

static void
test_a_client_that_comes_again_stays_in_order(void)
{
    world w;

    begin(&w);
    emit(&w, "a0");
    add(&w, 0, SIO_EVENT_DISCONNECT, 'x');
    add(&w, 0, SIO_EVENT_CONNECT, 'k');
    emit(&w, "b0");
    check_sent(&w, 0, "ax");
    check_n_sent(&w, 1);
    answer(&w, 0);
    check_sent(&w, 0, "k");
    check_n_sent(&w, 1);
    answer(&w, 0);
    check_sent(&w, 0, "b");
    end(&w);
}

static void
test_a_request_waits_for_company(void)
{
    sio_event_limits limits = usual;
    world            w;

    limits.max_batch = 3;
    limits.batch_wait_ms = 50;
    begin_with(&w, &limits, 1);
    emit(&w, "a0");
    pass(&w, 49);
    check_n_sent(&w, 0);
    pass(&w, 1);
    check_sent(&w, 0, "a");
    emit(&w, "b1c2d3");
    check_sent(&w, 1, "bcd"); /* there is no more room for company */
    add(&w, 4, SIO_EVENT_CONNECT, 'k');
    check_sent(&w, 2, "k"); /* which never has any */
    end(&w);
}

/* --- Bounds. --- */

static void
test_no_more_requests_than_allowed(void)
{
    sio_event_limits limits = usual;
    world            w;

    limits.max_batch = 1;
    begin_with(&w, &limits, 1);
    emit(&w, "a0b1c2d3e4f5");
    check_n_sent(&w, limits.max_requests);
    answer(&w, 3);
    check_n_sent(&w, limits.max_requests);
    check_sent(&w, 3, "e");
    end(&w);
}

static void
test_connects_leave_room_for_others(void)
{
    world w;

    begin(&w);
    for (unsigned i = 0; i < 5; i++)
        add(&w, i, SIO_EVENT_CONNECT, (char)('a' + i));
    check_n_sent(&w, usual.max_connects);
    emit(&w, "x6");
    check_sent(&w, 2, "x");
    answer(&w, 0);
    check_sent(&w, 2, "c");
    check_n_sent(&w, 3);
    end(&w);
}

static void
test_a_full_line_is_held_until_half_of_it_is_gone(void)
{
    sio_event_limits limits = usual;
    world            w;

    limits.max_events_per_socket = 4;
    limits.max_batch = 1;
    begin_with(&w, &limits, 1);
    emit(&w, "a0b0c0");
    CHECK_VIEW(sio_view_of(w.holds), "");
    emit(&w, "d0");
    CHECK_VIEW(sio_view_of(w.holds), "0!");
    emit(&w, "e0"); /* that was under way before it was held */
    run(&w);
    answer(&w, 0);
    answer(&w, 0);
    CHECK_VIEW(sio_view_of(w.holds), "0!");
    answer(&w, 0);
    CHECK_VIEW(sio_view_of(w.holds), "0!0.");
    end(&w);
}

static void
test_a_line_of_one_is_held_and_let_go(void)
{
    sio_event_limits limits = usual;
    world            w;

    limits.max_events_per_socket = 1;
    begin_with(&w, &limits, 1);
    emit(&w, "a0");
    CHECK_VIEW(sio_view_of(w.holds), "0!");
    run(&w);
    answer(&w, 0);
    CHECK_VIEW(sio_view_of(w.holds), "0!0.");
    end(&w);
}

static void
test_the_queue_is_bounded_in_events(void)
{
    sio_event_limits limits = usual;
    world            w;

    limits.max_events = 2;
    begin_with(&w, &limits, 1);
    emit(&w, "a0b1");
    CHECK_INT(add_bytes(&w, 2, SIO_EVENT_EMITTED, 'c', 1), SIO_ERR_FULL);
    CHECK_INT(add_bytes(&w, 2, SIO_EVENT_CONNECT, 'c', 1), SIO_ERR_FULL);
    CHECK_INT(add_bytes(&w, 0, SIO_EVENT_DISCONNECT, 'x', 1), SIO_OK);
    run(&w);
    answer(&w, 0);
    check_log(&w, "a+x+b+");
    CHECK_INT(w.q.lines.n_events, 0);
    emit(&w, "d0");
    end(&w);
}

static void
test_the_queue_is_bounded_in_bytes(void)
{
    sio_event_limits limits = usual;
    world            w;

    limits.max_bytes = 100;
    begin_with(&w, &limits, 1);
    CHECK_INT(add_bytes(&w, 0, SIO_EVENT_EMITTED, 'a', 60), SIO_OK);
    CHECK_INT(add_bytes(&w, 1, SIO_EVENT_EMITTED, 'b', 41), SIO_ERR_FULL);
    CHECK_INT(add_bytes(&w, 1, SIO_EVENT_EMITTED, 'b', SIZE_MAX), SIO_ERR_FULL);
    CHECK_INT(add_bytes(&w, 1, SIO_EVENT_DISCONNECT, 'x', 50), SIO_OK);
    CHECK_INT(add_bytes(&w, 2, SIO_EVENT_EMITTED, 'b', 0), SIO_ERR_FULL);
    run(&w);
    answer(&w, 0);
    CHECK_INT(w.q.lines.n_bytes, 0);
    CHECK_INT(add_bytes(&w, 1, SIO_EVENT_EMITTED, 'b', 100), SIO_OK);
    end(&w);
}

/* --- Again. --- */

static void
test_a_request_is_repeated_as_it_is(void)
{
    world w;

    begin(&w);
    w.number = 100;
    emit(&w, "a0b1");
    check_sent(&w, 0, "ab");
    const sio_event_batch *batch = w.sent[0];

    CHECK_INT(batch->n_attempts, 1);
    fail(&w, 0);
    emit(&w, "c0d2");
    check_sent(&w, 0, "d"); /* others go on, but not those who are in it */
    answer(&w, 0);
    pass(&w, 99);
    check_n_sent(&w, 0);
    pass(&w, 1);
    check_sent(&w, 0, "ab");
    CHECK(w.sent[0] == batch);
    CHECK_INT(batch->n_attempts, 2);
    answer(&w, 0);
    check_sent(&w, 0, "c");
    check_log(&w, "d+a+b+");
    end(&w);
}

static void
test_delays_double_and_have_full_jitter(void)
{
    static const unsigned most_ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
    sio_event_limits      limits = usual;
    world                 w;

    limits.retry_for_ms = 100000;
    begin_with(&w, &limits, 1);
    emit(&w, "a0");
    run(&w);
    for (size_t i = 0; i < sizeof most_ms / sizeof most_ms[0]; i++) {
        w.number = most_ms[i];
        put_off(&w, 0, 0);
        check_n_sent(&w, 0);
        pass(&w, most_ms[i] - 1);
        check_n_sent(&w, 0);
        pass(&w, 1);
        check_n_sent(&w, 1);
    }
    w.number = 5001;
    put_off(&w, 0, 0);
    check_n_sent(&w, 1);
    end(&w);
}

static void
test_retry_after_is_kept(void)
{
    static const struct {
        unsigned said_s, kept_s;
    } rows[] = {{1, 1}, {7, 7}, {60, 60}, {61, 60}, {86400, 60}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_event_limits limits = usual;
        world            w;

        limits.retry_for_ms = 100000;
        begin_with(&w, &limits, 1);
        emit(&w, "a0");
        run(&w);
        put_off(&w, 0, rows[i].said_s);
        pass(&w, rows[i].kept_s * 1000 - 1);
        check_n_sent(&w, 0);
        pass(&w, 1);
        check_n_sent(&w, 1);
        end(&w);
    }
}

static void
test_the_next_endpoint_is_tried(void)
{
    world w;

    begin_with(&w, &usual, 2);
    emit(&w, "a0");
    run(&w);
    CHECK_INT(w.sent[0]->endpoint, 0);
    fail(&w, 0);
    CHECK_INT(w.sent[0]->endpoint, 1);
    end(&w);
}

static void
test_what_can_not_be_sent_is_sent_later(void)
{
    world w;

    begin(&w);
    w.refuses = true;
    emit(&w, "a0b1");
    check_n_sent(&w, 0);
    w.refuses = false;
    pass(&w, SIO_EVENT_FIRST_RETRY_MS);
    check_sent(&w, 0, "ab");
    CHECK_INT(w.q.n_sent, 1);
    CHECK_INT(w.q.n_retries, 0);
    end(&w);
}

static void
test_events_are_given_up_in_time(void)
{
    world w;

    begin(&w);
    emit(&w, "a0");
    run(&w);
    emit(&w, "b0");
    pass(&w, 29999);
    w.number = 0;
    put_off(&w, 0, 0);
    check_sent(&w, 0, "a");
    w.now_ms++;
    put_off(&w, 0, 0);
    check_log(&w, "a~");
    check_sent(&w, 0, "b");
    end(&w);
}

/* It would be too late then. */
static void
test_no_event_waits_for_a_time_that_is_too_late(void)
{
    world w;

    begin(&w);
    emit(&w, "a0");
    run(&w);
    put_off(&w, 0, 30);
    check_log(&w, "a~");
    end(&w);
}

static void
test_what_failed_for_good_is_not_repeated(void)
{
    world w;

    begin(&w);
    emit(&w, "a0b1");
    run(&w);
    emit(&w, "c0");
    end_request(&w, 0, SIO_EVENT_REQUEST_FAILED, SIO_ENDPOINT_WORKS, 0);
    check_log(&w, "a-b-");
    check_sent(&w, 0, "c");
    end(&w);
}

/* The events before it are given up; it goes on alone. */
static void
test_a_disconnect_is_tried_for_longer(void)
{
    world w;

    begin(&w);
    emit(&w, "a0b0");
    add(&w, 0, SIO_EVENT_DISCONNECT, 'x');
    emit(&w, "c1");
    check_sent(&w, 0, "abxc");
    pass(&w, 30000);
    put_off(&w, 0, 0);
    check_log(&w, "a~b~c~");
    check_sent(&w, 0, "x");
    w.now_ms += 299999;
    put_off(&w, 0, 0);
    check_sent(&w, 0, "x");
    w.now_ms += 1;
    put_off(&w, 0, 0);
    check_log(&w, "x~");
    check_n_sent(&w, 0);
    CHECK_INT(w.q.lines.n_events, 0);
    end(&w);
}

/* A backend that puts everything off gets no more and no more requests to put off. */
static void
test_not_everything_is_put_off(void)
{
    sio_event_limits limits = usual;
    world            w;

    limits.max_batch = 1;
    limits.max_requests = limits.max_connects = 1;
    begin_with(&w, &limits, 1);
    emit(&w, "a0b1c2d3e4f5");
    w.now_ms++;
    add(&w, 6, SIO_EVENT_CONNECT, 'x');
    run(&w);
    for (unsigned i = 0; i < 4; i++)
        put_off(&w, 0, 20);
    check_sent(&w, 0, "x"); /* but one of another kind */
    answer(&w, 0);
    check_n_sent(&w, 0);
    pass(&w, 20000);
    check_sent(&w, 0, "a");
    answer(&w, 0);
    check_sent(&w, 0, "b");
    end(&w);
}

/* --- A backend that is away. --- */

static void
put_out(world *w)
{
    w->number = 0;
    for (unsigned i = 0; i < SIO_ENDPOINT_MAX_FAILURES; i++) {
        check_n_sent(w, 1);
        fail(w, 0);
    }
    check_n_sent(w, 0);
}

static void
test_nothing_is_sent_while_it_is_away_and_nothing_lost(void)
{
    world w;

    begin(&w);
    emit(&w, "a0");
    put_out(&w); /* for 800 ms: no random addition */
    add(&w, 7, SIO_EVENT_CONNECT, 'K');
    for (unsigned i = 0; i < 10; i++) {
        char e[] = {(char)('b' + i), (char)('0' + i % 3), '\0'};

        emit(&w, e);
    }
    pass(&w, 799);
    check_n_sent(&w, 0);
    pass(&w, 1);
    check_sent(&w, 0, "a"); /* the trial, alone */
    check_n_sent(&w, 1);
    fail(&w, 0);
    pass(&w, 1599);
    check_n_sent(&w, 0);
    pass(&w, 1);
    answer(&w, 0); /* it is back */
    check_sent(&w, 0, "K");
    check_sent(&w, 1, "cfidgjbehk"); /* each socket in its order, the one that came first first */
    answer(&w, 1);
    check_n_sent(&w, 1);
    end(&w);
}

static void
test_what_waits_too_long_for_it_is_given_up(void)
{
    world w;

    begin(&w);
    emit(&w, "a0");
    put_out(&w);
    emit(&w, "b1");
    add(&w, 2, SIO_EVENT_CONNECT, 'k');
    add(&w, 3, SIO_EVENT_DISCONNECT, 'x');
    for (unsigned i = 0; i < 30 && w.log[0] == '\0'; i++) {
        pass(&w, 1000);
        if (w.n_sent > 0)
            fail(&w, 0);
    }
    CHECK(strstr(w.log, "a~") != NULL);
    pass(&w, 1000);
    CHECK(strstr(w.log, "b~") != NULL);
    CHECK(strstr(w.log, "k") == NULL && strstr(w.log, "x") == NULL);
    for (unsigned i = 0; i < 400 && strstr(w.log, "x~") == NULL; i++) {
        pass(&w, 1000);
        if (w.n_sent > 0)
            fail(&w, 0);
    }
    CHECK(strstr(w.log, "x~") != NULL && strstr(w.log, "k") == NULL);
    CHECK_INT(w.q.lines.n_events, 1);
    end(&w);
}

static void
test_a_wait_before_it_went_away_does_not_count(void)
{
    world w;

    begin(&w);
    emit(&w, "a0");
    run(&w);
    emit(&w, "b0");
    pass(&w, 29000); /* slow, but there */
    put_out(&w);
    pass(&w, 799);
    check_log(&w, "");
    pass(&w, 1);
    answer(&w, 0);
    check_sent(&w, 0, "b");
    check_log(&w, "a+");
    end(&w);
}

/* --- Those who do not wait any more. --- */

static void
test_a_connect_is_withdrawn(void)
{
    static const char *const states[] = {"waiting", "under way", "put off"};

    for (unsigned state = 0; state < 3; state++) {
        world w;

        check_row = states[state];
        begin(&w);
        add(&w, 0, SIO_EVENT_CONNECT, 'k');
        if (state > 0)
            check_sent(&w, 0, "k");
        if (state > 1)
            put_off(&w, 0, 10);
        sio_event_queue_withdraw(&w.q, &w.events[0].event);
        CHECK_INT(w.n_cancelled, state == 1);
        pass(&w, 20000);
        check_n_sent(&w, 0);
        check_log(&w, "");
        CHECK_INT(w.q.lines.n_events, 0);
        CHECK_INT(w.q.lines.n_bytes, 0);
        CHECK_INT(w.q.n_sent + w.q.n_retries + w.q.n_sent_connects + w.q.n_retry_connects, 0);
        emit(&w, "a0"); /* the line is as good as new */
        check_sent(&w, 0, "a");
        end(&w);
    }
}

static void
test_a_trial_that_is_withdrawn_is_begun_again(void)
{
    world w;

    begin(&w);
    add(&w, 0, SIO_EVENT_CONNECT, 'k');
    put_out(&w);
    pass(&w, 800);
    check_sent(&w, 0, "k");
    sio_event_queue_withdraw(&w.q, &w.events[0].event);
    emit(&w, "a1");
    check_sent(&w, 0, "a");
    end(&w);
}

static void
test_what_waits_in_a_line_is_dropped(void)
{
    world w;

    begin(&w);
    emit(&w, "a0");
    run(&w);
    emit(&w, "b0c0");
    add(&w, 0, SIO_EVENT_DISCONNECT, 'x');
    sio_event_queue_drop(&w.q, &w.lines[0]);
    check_log(&w, "b/c/");
    answer(&w, 0);
    check_sent(&w, 0, "x");
    answer(&w, 0);
    check_log(&w, "a+x+");
    sio_event_queue_drop(&w.q, &w.lines[0]);
    check_log(&w, "");
    end(&w);
}

static void
test_the_end_forgets_all(void)
{
    world w;

    begin(&w);
    emit(&w, "a0b1");
    run(&w);
    put_off(&w, 0, 5);
    emit(&w, "c0d2");
    check_sent(&w, 0, "d");
    sio_event_queue_fini(&w.q);
    CHECK_INT(w.n_cancelled, 1);
    check_log(&w, "");
}

int
main(void)
{
    RUN(test_a_socket_has_one_request_under_way);
    RUN(test_sockets_share_a_request);
    RUN(test_no_more_in_a_request_than_allowed);
    RUN(test_no_request_grows_without_a_bound_in_bytes);
    RUN(test_a_connect_travels_alone);
    RUN(test_a_disconnect_is_the_last);
    RUN(test_a_client_that_comes_again_stays_in_order);
    RUN(test_a_request_waits_for_company);
    RUN(test_no_more_requests_than_allowed);
    RUN(test_connects_leave_room_for_others);
    RUN(test_a_full_line_is_held_until_half_of_it_is_gone);
    RUN(test_a_line_of_one_is_held_and_let_go);
    RUN(test_the_queue_is_bounded_in_events);
    RUN(test_the_queue_is_bounded_in_bytes);
    RUN(test_a_request_is_repeated_as_it_is);
    RUN(test_delays_double_and_have_full_jitter);
    RUN(test_retry_after_is_kept);
    RUN(test_the_next_endpoint_is_tried);
    RUN(test_what_can_not_be_sent_is_sent_later);
    RUN(test_events_are_given_up_in_time);
    RUN(test_no_event_waits_for_a_time_that_is_too_late);
    RUN(test_what_failed_for_good_is_not_repeated);
    RUN(test_a_disconnect_is_tried_for_longer);
    RUN(test_not_everything_is_put_off);
    RUN(test_nothing_is_sent_while_it_is_away_and_nothing_lost);
    RUN(test_what_waits_too_long_for_it_is_given_up);
    RUN(test_a_wait_before_it_went_away_does_not_count);
    RUN(test_a_connect_is_withdrawn);
    RUN(test_a_trial_that_is_withdrawn_is_begun_again);
    RUN(test_what_waits_in_a_line_is_dropped);
    RUN(test_the_end_forgets_all);
    return check_done();
}
