/*
 * What only the Redis store does with the data of clients. The server is real.
 */
#include "tests/unit/store/store_data_fixture.h"

/* The answer to "<verb> <prefix>client:<id> <rest>" as another program gets it. */
static long long
ask_redis(const char *verb, const char *id, const char *rest)
{
    char command[128];

    snprintf(command, sizeof command, "%s test%u:client:%s %s", verb, n_tests, id, rest);
    return redis_server_command(&server, command);
}

static void
test_other_programs_share_plain_strings(void)
{
    sio_store *a = new_redis_store(NULL), *b = new_redis_store(NULL);

    CHECK_INT(set_text(a, "id", "k", "12345"), SIO_OK);
    check_value(b, "id", "k", "12345");
    CHECK_INT(ask_redis("HLEN", "id", ""), 1);
    CHECK_INT(ask_redis("HSTRLEN", "id", "k"), 5);
    CHECK_INT(ask_redis("PTTL", "id", ""), -1);
    CHECK_INT(ask_redis("HSET", "id", "theirs hello"), 1);
    check_value(a, "id", "theirs", "hello");
    CHECK_INT(del(b, "id", "k"), SIO_OK);
    CHECK_INT(has(a, "id", "k"), SIO_ERR_NOT_FOUND);
    sio_store_free(a);
    sio_store_free(b);
}

static void
test_the_instance_that_set_lets_go(void)
{
    sio_store *a = new_redis_store(NULL), *b = new_redis_store(NULL);
    long long  ttl;

    CHECK_INT(set_text(a, "id", "k", "v"), SIO_OK);
    check_value(b, "id", "k", "v");
    CHECK_INT(expire(b, "id", TTL_MS), SIO_OK); /* it only looked */
    CHECK_INT(ask_redis("PTTL", "id", ""), -1);
    CHECK_INT(expire(a, "id", TTL_MS), SIO_OK);
    ttl = ask_redis("PTTL", "id", "");
    CHECK(ttl > TTL_MS - SOON_MS && ttl <= TTL_MS);
    CHECK_INT(sio_store_get_counters(a)->data_clients, 0);
    CHECK_INT(get_rc(b, "nobody", "k"), SIO_ERR_NOT_FOUND);
    CHECK_INT(expire(b, "nobody", TTL_MS), SIO_OK);
    CHECK_INT(redis_server_command(&server, "DBSIZE"), 1); /* no trace of those who set nothing */
    sio_store_free(a);
    sio_store_free(b);
}

static void
check_unavailable(sio_store *s)
{
    outcome        o[5] = {{0}};
    sio_store_req *req[5];

    start_all(s, o, req);
    for (int i = 0; i < 4; i++) {
        CHECK(req[i] == NULL);
        CHECK_INT(o[i].rc, SIO_ERR_UNAVAILABLE);
    }
    CHECK_INT(o[4].rc, SIO_OK); /* it has set nothing */
}

static void
test_without_redis_the_answer_is_unavailable(void)
{
    sio_store *s;

    redis_server_kill(&server);
    s = redis_store_at(NULL, NULL, 0);
    UNTIL(logged.n_lines[SIO_STORE_WARN] == 1);
    check_unavailable(s);
    CHECK_INT(sio_store_get_counters(s)->unavailable, 4);
    CHECK_INT(sio_store_get_counters(s)->data_clients, 0);
    redis_server_start(&server, NULL);
    UNTIL(connected(s));
    CHECK_INT(get_rc(s, "id", "k"), SIO_ERR_NOT_FOUND); /* nothing was kept for later */
    CHECK_INT(set_text(s, "id", "k", "v"), SIO_OK);
    sio_store_free(s);
}

static void
test_who_leaves_during_an_outage_is_forgotten_after_it(void)
{
    sio_store *s = new_redis_store(NULL);

    CHECK_INT(set_text(s, "now", "k", "v"), SIO_OK);
    CHECK_INT(set_text(s, "later", "k", "v"), SIO_OK);
    CHECK_INT(set_text(s, "there", "k", "v"), SIO_OK);
    redis_server_command(&server, "CLIENT KILL TYPE normal");
    UNTIL(!connected(s));
    CHECK_INT(expire(s, "now", 0), SIO_ERR_UNAVAILABLE);
    CHECK_INT(expire(s, "later", TTL_MS), SIO_ERR_UNAVAILABLE);
    UNTIL(sio_store_get_counters(s)->data_clients == 1);
    CHECK_INT(ask_redis("EXISTS", "now", ""), 0);
    CHECK(ask_redis("PTTL", "later", "") > 0);
    CHECK_INT(ask_redis("PTTL", "there", ""), -1);
    sio_store_free(s);
}

