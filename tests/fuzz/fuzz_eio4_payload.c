/*
 * tests/fuzz/fuzz_eio4_payload.c - protocol/eio4_payload.h, eio_packet.h and base64.h:
 * taking any body apart ends, in order and inside the body; a good body comes back
 * byte for byte when its packets are put together again; and the bytes behind
 * base64 survive another round.
 */
#include "tests/fuzz/must.h"
#include "protocol/base64.h"
#include "protocol/eio4_payload.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PACKETS = 64 };

static void
check_base64(sio_view text)
{
    sio_buf bytes, again, once_more;

    sio_buf_init(&bytes, SIZE_MAX);
    sio_buf_init(&again, SIZE_MAX);
    sio_buf_init(&once_more, SIZE_MAX);
    sio_base64_decode(text, &bytes);
    sio_base64_encode(sio_buf_view(&bytes), &again);
    must(again.len == sio_base64_len(bytes.len));
    sio_base64_decode(sio_buf_view(&again), &once_more);
    must(sio_view_eq(sio_buf_view(&bytes), sio_buf_view(&once_more)));
    sio_buf_fini(&once_more);
    sio_buf_fini(&again);
    sio_buf_fini(&bytes);
}

static void
check_packet(const sio_eio_packet *p, sio_view body, const char **reached)
{
    must_be_inside(p->data, body);
    must(p->data.data > *reached || p->data.data == body.data + 1);
    must(p->type <= SIO_EIO_NOOP && p->form != SIO_EIO_BINARY);
    *reached = p->data.data + p->data.len;
    if (p->form == SIO_EIO_BASE64) {
        must(p->type == SIO_EIO_MESSAGE);
        check_base64(p->data);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view        body = {(const char *)data, size};
    const char           *reached = body.data;
    sio_eio4_payload_iter it;
    sio_eio_packet        packet;
    sio_buf               joined;
    unsigned              n = 0;
    int                   rc;

    sio_buf_init(&joined, SIZE_MAX);
    sio_eio4_payload_begin(&it, body, MAX_PACKETS);
    while ((rc = sio_eio4_payload_next(&it, &packet)) == 1) {
        must(n++ < MAX_PACKETS);
        check_packet(&packet, body, &reached);
        sio_eio4_payload_add(&joined, &packet);
    }
    must(rc == 0 || rc == SIO_BAD || rc == SIO_TOO_LARGE);
    must(sio_eio4_payload_next(&it, &packet) == 0);
    must(rc != 0 || sio_view_eq(sio_buf_view(&joined), body));
    sio_buf_fini(&joined);
    return 0;
}
