/*
 * server/master_succession.h - a place among the workers is empty: when it is filled.
 */
#ifndef SIO_SERVER_MASTER_SUCCESSION_H
#define SIO_SERVER_MASTER_SUCCESSION_H

#include "server/master_workers.h"

/*
 * At once, if who has left it had it for a minute, or nobody has left it so soon before. Otherwise
 * after a pause, each time twice as long: it is likely to end again.
 */
void sio_master_succession_fill(sio_master_worker *w);

#endif
