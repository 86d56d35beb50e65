#include "server/master_orders.h"

#include <signal.h>

#include "server/drain.h"
#include "server/listeners.h"
#include "server/server.h"

enum { GRACE_MS = 5000 }; /* beyond what the settings allow for the end */

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

static void
on_deadline(sio_timer *timer)
{
    sio_master *m = SIO_CONTAINER(timer, sio_master, deadline);

    for (unsigned i = 0; i < m->n; i++)
        if (m->workers[i].pid != 0) {
            sio_log_error(&m->s->env.log, NULL, "worker %u does not end: it is killed", i);
            kill(m->workers[i].pid, SIGKILL);
        }
}

static void
set_deadline(sio_master *m, unsigned drain_ms)
{
    m->deadline.fire = on_deadline;
    sio_timer_set(&m->s->env.timers, &m->deadline,
                  drain_ms + m->s->cfg.shutdown_timeout_ms + GRACE_MS);
}

/* Those may not have got so far as to hear us. */
static void
end_those_who_begin(const sio_master *m)
{
    for (unsigned i = 0; i < m->n; i++)
        if (m->workers[i].pid != 0 && !m->workers[i].is_ready)
            kill(m->workers[i].pid, SIGTERM);
}

void
sio_master_orders_hand_over(sio_server *s)
{
    sio_master *m = s->master;

    m->n_stops = 1;
    s->drain.is_to_stop = true;
    s->env.phase = SIO_LEAVING;
    m->sockets.n_files = 0;
    sio_master_sockets_close(&m->sockets, false);
    sio_listeners_leave(s);
    set_deadline(m, sio_drain_hand_over_delay_ms(s) + s->cfg.drain_time_ms);
    sio_master_workers_tell_all(m, SIO_WORKER_HAND_OVER, 0);
    end_those_who_begin(m);
}

void
sio_master_orders_stop(sio_master *m, unsigned n_steps)
{
    const sio_cfg *cfg = &m->s->cfg;
    const unsigned drain_ms = m->n_stops == 0 ? cfg->drain_delay_ms + cfg->drain_time_ms : 0;

    if (m->n_stops == 0) {
        m->s->drain.is_to_stop = true;
        if (drain_ms == 0 || m->s->env.phase < SIO_LEAVING)
            m->s->env.phase = drain_ms > 0 ? SIO_LEAVING : SIO_STOPPING;
        sio_systemd_stopping(m->s);
    }
    m->n_stops += n_steps;
    set_deadline(m, drain_ms);
    sio_master_workers_tell_all(m, SIO_WORKER_STOP, m->n_stops);
    end_those_who_begin(m);
}
