/*
 * server/backends/hooks.h - webhooks: backends are called for what clients do.
 *
 * An application on siobroker.h. Which backend is told of what, what clients and sockets wait for
 * meanwhile, and what becomes of them when it does not answer.
 */
#ifndef SIO_BACKENDS_HOOKS_H
#define SIO_BACKENDS_HOOKS_H

#include "server/backends/commands.h"
#include "server/base/env.h"
#include "store/hash.h"

struct sio_hook_backend;
struct sio_hook_namespace;

typedef struct sio_hooks {
    sio_env                   *env;
    sio_commands              *commands;
    struct sio_hook_backend  **backends; /* as many as in the settings */
    size_t                     n_backends;
    struct sio_hook_namespace *namespaces;
    size_t                     n_namespaces;
    sio_hash                   sockets; /* sio_hook_socket */
    bool                       is_open;
} sio_hooks;

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
