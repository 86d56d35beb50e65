/*
 * tests/unit/protocol/simd_test.c - codecs that pass over many bytes at once see each byte,
 * wherever it stands.
 */
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/simd.h"
#include "protocol/sio09_packet.h"
#include "protocol/utf8.h"
#include "protocol/utf8_repair.h"
#include "tests/unit/check.h"

enum { TEXT_LEN = 5 * LANES + 2 };

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

/* The arguments leave as want in an acknowledgement, which is one line. */
static void
check_encoded(sio_view args, sio_view want)
{
    const sio_view head = SIO_VIEW("6:::1+");
    sio09_packet   p = sio09_packet_of(SIO09_ACK);
    sio_buf        out;

    p.ack_id = SIO_VIEW("1");
    p.args = args;
    sio_buf_init(&out, SIZE_MAX);
    sio09_packet_encode(&p, &out);
    if (CHECK_INT(out.len, head.len + want.len))
        CHECK(memcmp(out.data + head.len, want.data, want.len) == 0);
    sio_buf_fini(&out);
}

static void
check_one_line(sio_view quoted, size_t at, int c)
{
    char want[TEXT_LEN + 2];

    memcpy(want, quoted.data, sizeof want);
    if (c == '\n' || c == '\r')
        want[at] = ' ';
    check_encoded(quoted, (sio_view){want, sizeof want});
}

/* Printed as JSON, with slashes and without, the text is the same. */
static void
check_printed(sio_view quoted, size_t at, int c)
{
    sio_buf plain, escaped, text;

    (void)at;
    if (c >= 0x80) /* not UTF-8 */
        return;
    sio_buf_init(&plain, SIZE_MAX);
    sio_buf_init(&escaped, SIZE_MAX);
    sio_buf_init(&text, SIZE_MAX);
    sio_buf_add_json_string(&plain, quoted, SIO_JSON_PLAIN);
    sio_buf_add_json_string(&escaped, quoted, SIO_JSON_ESCAPE_SLASH);
    CHECK_INT(sio_json_validate(sio_buf_view(&plain), 0), SIO_OK);
    CHECK_INT(sio_json_read_string(sio_buf_view(&plain), &text), SIO_OK);
    CHECK(sio_view_eq(sio_buf_view(&text), quoted));
    CHECK(sio_json_read_string_equals(sio_buf_view(&escaped), quoted));
    CHECK_INT(escaped.len, plain.len + (c == '/'));
    sio_buf_fini(&plain);
    sio_buf_fini(&escaped);
    sio_buf_fini(&text);
}

static void
test_each_byte_at_each_place(void)
{
    put_everywhere(check_printed);
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
    char text[TEXT_LEN + 2], want[TEXT_LEN + 5];

    for (size_t at = 1; at + 2 <= TEXT_LEN; at++) {
        memset(text, 'a', sizeof text);
        memset(want, 'a', sizeof want);
        memcpy(text + at, "\xE2\x80\xA8", 3);
        memcpy(want + at, "\\u2028", 6);
        check_encoded((sio_view){text, sizeof text}, (sio_view){want, sizeof want});
    }
}

/* Printed as JSON, whatever must be escaped, text is found whole in a list and read as it was. */
static void
check_in_list(sio_view text, unsigned flags)
{
    sio_buf       list, read, repaired;
    sio_json_iter it;
    sio_view      string, last;

    sio_buf_init(&list, SIZE_MAX);
    sio_buf_init(&read, SIZE_MAX);
    sio_buf_init(&repaired, SIZE_MAX);
    sio_utf8_repair(text, &repaired);
    sio_buf_add_char(&list, '[');
    sio_buf_add_json_string(&list, text, flags);
    sio_buf_add_str(&list, ",7]");
    CHECK_INT(sio_json_validate(sio_buf_view(&list), 1), SIO_OK);
    sio_json_read_array_begin(&it, sio_buf_view(&list));
    if (CHECK(sio_json_read_array_next(&it, &string) && sio_json_read_array_next(&it, &last))) {
        CHECK_INT(sio_json_read_string(string, &read), SIO_OK);
        CHECK(sio_view_eq(sio_buf_view(&read), sio_buf_view(&repaired)));
        CHECK(sio_view_eq(last, SIO_VIEW("7")));
    }
    sio_buf_fini(&list);
    sio_buf_fini(&read);
    sio_buf_fini(&repaired);
}

/* What is not plain stands alone, or side by side with its like, among letters. */
static void
test_what_is_not_plain_at_each_place(void)
{
    static const char *const pieces[] = {
        "\"", "\\",     "\\\"", "\n",    "\x01",     "é",       "語",
        "😀",  "\u2028", "\xFF", "\xE9 ", "\xE2\x80", "é\"語\\",
    };

    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        for (size_t at = 0; at < TEXT_LEN; at++)
            for (size_t n_times = 1; n_times <= 3; n_times++) {
                sio_buf text;

                check_row = pieces[i];
                sio_buf_init(&text, SIZE_MAX);
                for (size_t n = 0; n < at; n++)
                    sio_buf_add_char(&text, 'a');
                for (size_t n = 0; n < n_times; n++)
                    sio_buf_add_str(&text, pieces[i]);
                while (text.len < TEXT_LEN)
                    sio_buf_add_char(&text, 'a');
                check_in_list(sio_buf_view(&text), SIO_JSON_PLAIN);
                check_in_list(sio_buf_view(&text),
                              SIO_JSON_ESCAPE_LINE_SEPARATORS | SIO_JSON_ESCAPE_SLASH);
                sio_buf_fini(&text);
            }
    check_row = NULL;
}

int
main(void)
{
    RUN(test_each_byte_at_each_place);
    RUN(test_a_long_character_at_each_place);
    RUN(test_a_line_separator_at_each_place);
    RUN(test_what_is_not_plain_at_each_place);
    return check_done();
}
