/*
 * server/engine/dialect.h - a Socket.IO packet above any wire format, and the table of a protocol revision.
 *
 * Namespaces, sockets, rooms and applications know these; only a dialect knows bytes.
 */
#ifndef SIO_ENGINE_DIALECT_H
#define SIO_ENGINE_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/eio_packet.h"
#include "protocol/view.h"
#include "server/engine/frame.h"
#include "server/engine/heartbeat.h"

typedef struct sio_session   sio_session;
typedef struct sio_namespace sio_namespace;

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
    sio_view    offset; /* EVENT, MESSAGE, JSON: of recovery.h, for clients that can come back */
    sio_cast_id cast;
} sio_packet;

/* A protocol revision as sessions see it. A broadcast is encoded once for each that is in use. */
typedef struct {
    const char *name;
    unsigned    index; /* below SIO_N_DIALECTS; two that differ in ACKs alone may share one */
    /* The session begins. It may end in this call. */
    void (*opened)(sio_session *s);
    /* p as one frame, or a chain of them, the caller's. scratch is empty. NULL when out of memory. */
    sio_frame *(*encode)(const sio_packet *p, sio_buf *scratch);
    /*
     * Decode one message of the client (text is valid UTF-8) and act on it. The session may end in
     * this call.
     */
    void (*receive)(sio_session *s, sio_view message, bool is_binary);
    const sio_heartbeat *heartbeat;
    /* The message that ends the session; empty: the end of its connection says it. */
    sio_view goodbye;
    /* One that is disconnected is told so in each of its namespaces, before the goodbye. */
    bool disconnects_each;
    /* Its clients remember the offset of the last packet, and can come back (recovery.h). */
    bool recovers;

    /* What follows may be NULL. */

    /* Of Engine.IO: act on a packet of type SIO_EIO_MESSAGE. The session may end in this call. */
    void (*message)(sio_session *s, const sio_eio_packet *p);
    /* Append the id of the client in nsp; nothing: that of the session. SIO_OK or SIO_ERR_SYS. */
    int (*add_socket_id)(const sio_session *s, sio_view nsp, sio_buf *id);
    /* It is settled whether s has joined nsp. The session may end in this call. */
    void (*settled)(sio_session *s, const sio_namespace *nsp);
    /* The word of this revision for why a client leaves, given that of 0.9. */
    const char *(*reason)(const char *reason);
    /* The session is being freed: free what it has of this revision. */
    void (*release)(sio_session *s);
} sio_dialect;

enum { SIO_N_DIALECTS = 3 };

extern const sio_dialect sio_dialect09;
extern const sio_dialect sio_dialect_sio3; /* of Engine.IO 3: socket.io 1.0.0 to 1.0.2 */
extern const sio_dialect sio_dialect_sio4; /* of Engine.IO 3: 1.0.3 to 2.x */
extern const sio_dialect sio_dialect_sio5; /* of Engine.IO 4 */

/* The one whose clients can get again what they missed (recovery.h). */
extern const sio_dialect *const sio_recovering_dialect;

/* Engine.IO alone: every message comes back. These have no namespaces, and no index. */
extern const sio_dialect sio_dialect_echo3;
extern const sio_dialect sio_dialect_echo4;

#endif
