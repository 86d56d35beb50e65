/* tests/unit/cli/latencies_test.c - server/cli/latencies.c: what is said of what was counted. */
#include "server/cli/latencies.h"

#include "tests/unit/check.h"

static void
test_nothing_is_zero(void)
{
    const sio_latencies l = {0};

    CHECK_INT(sio_latencies_below(&l, 500), 0);
    CHECK_INT(sio_latencies_below(&l, 1000), 0);
}

/* One alone is all of them, however long it took: exact, as it is the largest. */
static void
test_one_is_exact(void)
{
    static const uint64_t rows[] = {
        0, 1, 31, 32, 33, 1000, 123456789, (uint64_t)1 << 36, (uint64_t)1 << 37, UINT64_MAX};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_latencies l = {0};

        sio_latencies_add(&l, rows[i]);
        CHECK(sio_latencies_below(&l, 1) == rows[i]);
        CHECK(sio_latencies_below(&l, 1000) == rows[i]);
    }
}

/* 1 to 100,000: none too small, and none more than a 32nd too large. */
static void
test_parts_of_many(void)
{
    static const unsigned per_mille[] = {1, 10, 500, 900, 990, 999, 1000};
    sio_latencies         l = {0};

    for (uint64_t us = 1; us <= 100000; us++)
        sio_latencies_add(&l, us);
    for (size_t i = 0; i < sizeof per_mille / sizeof per_mille[0]; i++) {
        const uint64_t right = (uint64_t)per_mille[i] * 100;
        const uint64_t said = sio_latencies_below(&l, per_mille[i]);

        CHECK(said >= right);
        CHECK(said <= right + right / 32);
    }
    CHECK(l.n == 100000 && l.max_us == 100000);
}

int
main(void)
{
    RUN(test_nothing_is_zero);
    RUN(test_one_is_exact);
    RUN(test_parts_of_many);
    return check_done();
}
