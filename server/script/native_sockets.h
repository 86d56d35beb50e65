/*
 * server/script/native_sockets.h - a socket, as the script has it: methods on an object.
 */
#ifndef SIO_SCRIPT_NATIVE_SOCKETS_H
#define SIO_SCRIPT_NATIVE_SOCKETS_H

#include "server/script/interpreter.h"

typedef struct {
    sio_link         link; /* in->sockets */
    sio_interpreter *in;
    sio_socket      *socket;
    JSValue          object;    /* with the methods; they do nothing when this is freed */
    sio_link         callbacks; /* sio_native_callback that are not called when it has left */
    JSValue          peer;      /* what lib/ has made of it: `this` of the hooks about it */
} sio_native_socket;

/* NULL: no memory. */
sio_native_socket *sio_native_socket_new(sio_interpreter *in, sio_socket *socket);
void               sio_native_socket_free(sio_native_socket *s);

#endif
