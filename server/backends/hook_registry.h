/*
 * server/backends/hook_registry.h - the backends that are called, their namespaces, and the sockets
 * in these.
 */
#ifndef SIO_BACKENDS_HOOK_REGISTRY_H
#define SIO_BACKENDS_HOOK_REGISTRY_H

#include "server/backends/commands.h"
#include "server/backends/hook_backend.h"
#include "server/backends/hook_socket.h"

enum { SIO_HOOK_NOBODY = -1 };

typedef struct sio_hooks sio_hooks;

typedef struct {
    sio_hooks     *hooks;
    sio_namespace *nsp;
    const char    *name;    /* "/": the default one */
    int            decider; /* the backend with "lifecycle"; SIO_HOOK_NOBODY: all may connect */
} sio_hook_namespace;

struct sio_hooks {
    sio_env            *env;
    sio_commands       *commands;
    sio_hook_backend  **backends; /* as many as in the settings */
    size_t              n_backends;
    sio_hook_namespace *namespaces;
    size_t              n_namespaces;
    sio_hook_sockets    sockets;
    bool                is_open;
};

const sio_cfg_backend *sio_hook_registry_cfg(const sio_hooks *h, size_t backend);

/* What it wants to be told of each event: its setting "include". */
sio_hook_event_more sio_hook_registry_more(const sio_hooks *h, size_t backend);

/* SIO_HOOK_NOBODY: there is none of that name. */
int sio_hook_registry_find_backend(const sio_hooks *h, const char *name);

/* NULL: there is none of that name, or no backend cares for it. */
sio_hook_namespace *sio_hook_registry_find_namespace(const sio_hooks *h, const char *name);

/* NULL: it is not known. */
sio_hook_socket *sio_hook_registry_find_socket(const sio_hook_namespace *n,
                                               const sio_socket         *socket);

/* As sio_hook_socket_new(). */
sio_hook_socket *sio_hook_registry_new_socket(sio_hooks *h, const char *nsp_name, const char *id,
                                              const char *handshake_json);

/* Something fails, for want of memory: a line of the log, but not too many. */
void sio_hook_registry_complain(const sio_hooks *h, const char *what);

#endif
