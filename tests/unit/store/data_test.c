/*
 * The data of clients: one suite of promises for every implementation of store/store.h. The server
 * is real.
 */
#include "tests/unit/store/store_data_fixture.h"

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
    run_suite("bus", new_bus_store, with_loop);
    RUN_SUITE("memory", with_loop, test_data_of_those_who_left_are_bounded);
    run_suite("redis", new_redis_store, with_loop);
    redis_server_fini(&server);
    return check_done();
}
