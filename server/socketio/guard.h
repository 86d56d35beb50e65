/*
 * server/socketio/guard.h - the guard of a server, which stands before its namespaces.
 *
 * Called where clients join, send and leave: connect.c, admission.c, events.c and socket.c. A guard
 * that lets a client in gives it a pass: a pointer of its own, that the socket keeps in its
 * sio_extra.
 */
#ifndef SIO_SOCKETIO_GUARD_H
#define SIO_SOCKETIO_GUARD_H

#include "server/socketio/authorization.h"
#include "server/socketio/namespace.h"

/* Is there one that wants to be asked who may join? */
bool sio_guard_asks(const sio_env *env);

/* The socket has become one. */
void sio_guard_joined(sio_socket *socket);

/* May anybody hear of the event? */
bool sio_guard_hears(sio_socket *socket, const sio_event *event);

/* Is there one that wants to be asked that? */
bool sio_guard_listens(const sio_env *env);

/* Keep a pass, if it is one, for the socket. False: no memory, and it is still the caller's. */
bool sio_guard_keep_pass(sio_socket *socket, const sio_pass *pass);

/* The bytes that it counts for; as long as the socket, though it has left. */
size_t sio_guard_pass_bytes(const sio_socket *socket);

/* The socket has left: its pass is freed. */
void sio_guard_left(sio_socket *socket);

/* A pass that no socket has. NULL is allowed. */
void sio_guard_free_pass(const sio_env *env, void *pass);

#endif
