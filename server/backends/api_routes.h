/*
 * server/backends/api_routes.h - the paths of the HTTP API.
 *
 *     POST /v1/NAME            a command; the body is what it says, without "do"
 *     POST /v1/batch           many of them
 *     GET  /v1/whoami          what the key is good for
 *     GET  /v1/openapi.json    all of this, for programs
 */
#ifndef SIO_BACKENDS_API_ROUTES_H
#define SIO_BACKENDS_API_ROUTES_H

#include "server/http/service.h"

/* The service of the side. */
extern const sio_http_service sio_api_routes;

#endif
