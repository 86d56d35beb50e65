#include "server/master_fork.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/master_admin.h"
#include "server/master_end.h"
#include "server/master_hearing.h"
#include "server/master_reaping.h"
#include "server/server.h"

/* --- What a new worker gets: sockets, settings, signals. --- */

enum { FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK };

/* Each socket pair has a side of those who are there, and one of the new worker. */
typedef enum { OLD = 0, NEW = 1 } birth_side;

typedef struct {
    int      control[2]; /* to the master */
    unsigned n_peers;
    struct {
        unsigned number;
        int      fds[2];
    } peers[SIO_WORKERS_MAX];
} birth;

static void
birth_close(const birth *b, birth_side side)
{
    close(b->control[side]);
    for (unsigned i = 0; i < b->n_peers; i++)
        close(b->peers[i].fds[side]);
}

/* What has been made so far goes; errno is kept. */
static int
birth_fail(const birth *b)
{
    const int error = errno;

    birth_close(b, OLD);
    birth_close(b, NEW);
    errno = error;
    return SIO_ERR_SYS;
}

/*
 * Sockets to the master, and to each of the n workers that lives. SIO_OK, or SIO_ERR_SYS with errno
 * set.
 */
static int
birth_prepare(birth *b, const bool lives[], unsigned n)
{
    b->n_peers = 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | FLAGS, 0, b->control) != 0)
        return SIO_ERR_SYS;
    for (unsigned i = 0; i < n; i++) {
        if (!lives[i])
            continue;
        if (socketpair(AF_UNIX, SOCK_STREAM | FLAGS, 0, b->peers[b->n_peers].fds) != 0)
            return birth_fail(b);
        b->peers[b->n_peers++].number = i;
    }
    return SIO_OK;
}

/* In the new process: s is worker `number`, and has its side of the sockets. */
static void
birth_give(const birth *b, sio_server *s, const sio_master *m, unsigned number, pid_t master)
{
    sio_worker *w = &s->worker;

    s->knows_workers = true;
    w->is_one = true;
    w->is_late = m->is_late;
    w->number = number;
    w->n = m->n;
    w->master = master;
    w->control = b->control[NEW];
    if (!m->is_late) /* else it asks */
        sio_master_sockets_copy(&m->sockets, number, &w->kept);
    for (unsigned i = 0; i < b->n_peers; i++) {
        w->peers[i].number = b->peers[i].number;
        w->peers[i].fd = b->peers[i].fds[NEW];
    }
    w->n_peers = b->n_peers;
    birth_close(b, OLD);
}

/* The settings of two servers that do not listen, and where they came from. */
static void
exchange_settings(sio_server *a, sio_server *b)
{
    const sio_cfg     cfg = a->cfg;
    const sio_sources sources = a->sources;

    a->cfg = b->cfg;
    a->sources = b->sources;
    b->cfg = cfg;
    b->sources = sources;
}

/* Signals are for the master. One that comes before a worker catches SIGTERM may end it. */
static void
leave_signals(void)
{
    static const int numbers[] = {SIGINT, SIGALRM, SIGHUP, SIGUSR1, SIGUSR2};
    sigset_t         none;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        signal(numbers[i], SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* --- It begins. --- */

/* In the new process. Of the master nothing is left in it. */
static sio_server *
become_worker(sio_master *m, unsigned number, const birth *b, pid_t master)
{
    sio_server *old = m->s, *s;

    (void)event_reinit(old->env.base); /* its own epoll: the master's must not notice */
    if ((s = sio_server_new(NULL)) == NULL)
        _exit(EXIT_FAILURE); /* no memory: the master tries again */
    birth_give(b, s, m, number, master);
    exchange_settings(s, old);
    s->net.tls.tickets = old->net.tls.tickets;
    sio_successor_forget(&old->successor);
    sio_master_admin_let_go(m);
    sio_master_end(m, false);
    sio_server_free(old);
    leave_signals();
    if (s->worker.is_late && sio_worker_open(s) != SIO_OK)
        _exit(EXIT_FAILURE);
    return s;
}

static int
birth_begin(const sio_master *m, unsigned number, birth *b)
{
    bool lives[SIO_WORKERS_MAX];

    for (unsigned i = 0; i < m->n; i++)
        lives[i] = m->workers[i].pid != 0 && i != number;
    return birth_prepare(b, lives, m->n);
}

static void
note_birth(sio_master_worker *w, const birth *b, pid_t pid)
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
    birth_close(b, NEW);
}

/* No process, or no descriptors. */
static void
note_failure(sio_master_worker *w)
{
    sio_log_error(&w->m->s->env.log, NULL, "worker %u can not begin: %s", w->number,
                  strerror(errno));
    w->born_ms = sio_master_workers_now_ms(w->m);
    w->n_short_lives = w->n_short_lives > 0 ? w->n_short_lives : 1; /* not at once */
    sio_master_reaping_refill(w);
}

sio_server *
sio_master_fork(sio_master *m, unsigned number, bool *is_child)
{
    const pid_t        master = getpid();
    sio_master_worker *w = &m->workers[number];
    sigset_t           all, before;
    birth              b;
    pid_t              pid;

    w->is_due = false;
    if (birth_begin(m, number, &b) != SIO_OK) {
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
    birth_close(&b, OLD);
    birth_close(&b, NEW);
    return NULL;
}
