/*
 * tests/unit/test_lanes.c - codecs that pass over many bytes at once see each byte, wherever it stands.
 */
#include "protocol/json.h"
#include "protocol/lanes.h"
#include "protocol/sio09_packet.h"
#include "protocol/utf8.h"
#include "tests/unit/check.h"

enum { TEXT_LEN = 2 * LANES + 2 };

/* Call see(text, at, c) for each byte c at each place of a text of letters, which is in quotes. */
static void
put_everywhere(void (*see)(sio_view quoted, size_t at, int c))
{
    char text[TEXT_LEN + 2];

    for (size_t at = 1; at <= TEXT_LEN; at++)
        for (int c = 0; c < 256; c++) {
            memset(text, 'a', sizeof text);
            text[0] = text[TEXT_LEN + 1] = '"';
            text[at] = (char)c;
            see((sio_view){text, sizeof text}, at, c);
        }
}

static void
check_json(sio_view quoted, size_t at, int c)
{
    const bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

    (void)at;
    CHECK_INT(sio_json_validate(quoted, 1), plain ? SIO_OK : SIO_BAD);
}

static void
check_utf8(sio_view quoted, size_t at, int c)
{
    (void)at;
    CHECK_INT(sio_utf8_valid(quoted), c < 0x80);
}

static void
check_one_line(sio_view quoted, size_t at, int c)
{
    sio09_packet p = sio09_packet_of(SIO09_ACK);
    sio_buf      out;
    char         want[TEXT_LEN + 2];

    memcpy(want, quoted.data, sizeof want);
    if (c == '\n' || c == '\r')
        want[at] = ' ';
    p.ack_id = SIO_VIEW("1");
    p.args = quoted;
    sio_buf_init(&out, SIZE_MAX);
    sio09_packet_encode(&p, &out);
    if (CHECK_INT(out.len, sizeof "6:::1+" - 1 + sizeof want))
        CHECK(memcmp(out.data + out.len - sizeof want, want, sizeof want) == 0);
    sio_buf_fini(&out);
}

static void
test_each_byte_at_each_place(void)
{
    put_everywhere(check_json);
    put_everywhere(check_utf8);
    put_everywhere(check_one_line);
}

static void
test_a_long_character_at_each_place(void)
{
    char text[TEXT_LEN + 1]; /* one of two bytes among letters */

    for (size_t at = 0; at < TEXT_LEN; at++) {
        memset(text, 'a', sizeof text);
        memcpy(text + at, "é", 2);
        for (size_t units = 0; units <= TEXT_LEN; units++)
            CHECK_INT(sio_utf8_skip_units((sio_view){text, sizeof text}, units),
                      units + (units > at));
    }
}

static void
test_a_line_separator_at_each_place(void)
{
    for (size_t at = 1; at + 2 <= TEXT_LEN; at++) {
        sio09_packet p = sio09_packet_of(SIO09_ACK);
        sio_buf      out;
        char         text[TEXT_LEN + 2];

        memset(text, 'a', sizeof text);
        memcpy(text + at, "\xE2\x80\xA8", 3);
        p.ack_id = SIO_VIEW("1");
        p.args = (sio_view){text, sizeof text};
        sio_buf_init(&out, SIZE_MAX);
        sio09_packet_encode(&p, &out);
        if (CHECK_INT(out.len, sizeof "6:::1+" - 1 + sizeof text + 3))
            CHECK(memcmp(out.data + 6 + at, "\\u2028", 6) == 0);
        sio_buf_fini(&out);
    }
}

int
main(void)
{
    RUN(test_each_byte_at_each_place);
    RUN(test_a_long_character_at_each_place);
    RUN(test_a_line_separator_at_each_place);
    return check_done();
}
