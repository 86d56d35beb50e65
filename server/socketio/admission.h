/*
 * server/socketio/admission.h - a session that is let into a namespace becomes a socket.
 *
 * Rules: spec/socketio-0.9.md section 6.1, spec/socketio-modern.md sections 2.4 and 3.
 */
#ifndef SIO_SOCKETIO_ADMISSION_H
#define SIO_SOCKETIO_ADMISSION_H

#include "server/socketio/joining.h"
#include "server/socketio/socket.h"

/*
 * Make it a socket, tell the client, and raise `connection`. state: of a client that is back, which
 * gets what it has missed; NULL: it is new. Without memory the client hears that it failed. What j
 * has said is the socket's then; j is still the caller's to free.
 */
void sio_admission_let_in(sio_joining *j, sio_recovery_state *state);

/* Tell the client what it has to know: the id that it has here, and how to come back. */
void sio_admission_confirm(const sio_socket *socket);

#endif
