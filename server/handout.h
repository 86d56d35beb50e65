/*
 * server/handout.h - settings that somebody keeps a copy of, instead of looking into env->cfg.
 *
 * Called by startup.c, and by reload.c when they have changed.
 */
#ifndef SIO_SERVER_HANDOUT_H
#define SIO_SERVER_HANDOUT_H

#include "server/siobroker.h"

/* Give the log, the queues and the budget theirs. */
void sio_handout_copies(sio_server *s);

/* The same for all that is there once the server listens. */
void sio_handout_all(sio_server *s);

/*
 * From here on nothing waits for those who read the log, if there is to be one. SIO_OK, or
 * SIO_ERR_SYS and s->error says why.
 */
int sio_handout_start_log(sio_server *s);

#endif
