/*
 * server/listener.h - the listening sockets: IPv6 and IPv4, limits, and what to say when it fails.
 *
 * Not left to libwebsockets, whose own listener spins at full speed while the process is out of
 * descriptors and can not answer a connection that is one too many.
 */
#ifndef SIO_LISTENER_H
#define SIO_LISTENER_H

#include <event2/listener.h>
#include <stdbool.h>

#include "protocol/buf.h"
#include "server/wheel.h"

typedef struct sio_server sio_server;

enum { SIO_LISTENER_MAX_SOCKETS = 8 };

typedef struct {
    sio_server            *server;
    struct evconnlistener *sockets[SIO_LISTENER_MAX_SOCKETS];
    unsigned               n_sockets;
    unsigned               port; /* the real one, after binding to 0 */
    unsigned               max_connections;
    sio_timer              resume_timer; /* after running out of descriptors */
    bool                   paused;
} sio_listener;

/*
 * Listen on every address of the setting "host" (all, IPv6 and IPv4, when it is empty).
 * Returns SIO_OK, or SIO_ERR_SYS with one line in error that names address and port.
 */
int sio_listener_open(sio_listener *l, sio_server *s, sio_buf *error);

/* Accept nothing more. Connections go on. Safe on a listener that was never opened. */
void sio_listener_close(sio_listener *l);

#endif
