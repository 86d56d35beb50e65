/*
 * server/listeners.h - all that a server listens on: for clients, for backends, for those who run
 * it.
 *
 * Called by startup.c, drain.c, successor.c and inheritance.c.
 */
#ifndef SIO_SERVER_LISTENERS_H
#define SIO_SERVER_LISTENERS_H

#include "server/net/listener.h"
#include "server/siobroker.h"

/* Call fn for each that is open, until one of them does not return SIO_OK: then with its result. */
int sio_listeners_each(sio_server *s, int (*fn)(sio_server *s, sio_listener *l, void *arg),
                       void       *arg);

/* Accept no clients any more. */
void sio_listeners_close_public(sio_server *s);

/* Accept nobody any more; the files of unix sockets stay: a successor has all of them. */
void sio_listeners_leave(sio_server *s);

#endif
