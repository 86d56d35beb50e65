/*
 * protocol/node09_envelope.h - what processes of socket.io 0.9 tell each other through Redis.
 *
 *     PUBLISH join {"nodeId":111,"args":["H5b1wHgcfzoqcaBHTteG","/r1"]}
 *     PUBLISH dispatch:H5b1wHgcfzoqcaBHTteG {"nodeId":111,"args":["3:::hello",null]}
 *
 * Called by the dialect node-0.9 of server/ and by tests/fuzz/. Pure; decoding does not allocate.
 * Rule: lib/stores/redis.js and lib/manager.js of socket.io 0.9; spec/socketio-0.9.md, 8.1 and 8.2.
 */
#ifndef SIO_PROTOCOL_NODE09_ENVELOPE_H
#define SIO_PROTOCOL_NODE09_ENVELOPE_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Two ways to address one session: up to 0.9.16 a channel for each session, which bears its id in
 * its name; since 0.9.17 one channel for all, and the id is the first argument.
 */
typedef enum { SIO_NODE09_16, SIO_NODE09_17 } sio_node09_version;

/* What a message is about. All but DISPATCH concern one session. */
typedef enum {
    SIO_NODE09_HANDSHAKE, /* the handshake record, an object */
    SIO_NODE09_CONNECT,
    SIO_NODE09_OPEN,
    SIO_NODE09_JOIN,  /* room key */
    SIO_NODE09_LEAVE, /* room key */
    SIO_NODE09_CLOSE,
    SIO_NODE09_DISPATCH, /* room key, packet text, volatile, array of ids that do not get it */
    SIO_NODE09_DISCONNECT,
    /* From here on: to the process that has the session, or its transport. */
    SIO_NODE09_SEND,             /* packet text, volatile */
    SIO_NODE09_RECEIVE,          /* packet object (node09_packet.h) */
    SIO_NODE09_END,              /* reason */
    SIO_NODE09_HEARTBEAT_CLEAR,  /* the client has sent a heartbeat elsewhere */
    SIO_NODE09_DISCONNECT_FORCE, /* the client has said goodbye elsewhere */
    SIO_NODE09_N_KINDS
} sio_node09_kind;

enum { SIO_NODE09_MAX_ARGS = 4 };

/* --- Subscribing. --- */

/*
 * What a process has to hear: names of channels, and patterns (PSUBSCRIBE) of those that exist for
 * each session. Each is a static list that ends with NULL; that of patterns may be empty.
 */
typedef struct {
    const char *const *channels;
    const char *const *patterns;
} sio_node09_subscriptions;

sio_node09_subscriptions sio_node09_envelope_subscriptions_of(sio_node09_version version);

/* --- Decoding. --- */

typedef struct {
    sio_node09_kind kind;
    sio_view        node_id; /* of the sender: a number, or the contents of a string */
    sio_view        id;      /* of the session, never empty but for DISPATCH */
    /* What follows the id, as JSON. Absent and null, which is what undefined becomes, are empty. */
    sio_view args[SIO_NODE09_MAX_ARGS];
} sio_node09_message;

/*
 * Decode what was published as text on channel. Members of the envelope may come in any order, and
 * others are allowed. Returns
 *   SIO_OK         *out is set; its views point into channel and text and live as long
 *   SIO_BAD        not a channel of this version, not an envelope, or no session id: ignore it
 *   SIO_TOO_LARGE  JSON nested deeper than max_depth: ignore it
 * and leaves *out undefined unless SIO_OK. Types of arguments are not looked at.
 */
int sio_node09_envelope_decode(sio_node09_version version, sio_view channel, sio_view text,
                               unsigned max_depth, sio_node09_message *out);

/*
 * Was text written by sio_node09_envelope_begin() with this node_id? Cheap, for the copies of its
 * own messages that Redis sends to everyone who publishes.
 */
bool sio_node09_envelope_is_from(sio_view text, uint32_t node_id);

/* --- Encoding: the channel, then begin, arguments, end. out->failed tells about room. --- */

/* Append the name of the channel for messages of that kind to or about session id. */
void sio_node09_envelope_add_channel(sio_node09_version version, sio_node09_kind kind, sio_view id,
                                     sio_buf *out);

/* Begin a message; id is what add_channel() got, and becomes the first argument where it has to. */
void sio_node09_envelope_begin(sio_node09_version version, sio_node09_kind kind, sio_view id,
                               uint32_t node_id, sio_buf *out);

/* The next argument: a text (UTF-8), or any valid JSON value. */
void sio_node09_envelope_add_text(sio_buf *out, sio_view text);
void sio_node09_envelope_add_json(sio_buf *out, sio_view json);

void sio_node09_envelope_end(sio_buf *out);

/* --- Handshake records (section 1.4). --- */

/* Has no transport been opened yet? It is then marked with the time of its issue. */
bool sio_node09_envelope_is_issued(sio_view record);

/*
 * The next argument: a record, without the mark. record is valid JSON; one that is no object, which
 * would end a process of Node, is written as an empty one.
 */
void sio_node09_envelope_add_used_record(sio_buf *out, sio_view record);

#endif
