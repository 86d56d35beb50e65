/*
 * server/master_hearing.h - what workers tell their master, and who of them is silent.
 *
 * Called by master.c, master_fork.c and master_reaping.c. The first time that all are ready, the
 * program is: the log and the service manager are told.
 */
#ifndef SIO_SERVER_MASTER_HEARING_H
#define SIO_SERVER_MASTER_HEARING_H

#include "server/master_workers.h"

/* Look after them, from now on: all are asked now and then, and one that hangs is killed. */
void sio_master_hearing_begin(sio_master *m);

/* Hear a worker that has just begun. SIO_OK or SIO_ERR_NOMEM. */
int sio_master_hearing_add(sio_master_worker *w);

/* A worker has ended: hear its last words, and no more. */
void sio_master_hearing_remove(sio_master_worker *w);

#endif
