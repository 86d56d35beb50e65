/*
 * server/socketio/describe.h - what a socket looks like to an application that lists those of all
 * instances.
 */
#ifndef SIO_SOCKETIO_DESCRIBE_H
#define SIO_SOCKETIO_DESCRIBE_H

#include "server/socketio/namespace.h"

/* Append the socket as a JSON object with the members that sio_fetch() names. */
void sio_describe_socket(const sio_socket *socket, sio_buf *json);

#endif
