/* tests/unit/handler/handshake_rate_test.c - handshakes of an address in a second. */
#include "server/handler/handshake_rate.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

static sio_handshake_rate rate;

static unsigned
admitted(const char *key, unsigned n, uint64_t now_ms)
{
    unsigned n_admitted = 0;

    for (unsigned i = 0; i < n; i++)
        n_admitted += sio_handshake_rate_admit(&rate, sio_view_of(key), 3, now_ms);
    return n_admitted;
}

static void
test_each_address_has_its_number_in_a_second(void)
{
    CHECK_INT(sio_handshake_rate_init(&rate), SIO_OK);
    CHECK_INT(admitted("a", 5, 100000), 3);
    CHECK_INT(admitted("b", 2, 100500), 2);
    CHECK_INT(admitted("b", 2, 100600), 1);
    CHECK_INT(admitted("a", 1, 100999), 0);
    CHECK_INT(admitted("a", 5, 101000), 3);
    sio_handshake_rate_fini(&rate);
}

static void
test_only_those_of_one_second_are_kept(void)
{
    char key[8];

    CHECK_INT(sio_handshake_rate_init(&rate), SIO_OK);
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(key, sizeof key, "%u", i);
        CHECK_INT(admitted(key, 1, 5000), 1);
    }
    CHECK_INT(rate.by_key.n_items, 1000);
    CHECK_INT(admitted("a", 1, 6000), 1);
    CHECK_INT(rate.by_key.n_items, 1);
    sio_handshake_rate_fini(&rate);
}

static void
test_an_unknown_address_is_one_too(void)
{
    CHECK_INT(sio_handshake_rate_init(&rate), SIO_OK);
    CHECK_INT(admitted("", 5, 5000), 3);
    CHECK_INT(admitted("a", 5, 5000), 3);
    sio_handshake_rate_fini(&rate);
}

int
main(void)
{
    RUN(test_each_address_has_its_number_in_a_second);
    RUN(test_only_those_of_one_second_are_kept);
    RUN(test_an_unknown_address_is_one_too);
    return check_done();
}
