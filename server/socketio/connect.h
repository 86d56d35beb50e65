/*
 * server/socketio/connect.h - a session joins a namespace: asking the application, answering the
 * client.
 *
 * Rules: spec/socketio-0.9.md section 6.1, spec/socketio-modern.md sections 2.4 and 3.
 */
#ifndef SIO_SOCKETIO_CONNECT_H
#define SIO_SOCKETIO_CONNECT_H

#include "server/socketio/namespace.h"

/*
 * The session wants to join: once the application allows it, CONNECT is queued and `connection` is
 * raised. Joining twice is only confirmed again (6.1). auth is what the client says about itself, a
 * JSON object; query, as it stood in the request, goes before that of the handshake. Either may be
 * empty.
 */
void sio_connect_join(sio_namespace *nsp, sio_session *session, sio_view auth, sio_view query);

/* Does the application have to decide whether the session joins? */
bool sio_connect_is_pending(sio_session *session, const sio_namespace *nsp);

/* The session is over: nobody waits for verdicts any more. */
void sio_connect_abandon(sio_session *session);

#endif
