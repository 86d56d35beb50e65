/*
 * server/backends/hooks.h - webhooks: backends are called for what clients do.
 *
 * An application on siobroker.h, made here of its parts: who may connect is in hook_connect.h, what
 * clients do in hook_client.h, and what becomes of it in hook_settle.h.
 */
#ifndef SIO_BACKENDS_HOOKS_H
#define SIO_BACKENDS_HOOKS_H

#include "server/backends/hook_registry.h"

/*
 * Make the namespaces of the backends, and be their application. *h is zeroed, or was open before;
 * commands outlives it. SIO_OK, or a code with one line in error.
 */
int sio_hooks_open(sio_hooks *h, sio_env *env, sio_commands *commands, sio_buf *error);

/* The settings were read again. */
void sio_hooks_adjust(sio_hooks *h);

/* Nobody is called any more. */
void sio_hooks_close(sio_hooks *h);

/*
 * All sessions have ended. *h is zeroed. What is not delivered is lost, or left to other instances.
 */
void sio_hooks_fini(sio_hooks *h);

#endif
