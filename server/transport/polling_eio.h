/*
 * server/transport/polling_eio.h - the transport polling of Engine.IO: one answer for each GET.
 *
 * The queue holds packets as a websocket would send them; here they become payloads, which differ
 * between the revisions. In revision 3 a script may wrap them (JSONP).
 * Rules: spec/socketio-modern.md section 1.5 with its "Better:" items.
 */
#ifndef SIO_TRANSPORT_POLLING_EIO_H
#define SIO_TRANSPORT_POLLING_EIO_H

#include "server/transport/transport.h"

extern const sio_transport sio_transport_eio_polling;

#endif
