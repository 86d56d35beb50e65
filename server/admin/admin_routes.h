/*
 * server/admin/admin_routes.h - which request of the admin listener gets which answer.
 */
#ifndef SIO_ADMIN_ADMIN_ROUTES_H
#define SIO_ADMIN_ADMIN_ROUTES_H

#include "server/http/service.h"

/* The service of the side. */
extern const sio_http_service sio_admin_routes;

#endif
