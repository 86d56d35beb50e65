#include "protocol/base64.h"
#include "tests/unit/check.h"

#include <stdint.h>

/* RFC 4648 section 10, and the last two characters of the alphabet. */
static const struct {
    sio_view bytes, text;
} rows[] = {
    {SIO_VIEW_INIT(""), SIO_VIEW_INIT("")},
    {SIO_VIEW_INIT("f"), SIO_VIEW_INIT("Zg==")},
    {SIO_VIEW_INIT("fo"), SIO_VIEW_INIT("Zm8=")},
    {SIO_VIEW_INIT("foo"), SIO_VIEW_INIT("Zm9v")},
    {SIO_VIEW_INIT("foob"), SIO_VIEW_INIT("Zm9vYg==")},
    {SIO_VIEW_INIT("fooba"), SIO_VIEW_INIT("Zm9vYmE=")},
    {SIO_VIEW_INIT("foobar"), SIO_VIEW_INIT("Zm9vYmFy")},
    {SIO_VIEW_INIT("\xfb\xff\xbf\x00"), SIO_VIEW_INIT("+/+/AA==")},
};

#define N(table) (sizeof(table) / sizeof(table)[0])

static void
test_encode_and_back(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N(rows); i++) {
        check_row = rows[i].text.data;
        sio_buf_clear(&b);
        sio_base64_encode(rows[i].bytes, &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i].text);
        CHECK_INT(sio_base64_len(rows[i].bytes.len), rows[i].text.len);
        sio_buf_clear(&b);
        CHECK_INT(sio_base64_decode(rows[i].text, &b), SIO_OK);
        CHECK_VIEW(sio_buf_view(&b), rows[i].bytes);
    }
    sio_buf_fini(&b);
}

static void
test_lenient_about_the_end_only(void)
{
    static const struct {
        const char *text;
        bool        valid;
    } texts[] = {
        {"Zg", true},     {"Zg=", true},         {"Zm8", true},
        {"Zh==", true}, /* bits left over */
        {"Z", false},     {"Zm9vY", false},      {"=", false},
        {"====", false},  {"Zg===", false},      {"Zm8==", false},
        {"Zm9v=", false}, {"Zm=v", false},       {"Zg==Zg==", false},
        {"Zm 9v", false}, {"Zm9v\n", false},     {"-_-_", false},
        {"!!!!", false},  {"Zm\xc3\xa9", false},
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N(texts); i++) {
        check_row = texts[i].text;
        sio_buf_clear(&b);
        CHECK_INT(sio_base64_valid(sio_view_of(texts[i].text)), texts[i].valid);
        CHECK_INT(sio_base64_decode(sio_view_of(texts[i].text), &b),
                  texts[i].valid ? SIO_OK : SIO_BAD);
        CHECK(texts[i].valid || b.len == 0);
    }
    sio_buf_fini(&b);
}

/* Lengths around the blocks in which both directions work. */
static void
test_every_length_comes_back(void)
{
    char    bytes[300];
    sio_buf text, again;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    sio_buf_init(&text, SIZE_MAX);
    sio_buf_init(&again, SIZE_MAX);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        sio_buf_clear(&text);
        sio_buf_clear(&again);
        sio_base64_encode((sio_view){bytes, n}, &text);
        CHECK_INT(text.len, sio_base64_len(n));
        CHECK_INT(sio_base64_decode(sio_buf_view(&text), &again), SIO_OK);
        CHECK_VIEW(sio_buf_view(&again), ((sio_view){bytes, n}));
    }
    sio_buf_fini(&again);
    sio_buf_fini(&text);
}

static void
test_full_buffer_is_too_large(void)
{
    sio_buf b;

    sio_buf_init(&b, 2);
    CHECK_INT(sio_base64_decode(SIO_VIEW("Zm8="), &b), SIO_OK);
    CHECK_INT(sio_base64_decode(SIO_VIEW("Zg=="), &b), SIO_TOO_LARGE);
    sio_buf_fini(&b);
}

int
main(void)
{
    RUN(test_encode_and_back);
    RUN(test_lenient_about_the_end_only);
    RUN(test_every_length_comes_back);
    RUN(test_full_buffer_is_too_large);
    return check_done();
}
