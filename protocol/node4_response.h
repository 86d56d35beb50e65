/*
 * protocol/node4_response.h - what servers of socket.io 4 for Node answer to a question of ours.
 *
 *     {"type":8,"requestId":"4ona3v-1","clientCount":2}     so many clients got the event
 *     {"type":9,"requestId":"4ona3v-1","packet":"ack-c2"}   MessagePack: one has acknowledged it
 *     {"requestId":"4ona3v-2","sockets":[...]}
 *     {"type":6,"requestId":"4ona3v-3","data":"value"}      the answer of an application
 *
 * Called by the dialect node-4 of server/ and by tests/fuzz/. Pure. Other answers are to questions
 * that nobody here asks. Rule: spec/socketio-ecosystem.md, 1.4.
 */
#ifndef SIO_PROTOCOL_NODE4_RESPONSE_H
#define SIO_PROTOCOL_NODE4_RESPONSE_H

#include "protocol/node4_event.h"

typedef enum {
    SIO_NODE4_CLIENT_COUNT,
    SIO_NODE4_CLIENT_ACK,
    SIO_NODE4_SOCKET_LIST,
    SIO_NODE4_VALUE,
} sio_node4_response_kind;

typedef struct {
    sio_node4_response_kind kind;
    sio_view                request_id; /* a text */
    size_t                  count;      /* CLIENT_COUNT */
    sio_view                value; /* CLIENT_ACK, VALUE: JSON, or empty; SOCKET_LIST: an array */
    const sio_view         *attachments; /* CLIENT_ACK */
    unsigned                n_attachments;
} sio_node4_response;

/*
 * Read what was published on a channel of responses; what *a views lives in r, or in bytes. SIO_OK;
 * SIO_DROPPED: another kind of answer; SIO_BAD: none; SIO_TOO_LARGE.
 */
int sio_node4_response_read(sio_node4_reader *r, sio_view bytes, sio_node4_response *a);

#endif
