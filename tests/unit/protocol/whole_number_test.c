/*
 * Whole numbers, however they are written.
 */
#include "protocol/whole_number.h"

#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/check.h"

enum { LIMIT = 1000, UNTOUCHED = 77 };

static const struct {
    const char *text;
    int         rc;
    size_t      value;
} rows[] = {
    {"0", SIO_OK, 0},
    {"7", SIO_OK, 7},
    {"1000", SIO_OK, 1000},
    {"007", SIO_OK, 7},
    {"0.0", SIO_OK, 0},
    {"1.000", SIO_OK, 1},
    {"-0", SIO_OK, 0},
    {"-0.00", SIO_OK, 0},
    {"0e5", SIO_OK, 0},
    {"0e400", SIO_OK, 0},
    {"1e0", SIO_OK, 1},
    {"1E+2", SIO_OK, 100},
    {"1.5e1", SIO_OK, 15},
    {"0.001e3", SIO_OK, 1},
    {"1200e-2", SIO_OK, 12},
    {"10e-1", SIO_OK, 1},
    {"1001", SIO_TOO_LARGE, 0},
    {"1e4", SIO_TOO_LARGE, 0},
    {"1e400", SIO_TOO_LARGE, 0},
    {"18446744073709551617", SIO_TOO_LARGE, 0},
    {"0.5", SIO_BAD, 0},
    {"1e-1", SIO_BAD, 0},
    {"10e-2", SIO_BAD, 0},
    {"1e-400", SIO_BAD, 0},
    {"0e401", SIO_BAD, 0},
    {"1e99999999999999999999", SIO_BAD, 0},
    {"-1", SIO_BAD, 0},
    {"", SIO_BAD, 0},
    {"-", SIO_BAD, 0},
    {"+1", SIO_BAD, 0},
    {"1.", SIO_BAD, 0},
    {".5", SIO_BAD, 0},
    {"1e", SIO_BAD, 0},
    {"1e-", SIO_BAD, 0},
    {" 1", SIO_BAD, 0},
    {"1 ", SIO_BAD, 0},
    {"\"1\"", SIO_BAD, 0},
    {"0x1", SIO_BAD, 0},
    {"1,", SIO_BAD, 0},
};

#define N_ROWS (sizeof rows / sizeof rows[0])

/* In memory that ends where the text ends. */
static int
number_in(const char *text, size_t len, size_t *value)
{
    char *const copy = malloc(len + 1);
    int         rc;

    if (copy == NULL)
        abort();
    memcpy(copy + 1, text, len);
    rc = sio_whole_number((sio_view){copy + 1, len}, LIMIT, value);
    free(copy);
    return rc;
}

static void
test_rows(void)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        size_t value = UNTOUCHED;

        check_row = rows[i].text;
        CHECK_INT(number_in(rows[i].text, strlen(rows[i].text), &value), rows[i].rc);
        CHECK_INT(value, rows[i].rc == SIO_OK ? rows[i].value : UNTOUCHED);
    }
}

static void
test_every_prefix_stays_inside(void)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        const size_t len = strlen(rows[i].text);

        check_row = rows[i].text;
        for (size_t cut = 0; cut < len; cut++) {
            size_t value = 0;

            if (number_in(rows[i].text, cut, &value) == SIO_OK)
                CHECK(value <= LIMIT);
        }
    }
}

static void
test_the_largest_limit_can_be_met(void)
{
    size_t value = 0;

    CHECK_INT(sio_whole_number(SIO_VIEW("18446744073709551615"), SIZE_MAX, &value), SIO_OK);
    CHECK(value == SIZE_MAX);
    CHECK_INT(sio_whole_number(SIO_VIEW("18446744073709551616"), SIZE_MAX, &value), SIO_TOO_LARGE);
}

int
main(void)
{
    RUN(test_rows);
    RUN(test_every_prefix_stays_inside);
    RUN(test_the_largest_limit_can_be_met);
    return check_done();
}
