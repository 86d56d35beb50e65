/*
 * server/transport/websocket_framing.h - how a draft of the WebSocket protocol puts messages into
 * bytes.
 *
 * RFC 6455 is here, and the same for clients without binary messages; websocket_hixie.h has those
 * of the drafts that are older than versions. Called by websocket.c and websocket_read.c.
 */
#ifndef SIO_TRANSPORT_WEBSOCKET_FRAMING_H
#define SIO_TRANSPORT_WEBSOCKET_FRAMING_H

#include "protocol/ws_frame.h"
#include "protocol/ws_hixie.h"
#include "server/engine/frame.h"

typedef union {
    sio_ws_reader       rfc6455;
    sio_ws_hixie_reader hixie;
} sio_websocket_reader;

/* How a draft puts messages into bytes. */
typedef struct {
    /* As sio_ws_reader_init, _fini and _next. */
    void (*reader_init)(sio_websocket_reader *r, size_t max_message_bytes);
    void (*reader_fini)(sio_websocket_reader *r);
    int (*reader_next)(sio_websocket_reader *r, char **bytes, size_t *n, sio_ws_message *out);
    /* The bytes that it has allocated for a message that is not whole. */
    size_t (*reader_kept)(const sio_websocket_reader *r);
    /* Append a frame of our own to out. */
    void (*add)(sio_buf *out, uint8_t opcode, sio_view payload);
    /* A packet as the frame that it holds already; NULL: it is built by add() each time. */
    sio_view (*encoded)(const sio_frame *packet);
} sio_websocket_framing;

extern const sio_websocket_framing sio_websocket_rfc6455;
/* Engine.IO, for clients without binary messages: these go out as base64. */
extern const sio_websocket_framing sio_websocket_eio3_base64;
extern const sio_websocket_framing sio_websocket_eio4_base64;

#endif
