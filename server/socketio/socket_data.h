/*
 * server/socketio/socket_data.h - one JSON value that an application keeps with a socket, for all
 * who list it: sio_set_socket_data().
 */
#ifndef SIO_SOCKETIO_SOCKET_DATA_H
#define SIO_SOCKETIO_SOCKET_DATA_H

#include "server/socketio/namespace.h"

/* May it be kept: is it JSON, as a C string, and no longer than "max stored bytes"? */
bool sio_socket_data_is_valid(const sio_env *env, sio_view json);

/* A copy of it, to be freed. NULL when there is none, or, and then *failed is set, no memory. */
char *sio_socket_data_copy(const sio_socket *socket, bool *failed);

/* Let the socket have what one before it had; json is taken, NULL is allowed. False: no memory. */
bool sio_socket_data_inherit(sio_socket *socket, char *json);

/* Bytes of it. */
size_t sio_socket_data_len(const sio_socket *socket);

#endif
