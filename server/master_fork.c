#include "server/master_fork.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/birth.h"
#include "server/master_admin.h"
#include "server/master_end.h"
#include "server/master_hearing.h"
#include "server/master_succession.h"
#include "server/server.h"
#include "server/worker_share.h"

/* In the new process. Of the master nothing is left in it. */
static sio_server *
become_worker(sio_master *m, unsigned number, const sio_birth *b, pid_t master)
{
    sio_server *old = m->s, *s;

    (void)event_reinit(old->env.base); /* its own epoll: the master's must not notice */
    if ((s = sio_server_new(NULL)) == NULL)
        _exit(EXIT_FAILURE); /* no memory: the master tries again */
    sio_birth_give(b, s, &m->places, number, m->n, master);
    sio_birth_exchange_settings(s, old);
    s->net.tls.tickets = old->net.tls.tickets;
    sio_master_admin_let_go(m);
    sio_master_end(m, false);
    sio_server_free(old);
    sio_worker_share(&s->worker, &s->cfg);
    sio_birth_leave_signals();
    return s;
}

static int
prepare_birth(const sio_master *m, unsigned number, sio_birth *b)
{
    bool lives[SIO_WORKERS_MAX];

    for (unsigned i = 0; i < m->n; i++)
        lives[i] = m->workers[i].pid != 0 && i != number;
    return sio_birth_prepare(b, lives, m->n);
}

static void
note_birth(sio_master_worker *w, const sio_birth *b, pid_t pid)
{
    sio_master *m = w->m;

    w->pid = pid;
    w->control = b->control[0];
    w->born_ms = sio_master_workers_now_ms(m);
    if (sio_master_hearing_add(w) != SIO_OK)
        kill(pid, SIGKILL); /* no memory: it could not be heard */
    for (unsigned i = 0; i < b->n_peers; i++)
        sio_master_workers_tell(&m->workers[b->peers[i].number], SIO_WORKER_PEER, w->number,
                                b->peers[i].fds[0]);
    for (unsigned i = 0; i < b->n_peers; i++)
        close(b->peers[i].fds[0]);
    sio_birth_close(b, SIO_BIRTH_NEW);
}

/* No process, or no descriptors. */
static void
note_failure(sio_master_worker *w)
{
    sio_log_error(&w->m->s->env.log, NULL, "worker %u can not begin: %s", w->number,
                  strerror(errno));
    w->born_ms = sio_master_workers_now_ms(w->m);
    w->n_short_lives = w->n_short_lives > 0 ? w->n_short_lives : 1; /* not at once */
    sio_master_succession_fill(w);
}

sio_server *
sio_master_fork(sio_master *m, unsigned number, bool *is_child)
{
    const pid_t        master = getpid();
    sio_master_worker *w = &m->workers[number];
    sigset_t           all, before;
    sio_birth          b;
    pid_t              pid;

    w->is_due = false;
    if (prepare_birth(m, number, &b) != SIO_OK) {
        note_failure(w);
        return NULL;
    }
    fflush(NULL);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before); /* none for the child before it is one */
    if ((pid = fork()) == 0) {
        *is_child = true;
        return become_worker(m, number, &b, master);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid > 0) {
        note_birth(w, &b, pid);
        return NULL;
    }
    note_failure(w);
    sio_birth_close(&b, SIO_BIRTH_OLD);
    sio_birth_close(&b, SIO_BIRTH_NEW);
    return NULL;
}
