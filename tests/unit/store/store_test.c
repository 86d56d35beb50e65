/*
 * One suite of promises, for every implementation of store/store.h. What only the
 * Redis store has to do is in redis_test.c.
 */
#include "tests/unit/store/store_fixture.h"

/* ---- the suite: new_store is the implementation under test ---- */

static sio_store *(*new_store)(const sio_handshakes_limits *limits);

static void
test_what_was_put_is_taken_once(void)
{
    sio_store *s = new_store(NULL);
    outcome    o;

    CHECK_INT(put(s, SIO_VIEW("id"), SIO_VIEW("{\"a\":1}")), SIO_OK);
    o = take(s, SIO_VIEW("id"));
    CHECK_INT(o.rc, SIO_OK);
    CHECK_VIEW(data_of(&o), "{\"a\":1}");
    o = take(s, SIO_VIEW("id"));
    CHECK_INT(o.rc, SIO_ERR_NOT_FOUND);
    CHECK_INT(o.len, 0);
    CHECK_INT(sio_store_get_counters(s)->puts, 1);
    CHECK_INT(sio_store_get_counters(s)->takes, 2);
    CHECK_INT(sio_store_get_counters(s)->hits, 1);
    CHECK_INT(sio_store_get_counters(s)->misses, 1);
    CHECK_INT(sio_store_get_counters(s)->unavailable, 0);
    sio_store_free(s);
}

static void
test_an_unknown_id_is_not_found(void)
{
    sio_store *s = new_store(NULL);

    CHECK_INT(take_rc(s, SIO_VIEW("nobody")), SIO_ERR_NOT_FOUND);
    sio_store_free(s);
}

static void
test_data_may_hold_any_bytes(void)
{
    sio_store *s = new_store(NULL);
    outcome    o;
    char      *big = malloc(300000);

    CHECK_INT(put(s, SIO_VIEW("a\0b\r\n"), SIO_VIEW("\0\r\n$5\xff")), SIO_OK);
    CHECK_INT(take_rc(s, SIO_VIEW("a")), SIO_ERR_NOT_FOUND);
    o = take(s, SIO_VIEW("a\0b\r\n"));
    CHECK_INT(o.rc, SIO_OK);
    CHECK_VIEW(data_of(&o), SIO_VIEW("\0\r\n$5\xff"));
    CHECK_INT(put(s, SIO_VIEW("%s%b{}*"), (sio_view){NULL, 0}), SIO_OK);
    o = take(s, SIO_VIEW("%s%b{}*"));
    CHECK_INT(o.rc, SIO_OK);
    CHECK_INT(o.len, 0);
    if (CHECK(big != NULL)) {
        memset(big, 'x', 300000);
        CHECK_INT(put(s, SIO_VIEW("big"), (sio_view){big, 300000}), SIO_OK);
        CHECK_INT(take(s, SIO_VIEW("big")).len, 300000);
    }
    free(big);
    sio_store_free(s);
}

static void
test_a_second_put_replaces_the_first(void)
{
    sio_store *s = new_store(NULL);
    outcome    o;

    CHECK_INT(put(s, SIO_VIEW("id"), SIO_VIEW("old")), SIO_OK);
    CHECK_INT(put(s, SIO_VIEW("id"), SIO_VIEW("new")), SIO_OK);
    o = take(s, SIO_VIEW("id"));
    CHECK_VIEW(data_of(&o), "new");
    CHECK_INT(take_rc(s, SIO_VIEW("id")), SIO_ERR_NOT_FOUND);
    sio_store_free(s);
}

static void
test_ids_have_a_length(void)
{
    char       id[SIO_STORE_MAX_ID + 1];
    sio_store *s = new_store(NULL);

    memset(id, 'i', sizeof id);
    CHECK_INT(put(s, (sio_view){id, sizeof id}, SIO_VIEW("x")), SIO_TOO_LARGE);
    CHECK_INT(put(s, (sio_view){NULL, 0}, SIO_VIEW("x")), SIO_TOO_LARGE);
    CHECK_INT(take_rc(s, (sio_view){id, sizeof id}), SIO_ERR_NOT_FOUND);
    CHECK_INT(put(s, (sio_view){id, sizeof id - 1}, SIO_VIEW("x")), SIO_OK);
    CHECK_INT(take_rc(s, (sio_view){id, sizeof id - 1}), SIO_OK);
    sio_store_free(s);
}

static void
test_handshakes_expire_each_in_its_time(void)
{
    sio_store *s = new_store(NULL);
    outcome    o[3] = {{0}};

    sio_store_handshake_put(s, SIO_VIEW("long"), SIO_VIEW("x"), TTL_MS, on_put, &o[0]);
    sio_store_handshake_put(s, SIO_VIEW("short"), SIO_VIEW("x"), 150, on_put, &o[1]);
    sio_store_handshake_put(s, SIO_VIEW("shorter"), SIO_VIEW("x"), 1, on_put, &o[2]);
    UNTIL(o[0].n_calls + o[1].n_calls + o[2].n_calls == 3);
    UNTIL(sio_store_get_counters(s)->expired == 2);
    CHECK_INT(take_rc(s, SIO_VIEW("short")), SIO_ERR_NOT_FOUND);
    CHECK_INT(take_rc(s, SIO_VIEW("shorter")), SIO_ERR_NOT_FOUND);
    CHECK_INT(take_rc(s, SIO_VIEW("long")), SIO_OK);
    sio_store_free(s);
}

