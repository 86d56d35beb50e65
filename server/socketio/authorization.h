/*
 * server/socketio/authorization.h - a verdict that the application owes to somebody: a handshake or
 * a join.
 *
 * The one who waits may leave before the verdict comes; the application may answer at any time.
 */
#ifndef SIO_SOCKETIO_AUTHORIZATION_H
#define SIO_SOCKETIO_AUTHORIZATION_H

#include "protocol/buf.h"
#include "protocol/view.h"
#include "server/siobroker.h"

/* What a guard has given with its verdict. */
typedef struct {
    void  *what; /* NULL: nothing */
    size_t n_bytes;
} sio_pass;

/* What is asked, of whom. The texts must live until the verdict. */
typedef struct {
    sio_authorize_fn   fn; /* NULL: accepted at once */
    void              *arg;
    const char        *handshake_json;
    const char        *auth_json; /* of sio_decision_auth(); NULL: "{}" */
    const char        *id;        /* of sio_decision_id(); NULL: "" */
    const char *const *transport; /* where that of sio_decision_transport() is; NULL: "" */
    sio_pass           pass;      /* of sio_decision_pass() */
    sio_namespace     *nsp;       /* of sio_decision_namespace() */
} sio_question;

/*
 * Ask; without memory the verdict is SIO_FAIL. done is called once, maybe before this returns.
 * *pending, a part of the owner, is what to abandon until then; it is not touched any more once fn
 * or done has been called, which may free the owner.
 */
void sio_authorization_ask(sio_decision **pending, const sio_question           *q,
                           void (*done)(void *owner, sio_verdict verdict), void *owner);

/* During done: what the application gave to sio_decide_error(), or empty. NULL is allowed. */
sio_view sio_authorization_message(const sio_decision *d);
sio_view sio_authorization_data(const sio_decision *d);

/* During done: what the guard gave to sio_decide_pass(), which is the owner's now. */
sio_pass sio_authorization_pass(const sio_decision *d);

/*
 * During done, of a handshake: if the application has given another record to
 * sio_decide_handshake() that is not longer than max_bytes, *record is that, NUL-terminated; else,
 * or without memory, it stays as it is. NULL is allowed.
 */
void sio_authorization_take_handshake(const sio_decision *d, size_t max_bytes, sio_buf *record);

/* Nobody waits any more: done will not be called. NULL is allowed. */
void sio_authorization_abandon(sio_decision *d);

#endif
