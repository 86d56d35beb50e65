#include "server/net/conn.h"

#include "tests/unit/net/net_fixture.h"

enum {
    MUCH = 4 * 1024 * 1024, /* more than a socket takes at once */
    LINGER_MS = 2000
};

static const sio_address nobody = {.family = 0};

/* --- Whoever speaks on the connection notes what it is told. --- */

static struct {
    sio_conn   *conn; /* NULL: the owner was told that it is closed */
    int         peer;
    char        heard[PEER_TEXT_MAX];
    size_t      n_heard;
    unsigned    n_writable, n_timeouts, n_reads;
    const char *reason;
    unsigned    n_ends;       /* that came while it was paused */
    bool        has_unread;   /* at the last of them */
    bool        is_heard_out; /* what is answered then */
} at;

static void
on_readable(sio_conn *c, char *bytes, size_t n)
{
    CHECK(c == at.conn);
    CHECK(at.n_heard + n < sizeof at.heard);
    memcpy(at.heard + at.n_heard, bytes, n);
    at.n_heard += n;
}

static void
on_writable(sio_conn *c)
{
    CHECK(!sio_conn_blocked(c));
    at.n_writable++;
}

static void
on_timeout(sio_conn *c)
{
    CHECK(c == at.conn);
    at.n_timeouts++;
}

static void
on_closed(sio_conn *c, const char *reason)
{
    CHECK(c == at.conn);
    at.conn = NULL;
    at.reason = reason;
}

static bool
hears_out(sio_conn *c, bool has_unread)
{
    CHECK(c == at.conn);
    at.n_ends++;
    at.has_unread = has_unread;
    return at.is_heard_out;
}

static const sio_conn_handler handler = {
    .readable = on_readable,
    .writable = on_writable,
    .timeout = on_timeout,
    .closed = on_closed,
    .hears_out = hears_out,
};

/* --- A connection, whose reads are counted. --- */

static sio_carrier counting; /* as the one under test */

static ptrdiff_t
counted_read(sio_conn *c, char *bytes, size_t n)
{
    at.n_reads++;
    return carrier->read(c, bytes, n);
}

static bool
begin(void)
{
    int fd;

    memset(&at, 0, sizeof at);
    counting = *carrier;
    counting.read = counted_read;
    if (!world_begin(NULL) || !open_pair(&fd, &at.peer))
        return false;
    at.conn = sio_conn_adopt(&world.env, &counting, fd, &nobody, &world.net.admitted);
    if (!CHECK(at.conn != NULL))
        return false;
    sio_holds_take(&world.env.holds);
    world.env.stats.connections++;
    at.conn->handler = &handler;
    return true;
}

/* Nothing is left of it. */
static bool
is_gone(void)
{
    return sio_link_empty(&world.net.conns);
}

static void
end(void)
{
    if (at.peer >= 0)
        close(at.peer);
    turn();
    CHECK(is_gone());
    world_end();
}

static void
peer_close(void)
{
    close(at.peer);
    at.peer = -1;
}

static sio_view
heard(void)
{
    return (sio_view){at.heard, at.n_heard};
}

/* Write more than the socket takes. */
static void
write_much(void)
{
    char *bytes = calloc(1, MUCH);

    if (!CHECK(bytes != NULL))
        return;
    sio_conn_write(at.conn, (sio_view){bytes, MUCH});
    CHECK(sio_conn_blocked(at.conn));
    free(bytes);
}

/* All that the peer can read, in turns with the connection. */
static size_t
peer_read_all(void)
{
    static char bytes[65536];
    size_t      total = 0;
    ssize_t     n;

    while ((n = recv(at.peer, bytes, sizeof bytes, 0)) > 0) {
        total += (size_t)n;
        turn();
    }
    return total;
}

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

/* At most n bytes, in turns with the connection. */
static size_t
peer_read_some(size_t n)
{
    static char bytes[65536];
    size_t      total = 0;
    ssize_t     got;

    while (total < n && (got = recv(at.peer, bytes, n - total, 0)) > 0) {
        total += (size_t)got;
        turn();
    }
    return total;
}

/* It takes so many bytes in each "send timeout" but a second: how many in all until it is gone? */
static size_t
bytes_until_gone(size_t in_each)
{
    size_t total = 0;

    for (unsigned i = 0; i < 20 && !is_gone(); i++) {
        total += peer_read_some(in_each);
        pass_time(world.cfg.send_timeout_ms - 1000);
    }
    return total;
}

/* As over a slow line: the socket takes little at once. */
static void
narrow_socket(void)
{
    const int size = 4096;

    CHECK_INT(setsockopt(at.conn->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
}

static void
test_a_peer_that_takes_too_little_has_its_time_once(void)
{
    if (!begin())
        return;
    narrow_socket();
    write_much();
    CHECK(bytes_until_gone(10000) < 4 * 10000);
    CHECK_INT(world.env.stats.send_timeouts, 1);
    CHECK_VIEW(sio_view_of(at.reason), "socket error");
    end();
}

static void
test_a_peer_that_takes_enough_is_written_to(void)
{
    const size_t enough = 500 * 60;

    if (!begin())
        return;
    narrow_socket();
    write_much();
    CHECK_INT(bytes_until_gone(enough), 20 * enough);
    CHECK(!is_gone());
    CHECK_INT(world.env.stats.send_timeouts, 0);
    CHECK_INT(peer_read_all(), MUCH - 20 * enough);
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
test_a_close_is_put_off_by_nobody(void)
{
    if (!begin())
        return;
    narrow_socket();
    write_much();
    sio_conn_close(at.conn);
    CHECK(bytes_until_gone(10000) < 4 * 10000);
    CHECK(is_gone());
    CHECK_INT(world.env.stats.send_timeouts, 1);
    end();
}

/* What it says while it is waited for is not heard. */
static void
test_the_last_wait_is_put_off_by_nobody(void)
{
    if (!begin())
        return;
    sio_conn_close(at.conn);
    turn();
    for (unsigned ms = 0; ms < LINGER_MS; ms += 100) {
        CHECK(!is_gone());
        peer_say(at.peer, "more");
        pass_time(100);
    }
    pass_time(20);
    CHECK(is_gone());
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
    RUN_ON_EACH(test_a_peer_that_takes_too_little_has_its_time_once);
    RUN_ON_EACH(test_a_peer_that_takes_enough_is_written_to);
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
    RUN_ON_EACH(test_a_close_is_put_off_by_nobody);
    RUN_ON_EACH(test_the_last_wait_is_put_off_by_nobody);
    RUN_ON_EACH(test_a_close_does_not_wait_for_ever);
    RUN_ON_EACH(test_an_abort_waits_for_nobody);
    RUN_ON_EACH(test_the_time_of_an_owner);
    RUN_ON_EACH(test_the_end_of_the_server);
    return check_done();
}
