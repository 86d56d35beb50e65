/* tests/unit/protocol/histogram_test.c - which bucket a value gets into. */
#include "protocol/histogram.h"

#include "tests/unit/check.h"

static void
test_a_bound_belongs_to_its_bucket(void)
{
    static const struct {
        uint64_t value;
        unsigned bucket;
    } rows[] = {{0, 0},    {1, 0},    {100, 0},  {101, 1},   {400, 1},    {401, 2},     {1600, 2},
                {1601, 3}, {6400, 3}, {6401, 4}, {25601, 4}, {999999, 4}, {1U << 31, 4}};
    char name[32];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_histogram h = {.first = 100, .factor = 4, .n_bounds = 4};

        snprintf(name, sizeof name, "%llu", (unsigned long long)rows[i].value);
        check_row = name;
        sio_histogram_add(&h, rows[i].value);
        CHECK_INT(h.counts[rows[i].bucket], 1);
        CHECK_INT(h.sum, rows[i].value);
    }
    check_row = NULL;
}

static void
test_all_values_are_counted_once(void)
{
    sio_histogram h = {.first = 1, .factor = 2, .n_bounds = SIO_HISTOGRAM_MAX_BOUNDS};
    uint64_t      n = 0, sum = 0;

    for (uint64_t value = 0; value < 100000; value += 7, n++) {
        sio_histogram_add(&h, value);
        sum += value;
    }
    CHECK_INT(h.sum, sum);
    for (unsigned i = 0; i <= h.n_bounds; i++)
        n -= h.counts[i];
    CHECK_INT(n, 0);
    CHECK(h.counts[SIO_HISTOGRAM_MAX_BOUNDS] > 0);
}

int
main(void)
{
    RUN(test_a_bound_belongs_to_its_bucket);
    RUN(test_all_values_are_counted_once);
    return check_done();
}
