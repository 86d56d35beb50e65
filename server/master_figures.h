/*
 * server/master_figures.h - the counters of all workers, and of those that have ended.
 *
 * Called by master_hearing.c, master_reaping.c and master_signals.c. A master asks every two
 * seconds, and more often when somebody may look at it; by the answers it also knows who is well.
 */
#ifndef SIO_SERVER_MASTER_FIGURES_H
#define SIO_SERVER_MASTER_FIGURES_H

#include "server/master_workers.h"

/* From now on the counters of the master's server are those of all. */
void sio_master_figures_begin(sio_master *m);

/* Safe without a beginning. */
void sio_master_figures_end(sio_master *m);

void sio_master_figures_ask(sio_master *m);

/* A worker has answered; what is no answer is ignored. */
void sio_master_figures_note(sio_master_worker *w, sio_view answer);

/* A worker has ended: what it has counted stays. */
void sio_master_figures_keep(sio_master_worker *w);

/* One line with the sums to the log, as soon as all have answered, or a second has passed. */
void sio_master_figures_log(sio_master *m);

#endif
