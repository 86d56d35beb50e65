/*
 * server/engine/engine_io.h - what a session of Engine.IO (socket.io 1.0 and later) has beyond one of 0.9.
 *
 * engine_target.c reads the targets of requests, engine_routes.c handles requests, engine_handshake.c those
 * that begin a session, engine_request.c those that are for one, engine_io.c the packets of Engine.IO
 * itself; dialect_sio5.c and sio5_receive.c what its messages carry.
 * Rules: spec/socketio-modern.md section 1.
 */
#ifndef SIO_ENGINE_ENGINE_IO_H
#define SIO_ENGINE_ENGINE_IO_H

#include <stdbool.h>

#include "protocol/eio3_text.h"
#include "protocol/eio_packet.h"
#include "server/socketio/sio5_receive.h"

typedef struct sio_exchange sio_exchange;

typedef struct {
    sio_eio_revision revision;
    unsigned         fresh_weight; /* its part of engine->n_fresh; 0: a request has come since */
    bool             is_upgrading; /* a websocket was probed, and the client waits for its poll */
    bool             closed_by_client;
    bool             has_goodbye; /* for the poll after the next */
    const sio_exchange *posting; /* a POST whose body is on its way, only compared; NULL: none is */
    sio_eio3_client     client;  /* revision 3: what its handshake told of it */
    sio_eio3_encoding   encoding; /* revision 3: of its text */
    sio5_inbox          inbox;    /* what its messages carry */
} sio_engine_io;

/* --- Packets (engine_io.c). The session may end in each of these. --- */

/* For dialects: decode one message of the client, and receive it. */
void sio_engine_io_receive_message(sio_session *s, sio_view message, bool is_binary);

/* The packets of a POST, text in valid UTF-8; the forms of revision 3 differ in the first byte. */
void sio_engine_io_receive_payload(sio_session *s, sio_view body);

/* --- For session.c, about sessions of Engine.IO only (engine_io.c). --- */

/* A channel has come. */
void sio_engine_io_attached(sio_session *s);

/* As `upgrading` of a mailbox owner. */
void sio_engine_io_upgrading(sio_session *s, bool begins);

/* The session ends: queue what its polls still have to be told. A websocket is only closed. */
void sio_engine_io_goodbye(sio_session *s);

/*
 * The session has ended, and a poll has come. True: it was answered with what waited, and the goodbye
 * is for the next one.
 */
bool sio_engine_io_put_off_goodbye(sio_session *s);

/* The session has ended. */
void sio_engine_io_ended(sio_session *s);

/*
 * How long a session without a channel is waited for; 0: for ever, as heartbeats watch over it. One
 * that has ended waits for the poll that takes its goodbye.
 */
unsigned sio_engine_io_patience_ms(const sio_session *s);

/* Why a channel was lost, in the words of Engine.IO. */
const char *sio_engine_io_reason(const char *reason);

#endif
