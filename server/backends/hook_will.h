/*
 * server/backends/hook_will.h - what an instance leaves for others to tell a backend: that a socket
 * has left, if it can not tell that itself any more.
 */
#ifndef SIO_BACKENDS_HOOK_WILL_H
#define SIO_BACKENDS_HOOK_WILL_H

#include "server/backends/hook_socket.h"

typedef struct {
    char   *backend; /* its name */
    char   *nsp_name, *id;
    sio_buf state; /* as of sio_hook_socket_add_state() */
} sio_hook_will;

/* Leave it for a socket that is there, as that is now; or nothing, when there are no others. */
void sio_hook_will_leave(const sio_hook_socket *s, const char *backend);

/* The backend was told, or nobody is to be. */
void sio_hook_will_revoke(const sio_hook_socket *s);

/* False: it is none of these, or there is no memory. *w is to be given to sio_hook_will_fini(). */
bool sio_hook_will_read(sio_hook_will *w, const char *text);

void sio_hook_will_fini(sio_hook_will *w);

#endif
