#include <stdlib.h>

#include "protocol/buf.h"
#include "tests/unit/check.h"

static void
test_additions_append(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    sio_buf_add(&b, NULL, 0);
    CHECK_VIEW(sio_buf_view(&b), "");
    sio_buf_add_str(&b, "ab");
    sio_buf_add_char(&b, ':');
    sio_buf_add_view(&b, SIO_VIEW("c\0d"));
    sio_buf_add_u64(&b, 0);
    sio_buf_add_u64(&b, UINT64_MAX);
    CHECK_VIEW(sio_buf_view(&b), SIO_VIEW("ab:c\0d018446744073709551615"));
    CHECK(!b.failed);
    sio_buf_fini(&b);
}

static void
test_growth_keeps_the_contents(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < 10000; i++)
        sio_buf_add_char(&b, (char)('a' + i % 26));
    if (CHECK_INT(b.len, 10000))
        for (size_t i = 0; i < 10000; i++)
            CHECK_INT(b.data[i], 'a' + i % 26);
    sio_buf_fini(&b);
}

static void
test_limit_is_exact_and_failure_is_sticky(void)
{
    sio_buf b;

    sio_buf_init(&b, 5);
    sio_buf_add_str(&b, "12345");
    CHECK(!b.failed);
    sio_buf_add(&b, NULL, 0);
    CHECK(!b.failed);
    sio_buf_clear(&b);
    sio_buf_add_str(&b, "123");
    sio_buf_add_str(&b, "456");
    CHECK(b.failed);
    sio_buf_add_char(&b, '4'); /* would fit, but a text with a hole is no use */
    CHECK_VIEW(sio_buf_view(&b), "123");
    CHECK(b.cap <= 5);
    sio_buf_fini(&b);
}

static void
test_clear_and_fini_forget_the_failure(void)
{
    sio_buf b;

    sio_buf_init(&b, 2);
    sio_buf_add_str(&b, "abc");
    sio_buf_clear(&b);
    sio_buf_add_str(&b, "ab");
    CHECK_VIEW(sio_buf_view(&b), "ab");
    sio_buf_add_char(&b, 'c');
    sio_buf_fini(&b);
    CHECK(!b.failed && b.data == NULL && b.len == 0 && b.cap == 0);
    sio_buf_add_str(&b, "xy");
    CHECK_VIEW(sio_buf_view(&b), "xy");
    sio_buf_fini(&b);
}

static void
test_impossible_size_fails(void)
{
    const volatile size_t too_many = SIZE_MAX; /* volatile: or the compiler warns of it */
    sio_buf               b;

    sio_buf_init(&b, SIZE_MAX);
    sio_buf_add_char(&b, 'a');
    sio_buf_add(&b, "", too_many); /* refused before it is read */
    CHECK(b.failed);
    CHECK_VIEW(sio_buf_view(&b), "a");
    sio_buf_fini(&b);
}

static void
test_reserved_room_may_be_written(void)
{
    sio_buf b;

    sio_buf_init(&b, 300);
    sio_buf_add_char(&b, 'a');
    if (CHECK(sio_buf_reserve(&b, 299)))
        memset(b.data + b.len, 'b', 299); /* AddressSanitizer would tell */
    CHECK_VIEW(sio_buf_view(&b), "a");
    b.len += 2;
    CHECK_VIEW(sio_buf_view(&b), "abb");
    CHECK(!sio_buf_reserve(&b, 298) && b.failed);
    CHECK(!sio_buf_reserve(&b, 1));
    CHECK_VIEW(sio_buf_view(&b), "abb");
    sio_buf_fini(&b);
}

