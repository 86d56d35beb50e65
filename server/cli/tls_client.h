/*
 * server/cli/tls_client.h - TLS for a program that is a client: whom it trusts, and one connection.
 *
 * Called by the commands for URLs with https:// and wss://, and by stream.c.
 */
#ifndef SIO_CLI_TLS_CLIENT_H
#define SIO_CLI_TLS_CLIENT_H

#include <openssl/ssl.h>

#include "protocol/buf.h"
#include "server/cli/command_line.h"

typedef struct {
    SSL_CTX    *ctx; /* NULL: not prepared */
    BIO_METHOD *sockets;
    bool        is_insecure;
} sio_tls_client;

/*
 * Trust whom --ca names, or else the system, or with --insecure anybody. SIO_OK; SIO_ERR_CONFIG and
 * error says why not. Free it either way.
 */
int sio_tls_client_init(sio_tls_client *t, const sio_command_line *line, sio_buf *error);

/* Of a zeroed one, too. */
void sio_tls_client_fini(sio_tls_client *t);

/*
 * TLS on the socket, for that host: SSL_do_handshake() comes next. NULL: no memory. It does not
 * close the socket.
 */
SSL *sio_tls_client_new(const sio_tls_client *t, int fd, sio_view host);

/* Append why it has failed, in a few words. */
void sio_tls_client_explain(const SSL *ssl, sio_buf *error);

/* The rows for the options of each command that is a client. */
#define SIO_TLS_CLIENT_OPTIONS                                                                     \
    {SIO_OPTION_NO_LETTER,                                                                         \
     "ca",                                                                                         \
     "FILE",                                                                                       \
     "who vouches for a server with https:// or wss://, in\n"                                      \
     "PEM (default: whom the system trusts)",                                                      \
     NULL,                                                                                         \
     NULL},                                                                                        \
    {                                                                                              \
        SIO_OPTION_NO_LETTER + 1, "insecure", NULL, "nobody has to vouch for it: for a test only", \
            NULL, NULL                                                                             \
    }

#endif
