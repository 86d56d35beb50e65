/*
 * server/master_fork.h - a worker begins.
 */
#ifndef SIO_SERVER_MASTER_FORK_H
#define SIO_SERVER_MASTER_FORK_H

#include "server/master_workers.h"

/*
 * Fork worker `number`. In the new process *is_child is set, and its server is returned: m has gone
 * there. In the master it returns NULL; when no process can be had, that is tried again later.
 */
sio_server *sio_master_fork(sio_master *m, unsigned number, bool *is_child);

#endif
