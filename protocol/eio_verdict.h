/*
 * protocol/eio_verdict.h - what becomes of a request of Engine.IO.
 *
 * Rules: spec/socketio-modern.md sections 1.2 and 1.7.
 */
#ifndef SIO_PROTOCOL_EIO_VERDICT_H
#define SIO_PROTOCOL_EIO_VERDICT_H

#include <stdint.h>

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
static inline sio_eio_verdict
sio_eio_verdict_of(uint64_t number)
{
    return number < SIO_EIO_N_VERDICTS ? (sio_eio_verdict)number : SIO_EIO_BAD_REQUEST;
}

#endif
