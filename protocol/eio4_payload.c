#include "protocol/eio4_payload.h"

#include "protocol/text_cursor.h"

#define SEPARATOR '\x1E'

void
sio_eio4_payload_begin(sio_eio4_payload_iter *it, sio_view body, unsigned max_packets)
{
    *it = (sio_eio4_payload_iter){.rest = body, .n_left = max_packets};
}

static int
stop(sio_eio4_payload_iter *it, int result)
{
    it->done = true;
    return result;
}

int
sio_eio4_payload_next(sio_eio4_payload_iter *it, sio_eio_packet *out)
{
    sio_view packet;

    if (it->done)
        return 0;
    if (it->n_left-- == 0)
        return stop(it, SIO_TOO_LARGE);
    packet = take_until(&it->rest, SEPARATOR);
    if (sio_eio_packet_decode_text(SIO_EIO4, packet, out) != SIO_OK)
        return stop(it, SIO_BAD);
    /* A separator that was taken promises one more packet, be it empty. */
    it->done = it->rest.data == packet.data + packet.len;
    return 1;
}

void
sio_eio4_payload_add(sio_buf *out, const sio_eio_packet *p)
{
    if (out->len > 0)
        sio_buf_add_char(out, SEPARATOR);
    sio_eio_packet_encode_text(SIO_EIO4, p, out);
}
