/*
 * server/startup.h - the beginning and the end of a server: sio_server_new(), sio_listen() and
 * sio_server_free() of siobroker.h.
 */
#ifndef SIO_SERVER_STARTUP_H
#define SIO_SERVER_STARTUP_H

typedef struct sio_server sio_server;

/*
 * With a Redis there may be other instances, and processes of Node: whoever has to do with them is
 * told from now on. The store is open. A part of sio_listen(), for tests. SIO_OK or a failure.
 */
int sio_startup_join(sio_server *s);

#endif
