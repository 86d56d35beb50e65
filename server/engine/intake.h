/*
 * server/engine/intake.h - what comes from a client while the application does not want to hear of
 * it: sio_pause().
 *
 * The best is not to read it: a websocket of this instance is told to stop (channel.h), and then
 * the client meets the full window of TCP. What was read already, or comes by other ways, is kept
 * here, in order: packets of a POST, and messages that another instance has received. A POST that
 * comes while the session is paused is answered when its packets are done, and a client has one
 * under way at a time. So what is kept is bounded; who sends more is ended.
 */
#ifndef SIO_ENGINE_INTAKE_H
#define SIO_ENGINE_INTAKE_H

#include <stdbool.h>

#include "protocol/list.h"
#include "protocol/view.h"

typedef struct sio_session sio_session;
typedef struct sio_intake  sio_intake; /* in a session that was ever paused */

/*
 * The session is paused once more, so that it has to be resumed as often. SIO_OK or SIO_ERR_NOMEM.
 */
int sio_intake_pause(sio_session *s);

/*
 * One pause is over. After the last one what was kept is received, from the end of the loop turn
 * on; then the session is read again. s->mailbox.is_paused says until when everything has to be
 * kept.
 */
void sio_intake_resume(sio_session *s);

/* Receives bytes that were kept. The session may end in this call. */
typedef void (*sio_intake_receive)(sio_session *s, sio_view bytes, unsigned form);

/*
 * Keep bytes (copied) of a session that is paused. False: then more than max_cost would be kept, or
 * there is no memory.
 */
bool sio_intake_hold(sio_session *s, size_t max_cost, sio_intake_receive receive, unsigned form,
                     sio_view bytes);

/* What so many bytes cost, in so many messages. */
size_t sio_intake_cost(size_t n_bytes, size_t n_messages);

/*
 * In the object of somebody who waits until what was kept so far is done, or the session is over.
 */
typedef struct sio_intake_waiter {
    sio_link link;
    /* Called once, unless the link is removed before. It may free the object. */
    void (*done)(struct sio_intake_waiter *w);
} sio_intake_waiter;

/* The session is paused: w, with `done` set, waits. */
void sio_intake_wait(sio_session *s, sio_intake_waiter *w);

/* The session is over: drop what is kept. */
void sio_intake_end(sio_session *s);

/* The session is being freed. */
void sio_intake_free(sio_session *s);

#endif
