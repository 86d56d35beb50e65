/*
 * server/reload.h - settings are read again while the server runs: sio_reload() of siobroker.h.
 *
 * Everything or nothing: what --check-config would refuse leaves the server as it is. A value that
 * somebody copied when the server began is handed to them anew; whoever looks into env->cfg each
 * time has it anyway. Nothing of env->cfg may be pointed to across turns of the loop.
 */
#ifndef SIO_SERVER_RELOAD_H
#define SIO_SERVER_RELOAD_H

#include "server/siobroker.h"

/* Whom to tell (sio_on_reload()). */
typedef struct {
    void (*fn)(void *arg); /* NULL: nobody */
    void *arg;
} sio_reload_listener;

#endif
