#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/ws_frame.h"
#include "server/engine/frame.h"

/* Around the two places where the length of the header changes (RFC 6455, 5.2). */
static void
test_one_packet_serves_http_and_websocket(void)
{
    static const struct {
        const char *row;
        size_t      len, header_len;
        uint8_t     header[SIO_WS_MAX_SERVER_HEADER];
    } rows[] = {
        {"empty", 0, 2, {0x81, 0}},
        {"short", 3, 2, {0x81, 3}},
        {"longest short", 125, 2, {0x81, 125}},
        {"shortest medium", 126, 4, {0x81, 126, 0, 126}},
        {"longest medium", 65535, 4, {0x81, 126, 0xff, 0xff}},
        {"shortest long", 65536, 10, {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char      *text = malloc(rows[i].len + 1);
        sio_frame *f;
        sio_view   whole;

        check_row = rows[i].row;
        memset(text, 'x', rows[i].len + 1);
        f = sio_frame_new((sio_view){text, rows[i].len}, false);
        whole = sio_frame_websocket(f);
        CHECK_VIEW(sio_frame_message(f), ((sio_view){text, rows[i].len}));
        CHECK_VIEW(((sio_view){whole.data, rows[i].header_len}),
                   ((sio_view){(const char *)rows[i].header, rows[i].header_len}));
        CHECK_INT(whole.len, rows[i].header_len + rows[i].len);
        CHECK(whole.data + rows[i].header_len == sio_frame_message(f).data);
        sio_frame_unref(f);
        free(text);
    }
}

static void
test_the_packet_is_copied(void)
{
    char       text[] = "5:::{}";
    sio_frame *f = sio_frame_new(sio_view_of(text), false);

    memset(text, 'x', sizeof text - 1);
    CHECK_VIEW(sio_frame_message(f), "5:::{}");
    sio_frame_unref(f);
}

/* That the last one frees it, and no other, is for AddressSanitizer to say. */
static void
test_it_lives_as_long_as_somebody_refers_to_it(void)
{
    sio_frame *f = sio_frame_new(SIO_VIEW("2::"), false);

    CHECK(sio_frame_ref(f) == f);
    sio_frame_unref(f);
    CHECK_VIEW(sio_frame_message(f), "2::");
    sio_frame_unref(f);
    sio_frame_unref(NULL);
}

/* The first who asks has it compressed; all others get the same bytes. */
static void
test_the_compressed_form_is_shared(void)
{
    char            text[2000];
    sio_ws_deflate *z = sio_ws_deflate_new();
    sio_frame      *f;
    sio_view        whole;

    if (!CHECK(z != NULL))
        return;
    memset(text, 'x', sizeof text);
    for (int is_binary = 0; is_binary <= 1; is_binary++) {
        f = sio_frame_new((sio_view){text, sizeof text}, is_binary);
        whole = sio_frame_websocket_deflated(f, z);
        CHECK(whole.len < 100);
        CHECK_INT((uint8_t)whole.data[0], is_binary ? 0xc2 : 0xc1); /* FIN, RSV1 */
        CHECK_INT(whole.data[1], whole.len - 2);
        CHECK(sio_frame_websocket_deflated(f, z).data == whole.data);
        CHECK_VIEW(sio_frame_message(f), ((sio_view){text, sizeof text}));
        CHECK_INT((uint8_t)sio_frame_websocket(f).data[0], is_binary ? 0x82 : 0x81);
        sio_frame_unref(f);
    }
    sio_ws_deflate_free(z);
}

static void
test_what_does_not_shrink_goes_as_it_is(void)
{
    sio_ws_deflate *z = sio_ws_deflate_new();
    sio_frame      *f = sio_frame_new(SIO_VIEW("5:::{}"), false);

    if (!CHECK(z != NULL))
        return;
    for (int i = 0; i < 2; i++)
        CHECK(sio_frame_websocket_deflated(f, z).data == sio_frame_websocket(f).data);
    sio_frame_unref(f);
    sio_ws_deflate_free(z);
}

int
main(void)
{
    RUN(test_one_packet_serves_http_and_websocket);
    RUN(test_the_packet_is_copied);
    RUN(test_it_lives_as_long_as_somebody_refers_to_it);
    RUN(test_the_compressed_form_is_shared);
    RUN(test_what_does_not_shrink_goes_as_it_is);
    return check_done();
}
