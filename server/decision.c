#include "server/decision.h"

#include <stdlib.h>

struct sio_decision {
    void (*done)(void *owner, sio_verdict verdict); /* NULL: abandoned */
    void *owner;
};

void
sio_decision_ask(sio_decision **pending, sio_authorize_fn fn, void *arg, const char *handshake_json,
                 void (*done)(void *owner, sio_verdict verdict), void *owner)
{
    sio_decision *d;

    *pending = NULL;
    if (fn == NULL || (d = malloc(sizeof *d)) == NULL) {
        done(owner, fn == NULL ? SIO_ACCEPT : SIO_FAIL);
        return;
    }
    *d = (sio_decision){.done = done, .owner = owner};
    *pending = d; /* before the call: the owner may be ended in it */
    fn(d, handshake_json, arg);
}

void
sio_decide(sio_decision *d, sio_verdict verdict)
{
    if (d->done != NULL)
        d->done(d->owner, verdict);
    free(d);
}

void
sio_decision_abandon(sio_decision *d)
{
    if (d != NULL)
        d->done = NULL;
}
