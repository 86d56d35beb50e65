/*
 * tests/unit/store/once_test.c - store/once.h: what is done once, in memory and with a real Redis.
 */
#include "tests/unit/store/store_fixture.h"

#include <signal.h>

#include "store/once.h"

typedef struct {
    unsigned n_calls;
    int      rc;
    char     text[64];
} claimed;

static void
on_claim(void *arg, int rc, sio_view value)
{
    claimed *c = arg;

    c->n_calls++;
    c->rc = rc;
    snprintf(c->text, sizeof c->text, "%.*s", (int)value.len, value.len > 0 ? value.data : "");
}

/* What came of claiming key with this value: "ok", what is there, or "-". */
static const char *
claim_for(sio_store *store, const char *key, const char *value, uint64_t ttl_ms)
{
    static claimed c;

    c = (claimed){.n_calls = 0};
    sio_store_once_claim(store, sio_view_of(key), sio_view_of(value), ttl_ms, on_claim, &c);
    UNTIL(c.n_calls == 1);
    if (c.rc == SIO_OK)
        return "ok";
    return c.rc == SIO_ERR_FULL ? c.text : "-";
}

static void
check_store(sio_store *store)
{
    CHECK_VIEW(sio_view_of(claim_for(store, "a", "1", TTL_MS)), "ok");
    CHECK_VIEW(sio_view_of(claim_for(store, "a", "2", TTL_MS)), "1");
    CHECK_VIEW(sio_view_of(claim_for(store, "b", "2", TTL_MS)), "ok");
    sio_store_once_put(store, SIO_VIEW("a"), SIO_VIEW("done"), TTL_MS);
    CHECK_VIEW(sio_view_of(claim_for(store, "a", "3", TTL_MS)), "done");
    sio_store_once_drop(store, SIO_VIEW("a"));
    CHECK_VIEW(sio_view_of(claim_for(store, "a", "4", TTL_MS)), "ok");
    sio_store_once_put(store, SIO_VIEW("new"), SIO_VIEW(""), TTL_MS);
    CHECK_VIEW(sio_view_of(claim_for(store, "new", "5", TTL_MS)), "");
    sio_store_once_drop(store, SIO_VIEW("not there"));
    CHECK_VIEW(sio_view_of(claim_for(store, "", "6", TTL_MS)), "-");
}

/* Ask until it has expired: then it is claimed, for a while. */
static bool
becomes_free(sio_store *store, const char *key)
{
    const uint64_t until_ms = sio_now_ms() + SOON_MS;

    while (sio_now_ms() < until_ms)
        if (strcmp(claim_for(store, key, "again", TTL_MS), "ok") == 0)
            return true;
    return false;
}

static void
check_expiry(sio_store *store)
{
    CHECK_VIEW(sio_view_of(claim_for(store, "short", "x", 20)), "ok");
    CHECK(becomes_free(store, "short"));
    sio_store_once_put(store, SIO_VIEW("short"), SIO_VIEW("y"), 20);
    CHECK(becomes_free(store, "short"));
}

static void
test_in_memory(void)
{
    sio_store *store = new_memory_store(NULL);

    check_store(store);
    check_expiry(store);
    for (unsigned i = 0; i < 1000; i++) { /* those that have expired go, one by one */
        char key[16];

        snprintf(key, sizeof key, "%u", i);
        CHECK_VIEW(sio_view_of(claim_for(store, key, "x", 1 + i % 3)), "ok");
    }
    sio_store_free(store);
}

static void
test_in_redis(void)
{
    sio_store *a = new_redis_store(NULL), *b = new_redis_store(NULL);

    check_store(a);
    CHECK_VIEW(sio_view_of(claim_for(b, "b", "of the other", TTL_MS)), "2");
    check_expiry(b);
    sio_store_free(a);
    sio_store_free(b);
}

static void
test_of_two_at_once_one_gets_it(void)
{
    sio_store *a = new_redis_store(NULL), *b = new_redis_store(NULL);

    for (unsigned i = 0; i < 100; i++) {
        char    key[16];
        claimed of_a = {.n_calls = 0}, of_b = {.n_calls = 0};

        snprintf(key, sizeof key, "%u", i);
        sio_store_once_claim(a, sio_view_of(key), SIO_VIEW("a"), TTL_MS, on_claim, &of_a);
        sio_store_once_claim(b, sio_view_of(key), SIO_VIEW("b"), TTL_MS, on_claim, &of_b);
        UNTIL(of_a.n_calls == 1 && of_b.n_calls == 1);
        CHECK((of_a.rc == SIO_OK) != (of_b.rc == SIO_OK));
        CHECK_VIEW(sio_view_of(of_a.rc == SIO_OK ? of_b.text : of_a.text),
                   of_a.rc == SIO_OK ? "a" : "b");
    }
    sio_store_free(a);
    sio_store_free(b);
}

static void
test_without_redis_nobody_gets_it(void)
{
    sio_store *a = new_redis_store(NULL);

    redis_server_kill(&server);
    UNTIL(sio_store_get_counters(a)->connected == 0);
    CHECK_VIEW(sio_view_of(claim_for(a, "a", "1", TTL_MS)), "-");
    sio_store_once_put(a, SIO_VIEW("a"), SIO_VIEW("1"), TTL_MS);
    sio_store_once_drop(a, SIO_VIEW("a"));
    sio_store_free(a);
}

/* Whatever is under way by then, nobody is told; and the store may be freed. */
static void
test_cancelling(void)
{
    sio_store *a = new_redis_store(NULL);
    claimed    c = {.n_calls = 0};

    sio_store_cancel(sio_store_once_claim(a, SIO_VIEW("a"), SIO_VIEW("1"), TTL_MS, on_claim, &c));
    UNTIL(sio_store_get_counters(a)->pending == 0);
    CHECK_VIEW(sio_view_of(claim_for(a, "a", "2", TTL_MS)), "ok"); /* it was dropped when it came */
    sio_store_once_claim(a, SIO_VIEW("b"), SIO_VIEW("1"), TTL_MS, on_claim, &c);
    sio_store_free(a);
    CHECK_INT(c.n_calls, 0);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    RUN_REDIS(test_in_memory);
    RUN_REDIS(test_in_redis);
    RUN_REDIS(test_of_two_at_once_one_gets_it);
    RUN_REDIS(test_cancelling);
    RUN_REDIS(test_without_redis_nobody_gets_it);
    redis_server_fini(&server);
    return check_done();
}
