/*
 * server/net/plain_socket.h - a stream socket without encryption, as carriers read and write it.
 *
 * Each function is one system call, and fills a place in the table of carrier.h.
 */
#ifndef SIO_NET_PLAIN_SOCKET_H
#define SIO_NET_PLAIN_SOCKET_H

#include "server/net/carrier.h"

ptrdiff_t sio_plain_socket_read(sio_conn *c, char *bytes, size_t n);
ptrdiff_t sio_plain_socket_write(sio_conn *c, sio_view bytes);
bool      sio_plain_socket_end_output(sio_conn *c);
bool      sio_plain_socket_peer_has_left(const sio_conn *c);
bool      sio_plain_socket_has_unread(const sio_conn *c);

#endif
