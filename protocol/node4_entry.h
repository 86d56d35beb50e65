/*
 * protocol/node4_entry.h - entries of the stream by which servers of socket.io 4 for Node with the
 * streams adapter tell each other events and moves.
 *
 *     uid ed61f1e9b81830be nsp / type 3 data {"packet":{"type":2,"data":["hi",1]},"opts":{...}}
 *
 * The same as a message of node4_cluster.h, in four fields; `data` is JSON, or base64 of
 * MessagePack when bytes are in it. What else they say is such a message, in MessagePack alone.
 * Called by the dialect node-4-streams of server/ and by tests/fuzz/. Pure, and as careful as
 * node4_event.h: servers of Node read an entry that lacks something again and again, for ever.
 *
 * Rules: spec/socketio-ecosystem.md, 5.1 and 10.3.
 */
#ifndef SIO_PROTOCOL_NODE4_ENTRY_H
#define SIO_PROTOCOL_NODE4_ENTRY_H

#include "protocol/node4_cluster.h"

/* Its fields; what is not there is empty. */
typedef struct {
    sio_view uid, nsp, type, data;
} sio_node4_entry;

/* Keep a field of an entry, unless it is none of these. */
void sio_node4_entry_set(sio_node4_entry *e, sio_view name, sio_view value);

/*
 * Results as those of sio_node4_cluster_read(); SIO_TOO_LARGE also when message has failed. *m
 * lives in r and in message, which is cleared first, until the next one is read.
 */
int sio_node4_entry_read(sio_node4_reader *r, const sio_node4_entry *e, sio_view uid,
                         sio_buf *message, sio_node4_cluster_message *m);

/* --- Writing. Failure is out->failed. --- */

/* What `type` says: of ASK an event, and moves. */
sio_view sio_node4_entry_type(sio_node4_request_kind kind);

/* Append what `data` says of e, to which there is no obstacle. Moves are in node4_cluster.h. */
void sio_node4_entry_add_event(sio_buf *out, const sio_node4_event *e);

/*
 * Append a message that was written by node4_cluster.h in MessagePack, whichever it is in. SIO_OK;
 * SIO_TOO_DEEP, with nothing appended; SIO_TOO_LARGE: out has failed.
 */
int sio_node4_entry_pack(sio_view message, sio_buf *out);

#endif
