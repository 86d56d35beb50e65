#include "server/figures.h"

#include <stddef.h>
#include <stdint.h>

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

static void
add_all(sio_figures *sum, const sio_figures *one, bool is_past)
{
    figures_add(&sum->stats, &one->stats, sio_stats_table, sio_stats_n, false, is_past);
    figures_add(&sum->store, &one->store, sio_stats_store_table, sio_stats_n_store, true, is_past);
}

void
sio_figures_add(sio_figures *sum, const sio_figures *one)
{
    add_all(sum, one, false);
}

void
sio_figures_add_past(sio_figures *sum, const sio_figures *one)
{
    add_all(sum, one, true);
}
