/*
 * server/socketio/dialects.h - the revisions of Socket.IO, and how each writes packets.
 *
 * Each is in a file of its own (dialect09.c, dialect_sio5.c). dialect_echo.c, the dialects without
 * Socket.IO, is here as well.
 */
#ifndef SIO_SOCKETIO_DIALECTS_H
#define SIO_SOCKETIO_DIALECTS_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "server/engine/dialect.h"
#include "server/engine/frame.h"
#include "server/engine/session.h"
#include "server/socketio/packet.h"

typedef struct sio_namespace sio_namespace;

/* A broadcast is encoded once for each that is in use. */
typedef struct {
    sio_dialect session; /* as a session knows it: that points here */
    unsigned    index;   /* below SIO_N_DIALECTS; two that differ in ACKs alone may share one */
    /*
     * p as one frame, or a chain of them, the caller's. scratch is empty. NULL when out of memory.
     */
    sio_frame *(*encode)(const sio_packet *p, sio_buf *scratch);
    /* One that is disconnected is told so in each of its namespaces, before the goodbye. */
    bool disconnects_each;
    /* Its clients come back by themselves only when they had been let in. */
    bool returns_once_connected;
    /* Its clients remember the offset of the last packet, and can come back (recovery.h). */
    bool recovers;

    /* What follows may be NULL. */

    /* Append the id of the client in nsp; nothing: that of the session. SIO_OK or SIO_ERR_SYS. */
    int (*add_socket_id)(const sio_session *s, sio_view nsp, sio_buf *id);
    /* It is settled whether s has joined nsp. The session may end in this call. */
    void (*settled)(sio_session *s, const sio_namespace *nsp);
    /* The word of this revision for why a client leaves, given that of 0.9. */
    const char *(*reason)(const char *reason);
} sio_packet_dialect;

enum { SIO_N_DIALECTS = 3 };

extern const sio_packet_dialect sio_dialect09;
extern const sio_packet_dialect sio_dialect_sio3; /* of Engine.IO 3: socket.io 1.0.0 to 1.0.2 */
extern const sio_packet_dialect sio_dialect_sio4; /* of Engine.IO 3: 1.0.3 to 2.x */
extern const sio_packet_dialect sio_dialect_sio5; /* of Engine.IO 4 */

/* Engine.IO alone: every message comes back. */
extern const sio_dialect sio_dialect_echo3;
extern const sio_dialect sio_dialect_echo4;

/* That of a session which is not an echo. */
static inline const sio_packet_dialect *
sio_packet_dialect_of(const sio_session *s)
{
    return (const sio_packet_dialect *)s->dialect;
}

#endif
