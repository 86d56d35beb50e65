/* tests/unit/base/log_ring_test.c - server/base/log_ring.c, beside a model that keeps each line. */
#include "server/base/log_ring.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 64, N_STEPS = 100000 };

static sio_log_ring ring;

static void
begin(void)
{
    sio_log_ring_fini(&ring);
    if (sio_log_ring_init(&ring, CAPACITY) != SIO_OK)
        abort();
}

static bool
put(const char *line)
{
    return sio_log_ring_put(&ring, line, strlen(line));
}

/* What one batch of at most max bytes brings; valid until the next call. */
static uint64_t n_dropped;

static sio_view
take(size_t max)
{
    static char out[CAPACITY];

    return (sio_view){out, sio_log_ring_take(&ring, out, max, &n_dropped)};
}

static void
test_lines_come_out_whole_and_in_order(void)
{
    begin();
    CHECK_VIEW(take(CAPACITY), "");
    CHECK(put("one\n") && put("two\n") && put("three\n"));
    CHECK_VIEW(take(9), "one\ntwo\n");
    CHECK_VIEW(take(5), "");
    CHECK_VIEW(take(6), "three\n");
    CHECK_VIEW(take(CAPACITY), "");
    CHECK_INT(n_dropped, 0);
}

static void
test_a_full_ring_drops_until_it_was_emptied(void)
{
    static const char twenty[] = "0123456789012345678\n";

    begin();
    CHECK(put(twenty) && put(twenty) && put(twenty));
    CHECK(!put(twenty));
    CHECK(!put("x\n")); /* although there is room for it: it would hide the gap */
    CHECK_VIEW(take(20), twenty);
    CHECK_INT(n_dropped, 0);
    CHECK(!put("x\n"));
    CHECK_INT(take(CAPACITY).len, 40);
    CHECK_INT(n_dropped, 3);
    CHECK(put("y\n"));
    CHECK_VIEW(take(CAPACITY), "y\n");
    CHECK_INT(n_dropped, 0);
}

static void
test_a_line_as_long_as_the_ring_fits(void)
{
    char line[CAPACITY + 1];

    begin();
    memset(line, 'x', sizeof line);
    line[CAPACITY - 1] = '\n';
    CHECK(sio_log_ring_put(&ring, line, CAPACITY));
    CHECK_INT(take(CAPACITY).len, CAPACITY);
    CHECK(!sio_log_ring_put(&ring, line, CAPACITY + 1));
}

static void
test_clear_counts_all(void)
{
    begin();
    for (unsigned i = 0; i < 3; i++) { /* the beginning of the content moves around the end */
        for (unsigned n = 0; n < 15; n++)
            CHECK(put("abc\n"));
        CHECK(!put("too long\n"));
        CHECK_INT(sio_log_ring_clear(&ring), 16);
        CHECK(put("seventeen letters\n"));
        CHECK_VIEW(take(CAPACITY), "seventeen letters\n");
    }
    CHECK_INT(sio_log_ring_clear(&ring), 0);
}

/* Lines are numbered and of any length; each one put must be taken or counted, in its place. */
static void
test_nothing_is_lost_uncounted(void)
{
    unsigned next_put = 0, next_taken = 0;
    unsigned seed = 1;
    bool     is_right = true;
    sio_view batch;

    begin();
    for (unsigned step = 0; step < N_STEPS; step++) {
        char line[32];

        seed = seed * 1103515245 + 12345;
        if (seed >> 16 & 1) {
            snprintf(line, sizeof line, "%u%.*s\n", next_put++, (int)(seed >> 20 & 15),
                     "...............");
            put(line);
            continue;
        }
        batch = take(seed >> 20 & 63);
        for (const char *at = batch.data; at < batch.data + batch.len; at = strchr(at, '\n') + 1)
            is_right = is_right && strtoul(at, NULL, 10) == next_taken++;
        next_taken += (unsigned)n_dropped;
    }
    CHECK(is_right);
    CHECK_INT(next_taken + sio_log_ring_clear(&ring), next_put);
}

int
main(void)
{
    RUN(test_lines_come_out_whole_and_in_order);
    RUN(test_a_full_ring_drops_until_it_was_emptied);
    RUN(test_a_line_as_long_as_the_ring_fits);
    RUN(test_clear_counts_all);
    RUN(test_nothing_is_lost_uncounted);
    sio_log_ring_fini(&ring);
    return check_done();
}
