/*
 * What only the Redis store has to do: share with other instances, and live with
 * a server that is late, away, silent, old or unwilling. The server is real.
 */
#include "tests/unit/store/store_fixture.h"

/* ---- Redis: several instances ---- */

static void
test_what_one_instance_puts_another_takes(void)
{
    sio_store *a = new_redis_store(NULL), *b = new_redis_store(NULL);
    outcome    o;

    CHECK_INT(put(a, SIO_VIEW("id"), SIO_VIEW("from a")), SIO_OK);
    o = take(b, SIO_VIEW("id"));
    CHECK_INT(o.rc, SIO_OK);
    CHECK_VIEW(data_of(&o), "from a");
    CHECK_INT(take_rc(a, SIO_VIEW("id")), SIO_ERR_NOT_FOUND);
    sio_store_free(a);
    sio_store_free(b);
}

static void
test_of_a_thousand_takes_on_two_instances_one_wins(void)
{
    sio_store *a = new_redis_store(NULL), *b = new_redis_store(NULL);

    run_race(a, b);
    sio_store_free(a);
    sio_store_free(b);
}

static void
test_keys_have_prefix_and_expiry(void)
{
    sio_store *s = new_redis_store(NULL);
    char       command[64];
    long long  ttl;

    CHECK_INT(put(s, SIO_VIEW("id"), SIO_VIEW("x")), SIO_OK);
    snprintf(command, sizeof command, "PTTL test%u:hs:id", n_tests);
    ttl = redis_server_command(&server, command);
    CHECK(ttl > TTL_MS - SOON_MS && ttl <= TTL_MS);
    sio_store_free(s);
}

static void
test_a_prefix_that_is_too_long_is_refused(void)
{
    char                prefix[SIO_REDIS_MAX_PREFIX + 2];
    sio_redis_url       url = {.at = {.host = "127.0.0.1", .port = 1}};
    sio_redis_store_cfg cfg = {.base = base, .url = &url, .prefix = prefix};
    sio_store          *s = NULL;

    memset(prefix, 'p', sizeof prefix - 1);
    prefix[sizeof prefix - 1] = '\0';
    CHECK_INT(sio_redis_store_new(&s, &cfg), SIO_ERR_CONFIG);
    prefix[SIO_REDIS_MAX_PREFIX] = '\0';
    CHECK_INT(sio_redis_store_new(&s, &cfg), SIO_OK);
    sio_store_free(s);
}

/* ---- Redis: away ---- */

/* Put and take on one instance at once, without Redis. */
static void
check_serves_alone(sio_store *s)
{
    const uint64_t n_timeouts = sio_store_get_counters(s)->timeouts;

    CHECK_INT(put(s, SIO_VIEW("alone"), SIO_VIEW("x")), SIO_ERR_UNAVAILABLE);
    CHECK_INT(take_rc(s, SIO_VIEW("alone")), SIO_OK);
    CHECK_INT(take_rc(s, SIO_VIEW("alone")), SIO_ERR_NOT_FOUND);
    CHECK_INT(sio_store_get_counters(s)->timeouts, n_timeouts);
}

static void
test_redis_that_comes_late_gets_what_was_put_before(void)
{
    sio_store *a, *b;

    redis_server_kill(&server);
    a = redis_store_at(NULL, NULL, 0);
    b = redis_store_at(NULL, NULL, 0);
    UNTIL(logged.n_lines[SIO_STORE_WARN] == 2); /* one for each store */
    CHECK(strstr(logged.last[SIO_STORE_WARN], "refused") != NULL);
    CHECK(strstr(logged.last[SIO_STORE_WARN], "serving local clients only; retrying") != NULL);
    check_serves_alone(a);
    CHECK_INT(put(a, SIO_VIEW("early"), SIO_VIEW("x")), SIO_ERR_UNAVAILABLE);
    CHECK_INT(take_rc(b, SIO_VIEW("early")), SIO_ERR_NOT_FOUND);
    redis_server_start(&server, NULL);
    UNTIL(connected(a) && connected(b));
    UNTIL(sio_store_get_counters(a)->pending == 0);
    CHECK_INT(take_rc(b, SIO_VIEW("early")), SIO_OK);
    CHECK_INT(take_rc(a, SIO_VIEW("early")), SIO_ERR_NOT_FOUND);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 2);
    CHECK_INT(logged.n_lines[SIO_STORE_INFO], 2);
    CHECK_INT(sio_store_get_counters(a)->reconnects, 0);
    sio_store_free(a);
    sio_store_free(b);
}

