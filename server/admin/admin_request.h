/*
 * server/admin/admin_request.h - one request to the admin listener, as those see it who answer.
 */
#ifndef SIO_ADMIN_ADMIN_REQUEST_H
#define SIO_ADMIN_ADMIN_REQUEST_H

#include "server/http/exchange.h"

/* Valid during the call that hands it over. */
typedef struct {
    const sio_http_request *head;
    sio_view                rest;  /* of the path, behind that of the route */
    sio_view                query; /* without "?" */
} sio_admin_request;

#endif
