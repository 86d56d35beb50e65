/*
 * server/worker_say.h - what a worker tells its master (worker_wire.h). A server that is no worker
 * says nothing.
 *
 * Called by startup.c, drain.c and worker.c.
 */
#ifndef SIO_SERVER_WORKER_SAY_H
#define SIO_SERVER_WORKER_SAY_H

#include "protocol/view.h"
#include "server/siobroker.h"

/* It serves: where it listens. */
void sio_worker_say_ready(sio_server *s, sio_view where);

/* It accepts no connections any more. */
void sio_worker_say_closed(sio_server *s);

/* What it has counted. */
void sio_worker_say_figures(sio_server *s);

#endif
