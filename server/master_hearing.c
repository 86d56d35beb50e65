#include "server/master_hearing.h"

#include <signal.h>
#include <unistd.h>

#include "server/announcement.h"
#include "server/master_figures.h"
#include "server/master_opening.h"
#include "server/server.h"

enum {
    ASK_EVERY_MS = 2000,
    ASK_EVERY_SHOWN_MS = 500 /* when somebody may look at it, once a second for example */
};

/* A worker that hangs is found by that, as an instance of a cluster is by its silence. */
static bool
is_silent(const sio_master_worker *w)
{
    return w->pid != 0 && w->is_ready && w->is_asked && w->m->n_stops == 0 &&
           sio_master_workers_now_ms(w->m) > w->asked_ms + w->m->s->cfg.instance_timeout_ms;
}

static void
log_room(const sio_master *m)
{
    sio_log_info(&m->s->env.log, NULL, "room for %u connections",
                 m->s->net.admission.max_connections);
}

/* The first one listens: what its program does at the start is right. */
static void
begin_others(sio_master *m)
{
    for (unsigned i = 1; i < m->n; i++)
        m->workers[i].is_due = true;
}

static void
announce(sio_master *m)
{
    sio_server *s = m->s;

    m->was_ready = true;
    s->env.phase = SIO_SERVING;
    s->admin.control.where = sio_buf_view(&m->where);
    sio_announcement_make(s, sio_buf_view(&m->where), m->n);
    sio_master_sockets_own_files(&m->sockets);
    sio_inheritance_serve(s);
    if (m->is_late)
        begin_others(m);
    else
        log_room(m);
}

static bool
all_are_ready(const sio_master *m)
{
    for (unsigned i = 0; i < m->n; i++)
        if (!m->workers[i].is_ready)
            return false;
    return true;
}

static unsigned
count_room(const sio_master *m)
{
    unsigned n = 0;

    for (unsigned i = 0; i < m->n; i++)
        n += m->workers[i].n_room;
    return n;
}

static void
note_ready(sio_master_worker *w, const sio_worker_message *message)
{
    sio_master *m = w->m;

    w->is_ready = true;
    w->n_room = message->number;
    m->s->net.admission.max_connections = count_room(m);
    if (m->s->env.phase >= SIO_LEAVING)
        sio_master_workers_tell(w, SIO_WORKER_DRAIN, 0, -1); /* as the others do */
    if (m->was_ready) {
        sio_log_info(&m->s->env.log, NULL, "worker %u serves (process %d)", w->number, (int)w->pid);
        return;
    }
    sio_buf_clear(&m->where);
    sio_buf_add_view(&m->where, message->bytes);
    if ((m->is_late || all_are_ready(m)) && m->n_stops == 0)
        announce(m);
}

static void
hear_worker(sio_master_worker *w, const sio_worker_message *message)
{
    if (message->word == SIO_WORKER_READY)
        note_ready(w, message);
    else if (message->word == SIO_WORKER_FIGURES)
        sio_master_figures_note(w, message->bytes);
    else if (message->word == SIO_WORKER_OPEN)
        sio_master_opening_answer(w, message);
    else if (message->word == SIO_WORKER_CLOSED && w->m->s->env.phase >= SIO_LEAVING)
        sio_master_sockets_close_one(&w->m->sockets, w->number);
    if (message->fd >= 0)
        close(message->fd);
}

/* What it has said, until there is nothing more. */
static int
hear_all_of(sio_master_worker *w)
{
    char               buf[SIO_WORKER_WIRE_MAX];
    sio_worker_message message;
    int                rc;

    while ((rc = sio_worker_wire_receive(w->control, buf, &message)) == SIO_OK)
        hear_worker(w, &message);
    return rc;
}

static void
on_worker(evutil_socket_t fd, short events, void *arg)
{
    sio_master_worker *w = arg;

    (void)fd;
    (void)events;
    if (hear_all_of(w) != SIO_PARTIAL)
        event_del(w->control_event); /* it ends: SIGCHLD comes */
}

/* It may be the master that did not come to hear it. */
static void
kill_if_silent(sio_master_worker *w)
{
    if (is_silent(w))
        (void)hear_all_of(w);
    if (!is_silent(w))
        return;
    sio_log_error(&w->m->s->env.log, NULL,
                  "worker %u (process %d) has not answered for \"instance timeout\": it is killed",
                  w->number, (int)w->pid);
    kill(w->pid, SIGKILL);
}

static unsigned
ask_every_ms(const sio_master *m)
{
    return m->s->cfg.admin_listen.n > 0 ? ASK_EVERY_SHOWN_MS : ASK_EVERY_MS;
}

static void
on_ask_timer(sio_timer *timer)
{
    sio_master *m = SIO_CONTAINER(timer, sio_master, ask_timer);

    sio_timer_set(&m->s->env.timers, timer, ask_every_ms(m));
    for (unsigned i = 0; i < m->n; i++)
        kill_if_silent(&m->workers[i]);
    sio_master_figures_ask(m);
}

/* For the watchdog of the service manager. */
static bool
all_are_well(const sio_server *s)
{
    for (unsigned i = 0; i < s->master->n; i++)
        if (is_silent(&s->master->workers[i]))
            return false;
    return true;
}

void
sio_master_hearing_begin(sio_master *m)
{
    m->s->systemd.is_well = all_are_well;
    m->ask_timer.fire = on_ask_timer;
    sio_timer_set(&m->s->env.timers, &m->ask_timer, ask_every_ms(m));
}

int
sio_master_hearing_add(sio_master_worker *w)
{
    struct event_base *base = w->m->s->env.base;

    w->is_ready = w->is_asked = false;
    w->control_event = event_new(base, w->control, EV_READ | EV_PERSIST, on_worker, w);
    return w->control_event != NULL && event_add(w->control_event, NULL) == 0 ? SIO_OK
                                                                              : SIO_ERR_NOMEM;
}

void
sio_master_hearing_remove(sio_master_worker *w)
{
    (void)hear_all_of(w);
    if (w->control_event != NULL)
        event_free(w->control_event);
    w->control_event = NULL;
    close(w->control);
    w->is_ready = false;
}
