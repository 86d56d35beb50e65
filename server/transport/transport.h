/*
 * server/transport/transport.h - how bytes of a session travel: a table of functions for each transport.
 *
 * Adding a transport touches its own file and the table in transport.c.
 */
#ifndef SIO_TRANSPORT_TRANSPORT_H
#define SIO_TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/eio3_client.h"
#include "protocol/eio_packet.h"
#include "protocol/view.h"
#include "protocol/ws_deflate.h"
#include "server/http/exchange.h"
#include "server/transport/eio_response.h"

typedef struct sio_session   sio_session;
typedef struct sio_mailbox   sio_mailbox;
typedef struct sio_channel   sio_channel;
typedef struct sio_transport sio_transport;

/* Whoever wants the packets of a POST. Returns false when it takes no more. */
typedef bool (*sio_post_take)(void *arg, sio_view packet);

/* How a websocket will be opened, found out while its request is at hand. */
typedef struct {
    sio_buf              answer; /* the whole 101 */
    bool                 hixie;  /* framing of the drafts without a version */
    bool                 digest; /* hixie-76: prove to have read these numbers and a nonce */
    uint32_t             numbers[2];
    sio_ws_deflate_terms deflate;
} sio_upgrade;

/* What of the request that opens a channel is still needed once its session is found. Owned. */
typedef struct {
    const sio_transport *transport;
    char                *origin; /* "" when absent */
    uint32_t             jsonp_index;
    bool                 jsonp;    /* Engine.IO: the answer is a script */
    bool                 base64;   /* Engine.IO: no bytes to this client, but base64 ("b64") */
    bool                 old_ie;   /* Engine.IO: its filter against scripts would damage answers */
    bool                 echo;     /* Engine.IO: with nothing above it ("engine echo") */
    sio_eio_revision     revision; /* Engine.IO */
    sio_eio3_client      client;   /* Engine.IO 3 */
    sio_upgrade          upgrade;  /* filled in by accept */
} sio_opening;

struct sio_transport {
    const char *name;
    bool        upgrade; /* begins with a websocket upgrade rather than a plain GET */
    bool        lasting; /* the end of its connection is the end of the session */
    bool        beats;   /* the server sends heartbeats on it (section 5.3) */
    bool        engine;  /* of Engine.IO: a channel that is lost always ends the session */

    /*
     * Is the request fit to open a channel? Then fill in what of o is the transport's own; otherwise
     * answer it and return false. May be NULL.
     */
    bool (*accept)(sio_exchange *x, const sio_request *r, sio_opening *o);
    /* Open a channel for mailbox, or tell the client that its session is not known (NULL). */
    void (*open)(sio_exchange *x, const sio_opening *o, sio_mailbox *mailbox);
    /*
     * Hand each packet of a POST body (valid UTF-8) to take. SIO_OK, or SIO_ERR_NOMEM: they are
     * lost. NULL: no POST here.
     */
    int (*post)(sio_env *env, sio_view body, sio_post_take take, void *arg);
    /* Send what waits in the mailbox as far as the connection takes it. */
    void (*flush)(sio_channel *ch);
    /* Another channel serves the mailbox from now on, which has left this one: let it end tidily. */
    void (*step_aside)(sio_channel *ch);
    /*
     * The session is over: leave the mailbox, send what waits there, then end. Returns false when
     * the channel takes nothing more; it will leave by itself.
     */
    bool (*finish)(sio_channel *ch);
    /*
     * Engine.IO: the instance that was asked for the session has refused the request, which this is:
     * say so. The mailbox has left the channel. NULL: a packet of 0.9 says it.
     */
    void (*refuse)(sio_channel *ch, sio_eio_verdict verdict);
};

/* One open connection or request that carries packets; embedded in the transport's own object. */
struct sio_channel {
    const sio_transport *transport;
    sio_mailbox         *mailbox; /* NULL once it has left this channel */
};

/* The transport called name, or NULL. Whether it is enabled is a matter of the configuration. */
const sio_transport *sio_transport_find(sio_view name);

/* The same for Engine.IO. */
const sio_transport *sio_transport_find_engine(sio_view name);

extern const sio_transport sio_transport_websocket;
extern const sio_transport sio_transport_flashsocket;
extern const sio_transport sio_transport_htmlfile;
extern const sio_transport sio_transport_xhr_polling;
extern const sio_transport sio_transport_jsonp_polling;

extern const sio_transport sio_transport_eio_polling;
extern const sio_transport sio_transport_eio_websocket;

#endif
