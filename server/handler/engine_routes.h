/*
 * server/handler/engine_routes.h - the requests of Engine.IO.
 *
 * Rules: spec/socketio-modern.md sections 1.1 and 1.2.
 */
#ifndef SIO_HANDLER_ENGINE_ROUTES_H
#define SIO_HANDLER_ENGINE_ROUTES_H

#include "server/http/service.h"

bool sio_engine_routes_own(const sio_env *env, const sio_http_request *head);

/* A body may have "maxPayload"; when it is larger, the session, if any, stays. */
extern const sio_http_route sio_engine_routes;

#endif
