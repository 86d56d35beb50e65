#include "tests/unit/backends/event_queue_fixture.h"

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
    add_bytes(&w, 3, SIO_EVENT_EMITTED, 'd', 2 * (size_t)SIO_EVENT_BATCH_MAX_BYTES);
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
    RUN(test_a_connect_is_withdrawn);
    RUN(test_a_trial_that_is_withdrawn_is_begun_again);
    RUN(test_what_waits_in_a_line_is_dropped);
    RUN(test_the_end_forgets_all);
    return check_done();
}
