/*
 * server/announcement.h - what a server says when it begins.
 *
 * Called by startup.c and by the files of the master.
 */
#ifndef SIO_SERVER_ANNOUNCEMENT_H
#define SIO_SERVER_ANNOUNCEMENT_H

#include "protocol/view.h"
#include "server/siobroker.h"

/* What is odd about the settings, in the log. */
void sio_announcement_advise(sio_server *s);

/* Serving begins, by so many processes: say where, and for which pages, in the log. */
void sio_announcement_make(sio_server *s, sio_view where, unsigned n_workers);

/*
 * This process serves: its predecessor, the log and the service manager are told; by a worker its
 * master is, which speaks for all.
 */
void sio_announcement_serve(sio_server *s);

#endif
