#include "server/base/holds.h"

static void
tell_if_done(sio_holds *h)
{
    if (h->n_holds == 0 && h->done != NULL)
        h->done(h->arg);
}

void
sio_holds_take(sio_holds *h)
{
    h->n_holds++;
}

void
sio_holds_release(sio_holds *h)
{
    h->n_holds--;
    tell_if_done(h);
}

void
sio_holds_await(sio_holds *h, void (*done)(void *arg), void *arg)
{
    h->done = done;
    h->arg = arg;
    tell_if_done(h);
}
