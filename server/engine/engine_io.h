/*
 * server/engine/engine_io.h - what a session of Engine.IO (socket.io 1.0 and later) has beyond one
 * of 0.9.
 *
 * engine_target.c reads the targets of requests, engine_routes.c handles requests,
 * engine_handshake.c those that begin a session, engine_request.c those that are for one,
 * engine_io.c the packets of Engine.IO itself. What its messages carry is up to the dialect.
 * Rules: spec/socketio-modern.md section 1.
 */
#ifndef SIO_ENGINE_ENGINE_IO_H
#define SIO_ENGINE_ENGINE_IO_H

#include <stdbool.h>

#include "protocol/eio3_text.h"
#include "protocol/eio_packet.h"
#include "server/engine/session_kind.h"

typedef struct {
    sio_eio_revision  revision;
    unsigned          fresh_weight; /* its part of engine->n_fresh; 0: a request has come since */
    bool              is_upgrading; /* a websocket was probed, and the client waits for its poll */
    bool              closed_by_client;
    bool              has_goodbye; /* for the poll that finds nothing else */
    const void       *posting; /* the POST whose body is on its way, only compared; NULL: none is */
    sio_eio3_client   client;  /* revision 3: what its handshake told of it */
    sio_eio3_encoding encoding; /* revision 3: of its text */
} sio_engine_io;

extern const sio_session_kind sio_engine_io_kind;

/*
 * A new session, of revision 3 for that client: which way it came tells about its text.
 * fresh_weight counts until its client has come back; 0: it is here.
 */
void sio_engine_io_begin(sio_session *s, sio_eio_revision revision, sio_eio3_client client,
                         sio_eio3_way way, unsigned fresh_weight);

/* --- Packets. The session may end in each of these. --- */

/* For dialects: decode one message of the client, and receive it. */
void sio_engine_io_receive_message(sio_session *s, sio_view message, bool is_binary);

/* The packets of a POST, text in valid UTF-8; the forms of revision 3 differ in the first byte. */
void sio_engine_io_receive_payload(sio_session *s, sio_view body);

#endif
