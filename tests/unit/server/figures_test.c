/* The counters of several processes, of which some have ended. */
#include "server/figures.h"
#include "tests/unit/check.h"

static void
test_what_is_there_is_added(void)
{
    sio_figures       sum = {.stats = {.sessions = 1}};
    const sio_figures a = {.stats = {.sessions = 2, .handshakes = 10, .peers = 3, .connections = 5},
                           .store = {.puts = 7, .connected = 1, .pending = 2}};
    const sio_figures b = {.stats = {.sessions = 3, .handshakes = 20, .peers = 2},
                           .store = {.puts = 1, .connected = 1}};

    sio_figures_add(&sum, &a);
    sio_figures_add(&sum, &b);
    CHECK_INT(sum.stats.sessions, 6);
    CHECK_INT(sum.stats.handshakes, 30);
    CHECK_INT(sum.stats.connections, 5);
    CHECK_INT(sum.stats.peers, 3); /* each counts the others */
    CHECK_INT(sum.store.puts, 8);
    CHECK_INT(sum.store.pending, 2);
    CHECK_INT(sum.store.connected, 1);
}

static void
test_of_one_that_has_ended_what_it_counted_stays(void)
{
    sio_figures       sum = {.stats = {.sessions = 1}};
    const sio_figures gone = {
        .stats = {.sessions = 2, .handshakes = 10, .peers = 3, .connections = 5, .rooms = 4},
        .store = {.puts = 7, .connected = 1, .pending = 2}};

    sio_figures_add_past(&sum, &gone);
    CHECK_INT(sum.stats.sessions, 1);
    CHECK_INT(sum.stats.handshakes, 10);
    CHECK_INT(sum.stats.connections, 0);
    CHECK_INT(sum.stats.rooms, 0);
    CHECK_INT(sum.stats.peers, 0);
    CHECK_INT(sum.store.puts, 7);
    CHECK_INT(sum.store.pending, 0);
    CHECK_INT(sum.store.connected, 0);
}

int
main(void)
{
    RUN(test_what_is_there_is_added);
    RUN(test_of_one_that_has_ended_what_it_counted_stays);
    return check_done();
}
