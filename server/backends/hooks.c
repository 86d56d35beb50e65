#include "server/backends/hooks.h"

#include <stdlib.h>

#include "protocol/result.h"
#include "server/backends/hook_client.h"
#include "server/backends/hook_connect.h"
#include "server/backends/hook_heir.h"
#include "server/backends/hook_queue.h"
#include "server/backends/hook_settle.h"
#include "server/config/config.h"

static sio_hook_event *
event_of(sio_queued_event *queued)
{
    return SIO_CONTAINER(queued, sio_hook_event, queued);
}

static void
settle_hook_event(void *arg, sio_queued_event *queued, const sio_hook_result *result)
{
    sio_hooks      *h = arg;
    sio_hook_event *e = event_of(queued);

    if (queued->kind == SIO_EVENT_CONNECT) {
        sio_hook_connect_settle(h, e, result);
        return;
    }
    if (queued->kind == SIO_EVENT_DISCONNECT)
        sio_hook_settle_disconnect(h, e, result);
    else
        sio_hook_settle_event(h, e, result);
    sio_hook_queue_forget(e);
}

static void
add_event_json(void *arg, sio_queued_event *queued, sio_buf *out)
{
    sio_hooks      *h = arg;
    sio_hook_event *e = event_of(queued);

    sio_hook_event_add_json(e, sio_hook_registry_more(h, e->backend), out);
}

static const char *
tell_handshake(void *arg, sio_queued_event *queued)
{
    const sio_hook_event *e = event_of(queued);

    (void)arg;
    if (e->of->socket != NULL)
        return sio_handshake_json(e->of->socket);
    return e->handshake;
}

static const sio_hook_backend_ops backend_ops = {
    .add_json = add_event_json,
    .handshake = tell_handshake,
    .done = settle_hook_event,
    .hold = sio_hook_client_hold,
};

/* --- All of them. --- */

static void
be_application(sio_hook_namespace *n)
{
    sio_on_connection(n->nsp, sio_hook_client_connected, n);
    sio_on_disconnect(n->nsp, sio_hook_client_disconnected, n);
    sio_on_any(n->nsp, sio_hook_client_emitted, n);
    /* What a stream has is told, but nobody answers. */
    if (n->decider != SIO_HOOK_NOBODY &&
        !sio_hook_registry_cfg(n->hooks, (size_t)n->decider)->stream)
        sio_namespace_authorization(n->nsp, sio_hook_connect_ask, n);
}

static bool
add_hook_namespace(sio_hooks *h, const char *name, size_t backend)
{
    sio_hook_namespace *n = sio_hook_registry_find_namespace(h, name);

    if (n == NULL) {
        n = &h->namespaces[h->n_namespaces++];
        *n = (sio_hook_namespace){.hooks = h, .name = name, .decider = SIO_HOOK_NOBODY};
        n->nsp = sio_of(sio_env_server(h->env), name);
    }
    if (sio_hook_registry_cfg(h, backend)->lifecycle)
        n->decider = (int)backend;
    return n->nsp != NULL;
}

static bool
add_hook_namespaces(sio_hooks *h)
{
    size_t n = 0;
    bool   ok = true;

    for (size_t i = 0; i < h->n_backends; i++)
        n += sio_hook_registry_cfg(h, i)->namespaces.n;
    if ((h->namespaces = calloc(n, sizeof *h->namespaces)) == NULL)
        return false;
    for (size_t i = 0; ok && i < h->n_backends; i++)
        for (size_t j = 0; ok && j < sio_hook_registry_cfg(h, i)->namespaces.n; j++)
            ok = add_hook_namespace(h, sio_hook_registry_cfg(h, i)->namespaces.items[j].data, i);
    for (size_t i = 0; ok && i < h->n_namespaces; i++)
        be_application(&h->namespaces[i]);
    return ok;
}

int
sio_hooks_open(sio_hooks *h, sio_env *env, sio_commands *commands, sio_buf *error)
{
    const sio_cfg_list    *list = &env->cfg->backends;
    const sio_cfg_backend *cfgs = list->items;
    int                    rc = SIO_OK;

    sio_hooks_fini(h); /* to listen may be tried again, with other settings */
    if (list->n == 0)
        return SIO_OK;
    h->env = env;
    h->commands = commands;
    h->is_open = true;
    if (sio_hook_sockets_init(&h->sockets, env, h) != SIO_OK ||
        (h->backends = calloc(list->n, sizeof(struct sio_hook_backend *))) == NULL) {
        sio_buf_add_str(error, "out of memory, or no random numbers");
        return SIO_ERR_NOMEM;
    }
    for (; rc == SIO_OK && h->n_backends < list->n; h->n_backends += rc == SIO_OK)
        rc = sio_hook_backend_new(&h->backends[h->n_backends], env, &cfgs[h->n_backends],
                                  &backend_ops, h, error);
    if (rc == SIO_OK && !add_hook_namespaces(h)) {
        sio_buf_add_str(error, "out of memory");
        rc = SIO_ERR_NOMEM;
    }
    if (rc == SIO_OK)
        sio_on_will(sio_env_server(env), sio_hook_heir_inherit, h);
    return rc;
}

void
sio_hooks_adjust(sio_hooks *h)
{
    for (size_t i = 0; i < h->n_backends; i++)
        sio_hook_backend_revive(h->backends[i]);
}

void
sio_hooks_close(sio_hooks *h)
{
    for (size_t i = 0; i < h->n_backends; i++)
        sio_hook_backend_close(h->backends[i]);
}

static void
be_no_application(sio_hook_namespace *n)
{
    if (n->nsp == NULL)
        return;
    sio_on_connection(n->nsp, NULL, NULL);
    sio_on_disconnect(n->nsp, NULL, NULL);
    sio_on_any(n->nsp, NULL, NULL);
    sio_namespace_authorization(n->nsp, NULL, NULL);
}

void
sio_hooks_fini(sio_hooks *h)
{
    sio_hash_node *node;

    if (!h->is_open)
        return;
    for (size_t i = 0; i < h->n_backends; i++)
        sio_hook_backend_free(h->backends[i]);
    while ((node = sio_hash_any(&h->sockets.table)) != NULL) {
        sio_hook_socket *s = SIO_CONTAINER(node, sio_hook_socket, node);

        sio_hook_connect_end(s);
        sio_hook_socket_free(s);
    }
    for (size_t i = 0; i < h->n_namespaces; i++)
        be_no_application(&h->namespaces[i]);
    sio_hook_sockets_fini(&h->sockets);
    free(h->namespaces);
    free(h->backends);
    *h = (sio_hooks){.env = NULL};
}
