/*
 * server/inheritance.h - a program that was started by another one, to take over from it on SIGUSR2
 * (successor.h): what it has from that, and when it says that it serves.
 *
 * Called by startup.c and by the files of the master. Without such a predecessor all of this does
 * nothing.
 *
 * Until this one serves, nothing that belongs to both may be changed: when it fails, its
 * predecessor goes on. So the files of unix sockets are its own only from then on.
 */
#ifndef SIO_SERVER_INHERITANCE_H
#define SIO_SERVER_INHERITANCE_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "server/net/kept.h"
#include "server/siobroker.h"
#include "server/worker.h"

struct event;

enum { SIO_INHERITANCE_MAX_SHARES = 1 + SIO_WORKERS_MAX };

/* Zeroed: there is none. */
typedef struct {
    bool          is_there;
    int           wire; /* to the predecessor */
    struct event *event;
    sio_kept     *shares; /* first those of the process itself, then those of each of its workers */
} sio_inheritance;

/*
 * Ask for all sockets, if there is a predecessor. SIO_OK; or SIO_ERR_SYS or SIO_ERR_NOMEM, and
 * s->error may have a line. May be called again.
 */
int sio_inheritance_take(sio_server *s);

/*
 * What one process is to listen on, of all that the predecessor had. SIO_OK, or SIO_ERR_SYS and a
 * line: they are more than one process can have.
 */
int sio_inheritance_merge(sio_inheritance *h, sio_buf *error);

/*
 * This server serves: say so to its predecessor, whose unix sockets are ours from now on; those
 * that no setting names are removed. Then the service manager may be told, which is done here,
 * or, without a predecessor, at once.
 */
void sio_inheritance_serve(sio_server *s);

/* Close what was not taken, and forget the predecessor, if there is one. */
void sio_inheritance_close(sio_server *s);

#endif
