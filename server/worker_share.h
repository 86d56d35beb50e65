/*
 * server/worker_share.h - a worker has its share of what the settings allow to all together.
 *
 * Called by startup.c, and by reload.c when they are read again.
 */
#ifndef SIO_SERVER_WORKER_SHARE_H
#define SIO_SERVER_WORKER_SHARE_H

#include "server/config/config.h"
#include "server/worker.h"

/* Nothing happens where the server is no worker. */
void sio_worker_share(const sio_worker *w, sio_cfg *cfg);

/* The same when it begins to listen, which it may try several times. */
void sio_worker_share_once(sio_worker *w, sio_cfg *cfg);

#endif
