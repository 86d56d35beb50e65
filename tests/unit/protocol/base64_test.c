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
        sio_base64_decode(rows[i].text, &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i].bytes);
    }
    sio_buf_fini(&b);
}

/* What Buffer.from(text, "base64") of Node 18 to 26 gives. */
static void
test_lenient_as_node(void)
{
    static const struct {
        const char *text;
        sio_view    bytes;
    } texts[] = {
        /* Padding. */
        {"Zg", SIO_VIEW_INIT("f")},
        {"Zg=", SIO_VIEW_INIT("f")},
        {"Zm8", SIO_VIEW_INIT("fo")},
        {"Zm9v=", SIO_VIEW_INIT("foo")},
        {"Zg===", SIO_VIEW_INIT("f")},
        {"Zh==", SIO_VIEW_INIT("f")}, /* bits left over */
        {"Z", SIO_VIEW_INIT("")},
        {"Zm9vY", SIO_VIEW_INIT("foo")},
        {"=", SIO_VIEW_INIT("")},
        /* It is the end. */
        {"Zm=v", SIO_VIEW_INIT("f")},
        {"Zg==Zg==", SIO_VIEW_INIT("f")},
        {"=Zm9v", SIO_VIEW_INIT("")},
        {"Zm9vZg=\n=\nZm9v", SIO_VIEW_INIT("foof")},
        /* What is skipped. */
        {"Zm9vZg==\n", SIO_VIEW_INIT("foof")},
        {"Zm9v\r\nZm9v\r\n", SIO_VIEW_INIT("foofoo")},
        {" Z\tm\v9\fv ", SIO_VIEW_INIT("foo")},
        {"\n", SIO_VIEW_INIT("")},
        {"!!!!", SIO_VIEW_INIT("")},
        {"Zm9\xc3\xa9v", SIO_VIEW_INIT("foo")},
        {"Zm9\xe2\x82\xacv", SIO_VIEW_INIT("foo")},
        /* The other alphabet. */
        {"-_-_", SIO_VIEW_INIT("\xfb\xff\xbf")},
        {"-/+_", SIO_VIEW_INIT("\xfb\xff\xbf")},
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N(texts); i++) {
        check_row = texts[i].text;
        sio_buf_clear(&b);
        sio_base64_decode(sio_view_of(texts[i].text), &b);
        CHECK_VIEW(sio_buf_view(&b), texts[i].bytes);
    }
    sio_buf_clear(&b);
    sio_base64_decode(SIO_VIEW("Z\0m9v"), &b);
    CHECK_VIEW(sio_buf_view(&b), "foo");
    sio_buf_fini(&b);
}

/* Lines of 76 characters, the last one ended too: Base64.DEFAULT of Android and its like. */
static void
test_lines_of_java(void)
{
    char    bytes[300];
    sio_buf text, lines, again;

    memset(bytes, 0xA5, sizeof bytes);
    sio_buf_init(&text, SIZE_MAX);
    sio_buf_init(&lines, SIZE_MAX);
    sio_buf_init(&again, SIZE_MAX);
    sio_base64_encode((sio_view){bytes, sizeof bytes}, &text);
    for (size_t i = 0; i < text.len; i++) {
        sio_buf_add_char(&lines, text.data[i]);
        if (i % 76 == 75 || i == text.len - 1)
            sio_buf_add_char(&lines, '\n');
    }
    sio_base64_decode(sio_buf_view(&lines), &again);
    CHECK_VIEW(sio_buf_view(&again), ((sio_view){bytes, sizeof bytes}));
    sio_buf_fini(&again);
    sio_buf_fini(&lines);
    sio_buf_fini(&text);
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
        sio_base64_decode(sio_buf_view(&text), &again);
        CHECK_VIEW(sio_buf_view(&again), ((sio_view){bytes, n}));
    }
    sio_buf_fini(&again);
    sio_buf_fini(&text);
}

static void
test_full_buffer_fails(void)
{
    sio_buf b;

    sio_buf_init(&b, 2);
    sio_base64_decode(SIO_VIEW("Zm8="), &b);
    CHECK(!b.failed);
    sio_base64_decode(SIO_VIEW("Zg=="), &b);
    CHECK(b.failed);
    sio_buf_fini(&b);
}

int
main(void)
{
    RUN(test_encode_and_back);
    RUN(test_lenient_as_node);
    RUN(test_lines_of_java);
    RUN(test_every_length_comes_back);
    RUN(test_full_buffer_fails);
    return check_done();
}
