#include "protocol/json.h"
#include "protocol/json_ascii.h"
#include "protocol/json_read.h"

#include "tests/unit/check.h"

#include <stdint.h>

static void
test_each_character_becomes_its_escape(void)
{
    static const struct {
        const char *json, *ascii;
    } rows[] = {
        {"", ""},
        {"[1,\"a\\n\\u00e9\"]", "[1,\"a\\n\\u00e9\"]"},
        {"\"é\"", "\"\\u00e9\""},
        {"\"\302\200\337\277\"", "\"\\u0080\\u07ff\""},
        {"\"\340\240\200\357\277\277\"", "\"\\u0800\\uffff\""},
        {"\"\360\220\200\200\364\217\277\277\"", "\"\\ud800\\udc00\\udbff\\udfff\""},
        {"\"a€b😀c\"", "\"a\\u20acb\\ud83d\\ude00c\""},
        {"\"\342\200\250\"", "\"\\u2028\""},
        {"\"\\\\é\"", "\"\\\\\\u00e9\""}, /* the backslash before it is whole */
        {"\"\xff\"", "\"\\ufffd\""},
        {"\"\xe2\x82\"", "\"\\ufffd\""},
        {"\xc3", "\\ufffd"},
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].json;
        sio_buf_clear(&b);
        sio_json_ascii_add(sio_view_of(rows[i].json), &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i].ascii);
    }
    sio_json_ascii_add((sio_view){NULL, 0}, &b);
    sio_buf_fini(&b);
}

/* Decoding the string gives the same text again. */
static void
test_text_stays_the_same(void)
{
    static const char text[] = "\"\\\" é \\\\ € \\/ 😀 \\u00e9 \\ud83d\\ude00\"";
    sio_buf           ascii, before, after;

    sio_buf_init(&ascii, SIZE_MAX);
    sio_buf_init(&before, SIZE_MAX);
    sio_buf_init(&after, SIZE_MAX);
    sio_json_ascii_add(sio_view_of(text), &ascii);
    CHECK_INT(sio_json_validate(sio_buf_view(&ascii), 0), SIO_OK);
    CHECK_INT(sio_json_read_string(sio_view_of(text), &before), SIO_OK);
    CHECK_INT(sio_json_read_string(sio_buf_view(&ascii), &after), SIO_OK);
    CHECK_VIEW(sio_buf_view(&after), sio_buf_view(&before));
    sio_buf_fini(&after);
    sio_buf_fini(&before);
    sio_buf_fini(&ascii);
}

int
main(void)
{
    RUN(test_each_character_becomes_its_escape);
    RUN(test_text_stays_the_same);
    return check_done();
}
