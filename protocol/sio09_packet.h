/*
 * protocol/sio09_packet.h - one packet of the Socket.IO 0.9 protocol (revision 1).
 *
 *     type ":" [id ["+"]] ":" [endpoint] [":" data]        5:1+:/chat:{"name":"a","args":[1]}
 *
 * Called by the 0.9 sessions of server/, by the node-0.9 dialect of store/, and
 * by tests/fuzz/. Pure: no clock, no I/O; decoding does not allocate.
 * Rule: the parser of socket.io 0.9.16 (lib/parser.js), read strictly: what is
 * not a packet by the grammar above is refused, and the caller drops it without
 * closing the connection.
 */
#ifndef SIO_PROTOCOL_SIO09_PACKET_H
#define SIO_PROTOCOL_SIO09_PACKET_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>

typedef enum { /* the digit on the wire */
               SIO09_DISCONNECT,
               SIO09_CONNECT,
               SIO09_HEARTBEAT,
               SIO09_MESSAGE,
               SIO09_JSON,
               SIO09_EVENT,
               SIO09_ACK,
               SIO09_ERROR,
               SIO09_NOOP
} sio09_type;

typedef enum {
    SIO_ACK_NONE, /* the packet has no id */
    SIO_ACK_AUTO, /* "id": acknowledge as soon as it has arrived */
    SIO_ACK_DATA  /* "id+": the application acknowledges, with data */
} sio_ack_kind;

typedef enum { /* the digit on the wire */
               SIO09_REASON_NONE = -1,
               SIO09_TRANSPORT_NOT_SUPPORTED = 0,
               SIO09_CLIENT_NOT_HANDSHAKEN = 1,
               SIO09_UNAUTHORIZED = 2
} sio09_reason;

typedef enum { SIO09_ADVICE_NONE = -1, SIO09_RECONNECT = 0 } sio09_advice;

/* JSON texts below are valid and have no white space around them. Empty views mean "absent". */
typedef struct {
    sio09_type   type;
    sio_ack_kind ack;
    sio_view     endpoint;      /* the namespace, without ':' */
    sio_view     id;            /* decimal digits, as they came; empty exactly when ack is NONE */
    sio_view     data;          /* MESSAGE: the text. JSON: one value. CONNECT: query, "?a=1" */
    bool         data_ok;       /* JSON: there was one valid value; if not, data is empty and
                                 * applications see what JavaScript made of it: false */
    sio_view     name;          /* EVENT: string literal with quotes; empty: drop the event */
    sio_view     args;          /* EVENT, ACK: array that is not empty; EVENT also another value */
    bool         args_is_array; /* false when args is empty or is one bare argument */
    sio_view     ack_id;        /* ACK: digits of the id it answers; empty: drop it */
    sio09_reason reason;        /* ERROR */
    sio09_advice advice;        /* ERROR */
} sio09_packet;

/* A packet of that type with nothing else in it, to be filled in and encoded. */
sio09_packet sio09_packet_of(sio09_type type);

/*
 * Decode text, which is one whole packet. Returns
 *   SIO_OK         *out is set; its views point into text and live as long
 *   SIO_BAD        not a packet: drop it
 *   SIO_TOO_LARGE  JSON nested deeper than max_depth: drop it
 * and leaves *out undefined unless SIO_OK. Broken JSON does not make a packet
 * bad; the fields above say what is left of it. text should be valid UTF-8; only
 * what is inside JSON is checked here.
 */
int sio09_packet_decode(sio_view text, unsigned max_depth, sio09_packet *out);

/*
 * Append p as text; out->failed tells about room and memory. Fields that do not
 * belong to the type are ignored, an empty array of args is left out, and args of
 * an ACK are put on one line, because JavaScript peers read no further.
 * The caller sees to it that endpoint has no ':' and that JSON is valid.
 */
void sio09_packet_encode(const sio09_packet *p, sio_buf *out);

#endif
