/* tests/unit/protocol/base64url_test.c - protocol/base64url.h, with the examples of RFC 4648. */
#include "protocol/base64url.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

static void
test_there_and_back(void)
{
    static const struct {
        const char *bytes, *text;
    } rows[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xff\xef\xbf", "_--_"}};
    sio_buf out;

    sio_buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_buf_clear(&out);
        sio_base64url_encode(sio_view_of(rows[i].bytes), &out);
        CHECK_VIEW(sio_buf_view(&out), rows[i].text);
        sio_buf_clear(&out);
        CHECK_INT(sio_base64url_decode(sio_view_of(rows[i].text), &out), SIO_OK);
        CHECK_VIEW(sio_buf_view(&out), rows[i].bytes);
    }
    sio_buf_fini(&out);
}

/* Of several texts for the same bytes only one is right. */
static void
test_refuses_other_ways_to_write_it(void)
{
    static const char *const rows[] = {"Z",    "Zg==", "Zg=",   "Zh",    "Zm9",    "Zm+v",
                                       "Zm/v", "Z m8", "Zm8\n", "Zm9vY", "Zm9vYh", "\xc3\xa9zz"};
    sio_buf                  out;

    sio_buf_init(&out, SIZE_MAX);
    sio_buf_add_str(&out, "before");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i];
        CHECK_INT(sio_base64url_decode(sio_view_of(rows[i]), &out), SIO_BAD);
        CHECK_VIEW(sio_buf_view(&out), "before");
    }
    check_row = NULL;
    sio_buf_fini(&out);
}

int
main(void)
{
    RUN(test_there_and_back);
    RUN(test_refuses_other_ways_to_write_it);
    return check_done();
}
