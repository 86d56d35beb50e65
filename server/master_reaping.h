/*
 * server/master_reaping.h - which workers have ended, and what follows.
 */
#ifndef SIO_SERVER_MASTER_REAPING_H
#define SIO_SERVER_MASTER_REAPING_H

#include "server/master_workers.h"

/* Look now. Their places are due, or all stop, if they end before the program was ready. */
void sio_master_reaping_look(sio_master *m);

#endif
