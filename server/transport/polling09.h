/*
 * server/transport/polling09.h - the transports xhr-polling and jsonp-polling: one answer for each
 * poll.
 *
 * They differ only in how the text of the packets is wrapped.
 * Rules: spec/socketio-0.9.md sections 2.3 and 2.4 with their "Better:" items.
 */
#ifndef SIO_TRANSPORT_POLLING09_H
#define SIO_TRANSPORT_POLLING09_H

#include "server/transport/transport.h"

extern const sio_transport sio_transport_xhr_polling;
extern const sio_transport sio_transport_jsonp_polling;

#endif
