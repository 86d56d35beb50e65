/*
 * The data of clients: one suite of promises for every implementation of store/store.h, then
 * what only the Redis store has to do. The server is real.
 */
#include "tests/unit/store_fixture.h"

static const sio_store_client_limits wide = {.max_keys = 100, .max_bytes = 1000000};

/* ---- operations that are waited for ---- */

static int
set(sio_store *s, const char *id, sio_view key, sio_view value,
    const sio_store_client_limits *limits)
{
    outcome o = {.n_calls = 0};

    sio_store_client_set(s, sio_view_of(id), key, value, limits, on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static int
set_text(sio_store *s, const char *id, const char *key, const char *value)
{
    return set(s, id, sio_view_of(key), sio_view_of(value), &wide);
}

static outcome
get(sio_store *s, const char *id, sio_view key)
{
    outcome o = {.n_calls = 0};

    sio_store_client_get(s, sio_view_of(id), key, on_take, &o);
    UNTIL(o.n_calls == 1);
    return o;
}

static int
get_rc(sio_store *s, const char *id, const char *key)
{
    return get(s, id, sio_view_of(key)).rc;
}

static int
has(sio_store *s, const char *id, const char *key)
{
    outcome o = {.n_calls = 0};

    sio_store_client_has(s, sio_view_of(id), sio_view_of(key), on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static int
del(sio_store *s, const char *id, const char *key)
{
    outcome o = {.n_calls = 0};

    sio_store_client_del(s, sio_view_of(id), sio_view_of(key), on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static int
expire(sio_store *s, const char *id, uint64_t ttl_ms)
{
    outcome o = {.n_calls = 0};

    sio_store_client_expire(s, sio_view_of(id), ttl_ms, on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static void
check_value(sio_store *s, const char *id, const char *key, const char *want)
{
    const outcome o = get(s, id, sio_view_of(key));

    CHECK_INT(o.rc, SIO_OK);
    CHECK_VIEW(data_of(&o), want);
}

static int
inherit(sio_store *s, const char *id, const char *from)
{
    outcome o = {.n_calls = 0};

    sio_store_client_inherit(s, sio_view_of(id), sio_view_of(from), on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

/* ---- the suite: new_store is the implementation under test ---- */

static sio_store *(*new_store)(const sio_handshakes_limits *limits);

static void
test_each_client_has_its_own_values(void)
{
    sio_store *s = new_store(NULL);

    CHECK_INT(set_text(s, "a", "name", "Ann"), SIO_OK);
    CHECK_INT(set_text(s, "a", "age", "7"), SIO_OK);
    CHECK_INT(set_text(s, "b", "name", "Bob"), SIO_OK);
    check_value(s, "a", "name", "Ann");
    check_value(s, "a", "age", "7");
    check_value(s, "b", "name", "Bob");
    CHECK_INT(get_rc(s, "b", "age"), SIO_ERR_NOT_FOUND);
    CHECK_INT(get_rc(s, "c", "name"), SIO_ERR_NOT_FOUND);
    CHECK_INT(sio_store_get_counters(s)->data_clients, 2);
    sio_store_free(s);
}

static void
test_set_replaces(void)
{
    sio_store *s = new_store(NULL);

    CHECK_INT(set_text(s, "id", "k", "a long value"), SIO_OK);
    CHECK_INT(set_text(s, "id", "k", "short"), SIO_OK);
    check_value(s, "id", "k", "short");
    sio_store_free(s);
}

static void
test_has_and_del_tell_what_is_there(void)
{
    sio_store *s = new_store(NULL);

    CHECK_INT(has(s, "id", "k"), SIO_ERR_NOT_FOUND);
    CHECK_INT(del(s, "id", "k"), SIO_ERR_NOT_FOUND);
    CHECK_INT(set_text(s, "id", "k", "v"), SIO_OK);
    CHECK_INT(has(s, "id", "k"), SIO_OK);
    CHECK_INT(has(s, "id", "K"), SIO_ERR_NOT_FOUND);
    CHECK_INT(has(s, "other", "k"), SIO_ERR_NOT_FOUND);
    CHECK_INT(del(s, "id", "k"), SIO_OK);
    CHECK_INT(has(s, "id", "k"), SIO_ERR_NOT_FOUND);
    CHECK_INT(get_rc(s, "id", "k"), SIO_ERR_NOT_FOUND);
    CHECK_INT(del(s, "id", "k"), SIO_ERR_NOT_FOUND);
    sio_store_free(s);
}

static void
test_keys_and_values_may_hold_any_bytes(void)
{
    static const sio_view texts[] = {{"", 0}, {NULL, 0}, {"a\0b", 3}, {"\r\n$1\xff", 5}, {"%s", 2}};
    sio_store            *s = new_store(NULL);
    char                 *big = malloc(300000);

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        outcome o;

        CHECK_INT(set(s, "id", texts[i], texts[i], &wide), SIO_OK);
        o = get(s, "id", texts[i]);
        CHECK_INT(o.rc, SIO_OK);
        CHECK_VIEW(data_of(&o), texts[i]);
    }
    CHECK_INT(get_rc(s, "id", "a"), SIO_ERR_NOT_FOUND);
    if (CHECK(big != NULL)) {
        memset(big, 'x', 300000);
        CHECK_INT(set(s, "id", SIO_VIEW("big"), (sio_view){big, 300000}, &wide), SIO_OK);
        CHECK_INT(get(s, "id", SIO_VIEW("big")).len, 300000);
    }
    free(big);
    sio_store_free(s);
}

static void
test_ids_have_a_length(void)
{
    char       id[SIO_STORE_MAX_ID + 2];
    sio_store *s = new_store(NULL);

    memset(id, 'i', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    CHECK_INT(set_text(s, id, "k", "v"), SIO_TOO_LARGE);
    CHECK_INT(set_text(s, "", "k", "v"), SIO_TOO_LARGE);
    CHECK_INT(get_rc(s, id, "k"), SIO_TOO_LARGE);
    CHECK_INT(has(s, id, "k"), SIO_TOO_LARGE);
    CHECK_INT(del(s, id, "k"), SIO_TOO_LARGE);
    CHECK_INT(expire(s, id, TTL_MS), SIO_TOO_LARGE);
    id[SIO_STORE_MAX_ID] = '\0';
    CHECK_INT(set_text(s, id, "k", "v"), SIO_OK);
    check_value(s, id, "k", "v");
    sio_store_free(s);
}

static void
test_keys_of_a_client_are_limited(void)
{
    const sio_store_client_limits two = {.max_keys = 2, .max_bytes = 1000};
    sio_store                    *s = new_store(NULL);

    CHECK_INT(set(s, "id", SIO_VIEW("1"), SIO_VIEW("x"), &two), SIO_OK);
    CHECK_INT(set(s, "id", SIO_VIEW("2"), SIO_VIEW("x"), &two), SIO_OK);
    CHECK_INT(set(s, "id", SIO_VIEW("3"), SIO_VIEW("x"), &two), SIO_ERR_FULL);
    CHECK_INT(set(s, "id", SIO_VIEW("2"), SIO_VIEW("y"), &two), SIO_OK); /* in place of the old */
    CHECK_INT(set(s, "other", SIO_VIEW("3"), SIO_VIEW("x"), &two), SIO_OK);
    CHECK_INT(has(s, "id", "3"), SIO_ERR_NOT_FOUND);
    CHECK_INT(del(s, "id", "1"), SIO_OK);
    CHECK_INT(set(s, "id", SIO_VIEW("3"), SIO_VIEW("x"), &two), SIO_OK);
    sio_store_free(s);
}

static void
test_bytes_of_a_client_are_limited(void)
{
    const sio_store_client_limits ten = {.max_keys = 100, .max_bytes = 10};
    sio_store                    *s = new_store(NULL);

    CHECK_INT(set(s, "id", SIO_VIEW("12345"), SIO_VIEW("123456"), &ten), SIO_ERR_FULL);
    CHECK_INT(set(s, "id", SIO_VIEW("12345678901"), SIO_VIEW(""), &ten), SIO_ERR_FULL);
    CHECK_INT(sio_store_get_counters(s)->data_clients, 0);
    CHECK_INT(set(s, "id", SIO_VIEW("12345"), SIO_VIEW("12345"), &ten), SIO_OK);
    CHECK_INT(set(s, "id", SIO_VIEW("x"), SIO_VIEW(""), &ten), SIO_ERR_FULL);
    CHECK_INT(set(s, "id", SIO_VIEW("12345"), SIO_VIEW("123456"), &ten), SIO_ERR_FULL);
    check_value(s, "id", "12345", "12345"); /* the old value stays */
    CHECK_INT(set(s, "id", SIO_VIEW("12345"), SIO_VIEW("123"), &ten), SIO_OK);
    CHECK_INT(set(s, "id", SIO_VIEW("x"), SIO_VIEW("y"), &ten), SIO_OK);
    CHECK_INT(set(s, "id", SIO_VIEW("x"), SIO_VIEW("yz"), &ten), SIO_ERR_FULL);
    sio_store_free(s);
}

static void
test_data_outlive_their_client_for_a_while(void)
{
    sio_store *s = new_store(NULL);

    CHECK_INT(set_text(s, "long", "k", "v"), SIO_OK);
    CHECK_INT(set_text(s, "short", "k", "v"), SIO_OK);
    CHECK_INT(set_text(s, "there", "k", "v"), SIO_OK);
    CHECK_INT(expire(s, "long", TTL_MS), SIO_OK);
    CHECK_INT(expire(s, "short", 150), SIO_OK);
    UNTIL(get_rc(s, "short", "k") == SIO_ERR_NOT_FOUND);
    CHECK_INT(has(s, "short", "k"), SIO_ERR_NOT_FOUND);
    CHECK_INT(del(s, "short", "k"), SIO_ERR_NOT_FOUND);
    check_value(s, "long", "k", "v");
    check_value(s, "there", "k", "v");
    UNTIL(sio_store_get_counters(s)->data_clients <= 2);
    sio_store_free(s);
}

static void
test_data_of_one_who_left_are_inherited(void)
{
    sio_store *s = new_store(NULL);

    CHECK_INT(set_text(s, "old", "k", "v"), SIO_OK);
    CHECK_INT(set_text(s, "old", "empty", ""), SIO_OK);
    CHECK_INT(set_text(s, "rich", "k", "mine"), SIO_OK);
    CHECK_INT(expire(s, "old", 300), SIO_OK);
    CHECK_INT(inherit(s, "new", "old"), SIO_OK);
    CHECK_INT(inherit(s, "rich", "old"), SIO_OK);
    CHECK_INT(inherit(s, "poor", "nobody"), SIO_OK);
    UNTIL(get_rc(s, "old", "k") == SIO_ERR_NOT_FOUND);
    check_value(s, "new", "k", "v"); /* has lost its time to live */
    check_value(s, "new", "empty", "");
    check_value(s, "rich", "k", "mine");
    CHECK_INT(has(s, "rich", "empty"), SIO_ERR_NOT_FOUND);
    CHECK_INT(has(s, "poor", "k"), SIO_ERR_NOT_FOUND);
    CHECK_INT(expire(s, "new", 0), SIO_OK);
    CHECK_INT(has(s, "new", "k"), SIO_ERR_NOT_FOUND);
    sio_store_free(s);
}

static void
test_without_a_ttl_data_go_at_once(void)
{
    sio_store *s = new_store(NULL);

    CHECK_INT(set_text(s, "id", "k", "v"), SIO_OK);
    CHECK_INT(expire(s, "id", 0), SIO_OK);
    CHECK_INT(get_rc(s, "id", "k"), SIO_ERR_NOT_FOUND);
    CHECK_INT(sio_store_get_counters(s)->data_clients, 0);
    sio_store_free(s);
}

static void
test_nothing_expires_twice_or_for_strangers(void)
{
    sio_store *s = new_store(NULL);
    outcome    o = {0};

    CHECK(sio_store_client_expire(s, SIO_VIEW("stranger"), TTL_MS, on_put, &o) == NULL);
    CHECK_INT(o.n_calls, 1);
    CHECK_INT(o.rc, SIO_OK);
    CHECK_INT(set_text(s, "id", "k", "v"), SIO_OK);
    sio_store_client_expire(s, SIO_VIEW("id"), TTL_MS, on_put, &o);
    sio_store_client_expire(s, SIO_VIEW("id"), 0, on_put, &o);
    UNTIL(o.n_calls == 3);
    check_value(s, "id", "k", "v");
    sio_store_free(s);
}

/* Start one of each; the requests that are pending. */
static void
start_all(sio_store *s, outcome o[5], sio_store_req *req[5])
{
    const sio_view id = SIO_VIEW("id"), key = SIO_VIEW("k");

    req[0] = sio_store_client_set(s, id, key, SIO_VIEW("v"), &wide, on_put, &o[0]);
    req[1] = sio_store_client_get(s, id, key, on_take, &o[1]);
    req[2] = sio_store_client_has(s, id, key, on_put, &o[2]);
    req[3] = sio_store_client_del(s, id, SIO_VIEW("other"), on_put, &o[3]);
    req[4] = sio_store_client_expire(s, id, TTL_MS, on_put, &o[4]);
}

static void
test_a_cancelled_request_is_not_called_back(void)
{
    sio_store     *s = new_store(NULL);
    outcome        o[5] = {{0}};
    sio_store_req *req[5];

    start_all(s, o, req);
    for (int i = 0; i < 5; i++)
        sio_store_cancel(req[i]);
    UNTIL(sio_store_get_counters(s)->pending == 0);
    for (int i = 0; i < 5; i++)
        CHECK_INT(o[i].n_calls, req[i] == NULL ? 1 : 0);
    check_value(s, "id", "k", "v"); /* the work was done all the same */
    sio_store_free(s);
}

static void
test_free_calls_nobody_back(void)
{
    sio_store     *s = new_store(NULL);
    outcome        o[5] = {{0}};
    sio_store_req *req[5];

    start_all(s, o, req);
    sio_store_free(s);
    for (int i = 0; i < 5; i++)
        CHECK_INT(o[i].n_calls, req[i] == NULL ? 1 : 0);
}

/* A callback that goes on to work with the store. */
typedef struct {
    sio_store *s;
    outcome    o;
} chain;

static void
get_when_set(void *arg, int rc)
{
    chain *c = arg;

    CHECK_INT(rc, SIO_OK);
    sio_store_client_get(c->s, SIO_VIEW("id"), SIO_VIEW("k"), on_take, &c->o);
}

static void
test_a_callback_may_start_operations(void)
{
    chain c = {.s = new_store(NULL)};

    sio_store_client_set(c.s, SIO_VIEW("id"), SIO_VIEW("k"), SIO_VIEW("v"), &wide, get_when_set,
                         &c);
    UNTIL(c.o.n_calls == 1);
    CHECK_VIEW(data_of(&c.o), "v");
    sio_store_free(c.s);
}

/* ---- memory alone ---- */

static void
test_data_of_those_who_left_are_bounded(void)
{
    enum { N = 70, BYTES = 1000000 };
    const sio_store_client_limits limits = {.max_keys = 1, .max_bytes = BYTES + 1};
    sio_store                    *s = new_memory_store(NULL);
    char                         *big = calloc(1, BYTES), id[16];

    for (int i = 0; big != NULL && i < N; i++) {
        snprintf(id, sizeof id, "%d", i);
        CHECK_INT(set(s, id, SIO_VIEW("k"), (sio_view){big, BYTES}, &limits), SIO_OK);
        CHECK_INT(expire(s, id, TTL_MS), SIO_OK);
    }
    CHECK_INT(sio_store_get_counters(s)->data_clients, 67); /* 64 MiB */
    CHECK_INT(has(s, "2", "k"), SIO_ERR_NOT_FOUND);
    CHECK_INT(has(s, "3", "k"), SIO_OK);
    free(big);
    sio_store_free(s);
}

/* ---- Redis alone ---- */

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

/* ---- running ---- */

#define RUN_SUITE(kind, around, test) run(kind, #test, test, around)

static void
run_suite(const char *kind, sio_store *(*make)(const sio_handshakes_limits *), void (*around)(void))
{
    new_store = make;
    RUN_SUITE(kind, around, test_each_client_has_its_own_values);
    RUN_SUITE(kind, around, test_set_replaces);
    RUN_SUITE(kind, around, test_has_and_del_tell_what_is_there);
    RUN_SUITE(kind, around, test_keys_and_values_may_hold_any_bytes);
    RUN_SUITE(kind, around, test_ids_have_a_length);
    RUN_SUITE(kind, around, test_keys_of_a_client_are_limited);
    RUN_SUITE(kind, around, test_bytes_of_a_client_are_limited);
    RUN_SUITE(kind, around, test_data_outlive_their_client_for_a_while);
    RUN_SUITE(kind, around, test_data_of_one_who_left_are_inherited);
    RUN_SUITE(kind, around, test_without_a_ttl_data_go_at_once);
    RUN_SUITE(kind, around, test_nothing_expires_twice_or_for_strangers);
    RUN_SUITE(kind, around, test_a_cancelled_request_is_not_called_back);
    RUN_SUITE(kind, around, test_free_calls_nobody_back);
    RUN_SUITE(kind, around, test_a_callback_may_start_operations);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    redis_server_start(&server, NULL);
    run_suite("memory", new_memory_store, with_loop);
    RUN_SUITE("memory", with_loop, test_data_of_those_who_left_are_bounded);
    run_suite("redis", new_redis_store, with_loop);
    RUN_SUITE("redis", with_fresh_server, test_other_programs_share_plain_strings);
    RUN_SUITE("redis", with_fresh_server, test_the_instance_that_set_lets_go);
    RUN_SUITE("redis", with_fresh_server, test_without_redis_the_answer_is_unavailable);
    RUN_SUITE("redis", with_fresh_server, test_who_leaves_during_an_outage_is_forgotten_after_it);
    RUN_SUITE("redis", with_fresh_server, test_a_silent_redis_costs_one_second_once);
    RUN_SUITE("redis", with_fresh_server, test_redis_may_die_with_everything_in_flight);
    RUN_SUITE("redis", with_fresh_server, test_who_leaves_is_told_even_when_much_is_pending);
    RUN_SUITE("redis", with_fresh_server, test_a_server_that_refuses_writes_is_an_answer);
    redis_server_fini(&server);
    return check_done();
}