static void
test_json_string_is_what_stringify_prints(void)
{
    static const struct {
        sio_view    in;
        unsigned    flags;
        const char *want;
    } rows[] = {
        {SIO_VIEW_INIT(""), SIO_JSON_PLAIN, "\"\""},
        {SIO_VIEW_INIT("plain text / \x7F"), SIO_JSON_PLAIN, "\"plain text / \x7F\""},
        {SIO_VIEW_INIT("\"\\"), SIO_JSON_PLAIN, "\"\\\"\\\\\""},
        {SIO_VIEW_INIT("\b\t\n\f\r"), SIO_JSON_PLAIN, "\"\\b\\t\\n\\f\\r\""},
        {SIO_VIEW_INIT("a\0b\x0B\x1F"), SIO_JSON_PLAIN, "\"a\\u0000b\\u000b\\u001f\""},
        {SIO_VIEW_INIT("é€😀"), SIO_JSON_PLAIN, "\"é€😀\""},
        {SIO_VIEW_INIT("a\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA7"), SIO_JSON_PLAIN,
         "\"a\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA7\""},
        {SIO_VIEW_INIT("a\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA7"), SIO_JSON_ESCAPE_LINE_SEPARATORS,
         "\"a\\u2028\\u2029\xE2\x80\xA7\""},
        {SIO_VIEW_INIT("6:::1+[\"</script>\",\"é\"]"), SIO_JSON_ESCAPE_SLASH,
         "\"6:::1+[\\\"<\\/script>\\\",\\\"é\\\"]\""},
        {SIO_VIEW_INIT("x\xFFy\xE2\x82"), SIO_JSON_PLAIN, "\"x\xEF\xBF\xBDy\xEF\xBF\xBD\""},
        {SIO_VIEW_INIT("\xED\xA0\x80"), SIO_JSON_PLAIN, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].want;
        sio_buf_clear(&b);
        sio_buf_add_json_string(&b, rows[i].in, rows[i].flags);
        CHECK_VIEW(sio_buf_view(&b), rows[i].want);
    }
    sio_buf_fini(&b);
}

static void
test_views_compare(void)
{
    const sio_view none = sio_view_of(NULL);

    CHECK(sio_view_eq(none, SIO_VIEW("")));
    CHECK(!sio_view_eq(none, SIO_VIEW("a")));
    CHECK(sio_view_eq(sio_view_of("ab"), SIO_VIEW("ab")));
    CHECK(!sio_view_eq(SIO_VIEW("ab"), SIO_VIEW("aB")));
    CHECK(sio_view_eq_nocase(SIO_VIEW("WebSocket-Key1"), SIO_VIEW("wEBSOCKET-kEY1")));
    CHECK(!sio_view_eq_nocase(SIO_VIEW("@[`{"), SIO_VIEW("`{@[")));
    CHECK(!sio_view_eq_nocase(SIO_VIEW("\xC4"), SIO_VIEW("\xE4")));
    CHECK(!sio_view_eq_nocase(SIO_VIEW("\r"), SIO_VIEW("-")));
    CHECK(!sio_view_eq_nocase(SIO_VIEW("a"), SIO_VIEW("aa")));
    CHECK(sio_view_eq_nocase(none, SIO_VIEW("")));
}

static void
test_a_c_string_is_whole_or_none(void)
{
    sio_buf b;
    char   *text;

    sio_buf_init(&b, 4);
    text = sio_buf_take_c_string(&b);
    CHECK(text != NULL);
    CHECK_VIEW(sio_view_of(text), "");
    free(text);
    sio_buf_add_str(&b, "abc");
    text = sio_buf_take_c_string(&b);
    CHECK(text != NULL);
    CHECK_VIEW(sio_view_of(text), "abc");
    free(text);
    CHECK(b.data == NULL && b.len == 0);
    sio_buf_add_str(&b, "abcd"); /* no room for its NUL */
    CHECK(sio_buf_take_c_string(&b) == NULL && !b.failed);
    sio_buf_add(&b, "a\0b", 3);
    CHECK(sio_buf_take_c_string(&b) == NULL && b.data == NULL);
}

int
main(void)
{
    RUN(test_additions_append);
    RUN(test_growth_keeps_the_contents);
    RUN(test_limit_is_exact_and_failure_is_sticky);
    RUN(test_clear_and_fini_forget_the_failure);
    RUN(test_impossible_size_fails);
    RUN(test_reserved_room_may_be_written);
    RUN(test_json_string_is_what_stringify_prints);
    RUN(test_views_compare);
    RUN(test_a_c_string_is_whole_or_none);
    return check_done();
}
