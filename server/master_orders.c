#include "server/master_orders.h"

#include "server/server.h"

int
sio_master_orders_reload(sio_master *m)
{
    const int rc = sio_reload(m->s); /* which logs what was wrong */

    if (rc == 0)
        sio_master_workers_tell_all(m, SIO_WORKER_RELOAD, 0);
    return rc;
}

/* It goes by its own clock, which began before those of the workers. */
static void
on_delay_over(sio_timer *timer)
{
    sio_server *s = SIO_CONTAINER(timer, sio_server, drain.delay);

    if (s->env.phase == SIO_LEAVING)
        s->env.phase = SIO_SPREADING;
}

void
sio_master_orders_drain(sio_master *m)
{
    sio_server *s = m->s;

    if (s->env.phase >= SIO_LEAVING)
        return;
    s->env.phase = s->cfg.drain_delay_ms > 0 ? SIO_LEAVING : SIO_SPREADING;
    s->drain.delay.fire = on_delay_over;
    if (s->env.phase == SIO_LEAVING)
        sio_timer_set(&s->env.timers, &s->drain.delay, s->cfg.drain_delay_ms);
    sio_master_workers_tell_all(m, SIO_WORKER_DRAIN, 0);
}

int
sio_master_orders_undrain(sio_master *m)
{
    sio_server *s = m->s;

    if (s->env.phase != SIO_LEAVING || m->n_stops > 0)
        return sio_env_fail(&s->env, "the server does not drain, or its sessions end already");
    sio_timer_cancel(&s->env.timers, &s->drain.delay);
    s->env.phase = SIO_SERVING;
    sio_master_workers_tell_all(m, SIO_WORKER_UNDRAIN, 0);
    return 0;
}
