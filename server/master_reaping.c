#include "server/master_reaping.h"

#include <signal.h>
#include <sys/wait.h>

#include "server/master_figures.h"
#include "server/master_hearing.h"
#include "server/master_stop.h"
#include "server/master_succession.h"
#include "server/server.h"

/* A signal of our own, before it could hear the word for it (master_stop.c), is no failure. */
static bool
has_failed(const sio_master_worker *w, int status)
{
    if (WIFSIGNALED(status))
        return w->m->n_stops == 0 || WTERMSIG(status) != SIGTERM;
    return WEXITSTATUS(status) != 0;
}

static void
log_end(const sio_master_worker *w, pid_t pid, int status)
{
    const sio_log *log = &w->m->s->env.log;

    if (w->m->n_stops > 0 && !has_failed(w, status))
        return;
    if (WIFSIGNALED(status))
        sio_log_error(log, NULL, "worker %u (process %d) has ended by signal %d", w->number,
                      (int)pid, WTERMSIG(status));
    else
        sio_log_error(log, NULL, "worker %u (process %d) has ended with status %d", w->number,
                      (int)pid, WEXITSTATUS(status));
}

static void
note_end(sio_master_worker *w, int status)
{
    sio_master *m = w->m;

    sio_master_hearing_remove(w);
    log_end(w, w->pid, status);
    w->pid = 0;
    if (has_failed(w, status) && (m->n_stops > 0 || !m->was_ready))
        m->has_failed = true;
    w->n_room = 0;
    if (m->n_stops > 0 || m->s->env.phase >= SIO_SPREADING)
        sio_places_close_one(&m->places, w->number);
    else if (m->was_ready)
        sio_master_succession_fill(w);
    else
        sio_master_stop(m, 2); /* the others would end in the same way */
    sio_master_figures_keep(w);
}

void
sio_master_reaping_look(sio_master *m)
{
    for (unsigned i = 0; i < m->n; i++) {
        sio_master_worker *w = &m->workers[i];
        int                status;

        if (w->pid != 0 && waitpid(w->pid, &status, WNOHANG) == w->pid)
            note_end(w, status);
    }
}
