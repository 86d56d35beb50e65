#include "server/base/pace.h"
#include "tests/unit/check.h"

enum { START_MS = 5000, TIMEOUT_MS = 1000, RATE = 100 };

static unsigned
left_after(sio_pace *p, uint64_t after_ms, size_t n)
{
    p->n_bytes += n;
    return sio_pace_left_ms(p, START_MS + after_ms, TIMEOUT_MS, RATE);
}

static void
test_the_time_begins_anew_with_what_comes_fast(void)
{
    sio_pace p = {.since_ms = START_MS};

    for (uint64_t ms = 0; ms < 1000000; ms += 900)
        CHECK_INT(left_after(&p, ms, 90), TIMEOUT_MS);
}

static void
test_what_comes_slowly_is_late_in_time(void)
{
    sio_pace p = {.since_ms = START_MS};

    CHECK_INT(left_after(&p, 0, 1), 1000); /* a byte is 10 ms */
    CHECK_INT(left_after(&p, 500, 1), 520);
    CHECK_INT(left_after(&p, 1000, 1), 30);
    CHECK_INT(left_after(&p, 1030, 0), 0);
    CHECK_INT(left_after(&p, 1030, 1), 10);
    CHECK_INT(left_after(&p, 1041, 0), 0);
}

/* What came fast at first is not lost, but does not allow to stop for longer. */
static void
test_a_good_beginning(void)
{
    sio_pace p = {.since_ms = START_MS};

    CHECK_INT(left_after(&p, 0, 100000), TIMEOUT_MS);
    CHECK_INT(left_after(&p, 900000, 1), TIMEOUT_MS);
    CHECK_INT(left_after(&p, 1000510, 0), 500);
    CHECK_INT(left_after(&p, 1001010, 0), 0);
}

static void
test_large_numbers(void)
{
    const sio_pace p = {UINT64_C(1) << 40, UINT64_C(1) << 40};

    CHECK_INT(sio_pace_left_ms(&p, p.since_ms, 3600000, 1), 3600000);
}

int
main(void)
{
    RUN(test_the_time_begins_anew_with_what_comes_fast);
    RUN(test_what_comes_slowly_is_late_in_time);
    RUN(test_a_good_beginning);
    RUN(test_large_numbers);
    return check_done();
}
