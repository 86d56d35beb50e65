#include "server/decision.h"

#include <stdlib.h>

struct sio_decision {
    void (*done)(void *owner, sio_verdict verdict); /* NULL: abandoned */
    void *owner;
    bool *decided_early; /* while the application is being asked */
};

sio_decision *
sio_decision_ask(sio_authorize_fn fn, void *arg, const char *handshake_json,
                 void (*done)(void *owner, sio_verdict verdict), void *owner)
{
    bool          decided_early = false;
    sio_decision *d;

    if (fn == NULL || (d = malloc(sizeof *d)) == NULL) {
        done(owner, fn == NULL ? SIO_ACCEPT : SIO_FAIL);
        return NULL;
    }
    *d = (sio_decision){.done = done, .owner = owner, .decided_early = &decided_early};
    fn(d, handshake_json, arg);
    if (decided_early)
        return NULL;
    d->decided_early = NULL;
    return d;
}

void
sio_decide(sio_decision *d, sio_verdict verdict)
{
    if (d->decided_early != NULL)
        *d->decided_early = true;
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
