/* server/master_opening.h - a worker asks where it may listen, and the master opens that. */
#ifndef SIO_SERVER_MASTER_OPENING_H
#define SIO_SERVER_MASTER_OPENING_H

#include "server/master_workers.h"

/* Answer SIO_WORKER_OPEN (worker_ask.h). The descriptor of the message stays the caller's. */
void sio_master_opening_answer(sio_master_worker *w, const sio_worker_message *message);

#endif
