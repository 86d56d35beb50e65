/*
 * server/socketio/events.h - what clients send to the application: events and messages.
 *
 * Rules: spec/socketio-0.9.md sections 6.2 and 6.4.
 */
#ifndef SIO_SOCKETIO_EVENTS_H
#define SIO_SOCKETIO_EVENTS_H

#include "server/socketio/namespace.h"

/* Hand what a client sent to the application. The session may end in this call. */
void sio_events_receive(sio_socket *socket, const sio_incoming *in);

void sio_events_free_handlers(sio_namespace *nsp);

#endif
