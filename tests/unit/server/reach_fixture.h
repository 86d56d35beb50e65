/*
 * tests/unit/server/reach_fixture.h - what the tests about several instances share: servers in this
 * process on one Redis, each with a client, and what is asked of all of them.
 */
#ifndef SIO_TESTS_UNIT_REACH_FIXTURE_H
#define SIO_TESTS_UNIT_REACH_FIXTURE_H

#include "tests/unit/server/api_fixture.h"
#include "tests/unit/store/redis_server.h"

#include <cjson/cJSON.h>

enum { N = 3, LONG_MS = 100000 };

static redis_server redis;
static sio_server  *servers[N]; /* the first is io */
static size_t       n_servers;
static client       clients[N]; /* one of each server */

/* --- Instances. --- */

static inline long long
counter_of(const sio_server *s, const char *name)
{
    char           *json = sio_counters(s);
    cJSON          *counters = cJSON_Parse(json);
    const long long value =
        (long long)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(counters, name));

    cJSON_Delete(counters);
    free(json);
    return value;
}

static inline void
join_cluster(sio_server *s, const char *name)
{
    char value[100];

    snprintf(value, sizeof value, "\"unix:%s\"", redis.socket);
    CHECK_INT(sio_set(s, "redis", value), 0);
    CHECK_INT(sio_set(s, "name", name), 0);
    listen_now(s);
}

static inline bool
have_met(long long n_peers)
{
    for (size_t i = 0; i < n_servers; i++)
        if (counter_of(servers[i], "peers") != n_peers)
            return false;
    return true;
}

/* io and n - 1 more, with a client of socket.io 4 at each. */
static inline void
start_cluster(size_t n)
{
    static const char *const names[N] = {"\"A\"", "\"B\"", "\"C\""};

    n_servers = n;
    servers[0] = io;
    CHECK(redis_server_command(&redis, "FLUSHALL") > 0); /* instances of earlier tests */
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            servers[i] = new_server();
        join_cluster(servers[i], names[i]);
    }
    UNTIL(have_met((long long)n - 1));
    for (size_t i = 0; i < n; i++)
        enter5(&clients[i], servers[i]);
}

/* Nothing is left of any question. */
static inline void
end_cluster(void)
{
    for (size_t i = 0; i < n_servers; i++) {
        UNTIL(counter_of(servers[i], "surveys") == 0);
        hang_up(&clients[i]);
    }
    for (size_t i = 1; i < n_servers; i++)
        sio_server_free(servers[i]);
}

/* The client of that server. */
static inline sio_socket *
nth(size_t i)
{
    sio_socket *socket = sio_find(sio_sockets(servers[i]), clients[i].id);

    if (!CHECK(socket != NULL))
        exit(1);
    return socket;
}

/* --- Questions. --- */

static inline void
note_count(sio_namespace *nsp, const sio_count_result *count, void *arg)
{
    (void)nsp;
    (void)arg;
    note("%zu %zu/%zu", count->n_sockets, count->n_reached, count->n_instances);
}

static inline void
note_answers(sio_namespace *nsp, const sio_answers *a, void *arg)
{
    (void)nsp;
    (void)arg;
    note("%.*s %zu/%zu %zu/%zu", (int)a->len, a->json, a->n_answered, a->n_asked, a->n_reached,
         a->n_instances);
}

static inline int
ask_all(const sio_to *to, unsigned timeout_ms)
{
    return sio_broadcast_ack(sio_sockets(io), to, "q", NULL, timeout_ms, note_answers, NULL);
}

#define CHECK_TOLD(want)         \
    do {                         \
        UNTIL(notes[0] != '\0'); \
        CHECK_NOTED(want);       \
    } while (0)

/* --- Running, with a Redis. --- */

static inline void
begin_tests(void)
{
    redis_server_init(&redis);
    redis_server_start(&redis, NULL);
}

static inline int
end_tests(void)
{
    redis_server_fini(&redis);
    return check_done();
}

#endif
