/*
 * server/handler/routes.h - what a request asks for (spec/socketio-0.9.md section 1.1).
 */
#ifndef SIO_HANDLER_ROUTES_H
#define SIO_HANDLER_ROUTES_H

#include "server/http/http_conn.h"

/* Answer r, or leave it with the handler that will. Called by http_conn.c for every request. */
void sio_routes_serve(sio_exchange *x, const sio_request *r);

/* The body of a request is on its way. */
void sio_routes_await_body(sio_exchange *x, const sio_http_request *head);

/* How large the body of a request may be, and the answer when it is larger; it is not read. */
size_t sio_routes_max_body(const sio_env *env, const sio_http_request *head);
void   sio_routes_too_large(sio_exchange *x, const sio_http_request *head);

#endif
