/* The counters of several processes, of which some have ended. */
#include "server/worker_figures.h"

#include <stdio.h>

#include "tests/unit/check.h"

static void
test_what_is_there_is_added(void)
{
    sio_worker_figures       sum = {.stats = {.sessions = 1}};
    const sio_worker_figures a = {
        .stats = {.sessions = 2, .handshakes = 10, .peers = 3, .connections = 5},
        .store = {.puts = 7, .connected = 1, .pending = 2}};
    const sio_worker_figures b = {.stats = {.sessions = 3, .handshakes = 20, .peers = 2},
                                  .store = {.puts = 1, .connected = 1}};

    sio_worker_figures_add(&sum, &a);
    sio_worker_figures_add(&sum, &b);
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
    sio_worker_figures       sum = {.stats = {.sessions = 1}};
    const sio_worker_figures gone = {
        .stats = {.sessions = 2, .handshakes = 10, .peers = 3, .connections = 5, .rooms = 4},
        .store = {.puts = 7, .connected = 1, .pending = 2}};

    sio_worker_figures_add_past(&sum, &gone);
    CHECK_INT(sum.stats.sessions, 1);
    CHECK_INT(sum.stats.handshakes, 10);
    CHECK_INT(sum.stats.connections, 0);
    CHECK_INT(sum.stats.rooms, 0);
    CHECK_INT(sum.stats.peers, 0);
    CHECK_INT(sum.store.puts, 7);
    CHECK_INT(sum.store.pending, 0);
    CHECK_INT(sum.store.connected, 0);
}

static sio_worker_figures_namespace
namespace_of(const char *name, uint64_t n_sockets)
{
    sio_worker_figures_namespace n = {.n_sockets = n_sockets};

    snprintf(n.name, sizeof n.name, "%s", name);
    return n;
}

static void
test_namespaces_are_added_by_name(void)
{
    static sio_worker_figures sum, a, b;

    a.namespaces[0] = namespace_of("", 1);
    a.namespaces[1] = namespace_of("/chat", 2);
    a.n_namespaces = 2;
    b.namespaces[0] = namespace_of("/chat", 3);
    b.namespaces[1] = namespace_of("", 4);
    b.n_namespaces = 2;
    b.n_other_sockets = 5;
    sio_worker_figures_add(&sum, &a);
    sio_worker_figures_add(&sum, &b);
    CHECK_INT(sum.n_namespaces, 2);
    CHECK_INT(sum.namespaces[0].n_sockets, 5);
    CHECK_INT(sum.namespaces[1].n_sockets, 5);
    CHECK_INT(sum.n_other_sockets, 5);
}

static void
test_namespaces_without_a_place_are_counted_together(void)
{
    static sio_worker_figures sum, one;
    char                      name[16];

    for (unsigned i = 0; i <= SIO_MAX_COUNTED_NAMESPACES; i++) {
        snprintf(name, sizeof name, "/%u", i);
        one.namespaces[0] = namespace_of(name, 1);
        one.n_namespaces = 1;
        sio_worker_figures_add(&sum, &one);
    }
    CHECK_INT(sum.n_namespaces, SIO_MAX_COUNTED_NAMESPACES);
    CHECK_INT(sum.n_other_sockets, 1);
}

static void
test_measures_are_added(void)
{
    static sio_worker_figures sum, one, silent;

    sio_measures_init(&one.measures);
    sio_histogram_add(&one.measures.loop_lag, 150);
    one.measures.requests[1] = 2;
    one.measures.sessions[SIO_SPEAKS_EIO4][SIO_CARRIED_BY_POLLING] = 3;
    one.process = (sio_process_figures){.cpu_s = 1.5, .resident_bytes = 10, .open_fds = 4};
    sio_worker_figures_add(&sum, &one);
    sio_worker_figures_add_past(&sum, &one);
    sio_worker_figures_add(&sum, &silent); /* has told nothing yet */
    CHECK_INT(sum.measures.loop_lag.n_bounds, one.measures.loop_lag.n_bounds);
    CHECK_INT(sum.measures.loop_lag.sum, 300);
    CHECK_INT(sum.measures.requests[1], 4);
    CHECK_INT(sum.measures.sessions[SIO_SPEAKS_EIO4][SIO_CARRIED_BY_POLLING], 3);
    CHECK(sum.process.cpu_s == 3.0);
    CHECK_INT(sum.process.resident_bytes, 10);
    CHECK_INT(sum.process.open_fds, 4);
}

static void
test_backends_are_added_by_name(void)
{
    static sio_worker_figures sum, one;

    for (unsigned i = 0; i <= SIO_WORKER_FIGURES_BACKENDS_MAX; i++) { /* one has no place */
        snprintf(one.backends[0].name, sizeof one.backends[0].name, "b%u", i);
        one.backends[0].requests = (sio_histogram){.first = 1, .factor = 2, .n_bounds = 2};
        sio_histogram_add(&one.backends[0].requests, i);
        one.n_backends = 1;
        sio_worker_figures_add(&sum, &one);
        sio_worker_figures_add_past(&sum, &one);
    }
    CHECK_INT(sum.n_backends, SIO_WORKER_FIGURES_BACKENDS_MAX);
    CHECK_INT(sum.backends[3].requests.sum, 6);
}

static void
test_what_a_process_counts_into_sums_is_its_own(void)
{
    static sio_worker_figures own, shown;
    static sio_env            env;

    shown.stats.admin_requests = env.stats.admin_requests = 7;
    shown.measures.log_lines[1] = env.measures.log_lines[1] = 5;
    env.stats.admin_requests += 2;
    env.measures.log_lines[1] += 1;
    sio_worker_figures_add_own(&own, &shown, &env);
    CHECK_INT(own.stats.admin_requests, 2);
    CHECK_INT(own.stats.handshakes, 0);
    CHECK_INT(own.measures.log_lines[1], 1);
}

int
main(void)
{
    RUN(test_namespaces_are_added_by_name);
    RUN(test_namespaces_without_a_place_are_counted_together);
    RUN(test_measures_are_added);
    RUN(test_backends_are_added_by_name);
    RUN(test_what_a_process_counts_into_sums_is_its_own);
    RUN(test_what_is_there_is_added);
    RUN(test_of_one_that_has_ended_what_it_counted_stays);
    return check_done();
}
