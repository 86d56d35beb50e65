#include "server/backends/hook_registry.h"

#include <string.h>

const sio_cfg_backend *
sio_hook_registry_cfg(const sio_hooks *h, size_t backend)
{
    return sio_hook_backend_cfg(h->backends[backend]);
}

sio_hook_socket *
sio_hook_registry_find_socket(const sio_hook_namespace *n, const sio_socket *socket)
{
    return sio_hook_socket_find(&n->hooks->sockets, n->name, sio_id(socket));
}

sio_hook_namespace *
sio_hook_registry_find_namespace(const sio_hooks *h, const char *name)
{
    for (size_t i = 0; i < h->n_namespaces; i++)
        if (strcmp(h->namespaces[i].name, name) == 0)
            return &h->namespaces[i];
    return NULL;
}

int
sio_hook_registry_find_backend(const sio_hooks *h, const char *name)
{
    for (size_t i = 0; i < h->n_backends; i++)
        if (strcmp(sio_hook_registry_cfg(h, i)->name, name) == 0)
            return (int)i;
    return SIO_HOOK_NOBODY;
}

sio_hook_event_more
sio_hook_registry_more(const sio_hooks *h, size_t backend)
{
    const sio_texts *include = &sio_hook_registry_cfg(h, backend)->include;

    return (sio_hook_event_more){.rooms = sio_texts_has(include, SIO_VIEW("rooms")),
                                 .headers = sio_texts_has(include, SIO_VIEW("headers"))};
}

static bool
somebody_wants_headers(const sio_hooks *h)
{
    for (size_t i = 0; i < h->n_backends; i++)
        if (sio_hook_registry_more(h, i).headers)
            return true;
    return false;
}

sio_hook_socket *
sio_hook_registry_new_socket(sio_hooks *h, const char *nsp_name, const char *id,
                             const char *handshake_json)
{
    sio_hook_socket *s =
        sio_hook_socket_new(&h->sockets, nsp_name, id, handshake_json, h->n_backends);

    if (s != NULL)
        s->keeps_headers = somebody_wants_headers(h);
    return s;
}

void
sio_hook_registry_complain(const sio_hooks *h, const char *what)
{
    sio_log_limit_write(&h->env->log_limits, SIO_LOG_FAILURE, NULL, "%s", what);
}