static void
test_redis_may_die_and_come_back_under_use(void)
{
    sio_store *s = new_redis_store(NULL);
    outcome    p = {0}, t = {0};

    redis_server_freeze(&server); /* so that both are surely in flight when it dies */
    sio_store_handshake_put(s, SIO_VIEW("id"), SIO_VIEW("x"), TTL_MS, on_put, &p);
    sio_store_handshake_take(s, SIO_VIEW("id"), on_take, &t);
    redis_server_kill(&server);
    UNTIL(p.n_calls == 1 && t.n_calls == 1);
    CHECK_INT(sio_store_get_counters(s)->timeouts, 0);
    CHECK_INT(p.rc, SIO_ERR_UNAVAILABLE);
    CHECK_INT(t.rc, SIO_OK);
    UNTIL(!connected(s));
    check_serves_alone(s);
    UNTIL(logged.n_lines[SIO_STORE_WARN] == 1);
    redis_server_start(&server, NULL);
    UNTIL(connected(s));
    CHECK_INT(put(s, SIO_VIEW("id"), SIO_VIEW("x")), SIO_OK);
    CHECK_INT(take_rc(s, SIO_VIEW("id")), SIO_OK);
    CHECK_INT(sio_store_get_counters(s)->reconnects, 1);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    CHECK_INT(logged.n_lines[SIO_STORE_INFO], 2); /* connected, connected again */
    sio_store_free(s);
}

/* ---- Redis: connected but silent ---- */

static void
test_a_silent_redis_costs_one_second_once(void)
{
    sio_store *a = new_redis_store(NULL), *b = new_redis_store(NULL);
    outcome    p = {0};
    uint64_t   start_ms = sio_now_ms();

    redis_server_freeze(&server);
    sio_store_handshake_put(a, SIO_VIEW("id"), SIO_VIEW("x"), TTL_MS, on_put, &p);
    UNTIL_MS(p.n_calls == 1, SIO_REDIS_DEADLINE_MS + SOON_MS);
    CHECK_INT(p.rc, SIO_ERR_UNAVAILABLE);
    CHECK(sio_now_ms() - start_ms >= SIO_REDIS_DEADLINE_MS);
    CHECK_INT(sio_store_get_counters(a)->timeouts, 1);
    check_serves_alone(a); /* at once: it is known to be silent */
    redis_server_thaw(&server);
    UNTIL(connected(a) && sio_store_get_counters(a)->pending == 0);
    CHECK_INT(take_rc(b, SIO_VIEW("id")), SIO_OK); /* the put was done late, but done */
    CHECK_INT(take_rc(b, SIO_VIEW("alone")), SIO_ERR_NOT_FOUND);
    CHECK_INT(take_rc(a, SIO_VIEW("id")), SIO_ERR_NOT_FOUND);
    CHECK_INT(sio_store_get_counters(a)->reconnects, 0);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    CHECK_INT(logged.n_lines[SIO_STORE_INFO], 3);
    sio_store_free(a);
    sio_store_free(b);
}

static void
test_a_redis_silent_for_long_is_connected_again(void)
{
    sio_store *s = new_redis_store(NULL);
    outcome    p = {0};

    redis_server_freeze(&server);
    sio_store_handshake_put(s, SIO_VIEW("id"), SIO_VIEW("x"), TTL_MS, on_put, &p);
    UNTIL_MS(sio_store_get_counters(s)->pending == 0, SIO_REDIS_SILENCE_MS + SOON_MS);
    CHECK_INT(p.n_calls, 1);
    redis_server_thaw(&server);
    UNTIL(connected(s));
    CHECK_INT(sio_store_get_counters(s)->reconnects, 1);
    CHECK_INT(take_rc(s, SIO_VIEW("id")), SIO_OK);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    sio_store_free(s);
}

static void
test_commands_in_flight_are_bounded(void)
{
    enum { BOUND = 10 };
    sio_store *s = redis_store_at(NULL, NULL, BOUND);
    outcome    o[BOUND + 1] = {{0}};

    UNTIL(connected(s));
    redis_server_freeze(&server);
    for (int i = 0; i < BOUND; i++)
        CHECK(sio_store_handshake_take(s, SIO_VIEW("x"), on_take, &o[i]) != NULL);
    CHECK(sio_store_handshake_put(s, SIO_VIEW("id"), SIO_VIEW("x"), TTL_MS, on_put, &o[BOUND]) ==
          NULL);
    CHECK_INT(o[BOUND].rc, SIO_ERR_UNAVAILABLE);
    CHECK_INT(sio_store_get_counters(s)->pending, BOUND);
    CHECK_INT(sio_store_get_counters(s)->unavailable, 1);
    redis_server_thaw(&server);
    UNTIL(sio_store_get_counters(s)->pending == 0);
    for (int i = 0; i < BOUND; i++)
        CHECK_INT(o[i].rc, SIO_ERR_NOT_FOUND);
    CHECK_INT(take_rc(s, SIO_VIEW("id")), SIO_OK); /* Redis never had it: the copy here counts */
    sio_store_free(s);
}

