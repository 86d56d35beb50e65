/*
 * protocol/node4_event.h - an event for many sockets, as servers of socket.io 1 to 4 for Node, and
 * emitters in any language, publish it through Redis: the way of what is called
 * @socket.io/redis-adapter today, and socket.io-redis before.
 *
 *     ["4ona3v",{"type":2,"data":["hi",1],"nsp":"/"},{"rooms":[],"except":[],"flags":{}}]
 *
 * in MessagePack: who says it, what, and to whom. Called by the dialects node-4 of server/ and by
 * tests/fuzz/. Pure; allocates only through sio_buf. Who writes to that Redis can write anything,
 * so reading trusts nothing. And processes of Node end themselves over what they do not expect
 * (10.1), so nothing is written here that could harm one.
 *
 * Lists of rooms are those of sio_cluster_message_add_packet(). A namespace that is empty is the
 * default one.
 *
 * Rules: spec/socketio-ecosystem.md, 1.2, 2.1 and 6.
 */
#ifndef SIO_PROTOCOL_NODE4_EVENT_H
#define SIO_PROTOCOL_NODE4_EVENT_H

#include "protocol/msgpack_json.h"
#include "protocol/result.h"

typedef struct {
    sio_view        nsp;
    sio_view        rooms;  /* list; empty: everyone */
    sio_view        except; /* list: not their members */
    sio_view        name;   /* a JSON string */
    sio_view        args;   /* a JSON array; or empty */
    const sio_view *attachments;
    unsigned        n_attachments;
    bool            is_volatile, no_compress;
    bool            is_bare;    /* of old emitters: the channel does not tell the namespace */
    bool            has_id;     /* it asks one socket for an acknowledgement, with this number */
    uint64_t        id;         /* 0: it is none that could be ours */
    unsigned        timeout_ms; /* to wait for acknowledgements; 0: not said */
} sio_node4_event;

/* --- Reading. --- */

/* What is read lives here, until the next message is read. */
typedef struct {
    sio_msgpack_json message;
    sio_buf          nsp, rooms, except, moved, sid;
} sio_node4_reader;

/* max_bytes: of a message as JSON. Allocates nothing. */
void sio_node4_reader_init(sio_node4_reader *r, size_t max_bytes);
void sio_node4_reader_fini(sio_node4_reader *r);

/*
 * Read what was published on a channel of events. SIO_OK and *e; SIO_DROPPED: it is nothing for
 * anybody, or of `uid`, who is oneself; SIO_BAD: it is no message, or nothing that may go on to
 * clients; SIO_TOO_LARGE.
 */
int sio_node4_event_read(sio_node4_reader *r, sio_view bytes, sio_view uid, sio_node4_event *e);

/* --- Writing. --- */

/* Why may e not be told to processes of Node? NULL: it may. */
const char *sio_node4_event_obstacle(const sio_node4_event *e);

/* Append e, to which there is no obstacle, as a message of uid. Failure is out->failed. */
void sio_node4_event_add(sio_buf *out, sio_view uid, const sio_node4_event *e);

/* --- For node4_request.c and python_message.c: parts. Results are of sio_node4_event_read(). --- */

/* Is it a name, a JSON string, that clients of socket.io keep for themselves? */
bool sio_node4_event_is_reserved(sio_view name);

/* Let r->message be the message as JSON, valid; json_begins: the first byte of one that is JSON. */
int sio_node4_event_read_message(sio_node4_reader *r, sio_view bytes, char json_begins);

/* Rooms, however empty lists of them are written; one text is one room. */
int sio_node4_event_read_rooms(sio_view json, sio_buf *list);

/* Whom it is about, and flags. */
int sio_node4_event_read_opts(sio_node4_reader *r, sio_view opts, sio_node4_event *e);

/* Name and arguments; the text of the reader is no JSON from then on. */
int sio_node4_event_read_data(sio_view data, sio_node4_event *e);

/* All of these. */
int sio_node4_event_read_packet(sio_node4_reader *r, sio_view packet, sio_view opts,
                                sio_node4_event *e);

/* Was there too little room for what was read? */
bool sio_node4_reader_has_failed(const sio_node4_reader *r);

/* The packet, and its opts. */
void sio_node4_event_add_packet(sio_buf *out, const sio_node4_event *e);
void sio_node4_event_add_opts(sio_buf *out, const sio_node4_event *e);

#endif
