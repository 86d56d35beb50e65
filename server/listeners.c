#include "server/listeners.h"

#include "server/server.h"

typedef struct {
    int (*fn)(sio_server *s, sio_listener *l, void *arg);
    void *arg;
} listener_visit;

static int
each_of_side(sio_server *s, sio_side *side, const listener_visit *v)
{
    int rc = SIO_OK;

    for (unsigned i = 0; rc == SIO_OK && i < side->n_listeners; i++)
        rc = v->fn(s, &side->listeners[i].listener, v->arg);
    return rc;
}

int
sio_listeners_each(sio_server *s, int (*fn)(sio_server *s, sio_listener *l, void *arg), void *arg)
{
    const listener_visit v = {fn, arg};
    sio_fronts          *fronts = &s->net.fronts;
    sio_listener        *flash = &s->handlers.flash_listener;
    int                  rc = SIO_OK;

    for (unsigned i = 0; rc == SIO_OK && i < fronts->n; i++)
        rc = fn(s, &fronts->items[i].listener, arg);
    if (rc == SIO_OK && flash->n_sockets > 0)
        rc = fn(s, flash, arg);
    if (rc == SIO_OK)
        rc = each_of_side(s, &s->admin.side, &v);
    return rc == SIO_OK ? each_of_side(s, &s->backends.side, &v) : rc;
}

void
sio_listeners_close_public(sio_server *s)
{
    sio_fronts_close(&s->env);
    sio_listener_close(&s->handlers.flash_listener);
}

static int
leave_file(sio_server *s, sio_listener *l, void *arg)
{
    (void)s;
    (void)arg;
    sio_listener_own_file(l, false);
    return SIO_OK;
}

void
sio_listeners_leave(sio_server *s)
{
    (void)sio_listeners_each(s, leave_file, NULL);
    sio_listeners_close_public(s);
    sio_side_close(&s->admin.side);
    sio_side_close(&s->backends.side);
}
