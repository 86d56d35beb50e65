/*
 * server/net/unix_socket.h - the file of a listening unix socket: made, and removed at the end.
 *
 * Called by listener.c.
 */
#ifndef SIO_NET_UNIX_SOCKET_H
#define SIO_NET_UNIX_SOCKET_H

#include <sys/types.h>

#include "protocol/buf.h"
#include "protocol/listen_address.h"

/* Which file it is, so that none that has taken its place is removed. */
typedef struct {
    char  path[SIO_LISTEN_PATH_MAX + 1]; /* "": there is none */
    dev_t device;
    ino_t inode;
} sio_unix_socket;

/*
 * A socket bound to path, for owner and group alone (0660). A file of a process that is gone is
 * replaced, one of a living process is not. Returns -1 with one line in error.
 */
int sio_unix_socket_open(sio_unix_socket *u, const char *path, sio_buf *error);

/* A socket of that path listens already: the file is to be removed with it. */
void sio_unix_socket_note(sio_unix_socket *u, const char *path);

/* Remove the file, if it is still the same. */
void sio_unix_socket_close(sio_unix_socket *u);

#endif
