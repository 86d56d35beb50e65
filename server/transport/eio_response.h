/*
 * server/transport/eio_response.h - answers to HTTP requests of Engine.IO.
 *
 * origin is that of the page that may read them, "*", or empty (request_origin.h).
 * Rules: spec/socketio-modern.md sections 1.2 and 1.9.
 */
#ifndef SIO_TRANSPORT_EIO_RESPONSE_H
#define SIO_TRANSPORT_EIO_RESPONSE_H

#include "protocol/buf.h"
#include "protocol/eio_verdict.h"
#include "server/http/exchange.h"

typedef struct sio_cfg sio_cfg;

/* Append the headers that let pages of that origin read the answer. */
void sio_eio_response_cors(const sio_cfg *cfg, sio_buf *head, sio_view origin);

/*
 * Refuse: {"code":...,"message":"..."} or no body, counted and logged. The connection stays usable.
 * Not for SIO_EIO_ACCEPTED.
 */
void sio_eio_response_refuse(sio_exchange *x, sio_view origin, sio_eio_verdict verdict);

/* The packets of a POST were taken. */
void sio_eio_response_post(sio_exchange *x, sio_view origin);

/* Tell a page what it may send. */
void sio_eio_response_preflight(sio_exchange *x, const sio_request *r, sio_view origin);

#endif
