/*
 * server/packet.h - a Socket.IO packet above any wire format, and the table of a protocol revision.
 *
 * Namespaces, sockets, rooms and applications know these; only a dialect knows bytes.
 */
#ifndef SIO_PACKET_H
#define SIO_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buf.h"
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

/* An outgoing packet. Views are borrowed for the call that encodes it. */
typedef struct {
    sio_packet_type type;
    sio_view        nsp;    /* name of the namespace; empty: the default one */
    bool            has_id; /* an acknowledgement is wanted (or, for ACK, answered) */
    uint64_t        id;
    sio_view        ack_id; /* ACK: the id as the client wrote it */
    sio_view        name;   /* EVENT: a JSON string with its quotes */
    sio_view        args;   /* EVENT, ACK: a JSON array, or empty */
    sio_view        data;   /* MESSAGE: text; JSON: a JSON value */
} sio_packet;

/* A protocol revision as sessions see it. A broadcast is encoded once for each that is in use. */
typedef struct {
    const char *name;
    unsigned    index; /* below SIO_N_DIALECTS */
    /* Append the bytes of p to out. */
    void (*encode)(const sio_packet *p, sio_buf *out);
    /* Decode one packet text of the client and act on it. The session may end in this call. */
    void (*receive)(sio_session *s, sio_view text);
    /* Append the packet that keeps an idle connection alive, and the one that ends the session. */
    sio_view heartbeat;
    sio_view goodbye;
} sio_dialect;

enum { SIO_N_DIALECTS = 1 };

extern const sio_dialect sio_dialect_09;

#endif
