/*
 * server/handler/engine_handshake.h - the request that begins a session of Engine.IO, and its first
 * answer.
 */
#ifndef SIO_HANDLER_ENGINE_HANDSHAKE_H
#define SIO_HANDLER_ENGINE_HANDSHAKE_H

#include "server/http/exchange.h"
#include "server/transport/transport.h"

/*
 * Ask the application, then open the session on the transport of o with "0{...}" as its first
 * packet. Takes what o owns. query is that of the request.
 */
void sio_engine_handshake_open(sio_exchange *x, const sio_request *r, sio_view query,
                               sio_opening *o);

#endif
