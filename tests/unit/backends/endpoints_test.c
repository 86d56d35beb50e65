#include "server/backends/endpoints.h"

#include "tests/unit/check.h"

static uint32_t number; /* the next random one; per program, as each test runs alone */

static uint32_t
next_number(void *arg)
{
    (void)arg;
    return number;
}

static sio_endpoints
make(size_t n)
{
    sio_endpoints e;

    number = 200; /* of a first time out: exactly 1,000 ms, as a fifth is 200 */
    sio_endpoints_init(&e, n, next_number, NULL);
    return e;
}

static void
fail(sio_endpoints *e, size_t i, uint64_t now_ms, unsigned n)
{
    for (unsigned k = 0; k < n; k++)
        (void)sio_endpoints_report(e, i, now_ms, SIO_ENDPOINT_FAILED);
}

static void
test_takes_them_in_turns(void)
{
    sio_endpoints e = make(3);

    for (int i = 0; i < 7; i++)
        CHECK_INT(sio_endpoints_take(&e, 0), i % 3);
}

static void
test_is_out_after_five_failures_in_a_row(void)
{
    sio_endpoints e = make(1);

    fail(&e, 0, 0, 4);
    CHECK(!sio_endpoints_report(&e, 0, 0, SIO_ENDPOINT_WORKS));
    fail(&e, 0, 0, 4);
    CHECK_INT(sio_endpoints_take(&e, 0), 0);
    CHECK(!sio_endpoints_all_out(&e));
    CHECK(sio_endpoints_report(&e, 0, 0, SIO_ENDPOINT_FAILED));
    CHECK(sio_endpoints_all_out(&e));
    CHECK_INT(sio_endpoints_take(&e, 0), -1);
    CHECK_INT(sio_endpoints_next_ms(&e, 0), 1000);
}

static void
test_a_trial_is_one_request(void)
{
    sio_endpoints e = make(1);

    fail(&e, 0, 0, 5);
    CHECK_INT(sio_endpoints_take(&e, 999), -1);
    CHECK_INT(sio_endpoints_take(&e, 1000), 0);
    CHECK_INT(sio_endpoints_take(&e, 1000), -1);
    CHECK(sio_endpoints_next_ms(&e, 1000) == UINT64_MAX);
    CHECK(sio_endpoints_report(&e, 0, 1001, SIO_ENDPOINT_WORKS));
    CHECK_INT(sio_endpoints_take(&e, 1001), 0);
    CHECK_INT(sio_endpoints_take(&e, 1001), 0);
}

static void
test_time_out_doubles_up_to_five_seconds(void)
{
    static const unsigned out_s[] = {1, 2, 4, 5, 5};
    sio_endpoints         e = make(1);
    uint64_t              now_ms = 0;

    fail(&e, 0, 0, 5);
    for (size_t i = 0; i < sizeof out_s / sizeof out_s[0]; i++) {
        now_ms += (uint64_t)out_s[i] * 1000;
        CHECK_INT(sio_endpoints_take(&e, now_ms - 1), -1);
        CHECK_INT(sio_endpoints_take(&e, now_ms), 0);
        number = 2 * (out_s[i] >= 4 ? 5000u : out_s[i] * 2000u) / 10; /* no more, no less */
        fail(&e, 0, now_ms, 1);
    }
    (void)sio_endpoints_take(&e, now_ms + 5000);
    (void)sio_endpoints_report(&e, 0, now_ms, SIO_ENDPOINT_WORKS);
    number = 200;
    fail(&e, 0, now_ms, 5);
    CHECK_INT(sio_endpoints_next_ms(&e, now_ms), now_ms + 1000);
}

static void
test_time_out_varies_by_a_fifth(void)
{
    static const struct {
        uint32_t random;
        unsigned out_ms;
    } rows[] = {{0, 800}, {400, 1200}, {401, 800}, {UINT32_MAX, 800 + UINT32_MAX % 401}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_endpoints e = make(1);

        number = rows[i].random;
        fail(&e, 0, 0, 5);
        CHECK_INT(sio_endpoints_next_ms(&e, 0), rows[i].out_ms);
    }
}

static void
test_others_are_taken_while_one_is_out(void)
{
    sio_endpoints e = make(2);

    fail(&e, 0, 0, 5);
    CHECK_INT(sio_endpoints_take(&e, 0), 1);
    CHECK_INT(sio_endpoints_take(&e, 0), 1);
    CHECK(!sio_endpoints_all_out(&e));
    CHECK_INT(sio_endpoints_take(&e, 1000), 0); /* the trial */
    CHECK_INT(sio_endpoints_take(&e, 1000), 1);
}

static void
test_failures_of_what_was_under_way_are_no_news(void)
{
    sio_endpoints e = make(1);

    fail(&e, 0, 0, 5);
    fail(&e, 0, 10, 11);
    CHECK_INT(sio_endpoints_next_ms(&e, 10), 1000);
    (void)sio_endpoints_report(&e, 0, 20, SIO_ENDPOINT_UNKNOWN);
    CHECK_INT(sio_endpoints_next_ms(&e, 20), 1000);
}

static void
test_a_trial_that_was_given_up_is_begun_again(void)
{
    sio_endpoints e = make(1);

    fail(&e, 0, 0, 5);
    CHECK_INT(sio_endpoints_take(&e, 1000), 0);
    (void)sio_endpoints_report(&e, 0, 1500, SIO_ENDPOINT_UNKNOWN);
    CHECK_INT(sio_endpoints_take(&e, 1500), 0);
    fail(&e, 0, 1600, 1);
    CHECK(sio_endpoints_next_ms(&e, 1600) > 1600 + 1000); /* as the first trial would have */
}

static void
test_one_that_is_gone_is_not_tried_before_it_is_revived(void)
{
    sio_endpoints e = make(1);

    CHECK(sio_endpoints_report(&e, 0, 0, SIO_ENDPOINT_LEFT));
    CHECK(!sio_endpoints_report(&e, 0, 0, SIO_ENDPOINT_WORKS)); /* that was under way */
    CHECK_INT(sio_endpoints_take(&e, 1000000), -1);
    CHECK(sio_endpoints_next_ms(&e, 0) == UINT64_MAX);
    CHECK(sio_endpoints_all_out(&e));
    sio_endpoints_revive(&e);
    CHECK_INT(sio_endpoints_take(&e, 0), 0);
}

int
main(void)
{
    RUN(test_takes_them_in_turns);
    RUN(test_is_out_after_five_failures_in_a_row);
    RUN(test_a_trial_is_one_request);
    RUN(test_time_out_doubles_up_to_five_seconds);
    RUN(test_time_out_varies_by_a_fifth);
    RUN(test_others_are_taken_while_one_is_out);
    RUN(test_failures_of_what_was_under_way_are_no_news);
    RUN(test_a_trial_that_was_given_up_is_begun_again);
    RUN(test_one_that_is_gone_is_not_tried_before_it_is_revived);
    return check_done();
}
