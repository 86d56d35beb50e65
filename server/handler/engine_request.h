/*
 * server/handler/engine_request.h - requests that come for a session of Engine.IO: polls, POSTs,
 * upgrades.
 *
 * The instance that has the session judges them all (engine_judge.h). One that came to another
 * instance reaches it through proxy_session.c or proxy_request.c there and owner_engine.c here.
 * Rules: spec/socketio-modern.md sections 1.2 and 1.7.
 */
#ifndef SIO_HANDLER_ENGINE_REQUEST_H
#define SIO_HANDLER_ENGINE_REQUEST_H

#include "server/cluster/peers.h"
#include "server/engine/engine_judge.h"
#include "server/http/exchange.h"
#include "server/transport/transport.h"

/*
 * Answer a request for the session sid, here or wherever it is. kind and verdict are those of v;
 * the rest is filled in. What o owns is freed.
 */
void sio_engine_request_serve(sio_exchange *x, const sio_request *r, sio_view sid, sio_opening *o,
                              sio_engine_request *v);

/*
 * The other instance that has that session, if there is such a session. NULL: none can have it, or
 * none that could be asked: the one that had it is away.
 */
sio_peer *sio_engine_request_find_peer(sio_env *env, sio_view sid);

/* Hand the body of a POST on, for which sio_proxy_request_body_begins() was called. */
void sio_engine_request_deliver(sio_exchange *x, const sio_request *r);

#endif