static void
test_a_silent_redis_costs_one_second_once(void)
{
    sio_store *s = new_redis_store(NULL);
    outcome    o = {0};

    redis_server_freeze(&server);
    sio_store_client_set(s, SIO_VIEW("late"), SIO_VIEW("k"), SIO_VIEW("v"), &wide, on_put, &o);
    UNTIL_MS(o.n_calls == 1, SIO_REDIS_DEADLINE_MS + SOON_MS);
    CHECK_INT(o.rc, SIO_ERR_UNAVAILABLE);
    CHECK_INT(sio_store_get_counters(s)->timeouts, 1);
    check_unavailable(s);
    CHECK_INT(expire(s, "late", TTL_MS), SIO_ERR_UNAVAILABLE);
    CHECK_INT(sio_store_get_counters(s)->timeouts, 1);
    redis_server_thaw(&server);
    UNTIL(sio_store_get_counters(s)->data_clients == 0);
    CHECK_INT(ask_redis("HLEN", "late", ""), 1); /* done late, but done */
    CHECK(ask_redis("PTTL", "late", "") > 0);
    CHECK_INT(ask_redis("EXISTS", "id", ""), 0);
    sio_store_free(s);
}

static void
test_redis_may_die_with_everything_in_flight(void)
{
    sio_store     *s = new_redis_store(NULL);
    outcome        o[5] = {{0}};
    sio_store_req *req[5];

    redis_server_freeze(&server);
    start_all(s, o, req);
    redis_server_kill(&server);
    for (int i = 0; i < 5; i++) {
        UNTIL(o[i].n_calls == 1);
        CHECK_INT(o[i].rc, SIO_ERR_UNAVAILABLE);
    }
    redis_server_start(&server, NULL);
    UNTIL(sio_store_get_counters(s)->data_clients == 0);
    CHECK_INT(redis_server_command(&server, "DBSIZE"), 0);
    sio_store_free(s);
}

static void
test_who_leaves_is_told_even_when_much_is_pending(void)
{
    sio_store *s = redis_store_at(NULL, NULL, 1);
    outcome    got = {0}, left = {0};

    UNTIL(connected(s));
    CHECK_INT(set_text(s, "id", "k", "v"), SIO_OK);
    redis_server_freeze(&server);
    sio_store_client_get(s, SIO_VIEW("id"), SIO_VIEW("k"), on_take, &got);
    CHECK_INT(get_rc(s, "id", "k"), SIO_ERR_UNAVAILABLE);
    CHECK(sio_store_client_expire(s, SIO_VIEW("id"), TTL_MS, on_put, &left) != NULL);
    redis_server_thaw(&server);
    UNTIL(got.n_calls == 1 && left.n_calls == 1);
    CHECK_INT(left.rc, SIO_OK);
    CHECK(ask_redis("PTTL", "id", "") > 0);
    sio_store_free(s);
}

static void
test_a_server_that_refuses_writes_is_an_answer(void)
{
    sio_store *s = new_redis_store(NULL);

    CHECK_INT(set_text(s, "id", "k", "v"), SIO_OK);
    redis_server_command(&server, "REPLICAOF 127.0.0.1 1");
    CHECK_INT(set_text(s, "id", "k", "w"), SIO_ERR_UNAVAILABLE);
    CHECK(strstr(logged.last[SIO_STORE_WARN], "READONLY") != NULL);
    check_value(s, "id", "k", "v");
    CHECK_INT(expire(s, "id", 0), SIO_ERR_UNAVAILABLE);
    CHECK_INT(sio_store_get_counters(s)->data_clients, 0);
    sio_store_free(s);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    redis_server_start(&server, NULL);
    RUN_REDIS(test_other_programs_share_plain_strings);
    RUN_REDIS(test_the_instance_that_set_lets_go);
    RUN_REDIS(test_without_redis_the_answer_is_unavailable);
    RUN_REDIS(test_who_leaves_during_an_outage_is_forgotten_after_it);
    RUN_REDIS(test_a_silent_redis_costs_one_second_once);
    RUN_REDIS(test_redis_may_die_with_everything_in_flight);
    RUN_REDIS(test_who_leaves_is_told_even_when_much_is_pending);
    RUN_REDIS(test_a_server_that_refuses_writes_is_an_answer);
    redis_server_fini(&server);
    return check_done();
}
