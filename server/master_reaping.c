#include "server/master_reaping.h"

#include <signal.h>
#include <sys/wait.h>

#include "server/master_figures.h"
#include "server/master_hearing.h"
#include "server/master_orders.h"
#include "server/server.h"

enum {
    LONG_LIFE_MS = 60000, /* who has lived for so long has not ended because of how it began */
    MAX_PAUSE_S = 30,
    SIGNAL_MS = 500 /* from the first process of a service that gets a signal to the last */
};

static void
begin_again(sio_timer *timer)
{
    SIO_CONTAINER(timer, sio_master_worker, pause)->is_due = true;
}

static void
begin_in(sio_master_worker *w, unsigned pause_ms)
{
    w->pause.fire = begin_again;
    sio_timer_set(&w->m->s->env.timers, &w->pause, pause_ms);
}

/* Not before so many milliseconds, and later if it has not lived long. */
static void
refill_in(sio_master_worker *w, unsigned least_ms)
{
    sio_master    *m = w->m;
    const unsigned n = w->n_short_lives;
    unsigned       pause_s = n == 0 ? 0 : n > 5 ? MAX_PAUSE_S : 1U << (n - 1);

    if (sio_master_workers_now_ms(m) > w->born_ms + LONG_LIFE_MS)
        w->n_short_lives = pause_s = 0;
    w->n_short_lives++;
    if (pause_s > 0) {
        sio_log_warn(&m->s->env.log, NULL, "worker %u begins again in %u s", w->number, pause_s);
        begin_in(w, pause_s * 1000);
    } else if (least_ms > 0) {
        begin_in(w, least_ms);
    } else {
        w->is_due = true;
    }
}

void
sio_master_reaping_refill(sio_master_worker *w)
{
    refill_in(w, 0);
}

/* A script that does not listen, and is told to stop, ends with this, as in Node. */
enum { STATUS_OF_SIGTERM = 128 + SIGTERM };

/* A signal of our own, before it could hear the word for it (master_orders.c), is no failure. */
static bool
has_failed(const sio_master_worker *w, int status)
{
    const bool is_stopped = w->m->n_stops > 0;

    if (WIFSIGNALED(status))
        return !is_stopped || WTERMSIG(status) != SIGTERM;
    return WEXITSTATUS(status) != 0 && (!is_stopped || WEXITSTATUS(status) != STATUS_OF_SIGTERM);
}

/* It was asked to; or it is a script that has nothing to do. */
static bool
may_end(const sio_master *m)
{
    return m->n_stops > 0 || (m->is_late && !m->was_ready);
}

static void
log_end(const sio_master_worker *w, pid_t pid, int status)
{
    const sio_log *log = &w->m->s->env.log;

    if (may_end(w->m) && !has_failed(w, status))
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
        sio_master_sockets_close_one(&m->sockets, w->number);
    else if (m->was_ready && !has_failed(w, status))
        refill_in(w, SIGNAL_MS); /* it got SIGTERM, and if that is for all, ours is on its way */
    else if (m->was_ready)
        sio_master_reaping_refill(w);
    else
        sio_master_orders_stop(m, 2); /* the others would end in the same way */
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
