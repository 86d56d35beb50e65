/*
 * server/handler/routes.h - who answers which request.
 */
#ifndef SIO_HANDLER_ROUTES_H
#define SIO_HANDLER_ROUTES_H

#include "server/http/service.h"

extern const sio_http_service sio_routes;

#endif
