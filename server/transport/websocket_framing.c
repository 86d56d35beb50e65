#include "server/transport/websocket_framing.h"

#include "protocol/eio_packet.h"

/* --- RFC 6455. --- */

static void
websocket_reader_init(sio_websocket_reader *r, size_t max_message_bytes)
{
    sio_ws_reader_init(&r->rfc6455, max_message_bytes);
}

static void
websocket_reader_fini(sio_websocket_reader *r)
{
    sio_ws_reader_fini(&r->rfc6455);
}

static int
websocket_reader_next(sio_websocket_reader *r, char **bytes, size_t *n, sio_ws_message *out)
{
    return sio_ws_reader_next(&r->rfc6455, bytes, n, out);
}

static size_t
websocket_reader_kept(const sio_websocket_reader *r)
{
    return r->rfc6455.partial.cap;
}

static void
websocket_add_frame(sio_buf *out, uint8_t opcode, sio_view payload)
{
    uint8_t      header[SIO_WS_MAX_SERVER_HEADER];
    const size_t n = sio_ws_frame_encode_header(header, opcode, payload.len);

    sio_buf_add(out, header, n);
    sio_buf_add_view(out, payload);
}

const sio_websocket_framing sio_websocket_rfc6455 = {
    .reader_init = websocket_reader_init,
    .reader_fini = websocket_reader_fini,
    .reader_next = websocket_reader_next,
    .reader_kept = websocket_reader_kept,
    .add = websocket_add_frame,
    .encoded = sio_frame_websocket,
};

/* --- The same with base64 in the place of binary messages. --- */

static void
add_base64(sio_eio_revision revision, sio_buf *out, uint8_t opcode, sio_view payload)
{
    sio_eio_packet packet;
    sio_buf        text;

    if (opcode != SIO_WS_BINARY ||
        sio_eio_packet_decode_bytes(revision, payload, &packet) != SIO_OK) {
        websocket_add_frame(out, opcode, payload);
        return;
    }
    sio_buf_init(&text, SIZE_MAX);
    sio_eio_packet_encode_text(revision, &packet, &text);
    websocket_add_frame(out, SIO_WS_TEXT, sio_buf_view(&text));
    out->failed |= text.failed;
    sio_buf_fini(&text);
}

static void
add_frame_eio3(sio_buf *out, uint8_t opcode, sio_view payload)
{
    add_base64(SIO_EIO3, out, opcode, payload);
}

static void
add_frame_eio4(sio_buf *out, uint8_t opcode, sio_view payload)
{
    add_base64(SIO_EIO4, out, opcode, payload);
}

const sio_websocket_framing sio_websocket_eio3_base64 = {
    .reader_init = websocket_reader_init,
    .reader_fini = websocket_reader_fini,
    .reader_next = websocket_reader_next,
    .reader_kept = websocket_reader_kept,
    .add = add_frame_eio3,
};

const sio_websocket_framing sio_websocket_eio4_base64 = {
    .reader_init = websocket_reader_init,
    .reader_fini = websocket_reader_fini,
    .reader_next = websocket_reader_next,
    .reader_kept = websocket_reader_kept,
    .add = add_frame_eio4,
};
