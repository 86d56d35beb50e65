#include "protocol/eio3_jsonp.h"

#include "tests/unit/check.h"

#include <stdint.h>

static void
test_encode(void)
{
    static const struct {
        const char *j, *payload, *want;
    } rows[] = {
        {"0", "1:6", "___eio[0](\"1:6\");"},
        {"12", "10:42[\"a\\n\"]", "___eio[12](\"10:42[\\\"a\\\\n\\\"]\");"},
        {"1", "3:4\342\200\250\342\200\251", "___eio[1](\"3:4\\u2028\\u2029\");"},
        {"", "2:4é", "___eio[](\"2:4é\");"},
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].payload;
        sio_buf_clear(&b);
        sio_eio3_jsonp_encode(sio_view_of(rows[i].j), sio_view_of(rows[i].payload), &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i].want);
    }
    sio_buf_fini(&b);
}

/* Each field as the two replacements of polling-jsonp.js leave it. */
static void
test_decode(void)
{
    static const struct {
        const char *field, *want;
    } rows[] = {
        {"", ""},
        {"4:4abc", "4:4abc"},
        {"\\n", "\n"},
        {"\\\\n", "\\n"},
        {"\\\\\\n", "\\\\n"},
        {"\\\\\\\\n", "\\\\\\n"},
        {"a\\nb\\\\nc", "a\nb\\nc"},
        {"\\n\\n", "\n\n"},
        {"\\", "\\"},
        {"\\\\", "\\\\"},
        {"\\t\\\"\\", "\\t\\\"\\"},
        {"n\nn", "n\nn"},
        {"\\N", "\\N"},
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].field;
        sio_buf_clear(&b);
        sio_eio3_jsonp_decode(sio_view_of(rows[i].field), &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i].want);
    }
    sio_buf_fini(&b);
}

/* What a client does to its payload: polling-jsonp.js of engine.io-client 3.5. */
static void
protect(sio_view payload, sio_buf *out)
{
    for (size_t i = 0; i < payload.len; i++) {
        if (payload.data[i] == '\n') {
            sio_buf_add_str(out, "\\n");
        } else if (payload.data[i] == '\\' && i + 1 < payload.len && payload.data[i + 1] == 'n') {
            sio_buf_add_str(out, "\\\\n");
            i++;
        } else {
            sio_buf_add_char(out, payload.data[i]);
        }
    }
}

static void
test_what_a_client_protects_comes_back(void)
{
    static const char *const payloads[] = {
        "4:4abc", "12:42[\"a\\nb\"]", "9:42[\n\"a\"]", "14:42[\"a\\\\nb\"]", "\n\n\\n\\n\n",
    };
    sio_buf field, payload;

    sio_buf_init(&field, SIZE_MAX);
    sio_buf_init(&payload, SIZE_MAX);
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        check_row = payloads[i];
        sio_buf_clear(&field);
        sio_buf_clear(&payload);
        protect(sio_view_of(payloads[i]), &field);
        sio_eio3_jsonp_decode(sio_buf_view(&field), &payload);
        CHECK_VIEW(sio_buf_view(&payload), payloads[i]);
    }
    sio_buf_fini(&payload);
    sio_buf_fini(&field);
}

int
main(void)
{
    RUN(test_encode);
    RUN(test_decode);
    RUN(test_what_a_client_protects_comes_back);
    return check_done();
}
