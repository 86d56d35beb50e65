/*
 * server/transport/websocket_upgrade.h - from an upgrade request to an open websocket.
 *
 * Sec-WebSocket-Version decides the draft: 13 is RFC 6455, 7 and 8 are the drafts before it with
 * the same handshake and framing, none is left to websocket_hixie.c.
 */
#ifndef SIO_TRANSPORT_WEBSOCKET_UPGRADE_H
#define SIO_TRANSPORT_WEBSOCKET_UPGRADE_H

#include "server/transport/websocket.h"

/*
 * Take the connection out of HTTP, into *conn; what came behind the request is appended to rest.
 * The 101 is still to be sent. NULL when out of memory: the request was refused.
 */
sio_websocket *sio_websocket_upgrade(sio_exchange *x, const sio_opening *o, sio_conn **conn,
                                     sio_buf *rest);

/* Write the 101 answer for o, or refuse. */
bool sio_websocket_upgrade_accept(sio_exchange *x, const sio_request *r, sio_opening *o);
void sio_websocket_upgrade_open(sio_exchange *x, const sio_opening *o, sio_mailbox *mailbox);

#endif
