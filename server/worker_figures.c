#include "server/worker_figures.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static uint64_t *
value_at(void *counters, size_t offset)
{
    return (uint64_t *)(void *)((char *)counters + offset);
}

/* Each process counts all others, and each knows whether Redis is there. */
static bool
is_common(const sio_stat *row, bool is_of_store)
{
    return is_of_store ? row->offset == offsetof(sio_store_counters, connected)
                       : row->offset == offsetof(sio_stats, peers);
}

static bool
is_of_now(const sio_stat *row, bool is_of_store)
{
    return row->kind == SIO_STAT_NOW ||
           (!is_of_store && row->offset == offsetof(sio_stats, sessions));
}

static void
figures_add(void *sum, const void *one, const sio_stat *rows, size_t n, bool is_of_store,
            bool is_past)
{
    for (size_t i = 0; i < n; i++) {
        const uint64_t more = sio_stat_value(&rows[i], one);
        uint64_t      *to = value_at(sum, rows[i].offset);

        if (is_past && is_of_now(&rows[i], is_of_store))
            continue;
        if (!is_common(&rows[i], is_of_store))
            *to += more;
        else if (more > *to)
            *to = more;
    }
}

/* --- Measures. --- */

static void
add_numbers(uint64_t *to, const uint64_t *more, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += more[i];
}

/* The bounds are the same in each process; one that has measured nothing may have none yet. */
static void
add_histogram(sio_histogram *to, const sio_histogram *more)
{
    if (more->n_bounds == 0)
        return;
    to->first = more->first;
    to->factor = more->factor;
    to->n_bounds = more->n_bounds;
    to->sum += more->sum;
    add_numbers(to->counts, more->counts, SIO_HISTOGRAM_MAX_BOUNDS + 1);
}

static const void *
constant_at(const void *measures, size_t offset)
{
    return (const char *)measures + offset;
}

static void
add_measures(sio_measures *sum, const sio_measures *one)
{
    for (size_t i = 0; i < sio_measures_n_tallies; i++) {
        const sio_tally *t = &sio_measures_tallies[i];

        add_numbers(value_at(sum, t->offset), constant_at(one, t->offset), t->n);
    }
    for (size_t i = 0; i < sio_measures_n_sizes; i++) {
        const sio_sizes     *s = &sio_measures_sizes[i];
        sio_histogram       *to = (void *)value_at(sum, s->offset);
        const sio_histogram *more = constant_at(one, s->offset);

        for (size_t j = 0; j < s->n; j++)
            add_histogram(&to[j], &more[j]);
    }
}

static sio_worker_figures_backend *
find_figures_backend(sio_worker_figures *f, const char *name)
{
    for (unsigned i = 0; i < f->n_backends; i++)
        if (strcmp(f->backends[i].name, name) == 0)
            return &f->backends[i];
    if (f->n_backends == SIO_WORKER_FIGURES_BACKENDS_MAX)
        return NULL;
    memcpy(f->backends[f->n_backends].name, name, strlen(name) + 1);
    return &f->backends[f->n_backends++];
}

static void
add_backends(sio_worker_figures *sum, const sio_worker_figures *one)
{
    for (unsigned i = 0; i < one->n_backends; i++) {
        sio_worker_figures_backend *b = find_figures_backend(sum, one->backends[i].name);

        if (b != NULL)
            add_histogram(&b->requests, &one->backends[i].requests);
    }
}

/* --- What there is now. --- */

static uint64_t *
find_sockets(sio_worker_figures *f, const char *name)
{
    for (unsigned i = 0; i < f->n_namespaces; i++)
        if (strcmp(f->namespaces[i].name, name) == 0)
            return &f->namespaces[i].n_sockets;
    if (f->n_namespaces == SIO_MAX_COUNTED_NAMESPACES)
        return &f->n_other_sockets;
    memcpy(f->namespaces[f->n_namespaces].name, name, strlen(name) + 1);
    return &f->namespaces[f->n_namespaces++].n_sockets;
}

static void
add_present(sio_worker_figures *sum, const sio_worker_figures *one)
{
    sio_process_figures       *p = &sum->process;
    const sio_process_figures *more = &one->process;

    p->resident_bytes += more->resident_bytes;
    p->virtual_bytes += more->virtual_bytes;
    p->open_fds += more->open_fds;
    p->max_fds += more->max_fds;
    for (size_t i = 0; i < SIO_N_SPEAKS; i++)
        add_numbers(sum->measures.sessions[i], one->measures.sessions[i], SIO_N_CARRIED_BY);
    sum->n_other_sockets += one->n_other_sockets;
    for (unsigned i = 0; i < one->n_namespaces; i++)
        *find_sockets(sum, one->namespaces[i].name) += one->namespaces[i].n_sockets;
}

/* --- What this process counts by itself, into what it shows. --- */

static void
add_difference(uint64_t *own, const uint64_t *now, const uint64_t *shown, size_t n)
{
    for (size_t i = 0; i < n; i++)
        own[i] += now[i] - shown[i];
}

void
sio_worker_figures_add_own(sio_worker_figures *own, const sio_worker_figures *shown,
                           const sio_env *env)
{
    for (size_t i = 0; i < sio_stats_n; i++) {
        const size_t offset = sio_stats_table[i].offset;

        add_difference(value_at(&own->stats, offset), constant_at(&env->stats, offset),
                       constant_at(&shown->stats, offset), 1);
    }
    for (size_t i = 0; i < sio_measures_n_tallies; i++) {
        const sio_tally *t = &sio_measures_tallies[i];

        add_difference(value_at(&own->measures, t->offset), constant_at(&env->measures, t->offset),
                       constant_at(&shown->measures, t->offset), t->n);
    }
}

/* --- All of it. --- */

static void
add_all(sio_worker_figures *sum, const sio_worker_figures *one, bool is_past)
{
    figures_add(&sum->stats, &one->stats, sio_stats_table, sio_stats_n, false, is_past);
    figures_add(&sum->store, &one->store, sio_stats_store_table, sio_stats_n_store, true, is_past);
    add_measures(&sum->measures, &one->measures);
    add_histogram(&sum->store.command_us, &one->store.command_us);
    add_backends(sum, one);
    sum->process.cpu_s += one->process.cpu_s;
    if (!is_past)
        add_present(sum, one);
}

void
sio_worker_figures_add(sio_worker_figures *sum, const sio_worker_figures *one)
{
    add_all(sum, one, false);
}

void
sio_worker_figures_add_past(sio_worker_figures *sum, const sio_worker_figures *one)
{
    add_all(sum, one, true);
}
