/*
 * server/socketio/client_data.h - what the application stores about a client.
 *
 * Rules: spec/socketio-0.9.md sections 6.2 and 8.4. The data belong to the session, so all its
 * sockets share them; a request belongs to the socket that made it.
 */
#ifndef SIO_SOCKETIO_CLIENT_DATA_H
#define SIO_SOCKETIO_CLIENT_DATA_H

#include "server/socketio/namespace.h"

/* The application is not called back any more. */
void sio_client_data_abandon(sio_socket *socket);

/* A client that has come back gets the data of the session that it had. */
void sio_client_data_inherit(sio_session *session, sio_view from);

/* The session is over: its data live on for a while. */
void sio_client_data_expire(sio_session *session);

#endif
