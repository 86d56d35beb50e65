/*
 * tests/unit/backends/idempotency_test.c - server/backends/idempotency.h: what is repeated is not
 * done twice. With a store in memory; tests/cluster/api.test.js has it with Redis.
 */
#include "server/backends/idempotency.h"

#include <event2/event.h>
#include <stdlib.h>

#include "protocol/result.h"
#include "store/memory.h"
#include "tests/unit/check.h"

static sio_env               env;
static sio_idempotency_quota quota;

/* What was told last. */
static unsigned                n_told;
static sio_idempotency_verdict told;
static char                    text[64];

static void
note_verdict(sio_idempotency *i, sio_idempotency_verdict verdict, sio_view result)
{
    (void)i;
    n_told++;
    told = verdict;
    snprintf(text, sizeof text, "%.*s", (int)result.len, result.len > 0 ? result.data : "");
}

static sio_idempotency_verdict
begin(sio_idempotency *i, const char *caller, const char *id, const char *what)
{
    const unsigned before = n_told;

    sio_idempotency_begin(i, &env, &quota, sio_view_of(caller), sio_view_of(id), sio_view_of(what),
                          note_verdict);
    CHECK_INT(n_told, before + 1);
    return told;
}

static void
test_done_once(void)
{
    sio_idempotency first, second;

    CHECK_INT(begin(&first, "shop", "1", "emit x"), SIO_IDEMPOTENCY_FRESH);
    CHECK_INT(begin(&second, "shop", "1", "emit x"), SIO_IDEMPOTENCY_IN_PROGRESS);
    CHECK_INT(begin(&second, "shop", "1", "emit y"), SIO_IDEMPOTENCY_REUSED);
    CHECK_INT(begin(&second, "desk", "1", "emit y"), SIO_IDEMPOTENCY_FRESH);
    sio_idempotency_keep(&first, SIO_VIEW("{\"instances\":1}"));
    CHECK_INT(begin(&second, "shop", "1", "emit x"), SIO_IDEMPOTENCY_DONE);
    CHECK_VIEW(sio_view_of(text), "{\"instances\":1}");
    sio_idempotency_keep(&second, SIO_VIEW("{}")); /* it was not the one who did it */
    sio_idempotency_drop(&second);
    CHECK_INT(begin(&second, "shop", "1", "emit x"), SIO_IDEMPOTENCY_DONE);
    CHECK_VIEW(sio_view_of(text), "{\"instances\":1}");
}

/* A blank ends the name of the caller, which has none. */
static void
test_ids_of_two_callers_never_meet(void)
{
    sio_idempotency i;

    CHECK_INT(begin(&i, "a", "b c", "x"), SIO_IDEMPOTENCY_FRESH);
    CHECK_INT(begin(&i, "ab", " c", "x"), SIO_IDEMPOTENCY_FRESH);
    CHECK_INT(begin(&i, "", "a b c", "x"), SIO_IDEMPOTENCY_FRESH);
}

static void
test_what_was_not_done_may_be_repeated(void)
{
    sio_idempotency i;

    CHECK_INT(begin(&i, "shop", "2", "emit x"), SIO_IDEMPOTENCY_FRESH);
    sio_idempotency_drop(&i);
    sio_idempotency_keep(&i, SIO_VIEW("{}")); /* too late */
    CHECK_INT(begin(&i, "shop", "2", "emit y"), SIO_IDEMPOTENCY_FRESH);
}

static void
test_a_large_result_is_not_kept(void)
{
    static char     large[SIO_IDEMPOTENCY_MAX_BYTES + 1];
    sio_idempotency i;

    memset(large, 'x', sizeof large);
    CHECK_INT(begin(&i, "shop", "3", "sockets"), SIO_IDEMPOTENCY_FRESH);
    sio_idempotency_keep(&i, (sio_view){large, sizeof large - 1});
    CHECK_INT(begin(&i, "shop", "3", "sockets"), SIO_IDEMPOTENCY_DONE);
    CHECK_INT(text[0], 'x');
    CHECK_INT(begin(&i, "shop", "4", "sockets"), SIO_IDEMPOTENCY_FRESH);
    sio_idempotency_keep(&i, (sio_view){large, sizeof large});
    CHECK_INT(begin(&i, "shop", "4", "sockets"), SIO_IDEMPOTENCY_DONE);
    CHECK_VIEW(sio_view_of(text), "{\"kept\":false}");
}

/* The rest of the process keeps no results. */
static void
test_so_many_bytes_and_no_more(void)
{
    enum { N = SIO_IDEMPOTENCY_MAX_KEPT_BYTES / SIO_IDEMPOTENCY_MAX_BYTES };
    static char     large[SIO_IDEMPOTENCY_MAX_BYTES];
    sio_idempotency i;
    unsigned        n_kept = 0;

    memset(large, 'x', sizeof large);
    for (unsigned k = 0; k <= N; k++) {
        char id[24];

        snprintf(id, sizeof id, "large %u", k);
        CHECK_INT(begin(&i, "shop", id, "sockets"), SIO_IDEMPOTENCY_FRESH);
        sio_idempotency_keep(&i, (sio_view){large, sizeof large});
        CHECK_INT(begin(&i, "shop", id, "sockets"), SIO_IDEMPOTENCY_DONE);
        n_kept += text[0] == 'x';
    }
    CHECK(n_kept < N && n_kept >= N - 3); /* other tests have kept some */
    CHECK_VIEW(sio_view_of(text), "{\"kept\":false}");
    CHECK_INT(begin(&i, "shop", "1", "emit x"), SIO_IDEMPOTENCY_DONE);
    CHECK_VIEW(sio_view_of(text), "{\"instances\":1}"); /* what was kept before stays */
}

/* The rest of the process is without ids, so this comes last. */
static void
test_so_many_ids_and_no_more(void)
{
    unsigned        n = 0;
    sio_idempotency i;

    while (n <= SIO_IDEMPOTENCY_MAX_IDS) {
        char id[16];

        snprintf(id, sizeof id, "many %u", n);
        if (begin(&i, "shop", id, "x") != SIO_IDEMPOTENCY_FRESH)
            break;
        n++;
    }
    CHECK_INT(told, SIO_IDEMPOTENCY_FULL);
    CHECK(n > SIO_IDEMPOTENCY_MAX_IDS - 3000); /* the rest was given before */
    CHECK_INT(begin(&i, "shop", "many 1", "x"), SIO_IDEMPOTENCY_FULL); /* of known ones, too */
}

int
main(void)
{
    const sio_handshakes_limits limits = {.max_entries = 10};
    struct event_base          *base = event_base_new();

    if (base == NULL || sio_memory_store_new(&env.store, base, &limits) != SIO_OK)
        return 1;
    RUN(test_done_once);
    RUN(test_ids_of_two_callers_never_meet);
    RUN(test_what_was_not_done_may_be_repeated);
    RUN(test_a_large_result_is_not_kept);
    RUN(test_so_many_bytes_and_no_more);
    RUN(test_so_many_ids_and_no_more);
    sio_store_free(env.store);
    event_base_free(base);
    return check_done();
}
