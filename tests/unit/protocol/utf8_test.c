#include "protocol/utf8.h"
#include "protocol/utf8_repair.h"
#include "tests/unit/check.h"

#define R "\xEF\xBF\xBD" /* U+FFFD */

/* Where valid is false, `repaired` is what TextDecoder makes of the bytes. */
static const struct {
    const char *name;
    sio_view    in;
    bool        valid;
    sio_view    repaired;
} rows[] = {
    {"empty", SIO_VIEW_INIT(""), true, SIO_VIEW_INIT("")},
    {"ascii", SIO_VIEW_INIT("0123456789abcdef"), true, SIO_VIEW_INIT("0123456789abcdef")},
    {"nul", SIO_VIEW_INIT("a\0b"), true, SIO_VIEW_INIT("a\0b")},
    {"two bytes", SIO_VIEW_INIT("\xC2\x80\xDF\xBF"), true, SIO_VIEW_INIT("\xC2\x80\xDF\xBF")},
    {"three bytes", SIO_VIEW_INIT("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80"), true,
     SIO_VIEW_INIT("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80")},
    {"four bytes", SIO_VIEW_INIT("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"), true,
     SIO_VIEW_INIT("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF")},
    {"ends in the eight", SIO_VIEW_INIT("1234567é"), true, SIO_VIEW_INIT("1234567é")},
    {"continuation alone", SIO_VIEW_INIT("a\x80z"), false, SIO_VIEW_INIT("a" R "z")},
    {"overlong nul", SIO_VIEW_INIT("\xC0\x80"), false, SIO_VIEW_INIT(R R)},
    {"overlong three", SIO_VIEW_INIT("\xE0\x9F\xBF"), false, SIO_VIEW_INIT(R R R)},
    {"overlong four", SIO_VIEW_INIT("\xF0\x8F\xBF\xBF"), false, SIO_VIEW_INIT(R R R R)},
    {"surrogate", SIO_VIEW_INIT("\xED\xA0\x80"), false, SIO_VIEW_INIT(R R R)},
    {"above 10FFFF", SIO_VIEW_INIT("\xF4\x90\x80\x80"), false, SIO_VIEW_INIT(R R R R)},
    {"F5", SIO_VIEW_INIT("\xF5\x80"), false, SIO_VIEW_INIT(R R)},
    {"FF", SIO_VIEW_INIT("\xFF"), false, SIO_VIEW_INIT(R)},
    {"cut by the end", SIO_VIEW_INIT("a\xF0\x9F\x98"), false, SIO_VIEW_INIT("a" R)},
    {"cut by ascii", SIO_VIEW_INIT("\xE2\x82z"), false, SIO_VIEW_INIT(R "z")},
    {"cut by another lead", SIO_VIEW_INIT("\xE2\x82\xC3\xA9"), false, SIO_VIEW_INIT(R "é")},
    {"lead twice", SIO_VIEW_INIT("\xC3\xC3\xA9"), false, SIO_VIEW_INIT(R "é")},
    {"after eight good", SIO_VIEW_INIT("12345678\xFF"), false, SIO_VIEW_INIT("12345678" R)},
};

static void
test_valid_is_strict(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].name;
        CHECK_INT(sio_utf8_valid(rows[i].in), rows[i].valid);
    }
    CHECK(sio_utf8_valid((sio_view){NULL, 0}));
}

/* Of each text, byte by byte: refused where no valid text begins so, and no earlier. */
static void
test_text_that_grows_is_refused_once_it_is_hopeless(void)
{
    static const struct {
        sio_view text;
        size_t   n_hopeful; /* so many bytes of it may become valid */
    } texts[] = {
        {SIO_VIEW_INIT("aé€😀z"), 11},        {SIO_VIEW_INIT("a\xFF"), 1},
        {SIO_VIEW_INIT("a\x80"), 1},         {SIO_VIEW_INIT("\xC3\xC3\xA9"), 1},
        {SIO_VIEW_INIT("\xE2\x82z"), 2},     {SIO_VIEW_INIT("\xE0\x80\x80"), 1},
        {SIO_VIEW_INIT("\xED\xA0\x80"), 1},  {SIO_VIEW_INIT("\xF0\x9F\x98"), 3},
        {SIO_VIEW_INIT("\xF4\x90"), 1},      {SIO_VIEW_INIT("12345678é\xC0\xAF"), 10},
        {SIO_VIEW_INIT("\xF0\x9F\x98z"), 3},
    };

    CHECK(sio_utf8_may_become_valid((sio_view){NULL, 0}, &(size_t){0}));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const sio_view text = texts[i].text;
        size_t         n_valid = 0;

        check_row = text.data;
        for (size_t n = 0; n <= text.len; n++) {
            const sio_view beginning = {text.data, n};
            const bool     hopeful = n <= texts[i].n_hopeful;
            size_t         at_once = 0;

            CHECK_INT(sio_utf8_may_become_valid(beginning, &at_once), hopeful);
            if (!hopeful)
                break;
            CHECK_INT(sio_utf8_may_become_valid(beginning, &n_valid), true);
            CHECK_INT(n_valid, at_once);
            CHECK_INT(n_valid == n, sio_utf8_valid(beginning));
        }
    }
}

