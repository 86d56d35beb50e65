#include "server/master_stop.h"

#include <signal.h>

#include "server/server.h"

enum { GRACE_MS = 5000 }; /* beyond what the settings allow for the end */

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

void
sio_master_stop(sio_master *m, unsigned n_steps)
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
    m->deadline.fire = on_deadline;
    sio_timer_set(&m->s->env.timers, &m->deadline, drain_ms + cfg->shutdown_timeout_ms + GRACE_MS);
    sio_master_workers_tell_all(m, SIO_WORKER_STOP, m->n_stops);
    for (unsigned i = 0; i < m->n; i++)
        if (m->workers[i].pid != 0 && !m->workers[i].is_ready)
            kill(m->workers[i].pid, SIGTERM); /* it may not have got so far as to hear us */
}
