/*
 * server/master_end.h - the end of a master, in its own process and in those that it forks.
 */
#ifndef SIO_SERVER_MASTER_END_H
#define SIO_SERVER_MASTER_END_H

#include "server/master_workers.h"

/* Free it. NULL is allowed. A new worker leaves the files of unix sockets where they are. */
void sio_master_end(sio_master *m, bool removes_files);

#endif
