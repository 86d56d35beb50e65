/*
 * server/master_admin.h - the admin listener of several workers is their master's.
 *
 * Called by master.c, master_fork.c and master_end.c. What it shows are the sums of
 * master_figures.h, at most half a second old; what needs the clients themselves is refused.
 */
#ifndef SIO_SERVER_MASTER_ADMIN_H
#define SIO_SERVER_MASTER_ADMIN_H

#include "server/master_workers.h"

/* Listen, where the settings say so. SIO_OK, or a failure with one line in s->error. */
int sio_master_admin_open(sio_master *m);

/*
 * In a new worker: what is open here is open in the master, too, and is not to notice that the
 * worker closes it.
 */
void sio_master_admin_let_go(sio_master *m);

#endif
