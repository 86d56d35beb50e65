/*
 * server/net/tls_socket.h - the socket of a connection, as OpenSSL sees it.
 *
 * Called by carrier_tls.c.
 */
#ifndef SIO_NET_TLS_SOCKET_H
#define SIO_NET_TLS_SOCKET_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "protocol/buf.h"

typedef struct sio_conn sio_conn;

/* What the peer says first. */
typedef struct {
    sio_buf early; /* what came with a PROXY header, and begins the handshake */
    size_t  n_taken;
    bool    has_begun; /* the peer has said something ... */
    char    first;     /* ... that begins with this */
} sio_tls_beginning;

/* Part of the connection. */
typedef struct {
    sio_conn          *conn;
    sio_tls_beginning *beginning; /* NULL: the handshake is over */
} sio_tls_socket;

/* For all connections of a server; the caller frees it behind them. NULL: no memory. */
BIO_METHOD *sio_tls_socket_method(void);

/*
 * The side of the server, with the certificates of now, on socket, which outlives it. The caller
 * frees it. NULL: no memory.
 */
SSL *sio_tls_socket_ssl(sio_tls_socket *socket);

#endif
