/*
 * server/http/http.h - what all HTTP connections of a server share.
 */
#ifndef SIO_HTTP_HTTP_H
#define SIO_HTTP_HTTP_H

#include "server/base/accounts.h"
#include "server/http/service.h"

typedef struct sio_http {
    const sio_http_service *service;
    sio_http_request request; /* the one being parsed; too large for the stack of a callback */
    sio_buf          answer;  /* being written */
    sio_accounts     bodies;  /* what has come of those that are not whole, by address */
} sio_http;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_http_fini() is still allowed. */
int  sio_http_init(sio_env *env, const sio_http_service *service);
void sio_http_fini(sio_env *env);

#endif
