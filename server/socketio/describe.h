/*
 * server/socketio/describe.h - what a socket looks like to an application that lists those of all
 * instances.
 */
#ifndef SIO_SOCKETIO_DESCRIBE_H
#define SIO_SOCKETIO_DESCRIBE_H

#include "server/socketio/namespace.h"

/*
 * Append its data. While others show clients (io->shows_clients: the Admin UI in development mode)
 * an object begins with a member `_admin`, as @socket.io/admin-ui puts one there on Node, so that
 * each server can tell what the others have: {"clientId":"...","transport":"websocket"}, of the
 * session's id the first 12 characters.
 */
void sio_describe_data(const sio_socket *socket, sio_buf *json);

/* Append the socket as a JSON object with the members that sio_fetch() names. */
void sio_describe_socket(const sio_socket *socket, sio_buf *json);

#endif
