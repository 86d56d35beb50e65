#include "tests/unit/net/conn_fixture.h"

/* --- Bytes. --- */

static void
test_bytes_go_both_ways(void)
{
    char text[PEER_TEXT_MAX];

    if (!begin())
        return;
    peer_say(at.peer, "hello");
    turn();
    CHECK_VIEW(heard(), "hello");
    sio_conn_write(at.conn, SIO_VIEW("you, too"));
    CHECK(!sio_conn_blocked(at.conn));
    CHECK_VIEW(sio_view_of(peer_hear(at.peer, text)), "you, too"); /* at once */
    turn();
    CHECK_INT(at.n_reads, 1); /* and nobody asks again */
    end();
}

static void
test_what_the_socket_does_not_take_leaves_later(void)
{
    if (!begin())
        return;
    write_much();
    sio_conn_write(at.conn, SIO_VIEW("and the rest"));
    turn();
    CHECK_INT(at.n_writable, 0);
    CHECK_INT(peer_read_all(), MUCH + strlen("and the rest"));
    CHECK_INT(at.n_writable, 1);
    CHECK(!sio_conn_blocked(at.conn));
    turn();
    CHECK_INT(at.n_writable, 1);
    end();
}

static void
test_what_a_slow_reader_says_is_heard(void)
{
    if (!begin())
        return;
    write_much();
    peer_say(at.peer, "I am slow");
    turn();
    CHECK_VIEW(heard(), "I am slow");
    CHECK_INT(at.n_reads, 1);
    end();
}

static void
test_a_pause_leaves_bytes_in_the_socket(void)
{
    if (!begin())
        return;
    sio_conn_pause(at.conn, true);
    peer_say(at.peer, "wait");
    turn();
    CHECK_INT(at.n_reads, 0);
    sio_conn_pause(at.conn, false);
    turn();
    CHECK_VIEW(heard(), "wait");
    end();
}

/* Reading and writing are watched apart. */
static void
test_a_pause_stops_no_writing(void)
{
    if (!begin())
        return;
    write_much();
    sio_conn_pause(at.conn, true);
    peer_say(at.peer, "wait");
    CHECK_INT(peer_read_all(), MUCH);
    CHECK_INT(at.n_writable, 1);
    CHECK_INT(at.n_reads, 0);
    sio_conn_pause(at.conn, false);
    turn();
    CHECK_VIEW(heard(), "wait");
    end();
}

/* --- Ends that come from the peer. --- */

static void
test_the_peer_ends_it(void)
{
    if (!begin())
        return;
    peer_say(at.peer, "bye");
    peer_close();
    turn();
    CHECK_VIEW(heard(), "bye");
    CHECK(at.conn == NULL);
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    CHECK(is_gone());
    end();
}

/* A socket of this kind is reset when its other end closes with something unread. */
static void
test_the_peer_resets_it(void)
{
    if (!begin())
        return;
    sio_conn_write(at.conn, SIO_VIEW("not read"));
    peer_close();
    turn();
    CHECK_VIEW(sio_view_of(at.reason), "socket error");
    CHECK(is_gone());
    end();
}

static void
test_a_write_finds_the_peer_gone(void)
{
    if (!begin())
        return;
    sio_conn_pause(at.conn, true);
    peer_close();
    CHECK(sio_conn_peer_has_left(at.conn));
    sio_conn_write(at.conn, SIO_VIEW("is anybody there?"));
    CHECK(at.conn != NULL); /* never inside a call of the owner */
    turn();
    CHECK_VIEW(sio_view_of(at.reason), "socket error");
    CHECK(is_gone());
    end();
}

/* It says no more, but it reads. */
static void
test_what_was_written_outlives_the_peers_words(void)
{
    if (!begin())
        return;
    write_much();
    shutdown(at.peer, SHUT_WR);
    turn();
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    CHECK_INT(at.n_reads, 1); /* the end is no news any more */
    CHECK(!is_gone());
    CHECK_INT(peer_read_all(), MUCH);
    CHECK(is_gone());
    end();
}

static void
test_a_peer_that_reads_nothing_has_its_time(void)
{
    if (!begin())
        return;
    write_much();
    pass_time(world.cfg.send_timeout_ms + 20);
    CHECK_INT(world.env.stats.send_timeouts, 1);
    CHECK_VIEW(sio_view_of(at.reason), "socket error");
    CHECK(is_gone());
    end();
}

