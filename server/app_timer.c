#include "server/app_timer.h"

#include <stdlib.h>

#include "server/server.h"

struct sio_timeout {
    sio_timer   timer;
    sio_link    link; /* in server->timeouts */
    sio_server *server;
    void (*fn)(void *arg);
    void *arg;
};

static void
free_timeout(sio_timeout *t)
{
    sio_timer_cancel(&t->server->env.timers, &t->timer);
    sio_link_remove(&t->link);
    free(t);
}

static void
on_app_timer_due(sio_timer *timer)
{
    sio_timeout *t = SIO_CONTAINER(timer, sio_timeout, timer);
    void (*const fn)(void *arg) = t->fn;
    void *const arg = t->arg;

    free_timeout(t);
    fn(arg);
}

sio_timeout *
sio_after(sio_server *io, unsigned delay_ms, void (*fn)(void *arg), void *arg)
{
    sio_timeout *t = calloc(1, sizeof *t);

    if (t == NULL) {
        (void)sio_env_fail_memory(&io->env);
        return NULL;
    }
    t->server = io;
    t->fn = fn;
    t->arg = arg;
    t->timer.fire = on_app_timer_due;
    sio_link_init(&t->link);
    sio_link_append(&io->timeouts, &t->link);
    sio_timer_set(&io->env.timers, &t->timer, delay_ms);
    return t;
}

void
sio_cancel(sio_timeout *t)
{
    if (t != NULL)
        free_timeout(t);
}

void
sio_app_timer_free_all(sio_server *io)
{
    while (!sio_link_empty(&io->timeouts))
        free_timeout(SIO_CONTAINER(io->timeouts.next, sio_timeout, link));
}
