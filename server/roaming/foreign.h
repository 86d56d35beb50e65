/*
 * server/roaming/foreign.h - sessions of servers that are not ours, but share the clients with us.
 *
 * Such a server makes handshakes and has sessions that only it knows. A client of it may come here;
 * what it sends is handed on, and its session may begin here. There is at most one such table
 * (roaming->foreign), set when the server begins to listen; NULL: there are only our own instances.
 */
#ifndef SIO_ROAMING_FOREIGN_H
#define SIO_ROAMING_FOREIGN_H

#include "protocol/buf.h"
#include "server/transport/transport.h"

typedef struct sio_foreign {
    /* Append the handshake that one of them has made, and forget it. False: none is known. */
    bool (*take)(sio_env *env, sio_view id, sio_buf *handshake);
    /*
     * How long to wait before something is handed on to whoever has the session. 0: no longer than
     * it has taken so far.
     */
    unsigned (*delay_ms)(sio_env *env, sio_view id);
    /*
     * Let whoever has the session receive the packets of a POST body (valid UTF-8). The id is not
     * that of a session here; it may be nobody's.
     */
    void (*post)(sio_env *env, sio_view id, const sio_transport *transport, sio_view body);
    /* Let whoever has the session end it. */
    void (*end)(sio_env *env, sio_view id);
} sio_foreign;

#endif