static void
test_a_full_store_refuses_and_recovers(void)
{
    const sio_handshakes_limits limits = {.max_entries = 2};
    sio_store                  *s = new_store(&limits);

    CHECK_INT(put(s, SIO_VIEW("1"), SIO_VIEW("x")), SIO_OK);
    CHECK_INT(put(s, SIO_VIEW("2"), SIO_VIEW("x")), SIO_OK);
    CHECK_INT(put(s, SIO_VIEW("3"), SIO_VIEW("x")), SIO_ERR_FULL);
    CHECK_INT(put(s, SIO_VIEW("2"), SIO_VIEW("y")), SIO_OK); /* in place of the old one */
    CHECK_INT(sio_store_get_counters(s)->full, 1);
    CHECK_INT(take_rc(s, SIO_VIEW("3")), SIO_ERR_NOT_FOUND);
    CHECK_INT(take_rc(s, SIO_VIEW("1")), SIO_OK);
    CHECK_INT(put(s, SIO_VIEW("3"), SIO_VIEW("x")), SIO_OK);
    sio_store_free(s);
}

static void
test_bytes_are_limited_too(void)
{
    const sio_handshakes_limits limits = {.max_bytes = 10};
    sio_store                  *s = new_store(&limits);

    CHECK_INT(put(s, SIO_VIEW("12345"), SIO_VIEW("123456")), SIO_ERR_FULL);
    CHECK_INT(put(s, SIO_VIEW("12345678901"), SIO_VIEW("")), SIO_ERR_FULL);
    CHECK_INT(put(s, SIO_VIEW("12345"), SIO_VIEW("12345")), SIO_OK);
    CHECK_INT(put(s, SIO_VIEW("x"), SIO_VIEW("")), SIO_ERR_FULL);
    CHECK_INT(take_rc(s, SIO_VIEW("12345")), SIO_OK);
    CHECK_INT(put(s, SIO_VIEW("x"), SIO_VIEW("123456789")), SIO_OK);
    sio_store_free(s);
}

static void
test_a_cancelled_request_is_not_called_back(void)
{
    sio_store *s = new_store(NULL);
    outcome    p = {0}, t = {0};

    sio_store_req *put_req =
        sio_store_handshake_put(s, SIO_VIEW("id"), SIO_VIEW("x"), TTL_MS, on_put, &p);
    sio_store_req *take_req = sio_store_handshake_take(s, SIO_VIEW("id"), on_take, &t);

    /* A request is pending exactly when the callback has not been called yet. */
    CHECK_INT(p.n_calls, put_req == NULL ? 1 : 0);
    CHECK_INT(t.n_calls, take_req == NULL ? 1 : 0);
    sio_store_cancel(put_req);
    sio_store_cancel(take_req);
    UNTIL(sio_store_get_counters(s)->pending == 0);
    CHECK_INT(p.n_calls, put_req == NULL ? 1 : 0);
    CHECK_INT(t.n_calls, take_req == NULL ? 1 : 0);
    CHECK_INT(take_rc(s, SIO_VIEW("id")), SIO_ERR_NOT_FOUND); /* the work was done all the same */
    sio_store_free(s);
}

static void
test_free_calls_nobody_back(void)
{
    sio_store     *s = new_store(NULL);
    outcome        p = {0}, t = {0};
    sio_store_req *put_req =
        sio_store_handshake_put(s, SIO_VIEW("id"), SIO_VIEW("x"), TTL_MS, on_put, &p);
    sio_store_req *take_req = sio_store_handshake_take(s, SIO_VIEW("other"), on_take, &t);

    sio_store_free(s);
    CHECK_INT(p.n_calls, put_req == NULL ? 1 : 0);
    CHECK_INT(t.n_calls, take_req == NULL ? 1 : 0);
    sio_store_free(NULL);
    sio_store_cancel(NULL);
}

static void
test_of_a_thousand_takes_one_wins(void)
{
    sio_store *s = new_store(NULL);

    run_race(s, s);
    sio_store_free(s);
}

/* A callback that goes on to work with the store, as a session does. */
typedef struct {
    sio_store *s;
    outcome    o;
} chain;

static void
take_when_put(void *arg, int rc)
{
    chain *c = arg;

    CHECK_INT(rc, SIO_OK);
    sio_store_handshake_take(c->s, SIO_VIEW("id"), on_take, &c->o);
}

static void
test_a_callback_may_start_operations(void)
{
    chain c = {.s = new_store(NULL)};

    sio_store_handshake_put(c.s, SIO_VIEW("id"), SIO_VIEW("x"), TTL_MS, take_when_put, &c);
    UNTIL(c.o.n_calls == 1);
    CHECK_INT(c.o.rc, SIO_OK);
    sio_store_free(c.s);
}

/* ---- running ---- */

#define RUN_SUITE(kind, around, test) run(kind, #test, test, around)

static void
run_suite(const char *kind, sio_store *(*make)(const sio_handshakes_limits *), void (*around)(void))
{
    new_store = make;
    RUN_SUITE(kind, around, test_what_was_put_is_taken_once);
    RUN_SUITE(kind, around, test_an_unknown_id_is_not_found);
    RUN_SUITE(kind, around, test_data_may_hold_any_bytes);
    RUN_SUITE(kind, around, test_a_second_put_replaces_the_first);
    RUN_SUITE(kind, around, test_ids_have_a_length);
    RUN_SUITE(kind, around, test_handshakes_expire_each_in_its_time);
    RUN_SUITE(kind, around, test_a_full_store_refuses_and_recovers);
    RUN_SUITE(kind, around, test_bytes_are_limited_too);
    RUN_SUITE(kind, around, test_a_cancelled_request_is_not_called_back);
    RUN_SUITE(kind, around, test_free_calls_nobody_back);
    RUN_SUITE(kind, around, test_of_a_thousand_takes_one_wins);
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
    run_suite("redis", new_redis_store, with_loop);
    redis_server_fini(&server);
    return check_done();
}
