/*
 * protocol/node4_session.h - what servers of socket.io 4 for Node with the streams adapter keep of a
 * client that has lost its connection, under its private id, until it comes back to any of them.
 *
 *     {"sid":"NUqdBPiKKmvGGMhkAAAA","pid":"tVkruUFq0GekFxEPAAAB",
 *      "rooms":["NUqdBPiKKmvGGMhkAAAA","room1"],"data":{"user":"u1"}}
 *
 * as base64 of MessagePack. Called by the dialect node-4-streams of server/ and by tests/fuzz/.
 * Pure. Whoever writes to that Redis can write anything, so reading trusts nothing.
 *
 * Rule: spec/socketio-ecosystem.md, 5.3.
 */
#ifndef SIO_PROTOCOL_NODE4_SESSION_H
#define SIO_PROTOCOL_NODE4_SESSION_H

#include "protocol/node4_event.h"

typedef struct {
    sio_view sid;
    sio_view rooms; /* list, of which the id may be one */
    sio_view data;  /* a JSON value; empty: there is none */
} sio_node4_session;

/*
 * Read the record of the client with that private id. SIO_OK and *s, which lives in r and in
 * message until the next one is read; SIO_DROPPED: there are bytes in its data, which JSON does not
 * have; SIO_BAD; SIO_TOO_LARGE.
 */
int sio_node4_session_read(sio_node4_reader *r, sio_view record, sio_view private_id,
                           sio_buf *message, sio_node4_session *s);

/*
 * Append the record of that client; without data it has an empty object, as servers of Node expect
 * one. SIO_OK; SIO_TOO_DEEP, with nothing appended; SIO_TOO_LARGE: out has failed.
 */
int sio_node4_session_add(sio_buf *out, const sio_node4_session *s, sio_view private_id);

#endif
