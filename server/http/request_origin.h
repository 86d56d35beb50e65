/*
 * server/http/request_origin.h - the page that a request comes from: may it connect, may it read?
 *
 * "origins" says which pages may connect, whatever they speak. The answers of 0.9 can be read by
 * all of these, as with the original. Those of Engine.IO can be read by these as well if "origins"
 * names pages. If it admits all, as by default, only "cors origin" lets pages read them, as with
 * socket.io since 3.0.
 */
#ifndef SIO_HTTP_REQUEST_ORIGIN_H
#define SIO_HTTP_REQUEST_ORIGIN_H

#include <stdbool.h>

#include "protocol/http_request.h"

typedef struct sio_env sio_env;

/* Does "origins" admit the page that asks? */
bool sio_request_origin_allowed(const sio_env *env, const sio_http_request *head);

/* The Origin header of a page that may read the answer; empty: there is none, or not admitted. */
sio_view sio_request_origin_readable(const sio_env *env, const sio_http_request *head);

/*
 * The value of Access-Control-Allow-Origin in an answer of Engine.IO: the Origin header, "*", or
 * empty.
 */
sio_view sio_request_origin_readable_engine(const sio_env *env, const sio_http_request *head);

#endif
