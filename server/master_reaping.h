/*
 * server/master_reaping.h - which workers have ended, and when others take their places.
 */
#ifndef SIO_SERVER_MASTER_REAPING_H
#define SIO_SERVER_MASTER_REAPING_H

#include "server/master_workers.h"

/* Look now. Their places are filled; or all stop, if one ends before the program was ready. */
void sio_master_reaping_look(sio_master *m);

/*
 * The place of w is empty: fill it. At once, if who has left it had it for a minute, or nobody has
 * left it so soon before. Otherwise after a pause, each time twice as long: it is likely to end
 * again.
 */
void sio_master_reaping_refill(sio_master_worker *w);

#endif
