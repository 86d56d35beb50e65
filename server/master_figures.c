#include "server/master_figures.h"

#include <stdio.h>
#include <string.h>

#include "server/server.h"
#include "server/socketio/namespace.h"

enum { ANSWER_MS = 1000 };

/* --- Sums. --- */

static void
sum_figures(const sio_master *m, sio_worker_figures *sum)
{
    *sum = m->own;
    sio_worker_figures_add(sum, &m->past);
    for (unsigned i = 0; i < m->n; i++)
        if (m->workers[i].pid != 0)
            sio_worker_figures_add(sum, &m->workers[i].figures);
}

static void
show_counters(sio_master *m, const sio_worker_figures *sum)
{
    sio_env       *env = &m->s->env;
    const sio_link backends = env->measures.backends;
    const uint64_t settings_read_ms = env->measures.settings_read_ms;

    env->stats = sum->stats;
    env->measures = sum->measures;
    env->measures.backends = backends; /* it is the head of a ring */
    env->measures.settings_read_ms = settings_read_ms;
    m->store.counters = sum->store;
    m->s->admin.usage.others = sum->process;
}

/* Those that there is no place for, and those that are not listed, are counted together. */
static void
show_namespaces(sio_master *m, const sio_worker_figures *sum)
{
    sio_io   *io = &m->s->io;
    uint64_t *others = &io->n_sockets[SIO_MAX_COUNTED_NAMESPACES];

    memset(io->n_sockets, 0, sizeof io->n_sockets);
    *others = sum->n_other_sockets;
    for (unsigned i = 0; i < sum->n_namespaces; i++) {
        const char    *name = sum->namespaces[i].name;
        sio_namespace *nsp = sio_find_namespace(m->s, name);

        if (nsp == NULL && io->n_namespaces < SIO_MAX_COUNTED_NAMESPACES)
            nsp = sio_of(m->s, name);
        *(nsp != NULL ? sio_namespace_count(nsp) : others) += sum->namespaces[i].n_sockets;
    }
    if (*others > 0 && io->n_namespaces <= SIO_MAX_COUNTED_NAMESPACES)
        io->n_namespaces = SIO_MAX_COUNTED_NAMESPACES + 1; /* so that they are shown */
}

static void
show_backends(sio_master *m, const sio_worker_figures *sum)
{
    for (unsigned i = 0; i < sum->n_backends; i++) {
        sio_backend_measures *b = &m->backends[i];

        if (b->name == NULL)
            sio_measures_add_backend(&m->s->env.measures, b, m->backend_names[i]);
        memcpy(m->backend_names[i], sum->backends[i].name, sizeof m->backend_names[i]);
        b->requests = sum->backends[i].requests;
    }
}

/* What the admin listener, the log and the service manager show is what all have together. */
static void
show_sums(sio_master *m)
{
    sio_worker_figures sum;

    sio_worker_figures_add_own(&m->own, &m->shown, &m->s->env);
    sum_figures(m, &sum);
    show_counters(m, &sum);
    show_namespaces(m, &sum);
    show_backends(m, &sum);
    m->shown = sum;
}

/* --- A line of the log. --- */

static void
write_line(sio_master *m)
{
    sio_buf json;

    sio_timer_cancel(&m->s->env.timers, &m->line_timer);
    m->owes_line = false;
    show_sums(m);
    sio_buf_init(&json, SIZE_MAX);
    sio_stats_json(&m->s->env.stats, &m->store.counters, &json);
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

/* --- Questions and answers. --- */

void
sio_master_figures_note(sio_master_worker *w, sio_view answer)
{
    sio_master *m = w->m;

    if (answer.len != sizeof w->figures)
        return;
    memcpy(&w->figures, answer.data, answer.len);
    w->is_asked = false;
    if (!are_complete(m))
        return;
    show_sums(m);
    if (m->owes_line)
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

    sio_worker_figures_add_past(&m->past, &w->figures);
    memset(&w->figures, 0, sizeof w->figures);
    w->is_asked = false;
    show_sums(m);
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

/* --- Life. --- */

static void
free_nothing(sio_store *store)
{
    (void)store; /* it is a part of the master */
}

/* A store that has nothing but counters, for those who show them. */
static const sio_store_ops no_store = {.free = free_nothing};

void
sio_master_figures_begin(sio_master *m)
{
    sio_env *env = &m->s->env;

    m->store.ops = &no_store;
    env->store = &m->store;
    env->has_sums = true;
    m->own.measures = m->shown.measures = env->measures; /* with the bounds of histograms */
    m->own.stats = env->stats;
    m->shown.stats = env->stats;
}

void
sio_master_figures_end(sio_master *m)
{
    for (size_t i = 0; i < SIO_WORKER_FIGURES_BACKENDS_MAX; i++)
        if (m->backends[i].name != NULL)
            sio_link_remove(&m->backends[i].link);
    m->s->env.store = NULL;
    m->s->env.has_sums = false;
}
