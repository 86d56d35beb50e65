#include "server/base/drain.h"

static void
tell_if_done(sio_drain *d)
{
    if (d->n_holds == 0 && d->done != NULL)
        d->done(d->arg);
}

void
sio_drain_hold(sio_drain *d)
{
    d->n_holds++;
}

void
sio_drain_release(sio_drain *d)
{
    d->n_holds--;
    tell_if_done(d);
}

void
sio_drain_await(sio_drain *d, void (*done)(void *arg), void *arg)
{
    d->done = done;
    d->arg = arg;
    tell_if_done(d);
}
