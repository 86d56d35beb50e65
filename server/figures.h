/*
 * server/figures.h - the counters of several processes that serve as one.
 *
 * Called by worker.c, which tells them, and by master.c, which adds them up.
 */
#ifndef SIO_SERVER_FIGURES_H
#define SIO_SERVER_FIGURES_H

#include "protocol/buf.h"
#include "server/base/stats.h"
#include "store/store.h"

typedef struct {
    sio_stats          stats;
    sio_store_counters store;
} sio_figures;

/* Add those of a living process; of some that can not be added, the largest. */
void sio_figures_add(sio_figures *sum, const sio_figures *one);

/* Add what is left of one that has ended: what it has counted, and nothing that it had. */
void sio_figures_add_past(sio_figures *sum, const sio_figures *one);

#endif
