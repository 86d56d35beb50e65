/*
 * server/cli/socketio_client.h - a client of socket.io 4 in one namespace, on a websocket:
 * Engine.IO 4 and Socket.IO 5.
 */
#ifndef SIO_CLI_SOCKETIO_CLIENT_H
#define SIO_CLI_SOCKETIO_CLIENT_H

#include "protocol/sio5_decoder.h"
#include "server/cli/command_line.h"
#include "server/cli/web_url.h"
#include "server/cli/websocket_client.h"

/* To connect, for the first packet, and for what is sent to be taken. */
enum { SIO_SOCKETIO_CLIENT_PATIENCE_MS = 10000 };

/* Rows for the options of each command that is such a client. */
#define SIO_SOCKETIO_CLIENT_OPTIONS                                      \
    {'n', "namespace", "NAME", "join this one (default /)", NULL, NULL}, \
        {'a',                                                            \
         "auth",                                                         \
         "JSON",                                                         \
         "what to say to the namespace: an object, or where it\n"        \
         "is: file:PATH or env:NAME",                                    \
         NULL,                                                           \
         NULL},                                                          \
        SIO_WEB_URL_ORIGIN, SIO_TLS_CLIENT_OPTIONS

/* Who to be, and where. */
typedef struct {
    sio_web_url    url;
    sio_tls_client tls;  /* for a URL that says so */
    sio_view       nsp;  /* "/chat"; empty: the main one */
    sio_buf        auth; /* JSON for CONNECT; empty: none */
} sio_socketio_login;

typedef struct {
    const sio_socketio_login *login;
    sio_stream                stream;
    sio_websocket_client      socket;
    sio5_decoder              decoder;
    unsigned                  silence_ms; /* after so long the server is gone */
} sio_socketio_client;

/*
 * Take the operand (a URL) and the options above. SIO_COMMAND_DONE, or SIO_COMMAND_USAGE and
 * standard error says what they have to be. Free it either way. It views the command line.
 */
int sio_socketio_login_init(sio_socketio_login *login, const sio_command_line *line);

void sio_socketio_login_fini(sio_socketio_login *login);

/*
 * Open a websocket. SIO_OK; or a negative code, and error says why. Free it either way, before
 * *login, which is borrowed. It joins the namespace as soon as its packets are asked for.
 */
int sio_socketio_client_init(sio_socketio_client *c, const sio_socketio_login *login,
                             sio_buf *error);

void sio_socketio_client_fini(sio_socketio_client *c);

/*
 * The next packet of Socket.IO, until the next call; heartbeats are answered here. SIO_OK;
 * SIO_PARTIAL when there is none, and c->stream is not patient; or another negative code, and error
 * says why there will be none.
 */
int sio_socketio_client_next(sio_socketio_client *c, sio5_packet *out, sio_buf *error);

/* Send a packet of that namespace, without attachments. SIO_OK, or error says why not. */
int sio_socketio_client_send(sio_socketio_client *c, const sio5_packet *packet, sio_buf *error);

#endif