static void
test_repair_replaces_each_maximal_part(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].name;
        sio_buf_clear(&b);
        sio_utf8_repair(rows[i].in, &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i].repaired);
    }
    sio_buf_fini(&b);
}

static void
test_put_and_step_agree_on_every_scalar(void)
{
    char c[SIO_UTF8_MAX_BYTES];

    for (uint32_t u = 0; u <= 0x10FFFF; u++) {
        size_t n;

        if (u == 0xD800)
            u = 0xE000;
        n = sio_utf8_put(u, c);
        if (!CHECK_INT(sio_utf8_step(c, c + n), n) ||
            !CHECK_INT(sio_utf8_utf16_units((sio_view){c, n}), u > 0xFFFF ? 2 : 1))
            return;
    }
}

static void
test_units_are_those_of_javascript(void)
{
    CHECK_INT(sio_utf8_utf16_units(SIO_VIEW("")), 0);
    CHECK_INT(sio_utf8_utf16_units(SIO_VIEW("3:::😀é")), 7);
    CHECK_INT(sio_utf8_utf16_units(SIO_VIEW("é€😀")), 4);
}

static void
test_skip_counts_units(void)
{
    static const struct {
        sio_view text;
        size_t   units, bytes;
    } skips[] = {
        {SIO_VIEW_INIT(""), 3, 0},
        {SIO_VIEW_INIT("abc"), 0, 0},
        {SIO_VIEW_INIT("abc"), 2, 2},
        {SIO_VIEW_INIT("abc"), 9, 3},
        {SIO_VIEW_INIT("abc"), SIZE_MAX, 3},
        {SIO_VIEW_INIT("éa"), 1, 2},
        {SIO_VIEW_INIT("€a"), 1, 3},
        {SIO_VIEW_INIT("😀a"), 2, 4},
        {SIO_VIEW_INIT("😀a"), 3, 5},
        {SIO_VIEW_INIT("😀a"), 1, 4}, /* half a pair takes it whole */
        {SIO_VIEW_INIT("😀😀"), 3, 8},
        {SIO_VIEW_INIT("0123456789😀x"), 12, 14},
        {SIO_VIEW_INIT("0123456789abcdefgh"), 17, 17},
    };

    for (size_t i = 0; i < sizeof skips / sizeof skips[0]; i++)
        CHECK_INT(sio_utf8_skip_units(skips[i].text, skips[i].units), skips[i].bytes);
}

static void
test_undouble_finds_what_was_encoded_twice(void)
{
    static const struct {
        const char *text, *meant; /* NULL: it is meant as it stands */
    } texts[] = {
        {"", NULL},
        {"abc", NULL},
        {"é", NULL}, /* E9 begins a character of three bytes */
        {"Ã©", "é"},
        {"a\303\242\302\202\302\254z", "a€z"},
        {"\303\260\302\237\302\230\302\200", "😀"},
        {"Ã©é", NULL},
        {"éÃ©", NULL},
        {"Ã©€", NULL},
        {"€Ã©", NULL},
        {"Ã©Ā", NULL}, /* U+0100 */
        {"Ã", NULL},   /* C3 alone */
        {"\302\200", NULL},
        {"\303\203\302\203\303\202\302\251", "Ã©"}, /* three times: once is taken off */
        {"\303\200\302\200", NULL},                 /* C0 80, an overlong NUL */
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *const meant = texts[i].meant;

        check_row = texts[i].text;
        sio_buf_clear(&b);
        sio_buf_add_char(&b, '>');
        CHECK_INT(sio_utf8_repair_doubled(sio_view_of(texts[i].text), &b), meant != NULL);
        CHECK_VIEW(((sio_view){b.data + 1, b.len - 1}), meant == NULL ? "" : meant);
    }
    sio_buf_fini(&b);
}

int
main(void)
{
    RUN(test_valid_is_strict);
    RUN(test_text_that_grows_is_refused_once_it_is_hopeless);
    RUN(test_repair_replaces_each_maximal_part);
    RUN(test_put_and_step_agree_on_every_scalar);
    RUN(test_units_are_those_of_javascript);
    RUN(test_skip_counts_units);
    RUN(test_undouble_finds_what_was_encoded_twice);
    return check_done();
}
