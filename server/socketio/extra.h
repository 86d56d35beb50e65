/*
 * server/socketio/extra.h - what only few sockets have, so that the others cost nothing.
 */
#ifndef SIO_SOCKETIO_EXTRA_H
#define SIO_SOCKETIO_EXTRA_H

#include "server/socketio/namespace.h"

typedef struct sio_extra {
    char    *data;   /* of socket_data.h; NULL: none */
    sio_link tokens; /* of ack_tokens.h, oldest first */
    unsigned n_tokens;
    void    *pass; /* of the guard (guard.h); NULL: none */
    size_t   pass_bytes;
} sio_extra;

/* That of the socket, made if it has none yet. NULL when out of memory. */
sio_extra *sio_extra_of(sio_socket *socket);

/* Its tokens are gone already. */
void sio_extra_free(sio_socket *socket);

#endif
