/*
 * server/transport/htmlfile.h - the transport htmlfile: one endless page, a script element for each
 * packet.
 *
 * Rules: spec/socketio-0.9.md section 2.5.
 */
#ifndef SIO_TRANSPORT_HTMLFILE_H
#define SIO_TRANSPORT_HTMLFILE_H

#include "server/transport/transport.h"

extern const sio_transport sio_transport_htmlfile;

#endif
