#include "server/master.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/announcement.h"
#include "server/handout.h"
#include "server/master_admin.h"
#include "server/master_end.h"
#include "server/master_figures.h"
#include "server/master_fork.h"
#include "server/master_hearing.h"
#include "server/master_reaping.h"
#include "server/master_signals.h"
#include "server/server.h"

static unsigned
n_workers(const sio_cfg *cfg)
{
    cpu_set_t set;

    if (cfg->workers > 0)
        return cfg->workers;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return CPU_COUNT(&set) < SIO_WORKERS_MAX ? (unsigned)CPU_COUNT(&set) : SIO_WORKERS_MAX;
}

/*
 * No thread writes the log of a process that forks: what another thread has locked at that moment
 * stays locked in the new process. But the master must not wait for a reader either. So it has the
 * pipe or the terminal opened once more, by itself, and what does not fit is lost.
 */
static void
open_own_log(sio_master *m)
{
    struct stat st;

    if (fstat(STDERR_FILENO, &st) != 0 || (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)))
        return; /* a file does not wait, and has to be written at one place */
    m->log_fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (m->log_fd >= 0)
        m->s->env.log.fd = m->log_fd;
}

/* What is wrong with a file, or with an address, is said once, and not by each worker. */
static int
open_all(sio_master *m)
{
    sio_server *s = m->s;
    int         rc;

    if ((rc = sio_tls_open(&s->env, &s->error)) != SIO_OK ||
        (rc = sio_inheritance_take(s)) != SIO_OK ||
        (rc = m->is_late ? SIO_OK : sio_master_sockets_open(&m->sockets, s)) != SIO_OK ||
        (rc = sio_master_admin_open(m)) != SIO_OK)
        return rc;
    return sio_master_signals_catch(m);
}

static int
master_begin(sio_master *m, sio_server *s, unsigned n)
{
    int rc;

    m->s = s;
    m->n = m->sockets.n = n;
    s->master = m;
    m->log_fd = -1;
    sio_buf_init(&m->where, SIZE_MAX);
    for (unsigned i = 0; i < n; i++)
        m->workers[i] = (sio_master_worker){.m = m, .number = i, .is_due = i == 0 || !m->is_late};
    if ((rc = sio_cfg_check(&s->cfg, &s->error)) != SIO_OK)
        return rc;
    sio_handout_copies(s);
    sio_systemd_open(s);
    open_own_log(m);
    if (!m->is_late)
        sio_announcement_advise(s);
    sio_master_figures_begin(m);
    if ((rc = open_all(m)) != SIO_OK)
        return rc;
    sio_master_hearing_begin(m);
    return SIO_OK;
}

/* Until there is nothing more to do; or in a new process, whose server it returns. */
static sio_server *
master_run(sio_master *m, bool *is_child)
{
    while (m->n_stops == 0 || sio_master_workers_living(m) > 0) {
        for (unsigned i = 0; i < m->n; i++)
            if (m->workers[i].is_due && m->n_stops == 0) {
                sio_server *s = sio_master_fork(m, i, is_child);

                if (*is_child)
                    return s;
            }
        event_base_loop(m->s->env.base, EVLOOP_ONCE);
        sio_master_reaping_look(m);
    }
    return NULL;
}

static int
master_fail(sio_master *m, int rc)
{
    sio_server *s = m->s;

    if (s->error.len == 0)
        sio_buf_add_str(&s->error, "out of memory");
    sio_master_end(m, true);
    return sio_server_fail(s, rc);
}

static int
fork_workers(sio_server **io, bool is_late)
{
    sio_server    *s = *io, *worker;
    const unsigned n = n_workers(&s->cfg);
    sio_master    *m;
    bool           is_child = false;
    int            rc;

    s->knows_workers = s->cfg.workers != 1; /* else they may not be set any more */
    if (n == 1)
        return 1;
    sio_server_clear_error(s);
    if (!s->owns_base || s->env.store != NULL || s->worker.is_one)
        return sio_env_fail(&s->env, "\"workers\" need a server on a loop of its own that does not "
                                     "listen yet");
    if ((m = calloc(1, sizeof *m)) == NULL)
        return sio_env_fail_memory(&s->env);
    m->is_late = is_late;
    if ((rc = master_begin(m, s, n)) != SIO_OK)
        return master_fail(m, rc);
    worker = master_run(m, &is_child);
    if (is_child) {
        *io = worker;
        return 1;
    }
    rc = m->has_failed ? SIO_ERR_SYS : SIO_OK;
    if (rc != SIO_OK)
        sio_buf_add_str(&s->error, "a worker has failed");
    s->env.phase = SIO_STOPPING;
    sio_master_end(m, true);
    return sio_server_fail(s, rc);
}

int
sio_fork_workers(sio_server **io)
{
    return fork_workers(io, false);
}

int
sio_master_fork_late(sio_server **io)
{
    return fork_workers(io, true);
}

int
sio_master_worker_number(const sio_server *io)
{
    return io->worker.is_one ? (int)io->worker.number : -1;
}
