/*
 * server/transport/opening.h - what of the request that opens a channel is still needed once its
 * session is found.
 */
#ifndef SIO_TRANSPORT_OPENING_H
#define SIO_TRANSPORT_OPENING_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/eio3_client.h"
#include "protocol/eio_packet.h"
#include "protocol/view.h"
#include "protocol/ws_deflate.h"

typedef struct sio_transport sio_transport;

/* How a websocket will be opened, found out while its request is at hand. */
typedef struct {
    sio_buf              answer;  /* the whole 101 */
    bool                 hixie;   /* framing of the drafts without a version */
    bool                 rfc6455; /* version 13: not one of the drafts before it */
    bool                 digest;  /* hixie-76: prove to have read these numbers and a nonce */
    uint32_t             numbers[2];
    sio_ws_deflate_terms deflate;
} sio_upgrade;

/* Owns its texts and its answer. */
typedef struct sio_opening {
    const sio_transport *transport;
    char                *origin; /* that may read answers (request_origin.h); "": none */
    char                *cookie; /* Engine.IO: to be set with the first answer; NULL: none */
    uint32_t             jsonp_index;
    bool                 jsonp;    /* Engine.IO: the answer is a script */
    bool                 base64;   /* Engine.IO: no bytes to this client, but base64 ("b64") */
    bool                 gzip;     /* Engine.IO: answers to this client may be compressed */
    bool                 old_ie;   /* Engine.IO: its filter against scripts would damage answers */
    bool                 echo;     /* Engine.IO: with nothing above it ("engine echo") */
    sio_eio_revision     revision; /* Engine.IO */
    sio_eio3_client      client;   /* Engine.IO 3 */
    sio_upgrade          upgrade;  /* filled in by accept */
} sio_opening;

/*
 * For a channel of transport; the origin is copied. SIO_OK or SIO_ERR_NOMEM; nothing to free then.
 */
int sio_opening_init(sio_opening *o, const sio_transport *transport, sio_view origin);

/* Free what it owns. */
void sio_opening_fini(sio_opening *o);

#endif
