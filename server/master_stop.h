/*
 * server/master_stop.h - all workers are to end.
 */
#ifndef SIO_SERVER_MASTER_STOP_H
#define SIO_SERVER_MASTER_STOP_H

#include "server/master_workers.h"

/* As so many calls of sio_stop(), in each. Those that take longer than the settings are killed. */
void sio_master_stop(sio_master *m, unsigned n_steps);

#endif