/* ---- Redis: addresses, passwords, old and unwilling servers ---- */

/* Can a store at this address share a handshake with one at the server's port? */
static void
check_address(const char *address)
{
    sio_store *s = redis_store_at(address, NULL, 0);

    UNTIL(connected(s));
    CHECK_INT(put(s, SIO_VIEW("id"), SIO_VIEW("x")), SIO_OK);
    sio_store_free(s);
}

/* A root without /etc/hosts and without a resolver knows no names at all. */
static bool
localhost_has_an_address(void)
{
    struct addrinfo *list = NULL;
    const bool       has = getaddrinfo("localhost", NULL, NULL, &list) == 0;

    if (has)
        freeaddrinfo(list);
    return has;
}

static void
test_unix_socket_and_database(void)
{
    char text[128];

    snprintf(text, sizeof text, "unix:%s?db=3", server.socket);
    check_address(text);
    CHECK_INT(redis_server_command(&server, "DBSIZE"), 0);
    snprintf(text, sizeof text, "redis://127.0.0.1:%d/5", server.port);
    check_address(text);
    CHECK_INT(redis_server_command(&server, "DBSIZE"), 0);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 0);
}

static void
test_host_name(void)
{
    char text[128];

    if (!localhost_has_an_address())
        return;
    /* Where the name has an IPv6 address too, nobody listens there: the next one is tried. */
    snprintf(text, sizeof text, "redis://localhost:%d", server.port);
    check_address(text);
    CHECK_INT(redis_server_command(&server, "DBSIZE"), 1);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 0);
}

static void
test_a_socket_that_is_not_there_is_waited_for(void)
{
    sio_store *s = redis_store_at("unix:/nonexistent/redis.sock", NULL, 0);

    UNTIL(logged.n_lines[SIO_STORE_WARN] == 1);
    CHECK(strstr(logged.last[SIO_STORE_WARN], "unix:/nonexistent/redis.sock") != NULL);
    check_serves_alone(s);
    sio_store_free(s);
}

/* Looking up such a name may take seconds; nobody waits for it, and free does not either. */
static void
test_a_name_is_looked_up_in_the_background(void)
{
    sio_store *s = redis_store_at("redis://name.invalid", NULL, 0);

    event_base_loop(base, EVLOOP_ONCE);
    check_serves_alone(s);
    sio_store_free(s);
}

static void
test_free_is_allowed_at_every_moment(void)
{
    for (int n_turns = 0; n_turns < 300; n_turns += 3) {
        sio_store *s = redis_store_at(NULL, NULL, 0);
        outcome    o = {0};

        for (int i = 0; i < n_turns; i++)
            event_base_loop(base, EVLOOP_NONBLOCK);
        sio_store_handshake_put(s, SIO_VIEW("id"), SIO_VIEW("x"), TTL_MS, on_put, &o);
        sio_store_free(s);
    }
}

static void
test_a_database_that_does_not_exist_is_an_error_line(void)
{
    char       text[64];
    sio_store *s;

    snprintf(text, sizeof text, "redis://127.0.0.1:%d/999", server.port);
    s = redis_store_at(text, NULL, 0);
    UNTIL(logged.n_lines[SIO_STORE_ERROR] == 1);
    CHECK(strstr(logged.last[SIO_STORE_ERROR], "refused SELECT") != NULL);
    check_serves_alone(s);
    sio_store_free(s);
}

static void
test_a_wrong_password_is_said_once_and_retried(void)
{
    static const char *const locked[] = {"--requirepass", "right", NULL};
    char                     text[64];
    sio_store               *s;

    redis_server_kill(&server);
    redis_server_start(&server, locked);
    snprintf(text, sizeof text, "redis://:wrong@127.0.0.1:%d", server.port);
    s = redis_store_at(text, NULL, 0);
    UNTIL(logged.n_lines[SIO_STORE_ERROR] == 1);
    CHECK(strstr(logged.last[SIO_STORE_ERROR], "refused AUTH") != NULL);
    CHECK(strstr(logged.last[SIO_STORE_ERROR], "wrong@") == NULL);
    check_serves_alone(s);
    redis_server_kill(&server);
    redis_server_start(&server, (const char *const[]){"--requirepass", "wrong", NULL});
    UNTIL(connected(s));
    CHECK_INT(put(s, SIO_VIEW("id"), SIO_VIEW("x")), SIO_OK);
    CHECK_INT(logged.n_lines[SIO_STORE_ERROR], 1);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 0); /* one line per outage is enough */
    sio_store_free(s);
}

static void
test_a_missing_password_is_an_error_line(void)
{
    sio_store *s;

    redis_server_kill(&server);
    redis_server_start(&server, (const char *const[]){"--requirepass", "right", NULL});
    s = redis_store_at(NULL, NULL, 0);
    UNTIL(logged.n_lines[SIO_STORE_ERROR] == 1);
    CHECK(strstr(logged.last[SIO_STORE_ERROR], "NOAUTH") != NULL);
    sio_store_free(s);
}

