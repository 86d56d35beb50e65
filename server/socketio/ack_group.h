/*
 * server/socketio/ack_group.h - an event that asks many clients of this instance for an
 * acknowledgement.
 *
 * Called by survey.c for the application, and by respondent.c for another instance. All are asked
 * under one number, so the event is encoded once. Rules: spec/socketio-modern.md section 2.5.
 */
#ifndef SIO_SOCKETIO_ACK_GROUP_H
#define SIO_SOCKETIO_ACK_GROUP_H

#include "server/socketio/rooms.h"

/* What a client has answered: its first argument, or all if that was wanted. */
typedef struct {
    sio_view        first; /* a JSON value; empty: there was none; or an array of all */
    const sio_view *attachments;
    unsigned        n_attachments;
} sio_ack_answer;

enum { SIO_ACK_ANSWER_MAX_BYTES = 64 * 1024 * 1024 }; /* clients decide how long an answer is */

/* Append it as JSON alone: none is null, and attachments are texts in base64. */
void sio_ack_answer_add(const sio_ack_answer *a, sio_buf *json);

/* Lives in the object that wants to know, which sets the functions. */
typedef struct sio_ack_group {
    sio_link acks;     /* of those who have neither answered nor left */
    uint32_t id;       /* the same for all */
    size_t   n_asked;  /* also those for whose acknowledgement there was no room */
    bool     is_whole; /* answers are all arguments */
    /* A client has answered. Valid during the call. */
    void (*answered)(struct sio_ack_group *ask, const sio_ack_answer *answer);
    /* All have answered, or left. May free the object. */
    void (*ended)(struct sio_ack_group *ask);
} sio_ack_group;

/* Nobody is asked yet. */
void sio_ack_group_init(sio_ack_group *ask);

/*
 * Send p, an event, to those sockets. Neither function is called before this returns; if nobody
 * could be asked they never are.
 */
void sio_ack_group_begin(sio_ack_group *ask, sio_namespace *nsp, const sio_target *target,
                         bool is_volatile, const sio_packet *p);

/* Is there nobody who could still answer? */
bool sio_ack_group_is_over(const sio_ack_group *ask);

/* Do not wait for anybody any more; neither function is called. */
void sio_ack_group_stop(sio_ack_group *ask);

#endif
