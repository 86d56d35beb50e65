/*
 * server/handler/handshake09.h - the request that begins a session (spec/socketio-0.9.md
 * section 1.2).
 */
#ifndef SIO_HANDLER_HANDSHAKE09_H
#define SIO_HANDLER_HANDSHAKE09_H

#include "protocol/sio09_target.h"
#include "server/http/exchange.h"

/*
 * Answer with a new session id, after every instance can know it: another instance may be asked
 * for the connection that follows at once (race R1). The handshake lives in the store until a
 * transport takes it or its time is over.
 */
void sio_handshake09_serve(sio_exchange *x, const sio_request *r, const sio09_target *t);

#endif
