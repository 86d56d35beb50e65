#include "server/master_workers.h"

#include <signal.h>

#include "server/server.h"

uint64_t
sio_master_workers_now_ms(const sio_master *m)
{
    return sio_timer_wheel_now_ms(&m->s->env.timers);
}

unsigned
sio_master_workers_living(const sio_master *m)
{
    unsigned n = 0;

    for (unsigned i = 0; i < m->n; i++)
        n += m->workers[i].pid != 0;
    return n;
}

void
sio_master_workers_tell(sio_master_worker *w, sio_worker_word word, unsigned number, int fd)
{
    const sio_worker_message m = {.word = word, .number = number, .bytes = {NULL, 0}, .fd = fd};

    if (w->pid == 0 || sio_worker_wire_send(w->control, &m) != SIO_ERR_FULL ||
        word == SIO_WORKER_ASK)
        return;
    sio_log_error(&w->m->s->env.log, NULL, "worker %u does not hear: it is killed", w->number);
    kill(w->pid, SIGKILL);
}

void
sio_master_workers_tell_all(sio_master *m, sio_worker_word word, unsigned number)
{
    for (unsigned i = 0; i < m->n; i++)
        sio_master_workers_tell(&m->workers[i], word, number, -1);
}
