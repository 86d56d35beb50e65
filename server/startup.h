/*
 * server/startup.h - what a server opens when it begins to listen: signals, the loop of libwebsockets,
 * the store, the files of the browser clients, the listener.
 */
#ifndef SIO_SERVER_STARTUP_H
#define SIO_SERVER_STARTUP_H

typedef struct sio_server sio_server;

/*
 * Open them, as the settings say. SIO_OK, or a reason, and then s->error says what is wrong;
 * sio_startup_close() is due all the same.
 */
int sio_startup_open(sio_server *s);

/*
 * With a Redis there may be other instances, and processes of Node: whoever has to do with them is
 * told from now on. The store is open. A part of sio_startup_open(). SIO_OK or a failure.
 */
int sio_startup_join(sio_server *s);

/* Close what is open of them, but for the listener; signals stay caught until the end of s. */
void sio_startup_close(sio_server *s);

#endif
