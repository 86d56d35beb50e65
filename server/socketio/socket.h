/*
 * server/socketio/socket.h - the end of a socket, and what the application asks of one.
 */
#ifndef SIO_SOCKETIO_SOCKET_H
#define SIO_SOCKETIO_SOCKET_H

#include "server/socketio/namespace.h"

/*
 * Take the socket out of its namespace and raise `disconnect`. Its memory lasts until the end of
 * the turn, not until the end of the session: a client may join and leave as often as it likes.
 */
void sio_socket_leave(sio_socket *socket, const char *reason);

/* Bytes that its client makes the server keep with it. */
size_t sio_socket_cost(const sio_socket *socket);

/* The task that frees the sockets which have left in this turn. */
void sio_socket_free_left(sio_task *task);

#endif
