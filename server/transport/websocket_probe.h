/*
 * server/transport/websocket_probe.h - from polling to a websocket (spec/socketio-modern.md section
 * 1.7).
 */
#ifndef SIO_TRANSPORT_WEBSOCKET_PROBE_H
#define SIO_TRANSPORT_WEBSOCKET_PROBE_H

#include "server/engine/mailbox.h"
#include "server/transport/transport.h"

/*
 * Open a websocket for mailbox, which has no probe and goes on with its polls until the client says
 * so on the websocket. mailbox NULL: it is one too many, and closed at once.
 */
void sio_websocket_probe_open(sio_exchange *x, const sio_opening *o, sio_mailbox *mailbox);

#endif
