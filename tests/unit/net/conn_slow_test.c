/* Peers that take or say little, and what the server may give up of them. */
#include "tests/unit/net/conn_fixture.h"

/* --- Taking too little. --- */

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
    CHECK(bytes_until_gone(10000) < (size_t)4 * 10000);
    CHECK_INT(world.env.stats.send_timeouts, 1);
    CHECK_VIEW(sio_view_of(at.reason), "socket error");
    end();
}

static void
test_a_peer_that_takes_enough_is_written_to(void)
{
    const size_t enough = (size_t)500 * 60;

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
test_a_close_is_put_off_by_nobody(void)
{
    if (!begin())
        return;
    narrow_socket();
    write_much();
    sio_conn_close(at.conn);
    CHECK(bytes_until_gone(10000) < (size_t)4 * 10000);
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

/* --- Giving up, when clients make the server keep too much. --- */

static void
check_that_it_gave_up(void)
{
    turn();
    CHECK_INT(world.env.stats.evicted, 1);
    CHECK_VIEW(sio_view_of(at.reason), "socket error");
    CHECK(is_gone());
    CHECK_INT(world.env.budget.accounts.n_bytes, 0);
    CHECK_INT(world.env.budget.n_waiting, 0);
}

static void
test_what_waits_for_a_peer_may_be_given_up(void)
{
    if (!begin())
        return;
    sio_conn_weigh(at.conn); /* nothing waits */
    CHECK(!sio_accounts_evict_waiting(&world.env.budget.accounts));
    write_much();
    CHECK(world.env.budget.n_waiting >= MUCH / 2);
    sio_conn_weigh(at.conn);
    sio_conn_weigh(at.conn); /* twice is once */
    CHECK(sio_accounts_evict_waiting(&world.env.budget.accounts));
    check_that_it_gave_up();
    end();
}

static void
test_what_has_come_may_be_given_up(void)
{
    sio_accounts *all = &world.env.budget.accounts;

    if (!begin())
        return;
    sio_conn_keep(at.conn, 0);
    CHECK_INT(all->n_bytes, 0);
    sio_conn_keep(at.conn, 1000);
    sio_conn_keep(at.conn, 3000);
    CHECK(all->n_bytes >= 3000);
    sio_conn_keep(at.conn, 500);
    CHECK(all->n_bytes >= 500 && all->n_bytes < 3000);
    sio_conn_keep(at.conn, 0);
    CHECK_INT(all->n_bytes, 0);
    sio_conn_keep(at.conn, 700);
    CHECK(sio_accounts_evict(all, false));
    check_that_it_gave_up();
    end();
}

int
main(void)
{
    RUN_ON_EACH(test_a_peer_that_takes_too_little_has_its_time_once);
    RUN_ON_EACH(test_a_peer_that_takes_enough_is_written_to);
    RUN_ON_EACH(test_a_close_is_put_off_by_nobody);
    RUN_ON_EACH(test_the_last_wait_is_put_off_by_nobody);
    RUN_ON_EACH(test_what_waits_for_a_peer_may_be_given_up);
    RUN_ON_EACH(test_what_has_come_may_be_given_up);
    return check_done();
}
