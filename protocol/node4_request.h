/*
 * protocol/node4_request.h - what servers of socket.io 1 to 4 for Node ask each other through
 * Redis, or let each other do.
 *
 *     PUBLISH socket.io-request#/#  {"uid":"4ona3v","requestId":"Aqzkia","type":5,"opts":{...}}
 *     PUBLISH socket.io-response#/# {"requestId":"Aqzkia","sockets":[...]}
 *
 * Called by the dialects node-4 of server/ and by tests/fuzz/. Pure, and as careful as
 * node4_event.h. Rules: spec/socketio-ecosystem.md, 1.4, 1.7 and 2.2.
 */
#ifndef SIO_PROTOCOL_NODE4_REQUEST_H
#define SIO_PROTOCOL_NODE4_REQUEST_H

#include "protocol/node4_event.h"

typedef enum {
    SIO_NODE4_SOCKETS,      /* which sockets are there: ids */
    SIO_NODE4_ALL_ROOMS,    /* which rooms */
    SIO_NODE4_CLIENT_ROOMS, /* in which rooms is sid */
    SIO_NODE4_JOIN,
    SIO_NODE4_LEAVE,
    SIO_NODE4_DISCONNECT,
    SIO_NODE4_FETCH,       /* which sockets are there: all about them */
    SIO_NODE4_SERVER_SIDE, /* let the application hear an event */
    SIO_NODE4_ASK,         /* let sockets hear an event, and say how they acknowledge it */
    SIO_NODE4_CUSTOM,      /* let the application answer; of 5.4 and before */
} sio_node4_request_kind;

typedef struct {
    sio_node4_request_kind kind;
    bool                   is_old;     /* of 2.0 to 5.4: it calls its number requestid */
    sio_view               request_id; /* a JSON string; empty: nobody waits for an answer */
    bool                   has_sid;    /* it is about one socket */
    sio_view               sid;
    sio_view               moved; /* list: rooms to join or to leave */
    bool                   close; /* DISCONNECT: the whole connection */
    sio_view               asker; /* node4_cluster.h: who asks, a JSON string */
    sio_view               name;  /* SERVER_SIDE: the event, a text */
    sio_node4_event        event; /* whom it is about; ASK: and the event; SERVER_SIDE: its args */
} sio_node4_request;

/*
 * Read what was published on a channel of requests, which tells the namespace. Results as those of
 * sio_node4_event_read().
 */
int sio_node4_request_read(sio_node4_reader *r, sio_view bytes, sio_view uid, sio_node4_request *q);

/* --- For node4_cluster.c: parts of a message. --- */

/* May a number come back with each answer? */
bool sio_node4_request_is_id(sio_view json);

/* The event of SERVER_SIDE, and its args. SIO_OK or SIO_BAD. */
int sio_node4_request_read_server_side(sio_node4_reader *r, sio_view data, sio_node4_request *q);

/* Append "rooms" or "except", and "opts". */
void sio_node4_request_add_rooms(sio_buf *out, const char *key, sio_view list);
void sio_node4_request_add_opts(sio_buf *out, const sio_node4_event *e);

/* --- Writing. Failure is out->failed. --- */

/* Why may an event (a text) not be told to applications on Node? NULL: it may. */
const char *sio_node4_request_server_side_obstacle(sio_view event);

/* Append JOIN, LEAVE or DISCONNECT for e->rooms and e->except. */
void sio_node4_request_add_move(sio_buf *out, sio_view uid, sio_node4_request_kind kind,
                                const sio_node4_event *e, sio_view moved, bool close);

/* Append SERVER_SIDE. request_id: a text; empty: nobody waits for answers. args: as of e. */
void sio_node4_request_add_server_side(sio_buf *out, sio_view uid, sio_view request_id,
                                       sio_view event, sio_view args);

/* Append FETCH of the sockets that `to` says. */
void sio_node4_request_add_fetch(sio_buf *out, sio_view uid, sio_view request_id,
                                 const sio_node4_event *to);

/* Append ASK of e, to which there is no obstacle, in MessagePack. */
void sio_node4_request_add_ask(sio_buf *out, sio_view uid, sio_view request_id,
                               const sio_node4_event *e);

/* --- Answers. request_id: as it was read. --- */

/* Append the beginning of an object: which request it answers. */
void sio_node4_request_begin_answer(sio_buf *out, const sio_node4_request *q);

/* Of ASK: n sockets have got the event. */
void sio_node4_request_add_count(sio_buf *out, sio_view request_id, size_t n);

/*
 * Of ASK: one of them has acknowledged it; value: a JSON value, valid, or empty: without any.
 * False: it is nested too deeply for Node, and out is as it was.
 */
bool sio_node4_request_add_ack(sio_buf *out, sio_view request_id, sio_view value,
                               const sio_view *attachments, unsigned n_attachments);

#endif
