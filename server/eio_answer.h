/*
 * server/eio_answer.h - answers to HTTP requests of Engine.IO.
 *
 * All of them may be read by the page that asked, when the setting "origins" admits it: origin is its
 * Origin header then, and empty otherwise. Rules: spec/socketio-modern.md sections 1.2 and 1.9.
 */
#ifndef SIO_EIO_ANSWER_H
#define SIO_EIO_ANSWER_H

#include "server/http.h"

typedef enum { /* the code on the wire, but for the last */
               SIO_EIO_UNKNOWN_TRANSPORT,
               SIO_EIO_UNKNOWN_SID,
               SIO_EIO_BAD_METHOD,
               SIO_EIO_BAD_REQUEST,
               SIO_EIO_FORBIDDEN,
               SIO_EIO_UNSUPPORTED,
               SIO_EIO_ACCEPTED
} sio_eio_verdict;

/* Refuse: {"code":...,"message":"..."}, counted and logged. The connection stays usable. */
void sio_eio_refuse(sio_exchange *x, sio_view origin, sio_eio_verdict verdict);

/* Refuse without a body. */
void sio_eio_refuse_plainly(sio_exchange *x, sio_view origin, unsigned status, const char *why);

/* The packets of a POST were taken. */
void sio_eio_answer_post(sio_exchange *x, sio_view origin);

/* Tell a page what it may send. */
void sio_eio_answer_preflight(sio_exchange *x, const sio_request *r, sio_view origin);

/* Access-Control-*, which depend on the origin; nothing for an empty one. */
void sio_eio_answer_cors(sio_buf *head, sio_view origin);

#endif
