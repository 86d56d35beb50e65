/*
 * server/master_signals.h - signals come to a master, which tells its workers.
 */
#ifndef SIO_SERVER_MASTER_SIGNALS_H
#define SIO_SERVER_MASTER_SIGNALS_H

#include "server/master_workers.h"

/* SIO_OK or SIO_ERR_NOMEM. */
int sio_master_signals_catch(sio_master *m);

void sio_master_signals_release(sio_master *m);

#endif
