/*
 * tests/bench/load/packet.h - packets of Socket.IO, in the four ways of writing them down.
 *
 * Called by client.c, polling09.c and the scenarios. Texts of servers are taken as servers write
 * them: compact JSON, members in the usual order.
 */
#ifndef LOAD_PACKET_H
#define LOAD_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/load/buffer.h"

typedef enum {
    DIALECT_09_WEBSOCKET, /* Socket.IO 0.9 */
    DIALECT_09_POLLING,   /* the same with xhr-polling */
    DIALECT_EIO3,         /* Engine.IO 3, Socket.IO protocol 4: clients 1.x and 2.x */
    DIALECT_EIO4,         /* Engine.IO 4, Socket.IO protocol 5: clients 3.x and 4.x */
} dialect;

typedef enum {
    PACKET_OTHER, /* nothing that matters here */
    PACKET_OPEN,  /* of Engine.IO; rest is its JSON */
    PACKET_CONNECTED,
    PACKET_HEARTBEAT, /* to be answered */
    PACKET_EVENT,     /* rest begins with the arguments, and what closes them follows */
    PACKET_ACK,       /* the same */
    PACKET_REFUSED,   /* an error */
    PACKET_END,       /* disconnected by the server */
} packet_type;

/* Views into the text that was read. */
typedef struct {
    packet_type type;
    uint32_t    ack_id; /* of PACKET_ACK */
    const char *name;   /* of PACKET_EVENT */
    size_t      name_len;
    const char *rest;
    size_t      rest_len;
} packet;

/* No acknowledgement wanted. */
#define PACKET_NO_ACK UINT32_MAX

void packet_read(dialect d, const char *text, size_t len, packet *out);

bool packet_is_event(const packet *p, const char *name);

/* An event of the default namespace; args is JSON without the brackets. */
void packet_write_event(buffer *b, dialect d, const char *name, uint32_t ack_id, const char *args);

/* The answer to PACKET_HEARTBEAT. */
const char *packet_heartbeat(dialect d);

#endif