static void
test_nothing_is_unread_of_a_peer_that_is_there(void)
{
    if (!begin())
        return;
    CHECK(!sio_conn_peer_has_left(at.conn));
    peer_say(at.peer, "here");
    CHECK(!sio_conn_peer_has_left(at.conn));
    end();
}

/* --- Ends that come from the peer of a connection that is paused. --- */

static void
test_a_pause_hides_no_end(void)
{
    if (!begin())
        return;
    sio_conn_pause(at.conn, true);
    let_notice();
    CHECK_INT(at.n_ends, 0);
    peer_close();
    let_notice();
    CHECK_INT(at.n_ends, 1);
    CHECK(!at.has_unread);
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    CHECK(is_gone());
    end();
}

static void
test_a_pause_hides_no_reset(void)
{
    if (!begin())
        return;
    sio_conn_write(at.conn, SIO_VIEW("not read"));
    sio_conn_pause(at.conn, true);
    turn();
    peer_close();
    let_notice();
    CHECK_VIEW(sio_view_of(at.reason), "socket error");
    CHECK(is_gone());
    end();
}

static void
test_bytes_in_a_pause_are_no_end(void)
{
    if (!begin())
        return;
    sio_conn_pause(at.conn, true);
    for (unsigned i = 0; i < 3; i++) {
        peer_say(at.peer, "wait");
        let_notice();
    }
    CHECK_INT(at.n_ends, 0);
    CHECK_INT(at.n_reads, 0);
    CHECK(at.conn != NULL);
    sio_conn_pause(at.conn, false);
    turn();
    CHECK_VIEW(heard(), "waitwaitwait");
    end();
}

static void
test_last_words_are_heard_before_the_end(void)
{
    if (!begin())
        return;
    at.is_heard_out = true;
    sio_conn_pause(at.conn, true);
    peer_say(at.peer, "last words");
    peer_close();
    let_notice();
    let_notice();
    CHECK_INT(at.n_ends, 1); /* and not again and again */
    CHECK(at.has_unread);
    CHECK(at.conn != NULL);
    sio_conn_pause(at.conn, false);
    turn();
    CHECK_VIEW(heard(), "last words");
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    CHECK(is_gone());
    end();
}

/* As when they go on for longer than one read. */
static void
test_each_pause_asks_anew(void)
{
    if (!begin())
        return;
    at.is_heard_out = true;
    peer_say(at.peer, "last words");
    peer_close();
    for (unsigned i = 1; i <= 3; i++) {
        sio_conn_pause(at.conn, true);
        let_notice();
        CHECK_INT(at.n_ends, i);
        sio_conn_pause(at.conn, false);
    }
    turn();
    CHECK_VIEW(heard(), "last words");
    CHECK(is_gone());
    end();
}

/* Nothing is read, but to see the end of it: what was written would be lost if it were reset. */
static void
test_last_words_that_nobody_wants(void)
{
    char text[PEER_TEXT_MAX];

    if (!begin())
        return;
    sio_conn_pause(at.conn, true);
    sio_conn_write(at.conn, SIO_VIEW("bye"));
    peer_say(at.peer, "last words");
    shutdown(at.peer, SHUT_WR);
    let_notice();
    CHECK_INT(at.n_ends, 1);
    CHECK_INT(at.n_heard, 0);
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    CHECK(is_gone());
    CHECK_VIEW(sio_view_of(peer_hear(at.peer, text)), "bye");
    CHECK_INT(peer_sees(at.peer), 0);
    end();
}

static void
test_what_was_written_outlives_an_end_in_a_pause(void)
{
    if (!begin())
        return;
    write_much();
    sio_conn_pause(at.conn, true);
    peer_say(at.peer, "last words");
    shutdown(at.peer, SHUT_WR);
    let_notice();
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    CHECK(!is_gone());
    CHECK_INT(peer_read_all(), MUCH);
    let_notice();
    CHECK(is_gone());
    end();
}

/* --- Ends that come from the owner. --- */