static void
test_user_and_password_log_in(void)
{
    static const char *const acl[] = {"--user", "bob",           "on",    ">p@ss", "~*",
                                      "+@all",  "--requirepass", "other", NULL};
    char                     text[64];
    sio_store               *s;

    redis_server_kill(&server);
    redis_server_start(&server, acl);
    snprintf(text, sizeof text, "redis://bob:p%%40ss@127.0.0.1:%d", server.port);
    s = redis_store_at(text, NULL, 0);
    UNTIL(connected(s));
    CHECK_INT(put(s, SIO_VIEW("id"), SIO_VIEW("x")), SIO_OK);
    CHECK_INT(take_rc(s, SIO_VIEW("id")), SIO_OK);
    sio_store_free(s);
}

/* A server before 6.2 has no GETDEL. */
static void
test_an_old_server_is_asked_in_old_words(void)
{
    sio_store *a, *b;
    outcome    o;

    redis_server_kill(&server);
    redis_server_start(&server, (const char *const[]){"--rename-command", "GETDEL", "", NULL});
    a = new_redis_store(NULL);
    b = new_redis_store(NULL);
    run_race(a, b); /* many are in flight when the first refusal comes */
    CHECK_INT(put(a, SIO_VIEW("id"), SIO_VIEW("\0x")), SIO_OK);
    o = take(b, SIO_VIEW("id"));
    CHECK_VIEW(data_of(&o), SIO_VIEW("\0x"));
    CHECK_INT(take_rc(b, SIO_VIEW("id")), SIO_ERR_NOT_FOUND);
    CHECK_INT(sio_store_get_counters(a)->unavailable, 0);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 0);
    sio_store_free(a);
    sio_store_free(b);
}

static void
test_an_old_server_may_die_during_a_take(void)
{
    sio_store *s;
    outcome    o = {0};

    redis_server_kill(&server);
    redis_server_start(&server, (const char *const[]){"--rename-command", "GETDEL", "", NULL});
    s = new_redis_store(NULL);
    take(s, SIO_VIEW("it learns that there is no GETDEL"));
    redis_server_freeze(&server);
    sio_store_cancel(sio_store_handshake_take(s, SIO_VIEW("cancelled"), on_take, &o));
    sio_store_handshake_take(s, SIO_VIEW("id"), on_take, &o);
    redis_server_kill(&server);
    UNTIL(o.n_calls == 1);
    CHECK_INT(o.rc, SIO_ERR_NOT_FOUND);
    sio_store_free(s);
}

static void
test_a_server_that_refuses_writes_leaves_us_alone(void)
{
    sio_store *s = new_redis_store(NULL);

    redis_server_command(&server, "REPLICAOF 127.0.0.1 1");
    check_serves_alone(s);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    CHECK(strstr(logged.last[SIO_STORE_WARN], "READONLY") != NULL);
    redis_server_command(&server, "REPLICAOF NO ONE");
    CHECK_INT(put(s, SIO_VIEW("id"), SIO_VIEW("x")), SIO_OK);
    sio_store_free(s);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    RUN_REDIS(test_what_one_instance_puts_another_takes);
    RUN_REDIS(test_of_a_thousand_takes_on_two_instances_one_wins);
    RUN_REDIS(test_keys_have_prefix_and_expiry);
    RUN_REDIS(test_a_prefix_that_is_too_long_is_refused);
    RUN_REDIS(test_redis_that_comes_late_gets_what_was_put_before);
    RUN_REDIS(test_redis_may_die_and_come_back_under_use);
    RUN_REDIS(test_a_silent_redis_costs_one_second_once);
    RUN_REDIS(test_a_redis_silent_for_long_is_connected_again);
    RUN_REDIS(test_commands_in_flight_are_bounded);
    RUN_REDIS(test_unix_socket_and_database);
    RUN_REDIS(test_host_name);
    RUN_REDIS(test_a_socket_that_is_not_there_is_waited_for);
    RUN_REDIS(test_a_name_is_looked_up_in_the_background);
    RUN_REDIS(test_free_is_allowed_at_every_moment);
    RUN_REDIS(test_a_database_that_does_not_exist_is_an_error_line);
    RUN_REDIS(test_a_wrong_password_is_said_once_and_retried);
    RUN_REDIS(test_a_missing_password_is_an_error_line);
    RUN_REDIS(test_user_and_password_log_in);
    RUN_REDIS(test_an_old_server_is_asked_in_old_words);
    RUN_REDIS(test_an_old_server_may_die_during_a_take);
    RUN_REDIS(test_a_server_that_refuses_writes_leaves_us_alone);
    redis_server_fini(&server);
    return check_done();
}
