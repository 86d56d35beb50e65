/*
 * server/decision.h - a verdict that the application owes to somebody: a handshake or a join.
 *
 * The one who waits may leave before the verdict comes; the application may answer at any time.
 */
#ifndef SIO_DECISION_H
#define SIO_DECISION_H

#include "server/siobroker.h"

/*
 * Ask fn, or accept at once when fn is NULL. done is called once, maybe before this returns; in that
 * case, and when there is no memory (a verdict of SIO_FAIL), the result is NULL.
 */
sio_decision *sio_decision_ask(sio_authorize_fn fn, void *arg, const char *handshake_json,
                               void (*done)(void *owner, sio_verdict verdict), void *owner);

/* Nobody waits any more: done will not be called. NULL is allowed. */
void sio_decision_abandon(sio_decision *d);

#endif
