/*
 * server/backends/socket_user.h - whose a socket is: the room "user:ID" that it is in.
 */
#ifndef SIO_BACKENDS_SOCKET_USER_H
#define SIO_BACKENDS_SOCKET_USER_H

#include "protocol/view.h"
#include "server/siobroker.h"

/* Who its user is; NULL: it has none. Until it leaves the room. */
const char *sio_socket_user_id(const sio_socket *socket);

/* Whose a room of that name is; NULL: no user's. A part of the name. */
const char *sio_socket_user_of_room(const char *room);

/* The room of the user that a JSON string names; the caller frees it. NULL: no memory. */
char *sio_socket_user_room(sio_view literal);

/* Leave the rooms of all users but this one. NULL: of all. */
void sio_socket_user_leave_others(sio_socket *socket, const char *room);

#endif
