/*
 * server/worker_ask.h - a worker whose program says where it listens asks its master for the
 * sockets, which stay open there when it has ended.
 *
 * Called by startup.c; master_opening.c answers. A place is a number, the port or
 * SIO_WORKER_ASK_PATH, and bytes, the host or the path.
 */
#ifndef SIO_SERVER_WORKER_ASK_H
#define SIO_SERVER_WORKER_ASK_H

#include "server/siobroker.h"

enum { SIO_WORKER_ASK_PATH = 1 << 16 };

/*
 * Ask for all places that the settings name by now, and wait for the answers. Nothing happens in a
 * server that is no such worker. SIO_OK, or a failure with one line in s->error.
 */
int sio_worker_ask(sio_server *s);

#endif
