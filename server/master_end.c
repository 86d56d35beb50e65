#include "server/master_end.h"

#include <stdlib.h>
#include <unistd.h>

#include "server/master_figures.h"
#include "server/master_signals.h"
#include "server/server.h"

static void
free_workers(sio_master *m)
{
    for (unsigned i = 0; i < m->n; i++) {
        sio_timer_cancel(&m->s->env.timers, &m->workers[i].pause);
        if (m->workers[i].pid == 0)
            continue;
        if (m->workers[i].control_event != NULL)
            event_free(m->workers[i].control_event);
        close(m->workers[i].control);
    }
}

void
sio_master_end(sio_master *m, bool removes_files)
{
    sio_timer_wheel *timers;

    if (m == NULL)
        return;
    timers = &m->s->env.timers;
    sio_timer_cancel(timers, &m->ask_timer);
    sio_timer_cancel(timers, &m->line_timer);
    sio_timer_cancel(timers, &m->deadline);
    sio_master_signals_release(m);
    sio_master_figures_end(m);
    free_workers(m);
    sio_master_sockets_close(&m->sockets, removes_files);
    sio_buf_fini(&m->where);
    if (m->log_fd >= 0)
        close(m->log_fd);
    m->s->env.log.fd = STDERR_FILENO;
    m->s->master = NULL;
    free(m);
}
