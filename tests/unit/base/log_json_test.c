/*
 * tests/unit/base/log_json_test.c - server/base/log_json.c: each line is JSON, whatever is in it.
 */
#include "server/base/log_json.h"

#include <string.h>

#include "protocol/json.h"
#include "protocol/result.h"
#include "tests/unit/check.h"

enum { MAX_LINE = 4096 };

static size_t
make(char line[MAX_LINE], const char *session, const char *text)
{
    const sio_log_fields fields = {
        "2026-11-22T15:04:05.123Z", "info", "other", "S\"1", session, text};

    return sio_log_json_make(line, MAX_LINE, &fields);
}

static void
test_lines(void)
{
    static const struct {
        const char *session, *text, *rest;
    } rows[] = {
        {NULL, "listening", "\"msg\":\"listening\"}\n"},
        {"ab", "ended: \"x\\y\"", "\"session\":\"ab\",\"msg\":\"ended: \\\"x\\\\y\\\"\"}\n"},
        {NULL, "a\nb\x1b[31m\x7f", "\"msg\":\"a\\u000ab\\u001b[31m\\u007f\"}\n"},
        {NULL, "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
         "\"msg\":\"\\u00e9 \\u20ac \\ud83d\\ude00\"}\n"},
        {NULL, "\xff\xc3(\xed\xa0\x80", "\"msg\":\"\\ufffd\\ufffd(\\ufffd\\ufffd\\ufffd\"}\n"},
        {"\"}\n{", "", "\"session\":\"\\\"}\\u000a{\",\"msg\":\"\"}\n"},
        {NULL, "", "\"msg\":\"\"}\n"},
    };
    static const char begin[] = "{\"time\":\"2026-11-22T15:04:05.123Z\",\"level\":\"info\","
                                "\"event\":\"other\",\"instance\":\"S\\\"1\",";
    char              line[MAX_LINE];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t n = make(line, rows[i].session, rows[i].text);
        const size_t n_begin = sizeof begin - 1;

        check_row = rows[i].rest;
        CHECK(n > n_begin && memcmp(line, begin, n_begin) == 0);
        CHECK_VIEW(((sio_view){line + n_begin, n - n_begin}), rows[i].rest);
    }
}

/* One character after another at the place where the line is full, and in the id. */
static void
test_what_is_too_long_is_cut_between_characters(void)
{
    static const char *const units[] = {"a", "\"", "\n", "\xc3\xa9", "\xf0\x9f\x98\x80", "\xff"};
    char                     text[3 * MAX_LINE], line[MAX_LINE];

    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++)
        for (size_t shift = 0; shift < 14; shift++) {
            size_t len = shift;

            memset(text, 'x', shift);
            for (; len < 2 * (size_t)MAX_LINE; len += strlen(units[u]))
                memcpy(text + len, units[u], strlen(units[u]));
            text[len] = '\0';
            for (int as_id = 0; as_id < 2; as_id++) {
                const size_t n = make(line, as_id ? text : NULL, text);

                CHECK(n <= MAX_LINE);
                CHECK(n > 5 && memcmp(line + n - 6, "...\"}\n", 6) == 0);
                CHECK(memchr(line, '\n', n) == line + n - 1);
                CHECK_INT(sio_json_validate((sio_view){line, n - 1}, 2), SIO_OK);
            }
        }
}

static void
test_every_byte(void)
{
    char text[2] = "", line[MAX_LINE];

    for (int c = 1; c < 256; c++) {
        text[0] = (char)c;
        const size_t n = make(line, text, text);

        CHECK_INT(sio_json_validate((sio_view){line, n - 1}, 2), SIO_OK);
        for (size_t i = 0; i + 1 < n; i++)
            CHECK((unsigned char)line[i] >= 0x20 && (unsigned char)line[i] < 0x7f);
    }
}

int
main(void)
{
    RUN(test_lines);
    RUN(test_what_is_too_long_is_cut_between_characters);
    RUN(test_every_byte);
    return check_done();
}
