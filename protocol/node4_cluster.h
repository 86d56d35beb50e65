/*
 * protocol/node4_cluster.h - what servers of socket.io 4 for Node with the sharded adapter tell each
 * other through Redis 7: events, requests and answers, all in one form.
 *
 *     {"type":3,"data":{"packet":{"type":2,"data":["hi",1]},"opts":{"rooms":[],"except":[],
 *      "flags":{}}},"uid":"a158c11d8addc90d","nsp":"/"}
 *
 * in JSON, or in MessagePack when bytes are in it. Called by the dialects node-4-sharded and
 * node-4-streams of server/ and by tests/fuzz/. Pure, and as careful as node4_event.h. Who asks is
 * in q.asker, and the answer goes to the channel of that name. Rules: spec/socketio-ecosystem.md,
 * 3 and 4.
 */
#ifndef SIO_PROTOCOL_NODE4_CLUSTER_H
#define SIO_PROTOCOL_NODE4_CLUSTER_H

#include "protocol/node4_request.h"
#include "protocol/node4_response.h"

typedef enum {
    SIO_NODE4_CLUSTER_EVENT,   /* q.event */
    SIO_NODE4_CLUSTER_REQUEST, /* q */
    SIO_NODE4_CLUSTER_ANSWER,  /* answer */
} sio_node4_cluster_kind;

typedef struct {
    sio_node4_cluster_kind kind;
    sio_node4_request      q;
    sio_node4_response     answer;
} sio_node4_cluster_message;

/* Results as those of sio_node4_event_read(); *m lives in r, until the next message is read. */
int sio_node4_cluster_read(sio_node4_reader *r, sio_view bytes, sio_view uid,
                           sio_node4_cluster_message *m);

/* --- Writing, in the name of uid. Failure is out->failed. --- */

/* Append e, to which there is no obstacle. request_id: a text; empty: nobody waits. */
void sio_node4_cluster_add_event(sio_buf *out, sio_view uid, sio_view request_id,
                                 const sio_node4_event *e);

/* As those of node4_request.h, in e->nsp. */
void sio_node4_cluster_add_move(sio_buf *out, sio_view uid, sio_node4_request_kind kind,
                                const sio_node4_event *e, sio_view moved, bool close);
void sio_node4_cluster_add_fetch(sio_buf *out, sio_view uid, sio_view request_id,
                                 const sio_node4_event *to);
void sio_node4_cluster_add_server_side(sio_buf *out, sio_view uid, sio_view nsp,
                                       sio_view request_id, sio_view event, sio_view args);

/* The same without what is around `data`, for node4_entry.h; MessagePack when bytes are in it. */
void sio_node4_cluster_add_event_data(sio_buf *out, const sio_node4_event *e);
void sio_node4_cluster_add_move_data(sio_buf *out, sio_node4_request_kind kind,
                                     const sio_node4_event *e, sio_view moved, bool close);

/*
 * Answers: append the beginning of what answers q, which has no member yet but the number; and its
 * end.
 */
void sio_node4_cluster_begin_answer(sio_buf *out, const sio_node4_request *q);
void sio_node4_cluster_end_answer(sio_buf *out, sio_view uid, sio_view nsp);

/* As those of node4_request.h, whole. */
void sio_node4_cluster_add_count(sio_buf *out, sio_view uid, sio_view nsp, sio_view request_id,
                                 size_t n);
bool sio_node4_cluster_add_ack(sio_buf *out, sio_view uid, sio_view nsp, sio_view request_id,
                               sio_view value, const sio_view *attachments, unsigned n_attachments);

#endif
