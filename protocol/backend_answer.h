/*
 * protocol/backend_answer.h - what a backend answers to the events of a request: JSON.
 *
 *     {"answers":[{"ack":["ok"]},null,{"join":"room","emit":[["hello",1]]}]}
 *
 * Called by server/backends/ and tests/fuzz/. Nothing in it is done here, and what clients will get
 * passes through as its bytes. Pure; allocates only through sio_buf; never recursive. Rule: the
 * manual, "Webhooks".
 */
#ifndef SIO_PROTOCOL_BACKEND_ANSWER_H
#define SIO_PROTOCOL_BACKEND_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/result.h"
#include "protocol/view.h"

enum {
    SIO_BACKEND_ANSWER_MAX_USER = 128,       /* bytes */
    SIO_BACKEND_ANSWER_MAX_ATTACHMENTS = 10, /* of an acknowledgement */
    SIO_BACKEND_ANSWER_MAX_COMMANDS = 1000,  /* as of a batch */
    SIO_BACKEND_ANSWER_MAX_DEPTH = 200
};

/* Views of JSON, valid and of the kind that is said; empty: it is not there. */
typedef struct {
    bool     refuses;     /* accept is false, or there is an error */
    sio_view message;     /* of the error, a string */
    sio_view error_data;  /* of the error, anything */
    sio_view user;        /* a string of 1 to 128 bytes without U+0000, or null */
    sio_view data;        /* an object or null */
    sio_view join, leave; /* a string, or an array of them; without U+0000 */
    sio_view ack;         /* an array */
    sio_view attachments; /* an array of strings, in base64 */
    sio_view emit;        /* an array of arrays, of which each begins with a string */
    sio_view commands;    /* an array of at most 1,000 objects */
    bool     disconnects; /* from this namespace */
    bool     closes;      /* from all */
    bool     hangs_up;    /* the connection ends, so that the client comes back and begins again */
} sio_backend_answer;

/*
 * The answers in the body of a response to n events: each a view of a value, of any kind; empty:
 * there is nothing to do. SIO_OK, or SIO_BAD: it is not JSON, too deep, or their number is another.
 */
int sio_backend_answer_split(sio_view body, size_t n, sio_view *answers);

/* Read one of these. SIO_OK, or SIO_BAD: something is not of its kind; *out is as if empty then. */
int sio_backend_answer_read(sio_view json, sio_backend_answer *out);

/* The error in the body of a refusal, whatever that is: an answer, or the answers to one event. */
void sio_backend_answer_read_refusal(sio_view body, sio_backend_answer *out);

#endif
