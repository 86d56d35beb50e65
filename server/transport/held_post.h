/*
 * server/transport/held_post.h - the answer to a POST: at once, or, while the session is paused
 * (engine/intake.h), when its packets are done.
 *
 * Clients send one POST at a time, so the one that has no answer yet holds them back.
 */
#ifndef SIO_TRANSPORT_HELD_POST_H
#define SIO_TRANSPORT_HELD_POST_H

#include "server/engine/session.h"
#include "server/http/exchange.h"

/* Answers a POST. origin: of the page, if it may read that. */
typedef void (*sio_held_post_answer)(sio_exchange *x, sio_view origin);

/* Before the packets of the POST are received. Without memory it is answered at once, too. */
void sio_held_post(sio_exchange *x, sio_session *s, sio_view origin, sio_held_post_answer answer);

#endif
