/*
 * server/decision.h - a verdict that the application owes to somebody: a handshake or a join.
 *
 * The one who waits may leave before the verdict comes; the application may answer at any time.
 */
#ifndef SIO_DECISION_H
#define SIO_DECISION_H

#include "server/siobroker.h"

/*
 * Ask fn, or accept at once when fn is NULL; without memory the verdict is SIO_FAIL. done is called
 * once, maybe before this returns. *pending, a part of the owner, is what to abandon until then; it
 * is not touched any more once fn or done has been called, which may free the owner.
 */
void sio_decision_ask(sio_decision **pending, sio_authorize_fn fn, void *arg,
                      const char *handshake_json, void (*done)(void *owner, sio_verdict verdict),
                      void       *owner);

/* Nobody waits any more: done will not be called. NULL is allowed. */
void sio_decision_abandon(sio_decision *d);

#endif
