/*
 * tests/unit/transport/gate_test.c - server/transport/gate.h on a connection: what is not read
 * waits, here or in the socket, and comes in order.
 */
#include "server/transport/gate.h"

#include "tests/unit/net/net_fixture.h"

enum { RATE = 1000 /* bytes in a second */ };

static struct {
    sio_conn   *conn; /* NULL: it has ended */
    int         peer;
    sio_gate   *gate;
    char        heard[PEER_TEXT_MAX];
    size_t      n_heard;
    const char *stops_at; /* after this text the application pauses it */
} at;

static void
on_readable(sio_conn *c, char *bytes, size_t n)
{
    if (at.gate != NULL && sio_gate_keeps(at.gate, bytes, n))
        return;
    if (!CHECK(at.n_heard + n < sizeof at.heard))
        return;
    memcpy(at.heard + at.n_heard, bytes, n);
    at.n_heard += n;
    if (at.stops_at != NULL && strcmp(at.heard, at.stops_at) == 0)
        CHECK_INT(sio_gate_pause(&at.gate, c, true), SIO_OK);
}

static void
on_closed(sio_conn *c, const char *reason)
{
    (void)c;
    (void)reason;
    sio_gate_end(&at.gate);
    at.conn = NULL;
}

static const sio_conn_handler handler = {.readable = on_readable, .closed = on_closed};

static bool
begin(void)
{
    static const sio_address nobody = {.family = 0};
    int                      fd;

    memset(&at, 0, sizeof at);
    if (!world_begin(NULL) || !open_pair(&fd, &at.peer))
        return false;
    world.cfg.max_inflated_bytes = RATE;
    at.conn = sio_conn_adopt(&world.env, carrier, fd, &nobody, &world.net.admitted);
    if (!CHECK(at.conn != NULL))
        return false;
    sio_holds_take(&world.env.holds);
    world.env.stats.connections++;
    at.conn->handler = &handler;
    return true;
}

static void
end(void)
{
    close(at.peer);
    if (at.conn != NULL) {
        sio_gate_end(&at.gate);
        sio_conn_abort(at.conn);
    }
    turn();
    world_end();
}

static void
say(const char *text)
{
    peer_say(at.peer, text);
    turn();
}

static sio_view
heard(void)
{
    return (sio_view){at.heard, at.n_heard};
}

static void
test_a_pause_keeps_the_order(void)
{
    if (!begin())
        return;
    say("one ");
    CHECK_INT(sio_gate_pause(&at.gate, at.conn, false), SIO_OK); /* nothing to go on with */
    CHECK(at.gate == NULL);
    CHECK_INT(sio_gate_pause(&at.gate, at.conn, true), SIO_OK);
    CHECK(sio_gate_keeps(at.gate, "two ", 4)); /* as if it had been read already */
    CHECK(sio_gate_has_kept(at.gate));
    say("three ");
    CHECK_VIEW(heard(), "one ");
    CHECK_INT(sio_gate_pause(&at.gate, at.conn, false), SIO_OK);
    CHECK_VIEW(heard(), "one two ");
    CHECK(!sio_gate_has_kept(at.gate));
    turn();
    CHECK_VIEW(heard(), "one two three ");
    end();
}

/* What was kept may be the reason to stop again. */
static void
test_it_may_be_paused_by_what_was_kept(void)
{
    if (!begin())
        return;
    at.stops_at = "one ";
    CHECK_INT(sio_gate_pause(&at.gate, at.conn, true), SIO_OK);
    CHECK(sio_gate_keeps(at.gate, "one ", 4));
    CHECK_INT(sio_gate_pause(&at.gate, at.conn, false), SIO_OK);
    say("two");
    CHECK_VIEW(heard(), "one ");
    CHECK_INT(sio_gate_pause(&at.gate, at.conn, false), SIO_OK);
    turn();
    CHECK_VIEW(heard(), "one two");
    end();
}

static void
test_what_inflates_a_little_is_free(void)
{
    if (!begin())
        return;
    for (unsigned i = 0; i < 1000; i++)
        CHECK_INT(sio_gate_count(&at.gate, at.conn, 100, 100 * SIO_GATE_FREE_RATIO), SIO_OK);
    CHECK(at.gate == NULL);
    CHECK_INT(world.env.stats.inflation_waits, 0);
    end();
}

static void
test_what_inflates_much_is_paid_with_time(void)
{
    if (!begin())
        return;
    CHECK_INT(sio_gate_count(&at.gate, at.conn, 1, SIO_GATE_FREE_RATIO + RATE), SIO_OK);
    say("one ");
    CHECK_VIEW(heard(), "one "); /* a second's worth */
    CHECK_INT(sio_gate_count(&at.gate, at.conn, 1, SIO_GATE_FREE_RATIO + 2 * RATE), SIO_OK);
    CHECK_INT(sio_gate_count(&at.gate, at.conn, 1, SIO_GATE_FREE_RATIO + 1), SIO_OK);
    CHECK_INT(world.env.stats.inflation_waits, 1);
    say("two");
    pass_time(1900);
    CHECK_VIEW(heard(), "one ");
    pass_time(200);
    CHECK_VIEW(heard(), "one two");
    end();
}

/* It waits for two things, and goes on when both are over. */
static void
test_time_does_not_end_a_pause(void)
{
    if (!begin())
        return;
    CHECK_INT(sio_gate_count(&at.gate, at.conn, 1, SIO_GATE_FREE_RATIO + 2 * RATE), SIO_OK);
    CHECK_INT(sio_gate_pause(&at.gate, at.conn, true), SIO_OK);
    say("one");
    pass_time(5000);
    CHECK_INT(at.n_heard, 0);
    CHECK_INT(sio_gate_pause(&at.gate, at.conn, false), SIO_OK);
    turn();
    CHECK_VIEW(heard(), "one");
    end();
}

static void
test_an_end_in_a_pause_forgets_what_is_kept(void)
{
    if (!begin())
        return;
    CHECK_INT(sio_gate_pause(&at.gate, at.conn, true), SIO_OK);
    CHECK(sio_gate_keeps(at.gate, "one", 3));
    shutdown(at.peer, SHUT_WR);
    let_notice();
    CHECK(at.conn == NULL);
    CHECK(at.gate == NULL);
    CHECK(!sio_gate_has_kept(at.gate));
    CHECK_INT(at.n_heard, 0);
    end();
}

int
main(void)
{
    RUN_ON_EACH(test_a_pause_keeps_the_order);
    RUN_ON_EACH(test_it_may_be_paused_by_what_was_kept);
    RUN_ON_EACH(test_what_inflates_a_little_is_free);
    RUN_ON_EACH(test_what_inflates_much_is_paid_with_time);
    RUN_ON_EACH(test_time_does_not_end_a_pause);
    RUN_ON_EACH(test_an_end_in_a_pause_forgets_what_is_kept);
    return check_done();
}
