#include "server/master_figures.h"

#include <string.h>

#include "server/server.h"

enum { ANSWER_MS = 1000 };

static sio_figures
sum_figures(const sio_master *m)
{
    sio_figures sum = m->past;

    for (unsigned i = 0; i < m->n; i++)
        if (m->workers[i].pid != 0)
            sio_figures_add(&sum, &m->workers[i].figures);
    return sum;
}

static void
write_line(sio_master *m)
{
    const sio_figures sum = sum_figures(m);
    sio_buf           json;

    sio_timer_cancel(&m->s->env.timers, &m->line_timer);
    m->owes_line = false;
    sio_buf_init(&json, SIZE_MAX);
    sio_stats_json(&sum.stats, &sum.store, &json);
    sio_log_at(&m->s->env.log, SIO_LOG_INFO, SIO_EVENT_COUNTERS, NULL, "counters %.*s",
               (int)json.len, json.data);
    sio_buf_fini(&json);
}

static void
on_line_timer(sio_timer *timer)
{
    write_line(SIO_CONTAINER(timer, sio_master, line_timer));
}

static bool
are_complete(const sio_master *m)
{
    for (unsigned i = 0; i < m->n; i++)
        if (m->workers[i].pid != 0 && m->workers[i].is_asked)
            return false;
    return true;
}

void
sio_master_figures_note(sio_master_worker *w, sio_view answer)
{
    sio_master *m = w->m;

    if (answer.len != sizeof w->figures)
        return;
    memcpy(&w->figures, answer.data, answer.len);
    w->is_asked = false;
    m->s->env.stats = sum_figures(m).stats; /* for the service manager */
    if (m->owes_line && are_complete(m))
        write_line(m);
}

void
sio_master_figures_ask(sio_master *m)
{
    for (unsigned i = 0; i < m->n; i++) {
        sio_master_worker *w = &m->workers[i];

        if (!w->is_asked)
            w->asked_ms = sio_master_workers_now_ms(m);
        w->is_asked = w->pid != 0;
        sio_master_workers_tell(w, SIO_WORKER_ASK, 0, -1);
    }
}

void
sio_master_figures_keep(sio_master_worker *w)
{
    sio_master *m = w->m;

    sio_figures_add_past(&m->past, &w->figures);
    memset(&w->figures, 0, sizeof w->figures);
    w->is_asked = false;
    if (m->owes_line && are_complete(m))
        write_line(m);
}

void
sio_master_figures_log(sio_master *m)
{
    sio_master_figures_ask(m);
    m->owes_line = true;
    m->line_timer.fire = on_line_timer;
    sio_timer_set(&m->s->env.timers, &m->line_timer, ANSWER_MS);
    if (are_complete(m))
        write_line(m);
}
