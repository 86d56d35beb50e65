/*
 * server/routes.h - what a request asks for (spec/socketio-0.9.md section 1.1).
 */
#ifndef SIO_ROUTES_H
#define SIO_ROUTES_H

#include "server/http.h"

/* Answer r, or leave it with the handler that will. Called by http.c for every request. */
void sio_route(sio_exchange *x, const sio_request *r);

#endif
