/*
 * server/http/request_origin.h - the page that a request comes from, and the setting "origins".
 */
#ifndef SIO_HTTP_REQUEST_ORIGIN_H
#define SIO_HTTP_REQUEST_ORIGIN_H

#include <stdbool.h>

#include "protocol/http_request.h"

typedef struct sio_env sio_env;

/* Does the setting admit the page that asks? */
bool sio_request_origin_allowed(const sio_env *env, const sio_http_request *head);

/* The Origin header of a page that may read the answer; empty when there is none, or not admitted. */
sio_view sio_request_origin_readable(const sio_env *env, const sio_http_request *head);

#endif
