/*
 * server/socketio/return_queue.h - when many clients come back at once, each waits for its turn.
 *
 * To find what one has missed takes as long as there are packets behind its offset (recovery.h). So
 * in one turn of the loop no more than so many packets are looked at: who comes then is served in a
 * later turn, in the order of coming, and everybody else is answered in between.
 */
#ifndef SIO_SOCKETIO_RETURN_QUEUE_H
#define SIO_SOCKETIO_RETURN_QUEUE_H

#include "protocol/list.h"
#include "server/base/env.h"
#include "server/base/timer_wheel.h"

/* Embedded in what waits; its link is initialised. To forget it, remove the link. */
typedef struct sio_returning {
    sio_link link;
    void (*serve)(struct sio_returning *r); /* may free the object */
} sio_returning;

typedef struct {
    sio_env  *env;
    sio_link  waiting;
    size_t    n_looked_at; /* packets, in this turn */
    sio_timer timer;       /* the next turn */
} sio_return_queue;

void sio_return_queue_init(sio_return_queue *q, sio_env *env);

/* Those who wait are forgotten. */
void sio_return_queue_fini(sio_return_queue *q);

/* Serve r: in this call, if this turn has room and nobody waits, or later. */
void sio_return_queue_add(sio_return_queue *q, sio_returning *r);

/* So many packets were looked at. */
void sio_return_queue_note(sio_return_queue *q, size_t n_packets);

#endif
