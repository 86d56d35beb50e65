#include "server/birth.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/server.h"

enum { FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK };

void
sio_birth_close(const sio_birth *b, sio_birth_side side)
{
    close(b->control[side]);
    for (unsigned i = 0; i < b->n_peers; i++)
        close(b->peers[i].fds[side]);
}

/* What has been made so far goes; errno is kept. */
static int
birth_fail(const sio_birth *b)
{
    const int error = errno;

    sio_birth_close(b, SIO_BIRTH_OLD);
    sio_birth_close(b, SIO_BIRTH_NEW);
    errno = error;
    return SIO_ERR_SYS;
}

int
sio_birth_prepare(sio_birth *b, const bool lives[], unsigned n)
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

void
sio_birth_give(const sio_birth *b, sio_server *s, const sio_places *places, unsigned number,
               unsigned n, pid_t master)
{
    sio_worker *w = &s->worker;

    s->knows_workers = true;
    w->is_one = true;
    w->number = number;
    w->n = n;
    w->master = master;
    w->control = b->control[SIO_BIRTH_NEW];
    sio_places_copy(places, number, &w->kept);
    for (unsigned i = 0; i < b->n_peers; i++) {
        w->peers[i].number = b->peers[i].number;
        w->peers[i].fd = b->peers[i].fds[SIO_BIRTH_NEW];
    }
    w->n_peers = b->n_peers;
    sio_birth_close(b, SIO_BIRTH_OLD);
}

void
sio_birth_exchange_settings(sio_server *a, sio_server *b)
{
    const sio_cfg     cfg = a->cfg;
    const sio_sources sources = a->sources;

    a->cfg = b->cfg;
    a->sources = b->sources;
    b->cfg = cfg;
    b->sources = sources;
}

void
sio_birth_leave_signals(void)
{
    static const int numbers[] = {SIGINT, SIGALRM, SIGHUP, SIGUSR1, SIGUSR2};
    sigset_t         none;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        signal(numbers[i], SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
