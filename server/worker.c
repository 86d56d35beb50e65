#include "server/worker.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "server/server.h"
#include "server/worker_say.h"
#include "server/worker_wire.h"
#include "store/bus.h"

/* --- From the master. --- */

static void
stop_as_often(sio_server *s, unsigned n_stops)
{
    while (s->worker.n_stops < n_stops) {
        s->worker.n_stops++;
        if (!sio_signals_are_taken(&s->signals, SIGTERM))
            sio_stop(s);
    }
}

void
sio_worker_terminate(sio_server *s)
{
    stop_as_often(s, 1);
}

/* Until there is a store; the predecessor of that one has ended. */
static int
keep_peer(sio_worker *w, unsigned number, int fd)
{
    unsigned i = 0;

    while (i < w->n_peers && w->peers[i].number != number)
        i++;
    if (i == SIO_WORKERS_MAX) {
        close(fd);
        return SIO_ERR_NOMEM;
    }
    if (i < w->n_peers)
        close(w->peers[i].fd);
    else
        w->n_peers++;
    w->peers[i].number = number;
    w->peers[i].fd = fd;
    return SIO_OK;
}

/* It is the first step of stopping. */
static void
hand_over(sio_server *s)
{
    if (s->worker.n_stops > 0)
        return;
    s->worker.n_stops = 1;
    sio_drain_hand_over(s);
}

/* With Redis, that is what they have between them. */
static int
add_peer(sio_server *s, unsigned number, int fd)
{
    if (s->env.store == NULL)
        return keep_peer(&s->worker, number, fd);
    if (s->cfg.redis[0] == '\0')
        return sio_bus_add_peer(s->env.store, number, fd);
    close(fd);
    return SIO_OK;
}

/* A late one hears its master before it listens, when there is nothing to drain, for example. */
static bool
is_too_early(const sio_server *s, sio_worker_word word)
{
    return s->env.store == NULL && word != SIO_WORKER_PEER && word != SIO_WORKER_STOP;
}

/* One more message is no reason to end; a peer that is not known is. */
static void
worker_obey(sio_server *s, const sio_worker_message *m)
{
    if (is_too_early(s, m->word))
        return;
    switch (m->word) {
    case SIO_WORKER_PEER:
        if (m->fd >= 0 && add_peer(s, m->number, m->fd) != SIO_OK) {
            sio_log_error(&s->env.log, NULL, "out of memory: another worker is not heard");
            stop_as_often(s, 1);
        }
        break;
    case SIO_WORKER_STOP:
        stop_as_often(s, m->number);
        break;
    case SIO_WORKER_RELOAD:
        (void)sio_reload(s); /* which logs what was wrong */
        break;
    case SIO_WORKER_DRAIN:
        sio_drain(s);
        break;
    case SIO_WORKER_UNDRAIN:
        if (sio_undrain(s) != 0)
            sio_log_warn(&s->env.log, NULL, "this worker drains, it was told too late: %s",
                         sio_error(s));
        break;
    case SIO_WORKER_LOG: /* the master has said it */
        sio_log_level_change(&s->env, (int)(m->number & 0xff), m->number >> 8, true);
        break;
    case SIO_WORKER_HAND_OVER:
        hand_over(s);
        break;
    case SIO_WORKER_ASK:
        sio_worker_say_figures(s);
        break;
    case SIO_WORKER_READY:
    case SIO_WORKER_CLOSED:
    case SIO_WORKER_FIGURES:
    case SIO_WORKER_OPEN:
    case SIO_SUCCESSOR_WANT:
    case SIO_SUCCESSOR_SOCKET:
    case SIO_SUCCESSOR_NO_MORE:
    case SIO_SUCCESSOR_READY: /* these are for others; */
    case SIO_WORKER_SOCKET:   /* and these come where they are waited for */
    case SIO_WORKER_REFUSED:
        break;
    }
}

static void
on_control(evutil_socket_t fd, short events, void *arg)
{
    sio_server        *s = arg;
    char               buf[SIO_WORKER_WIRE_MAX];
    sio_worker_message m;
    int                rc;

    (void)events;
    while ((rc = sio_worker_wire_receive(fd, buf, &m)) == SIO_OK)
        worker_obey(s, &m);
    if (rc == SIO_PARTIAL)
        return;
    event_del(s->worker.control_event);
    if (s->worker.n_stops == 0)
        sio_log_at(&s->env.log, SIO_LOG_ERROR, SIO_EVENT_STOPPING, NULL,
                   "the master has ended: this worker stops");
    stop_as_often(s, 1);
}

/* --- Life. --- */

int
sio_worker_add_peers(sio_server *s)
{
    sio_worker *w = &s->worker;
    int         rc = SIO_OK;

    for (unsigned i = 0; i < w->n_peers; i++) {
        const int added = add_peer(s, w->peers[i].number, w->peers[i].fd);

        rc = rc == SIO_OK ? added : rc;
    }
    w->n_peers = 0;
    return rc;
}

int
sio_worker_open(sio_server *s)
{
    sio_worker *w = &s->worker;

    if (!w->is_one || w->control_event != NULL)
        return SIO_OK;
    w->control_event = event_new(s->env.base, w->control, EV_READ | EV_PERSIST, on_control, s);
    return w->control_event != NULL && event_add(w->control_event, NULL) == 0 ? SIO_OK
                                                                              : SIO_ERR_NOMEM;
}

void
sio_worker_close(sio_worker *w)
{
    if (!w->is_one)
        return;
    if (w->control_event != NULL)
        event_free(w->control_event);
    w->control_event = NULL;
    for (unsigned i = 0; i < w->n_peers; i++)
        close(w->peers[i].fd);
    w->n_peers = 0;
    sio_kept_close(&w->kept);
    close(w->control);
    w->is_one = false;
}
