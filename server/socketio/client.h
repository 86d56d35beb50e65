/*
 * server/socketio/client.h - what Socket.IO has of a session: who its client is, and where it is.
 *
 * Its functions are those of a dialect (engine/dialect.h).
 */
#ifndef SIO_SOCKETIO_CLIENT_H
#define SIO_SOCKETIO_CLIENT_H

#include "protocol/list.h"
#include "server/engine/session.h"

typedef struct {
    sio_session session;
    char       *handshake;  /* the record of section 1.4, JSON */
    sio_link    sockets;    /* one for each namespace that it is in */
    sio_link    joins;      /* namespaces that the application has to decide about */
    bool        has_joined; /* it is, or was, in a namespace */
} sio_client;

/* Not of an echo. */
static inline sio_client *
sio_client_of(sio_session *s)
{
    return SIO_CONTAINER(s, sio_client, session);
}

int  sio_client_init(sio_session *s, sio_view handshake);
bool sio_client_is_awaited(sio_session *s);
void sio_client_ended(sio_session *s, const char *reason);
void sio_client_release(sio_session *s);

#endif
