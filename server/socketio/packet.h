/*
 * server/socketio/packet.h - a packet of Socket.IO above any wire format.
 *
 * Namespaces, sockets, rooms and applications know these; only a dialect knows bytes.
 */
#ifndef SIO_SOCKETIO_PACKET_H
#define SIO_SOCKETIO_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/view.h"

typedef struct sio_session sio_session;

typedef enum {
    SIO_PACKET_CONNECT,
    SIO_PACKET_DISCONNECT,
    SIO_PACKET_MESSAGE,
    SIO_PACKET_JSON,
    SIO_PACKET_EVENT,
    SIO_PACKET_ACK,
    SIO_PACKET_REFUSED, /* the namespace said no */
    SIO_PACKET_FAILED,  /* deciding about it failed */
} sio_packet_type;

/* One of the broadcasts that an instance tells the others; they have numbers, in order, from 1. */
typedef struct {
    sio_view origin; /* tag of the instance */
    uint64_t number; /* 0: nobody else is told */
} sio_cast_id;

/* An outgoing packet. Views are borrowed for the call that encodes it. */
typedef struct {
    sio_packet_type type;
    sio_view        nsp;    /* name of the namespace; empty: the default one */
    bool            has_id; /* an acknowledgement is wanted (or, for ACK, answered) */
    uint64_t        id;
    sio_view        ack_id; /* ACK: the id as the client wrote it */
    sio_view        name;   /* EVENT: a JSON string with its quotes */
    sio_view        args;   /* EVENT, ACK: a JSON array, or empty */
    sio_view        data;   /* MESSAGE: text; JSON: a JSON value; CONNECT: a JSON object or empty;
                               REFUSED, FAILED: a JSON value for the client, or empty */
    sio_view        text;   /* REFUSED, FAILED: why, for the client */
    const sio_view *attachments; /* EVENT, ACK: what the placeholders of args stand for */
    unsigned        n_attachments;
    bool            no_compress;   /* compress(false), as of sio_content */
    bool            whole_answers; /* of a question to many: as of sio_to */
    sio_view    offset; /* EVENT, MESSAGE, JSON: of recovery.h, for clients that can come back */
    sio_cast_id cast;
} sio_packet;

/* Encode p for the session, which is not an echo, and queue it. */
void sio_packet_send(sio_session *s, const sio_packet *p, bool is_volatile);

/* What a client sent. Views live during the call. */
typedef struct {
    sio_packet_type type; /* EVENT, MESSAGE, JSON or ACK */
    sio_view        name; /* EVENT: JSON string with its quotes, or a number */
    sio_view        args; /* EVENT, ACK: JSON array, or empty */
    sio_view        data; /* MESSAGE: text; JSON: a JSON value */
    sio_view ack_id; /* of the acknowledgement with data that is wanted, or is given; or empty */
    const sio_view *attachments; /* what the placeholders of args stand for */
    size_t          n_attachments;
} sio_incoming;

#endif
