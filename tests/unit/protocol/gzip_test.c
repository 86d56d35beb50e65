/*
 * tests/unit/protocol/gzip_test.c - protocol/gzip.c.
 */
#include "protocol/gzip.h"

#include <string.h>
#include <zlib.h>

#include "tests/unit/check.h"

static void
test_who_takes_it(void)
{
    static const struct {
        const char *header;
        bool        is_accepted;
    } rows[] = {
        {"", false},
        {"gzip", true},
        {"deflate, gzip;q=1.0", true},
        {"GZIP", true},
        {"br;q=1, x-gzip", true},
        {"gzip;q=0", false},
        {"gzip; q=0.0", false},
        {"gzip;q=0.01", true},
        {"identity", false},
        {"gzi", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].header;
        CHECK_INT(sio_gzip_is_accepted(sio_view_of(rows[i].header)), rows[i].is_accepted);
    }
}

static void
check_inflates_to(sio_view packed, sio_view plain)
{
    static char text[100000];
    z_stream    z = {.next_in = (Bytef *)(uintptr_t)packed.data,
                     .avail_in = (uInt)packed.len,
                     .next_out = (Bytef *)text,
                     .avail_out = sizeof text};

    CHECK_INT(inflateInit2(&z, 15 + 16), Z_OK);
    CHECK_INT(inflate(&z, Z_FINISH), Z_STREAM_END);
    CHECK(sio_view_eq((sio_view){text, z.total_out}, plain));
    inflateEnd(&z);
}

static void
test_what_is_packed_is_whole(void)
{
    static const size_t lengths[] = {0, 1, 100, 16384, 90000};
    static char         text[90000];
    sio_buf             out;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)((i * 2654435761U) >> 13);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        sio_buf_init(&out, SIZE_MAX);
        CHECK(sio_gzip_add(&out, (sio_view){text, lengths[i]}));
        check_inflates_to(sio_buf_view(&out), (sio_view){text, lengths[i]});
        sio_buf_fini(&out);
    }
}

static void
test_what_does_not_fit_is_said(void)
{
    sio_buf out;

    sio_buf_init(&out, 10);
    CHECK(!sio_gzip_add(&out, SIO_VIEW("abcdefghij")));
    sio_buf_fini(&out);
}

int
main(void)
{
    RUN(test_who_takes_it);
    RUN(test_what_is_packed_is_whole);
    RUN(test_what_does_not_fit_is_said);
    return check_done();
}
