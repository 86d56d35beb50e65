/*
 * server/engine/dialect.h - what is spoken on a session, as the session knows it.
 *
 * A table for each protocol revision: what Socket.IO makes of messages, or an echo. What Socket.IO
 * has of its own is in socketio/dialects.h.
 */
#ifndef SIO_ENGINE_DIALECT_H
#define SIO_ENGINE_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/eio_packet.h"
#include "protocol/view.h"
#include "server/base/measures.h"
#include "server/engine/heartbeat.h"
#include "server/engine/session_kind.h"

typedef struct {
    const char             *name;
    sio_speaks              speaks; /* for those who count */
    const sio_session_kind *kind;
    const sio_heartbeat    *heartbeat;
    /* Bytes of what it has of a session: an object that begins with the sio_session. */
    size_t session_size;
    /* The session begins. It may end in this call. */
    void (*opened)(sio_session *s);
    /* Decode one message (text is valid UTF-8) and act on it. The session may end in this call. */
    void (*receive)(sio_session *s, sio_view message, bool is_binary);

    /* What follows may be NULL. */

    /* Of Engine.IO: act on a packet of type SIO_EIO_MESSAGE. The session may end in this call. */
    void (*message)(sio_session *s, const sio_eio_packet *p);
    /*
     * Fill in the rest of the object, which is zeroed, from the record of the handshake. SIO_OK or
     * SIO_ERR_NOMEM; release is not called then.
     */
    int (*init)(sio_session *s, sio_view handshake);
    /* Does the application wait for an answer of the client? */
    bool (*is_awaited)(sio_session *s);
    /* The session has ended, for that reason. It is not freed yet. */
    void (*ended)(sio_session *s, const char *reason);
    /* Free what the rest of the object owns. */
    void (*release)(sio_session *s);
} sio_dialect;

#endif
