/*
 * server/base/websocket_accept.h - what a WebSocket server says to show that it has read the key.
 *
 * Called by server/transport/, which says it, and by server/cli/, which checks it. Rule: RFC 6455,
 * 4.1 and 4.2.2.
 */
#ifndef SIO_BASE_WEBSOCKET_ACCEPT_H
#define SIO_BASE_WEBSOCKET_ACCEPT_H

#include "protocol/buf.h"

/* Append the value of Sec-WebSocket-Accept for that key. Without SHA-1 *out has failed. */
void sio_websocket_accept_add(sio_view key, sio_buf *out);

#endif
