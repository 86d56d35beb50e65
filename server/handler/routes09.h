/*
 * server/handler/routes09.h - the requests of socket.io 0.9, and those that are for nobody.
 *
 * Rules: spec/socketio-0.9.md section 1.1.
 */
#ifndef SIO_HANDLER_ROUTES09_H
#define SIO_HANDLER_ROUTES09_H

#include "server/http/service.h"

/* Is it at the resource, or below it? */
bool sio_routes09_own(const sio_env *env, const sio_http_request *head);

/* Handshakes, requests of sessions, files of the browser clients. */
extern const sio_http_route sio_routes09;

/* Anywhere else the server of 0.9 says welcome. */
extern const sio_http_route sio_routes09_elsewhere;

#endif
