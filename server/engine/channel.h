/*
 * server/engine/channel.h - what carries a session at the moment, as its mailbox sees it.
 *
 * An open websocket, an unanswered poll, or a connection that another instance holds: each is a
 * channel in its own object, made by a transport (transport/transport.h) or by owner_channel.c.
 */
#ifndef SIO_ENGINE_CHANNEL_H
#define SIO_ENGINE_CHANNEL_H

#include <stdbool.h>

#include "protocol/eio_verdict.h"
#include "server/base/measures.h"

typedef struct sio_mailbox sio_mailbox;
typedef struct sio_channel sio_channel;

typedef struct {
    const char    *name;         /* of the transport, as applications see it */
    sio_carried_by carried_by;   /* the same, for those who count */
    bool           lasting;      /* the end of its connection is the end of the session */
    bool           beats;        /* the server sends heartbeats on it (section 5.3) */
    bool           engine;       /* of Engine.IO: a channel that is lost always ends the session */
    bool           is_websocket; /* of any protocol */

    /* Send what waits in the mailbox as far as the connection takes it. */
    void (*flush)(sio_channel *ch);
    /*
     * Another channel serves the mailbox from now on, which has left this one: let it end tidily.
     */
    void (*step_aside)(sio_channel *ch);
    /*
     * The session is over: leave the mailbox, send what waits there, then end. Returns false when
     * the channel takes nothing more; it will leave by itself.
     */
    bool (*finish)(sio_channel *ch);
    /*
     * Engine.IO: the instance that was asked for the session has refused the request, which this
     * is: say so. The mailbox has left the channel. NULL: a packet of 0.9 says it.
     */
    void (*refuse)(sio_channel *ch, sio_eio_verdict verdict);
    /*
     * Read no more of what the client says, or go on: then the session may end in this call. Also
     * called again with the same. NULL: it can not be left unread (intake.h).
     */
    void (*pause)(sio_channel *ch, bool paused);
} sio_channel_ops;

/* Embedded in the object of its transport. */
struct sio_channel {
    const sio_channel_ops *ops;
    sio_mailbox           *mailbox; /* NULL once it has left this channel */
};

#endif
