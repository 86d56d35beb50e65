/*
 * server/adminui/ui_socket.h - sockets as the Admin UI is told of them.
 */
#ifndef SIO_ADMINUI_UI_SOCKET_H
#define SIO_ADMINUI_UI_SOCKET_H

#include "protocol/buf.h"
#include "server/socketio/namespace.h"

/* What the page calls the namespace: "/" is the default one. */
sio_view sio_ui_socket_namespace(const sio_namespace *nsp);

/* Append a socket of this instance, a JSON object. */
void sio_ui_socket_add(const sio_socket *socket, sio_buf *out);

/* The same for one of sio_fetch() in that namespace, which is here or at any other server. */
void sio_ui_socket_add_fetched(sio_view fetched, sio_view nsp_name, sio_buf *out);

/* Append the member "data" of a socket to an object: without what is between servers (`_admin`). */
void sio_ui_socket_add_data(sio_view data, sio_buf *out);

/* Append the time that it is, a JSON string as of Date in JavaScript: "2026-11-30T12:00:00.000Z" */
void sio_ui_socket_add_time(sio_buf *out);

#endif
