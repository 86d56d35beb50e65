/*
 * server/transport/eio_response.h - answers to HTTP requests of Engine.IO.
 *
 * All of them may be read by the page that asked, when the setting "origins" admits it: origin is its
 * Origin header then, and empty otherwise. Rules: spec/socketio-modern.md sections 1.2 and 1.9.
 */
#ifndef SIO_TRANSPORT_EIO_RESPONSE_H
#define SIO_TRANSPORT_EIO_RESPONSE_H

#include "protocol/buf.h"
#include "server/http/exchange.h"

/* Instances tell each other these numbers: new ones come last. */
typedef enum {
    SIO_EIO_ACCEPTED,

    /* Answered with a code. */
    SIO_EIO_UNKNOWN_TRANSPORT,
    SIO_EIO_UNKNOWN_SID,
    SIO_EIO_BAD_METHOD,
    SIO_EIO_BAD_REQUEST,
    SIO_EIO_FORBIDDEN,
    SIO_EIO_UNSUPPORTED,

    /* Answered with a status alone. */
    SIO_EIO_SECOND_POLL,
    SIO_EIO_SECOND_POST,
    SIO_EIO_NO_BYTES,
    SIO_EIO_NO_METHOD,
    SIO_EIO_TOO_LARGE,

    /* A websocket more than a session can have: it is opened, and closed at once. */
    SIO_EIO_SECOND_WEBSOCKET,

    SIO_EIO_N_VERDICTS
} sio_eio_verdict;

/* What another instance has said. A number that is none is a bad request. */
sio_eio_verdict sio_eio_response_verdict_of(uint64_t number);

/*
 * Refuse: {"code":...,"message":"..."} or no body, counted and logged. The connection stays usable.
 * Not for SIO_EIO_ACCEPTED.
 */
void sio_eio_response_refuse(sio_exchange *x, sio_view origin, sio_eio_verdict verdict);

/* The packets of a POST were taken. */
void sio_eio_response_post(sio_exchange *x, sio_view origin);

/* Tell a page what it may send. */
void sio_eio_response_preflight(sio_exchange *x, const sio_request *r, sio_view origin);

/* Access-Control-*, which depend on the origin; nothing for an empty one. */
void sio_eio_response_cors(sio_buf *head, sio_view origin);

#endif
