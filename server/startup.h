/*
 * server/startup.h - the beginning and the end of a server: sio_server_new(), sio_listen() and
 * sio_server_free() of siobroker.h.
 */
#ifndef SIO_SERVER_STARTUP_H
#define SIO_SERVER_STARTUP_H

#include "protocol/view.h"

typedef struct sio_server sio_server;

/*
 * With a Redis there may be other instances, and processes of Node: whoever has to do with them is
 * told from now on. The store is open. A part of sio_listen(), for tests. SIO_OK or a failure.
 */
int sio_startup_join(sio_server *s);

/* What is odd about the settings, in the log. */
void sio_startup_log_advice(sio_server *s);

/* Serving begins, by so many processes: say where, and for which pages. */
void sio_startup_announce(sio_server *s, sio_view where, unsigned n_workers);

#endif
