/*
 * server/socketio/joining.h - a session that waits to be let into a namespace.
 *
 * For the guard, for the application, or for what another instance has of it: connect.c asks them.
 * Who is let in becomes a socket (admission.h).
 */
#ifndef SIO_SOCKETIO_JOINING_H
#define SIO_SOCKETIO_JOINING_H

#include "server/socketio/authorization.h"
#include "server/socketio/namespace.h"
#include "server/socketio/recovery.h"
#include "server/socketio/return_queue.h"

typedef struct {
    sio_link               link; /* in client->joins */
    sio_namespace         *nsp;
    sio_session           *session;
    sio_decision          *decision;
    sio_pass               pass; /* of the guard */
    bool                   is_accepted;
    sio_recovery_question *question;
    bool                   was_asked_for; /* to other instances */
    sio_returning          returning;
    sio_recovery_missed    missed;     /* as it is let in */
    sio_buf                private_id; /* of a client that comes back, if any */
    sio_buf                offset;
    sio_buf                id;         /* of the socket that it may become, and a NUL */
    bool                   has_own_id; /* it is not that of the session */
    char                  *auth;       /* likewise */
    char                  *handshake;  /* likewise */
    unsigned               n_asked;    /* of those who guard the namespace */
} sio_joining;

/*
 * Of what the client says: auth, a JSON object, and query, either may be empty. SIO_OK with *made, in
 * the list of the client; or without: SIO_ERR_NOMEM, SIO_TOO_LARGE (`max auth bytes`), SIO_BAD (it
 * would not be whole as C strings). `returning.serve` is for the caller to set.
 */
int sio_joining_new(sio_namespace *nsp, sio_session *session, sio_view auth, sio_view query,
                    sio_joining **made);

/* It is settled, or nobody waits for it any more. Its decision is the caller's to abandon. */
void sio_joining_free(sio_joining *j);

/*
 * The id of the socket that it may become: one of its own, or that of its session. Made once, as
 * the application may have been told. SIO_OK or SIO_ERR_NOMEM.
 */
int sio_joining_make_id(sio_joining *j);

#endif
