/*
 * server/adapter/node4_wire.h - the way to servers of Node.
 */
#ifndef SIO_ADAPTER_NODE4_WIRE_H
#define SIO_ADAPTER_NODE4_WIRE_H

#include "protocol/node4_channel.h"
#include "protocol/node4_event.h"
#include "protocol/node4_request.h"
#include "server/socketio/packet.h"
#include "server/socketio/rooms.h"
#include "store/channels.h"

typedef struct sio_env sio_env;

/*
 * Count what can not be understood, and say so once: whoever sends it most likely sends more of it.
 */
void sio_node4_wire_note_bad(sio_env *env, const char *what);

/* Whom an event is for, and what it is here. Both view it. */
sio_target sio_node4_wire_target_of(const sio_node4_event *e);
sio_packet sio_node4_wire_packet_of(const sio_node4_event *e);

/*
 * What is said to all: begin with an empty node4.message, append one of these, and publish it. Each
 * has the form that the cluster speaks. request_id: a text; empty: nobody waits for answers.
 */
void sio_node4_wire_add_event(sio_env *env, const sio_node4_event *e);
void sio_node4_wire_add_ask(sio_env *env, sio_view request_id, const sio_node4_event *e);
void sio_node4_wire_add_fetch(sio_env *env, sio_view request_id, const sio_node4_event *to);
void sio_node4_wire_add_move(sio_env *env, sio_node4_request_kind kind, const sio_node4_event *e,
                             sio_view moved, bool close);
void sio_node4_wire_add_server_side(sio_env *env, sio_view nsp, sio_view request_id, sio_view event,
                                    sio_view args);

/*
 * Publish what is in node4.message, an event, a move or a request; room as of
 * sio_node4_channel_add(). SIO_OK, or as sio_store_channel_publish(), or SIO_ERR_NOMEM when the
 * message has failed, or SIO_BAD: Node could not bear it, which sio_last_error() tells.
 */
int sio_node4_wire_publish_event(sio_env *env, sio_view nsp, sio_view room);
int sio_node4_wire_publish_move(sio_env *env, sio_view nsp, sio_node4_request_kind kind);
int sio_node4_wire_publish_request(sio_env *env, sio_view nsp);

/* How many are there to hear what was published last? As sio_store_channel_count(). */
void sio_node4_wire_count(sio_env *env, sio_store_counted fn, uint64_t number);

/* Let node4.message be the beginning of what answers q; members follow, and then the end. */
sio_buf *sio_node4_wire_begin_answer(sio_env *env, const sio_node4_request *q);

/* End the answer, and publish it to those who have asked. That Redis is away is counted there. */
void sio_node4_wire_end_answer(sio_env *env, sio_view nsp, const sio_node4_request *q);

/* Of ASK: n have got the event; one has acknowledged it: false, when Node could not bear that. */
void sio_node4_wire_answer_count(sio_env *env, sio_view nsp, const sio_node4_request *q, size_t n);
bool sio_node4_wire_answer_ack(sio_env *env, sio_view nsp, const sio_node4_request *q,
                               sio_view value, const sio_view *attachments, unsigned n_attachments);

#endif
