/*
 * server/backends/api_reply.h - answers of the HTTP API.
 */
#ifndef SIO_BACKENDS_API_REPLY_H
#define SIO_BACKENDS_API_REPLY_H

#include "protocol/buf.h"
#include "server/http/exchange.h"

/*
 * A whole answer with JSON and a line end. header NULL: no more than the usual ones. Out of memory
 * (json->failed) it is 503.
 */
void sio_api_reply(sio_exchange *x, unsigned status, const sio_buf *json, const char *header,
                   sio_view value);

/* The same with a text that is as it is. */
void sio_api_reply_text(sio_exchange *x, sio_view json);

/* An error without a place (api_error.h); counted. */
void sio_api_reply_refuse(sio_exchange *x, const char *code, const char *why);
void sio_api_reply_refuse_with(sio_exchange *x, const char *code, const char *why,
                               const char *header, sio_view value);

#endif
