/* A request that came to nothing is repeated, and a backend that is away is waited for. */
#include "tests/unit/backends/event_queue_fixture.h"

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

int
main(void)
{
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
    return check_done();
}
