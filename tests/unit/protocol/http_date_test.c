#include "protocol/http_date.h"

#include "tests/unit/check.h"

#include <stdio.h>
#include <time.h>

/* That of RFC 9110, in its three forms. */
static void
test_all_forms(void)
{
    CHECK_INT(sio_http_date_read(SIO_VIEW("Sun, 06 Nov 1994 08:49:37 GMT")), 784111777);
    CHECK_INT(sio_http_date_read(SIO_VIEW("Sunday, 06-Nov-94 08:49:37 GMT")), 784111777);
    CHECK_INT(sio_http_date_read(SIO_VIEW("Sun Nov  6 08:49:37 1994")), 784111777);
    CHECK_INT(sio_http_date_read(SIO_VIEW("Sun Nov 16 08:49:37 1994")), 784975777);
}

static void
test_years_of_two_digits(void)
{
    CHECK_INT(sio_http_date_read(SIO_VIEW("Thursday, 01-Jan-70 00:00:01 GMT")), 1);
    CHECK(sio_http_date_read(SIO_VIEW("Tuesday, 31-Dec-69 00:00:00 GMT")) == 3155673600);
}

/* As the C library writes them, over leap years, ends of months and centuries. */
static void
test_as_strftime_writes_them(void)
{
    for (int64_t at = 1; at < 7000000000; at += 86400 * 3 + 12345) {
        const time_t t = (time_t)at;
        struct tm    tm;
        char         text[40];

        gmtime_r(&t, &tm);
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        check_row = text;
        CHECK(sio_http_date_read(sio_view_of(text)) == at);
        strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &tm);
        CHECK(sio_http_date_read(sio_view_of(text)) == at);
    }
    check_row = NULL;
}

static void
test_what_is_none(void)
{
    static const char *const rows[] = {
        "",
        ",",
        "7",
        "tomorrow",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 199x 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1969 08:49:37 GMT",
        "Sun, 06 Nov      08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov  6 08:49:37 94",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i];
        CHECK_INT(sio_http_date_read(sio_view_of(rows[i])), 0);
    }
    check_row = NULL;
}

static void
test_every_prefix_is_none(void)
{
    static const char *const rows[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                       "Sunday, 06-Nov-94 08:49:37 GMT",
                                       "Sun Nov  6 08:49:37 1994"};

    for (size_t i = 0; i < 3; i++)
        for (size_t n = 0; n < strlen(rows[i]); n++)
            CHECK_INT(sio_http_date_read((sio_view){rows[i], n}), 0);
}

int
main(void)
{
    RUN(test_all_forms);
    RUN(test_years_of_two_digits);
    RUN(test_as_strftime_writes_them);
    RUN(test_what_is_none);
    RUN(test_every_prefix_is_none);
    return check_done();
}
