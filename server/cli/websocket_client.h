/*
 * server/cli/websocket_client.h - one WebSocket connection as a client has it. Rule: RFC 6455.
 */
#ifndef SIO_CLI_WEBSOCKET_CLIENT_H
#define SIO_CLI_WEBSOCKET_CLIENT_H

#include "protocol/ws_frame.h"
#include "server/cli/web_request.h"

/* Of one message. */
enum { SIO_WEBSOCKET_CLIENT_MAX_BYTES = 64 * 1024 * 1024 };

typedef struct {
    sio_stream   *stream;
    sio_ws_reader reader;
    sio_buf       in;       /* what has come */
    char         *rest;     /* of it: what the reader has not taken */
    size_t        rest_len; /* likewise */
} sio_websocket_client;

/*
 * Make a websocket of a connection that is open, which stays the caller's. headers: whole lines,
 * Host included, and none that WebSocket has. SIO_OK; SIO_BAD when the
 * server says no, or what it says is no WebSocket; SIO_ERR_*; then error says why. Free it either
 * way.
 */
int sio_websocket_client_init(sio_websocket_client *w, sio_stream *s, sio_view target,
                              sio_view headers, sio_buf *error);

void sio_websocket_client_fini(sio_websocket_client *w);

/* Send a message of that opcode. SIO_OK, or error says why not. */
int sio_websocket_client_send(sio_websocket_client *w, uint8_t opcode, sio_view payload,
                              sio_buf *error);

/*
 * The next message, TEXT, BINARY or CLOSE, until the next call; pings are answered here. SIO_OK;
 * SIO_PARTIAL when it has not come, and the stream is not patient; SIO_ERR_NOT_FOUND when the
 * connection has been closed; or another negative code and error says why.
 */
int sio_websocket_client_next(sio_websocket_client *w, sio_ws_message *out, sio_buf *error);

#endif