static void
test_a_close_waits_for_that_of_the_peer(void)
{
    char text[PEER_TEXT_MAX];

    if (!begin())
        return;
    sio_conn_write(at.conn, SIO_VIEW("bye"));
    sio_conn_close(at.conn);
    turn();
    CHECK_VIEW(sio_view_of(peer_hear(at.peer, text)), "bye");
    CHECK_INT(peer_sees(at.peer), 0);
    peer_say(at.peer, "too late");
    turn();
    CHECK_INT(at.n_heard, 0);
    CHECK(!is_gone());
    peer_close();
    turn();
    CHECK(is_gone());
    CHECK(at.reason == NULL); /* the owner knows */
    end();
}

static void
test_a_close_waits_for_what_was_written(void)
{
    if (!begin())
        return;
    write_much();
    sio_conn_close(at.conn);
    turn();
    CHECK_INT(peer_read_all(), MUCH);
    CHECK_INT(peer_sees(at.peer), 0);
    end();
}

static void
test_a_close_does_not_wait_for_ever(void)
{
    if (!begin())
        return;
    sio_conn_close(at.conn);
    turn();
    pass_time(LINGER_MS + 20);
    CHECK(is_gone());
    end();
}

static void
test_an_abort_waits_for_nobody(void)
{
    if (!begin())
        return;
    write_much();
    sio_conn_abort(at.conn);
    CHECK(!is_gone());
    turn();
    CHECK(is_gone());
    CHECK(at.reason == NULL);
    CHECK(peer_read_all() < MUCH);
    CHECK(peer_sees(at.peer) != EAGAIN); /* the socket is closed */
    end();
}

static void
test_the_time_of_an_owner(void)
{
    if (!begin())
        return;
    sio_conn_set_timeout(at.conn, 1000);
    pass_time(500);
    sio_conn_set_timeout(at.conn, 1000);
    pass_time(999);
    CHECK_INT(at.n_timeouts, 0);
    pass_time(20); /* timers may be a little late */
    CHECK_INT(at.n_timeouts, 1);
    sio_conn_set_timeout(at.conn, 1000);
    sio_conn_set_timeout(at.conn, 0);
    pass_time(5000);
    CHECK_INT(at.n_timeouts, 1);
    end();
}

/* At the end of the server all connections end, and their owners are told. */
static void
test_the_end_of_the_server(void)
{
    if (!begin())
        return;
    write_much();
    world_end();
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    peer_close();
}

int
main(void)
{
    RUN_ON_EACH(test_bytes_go_both_ways);
    RUN_ON_EACH(test_what_the_socket_does_not_take_leaves_later);
    RUN_ON_EACH(test_what_a_slow_reader_says_is_heard);
    RUN_ON_EACH(test_a_pause_leaves_bytes_in_the_socket);
    RUN_ON_EACH(test_a_pause_stops_no_writing);
    RUN_ON_EACH(test_the_peer_ends_it);
    RUN_ON_EACH(test_the_peer_resets_it);
    RUN_ON_EACH(test_a_write_finds_the_peer_gone);
    RUN_ON_EACH(test_what_was_written_outlives_the_peers_words);
    RUN_ON_EACH(test_a_peer_that_reads_nothing_has_its_time);
    RUN_ON_EACH(test_nothing_is_unread_of_a_peer_that_is_there);
    RUN_ON_EACH(test_a_pause_hides_no_end);
    RUN_ON_EACH(test_a_pause_hides_no_reset);
    RUN_ON_EACH(test_bytes_in_a_pause_are_no_end);
    RUN_ON_EACH(test_last_words_are_heard_before_the_end);
    RUN_ON_EACH(test_each_pause_asks_anew);
    RUN_ON_EACH(test_last_words_that_nobody_wants);
    RUN_ON_EACH(test_what_was_written_outlives_an_end_in_a_pause);
    RUN_ON_EACH(test_a_close_waits_for_that_of_the_peer);
    RUN_ON_EACH(test_a_close_waits_for_what_was_written);
    RUN_ON_EACH(test_a_close_does_not_wait_for_ever);
    RUN_ON_EACH(test_an_abort_waits_for_nobody);
    RUN_ON_EACH(test_the_time_of_an_owner);
    RUN_ON_EACH(test_the_end_of_the_server);
    return check_done();
}
