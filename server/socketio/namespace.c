#include "server/socketio/namespace.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/socketio/client.h"
#include "server/socketio/dialects.h"
#include "server/socketio/events.h"
#include "server/socketio/io.h"
#include "server/socketio/observer.h"
#include "server/socketio/server_side.h"

sio_namespace *
sio_namespace_find(sio_env *env, sio_view name)
{
    sio_hash_node *node;

    if (name.len == 0)
        return env->io->default_namespace; /* nearly always */
    node = sio_hash_find(&env->io->namespaces, name);
    return node != NULL ? SIO_CONTAINER(node, sio_namespace, node) : NULL;
}

static void
namespace_delete(sio_namespace *nsp)
{
    sio_hash_fini(&nsp->handlers);
    sio_hash_fini(&nsp->rooms);
    sio_hash_fini(&nsp->ids);
    free((char *)(uintptr_t)nsp->name.data);
    free(nsp->guards);
    free(nsp->filters);
    free(nsp);
}

sio_namespace *
sio_namespace_new(sio_env *env, sio_view name)
{
    sio_namespace *nsp = calloc(1, sizeof *nsp);

    if (nsp == NULL)
        return NULL;
    nsp->name = (sio_view){strndup(name.len > 0 ? name.data : "", name.len), name.len};
    if (nsp->name.data == NULL || sio_hash_init(&nsp->handlers) != SIO_OK ||
        sio_hash_init(&nsp->rooms) != SIO_OK || sio_hash_init(&nsp->ids) != SIO_OK) {
        namespace_delete(nsp);
        return NULL;
    }
    nsp->env = env;
    nsp->number = SIO_MAX_COUNTED_NAMESPACES;
    nsp->node.key = nsp->name;
    sio_link_init(&nsp->sockets);
    sio_link_init(&nsp->server_handlers);
    sio_link_init(&nsp->idle);
    return nsp;
}

void
sio_namespace_publish(sio_namespace *nsp)
{
    sio_io *io = nsp->env->io;

    if (nsp->parent == NULL)
        nsp->number = io->n_namespaces++;
    if (nsp->number < SIO_MAX_COUNTED_NAMESPACES)
        io->counted[nsp->number] = nsp;
    sio_hash_insert(&io->namespaces, &nsp->node);
    sio_observer_opened(nsp);
}

uint64_t *
sio_namespace_count(sio_namespace *nsp)
{
    const unsigned last = SIO_MAX_COUNTED_NAMESPACES;

    return &nsp->env->io->n_sockets[nsp->number < last ? nsp->number : last];
}

/* What an application calls it; it is "/" for socket.io. */
static sio_view
namespace_name(const char *name)
{
    return sio_view_of(strcmp(name, "/") == 0 ? "" : name);
}

sio_namespace *
sio_of(sio_server *io, const char *name)
{
    sio_env       *env = sio_env_of(io);
    const sio_view is = namespace_name(name);
    sio_namespace *nsp = sio_namespace_find(env, is);

    if (nsp != NULL)
        return nsp;
    if ((nsp = sio_namespace_new(env, is)) != NULL)
        sio_namespace_publish(nsp);
    else
        (void)sio_env_fail_memory(env);
    return nsp;
}

sio_namespace *
sio_find_namespace(sio_server *io, const char *name)
{
    return sio_namespace_find(sio_env_of(io), namespace_name(name));
}

const char *
sio_namespace_name(const sio_namespace *nsp)
{
    return nsp->name.data;
}

sio_namespace *
sio_sockets(sio_server *io)
{
    return sio_env_of(io)->io->default_namespace;
}

void
sio_namespace_free(sio_namespace *nsp)
{
    if (!nsp->is_parent) {
        sio_hash_remove(&nsp->env->io->namespaces, &nsp->node);
        sio_observer_closed(nsp);
    }
    if (nsp->number < SIO_MAX_COUNTED_NAMESPACES)
        nsp->env->io->counted[nsp->number] = NULL;
    if (nsp->parent != NULL)
        nsp->env->io->n_dynamic--;
    sio_link_remove(&nsp->idle);
    sio_events_free_handlers(nsp);
    sio_server_side_free_handlers(nsp);
    namespace_delete(nsp); /* its sockets have left, and their rooms with them */
}

/* --- Those that come and go with their clients. --- */

void
sio_namespace_release(sio_namespace *nsp)
{
    sio_io *io = nsp->env->io;

    if (--nsp->n_holds > 0 || nsp->parent == NULL || nsp->env->store == NULL)
        return; /* without a store the server ends, and frees them all */
    sio_link_remove(&nsp->idle);
    sio_link_append(&io->idle_namespaces, &nsp->idle);
    sio_deferred_add(&nsp->env->deferred, &io->idle_task);
}

void
sio_namespace_free_idle(sio_task *task)
{
    sio_link *idle = &SIO_CONTAINER(task, sio_io, idle_task)->idle_namespaces;

    while (!sio_link_empty(idle)) {
        sio_namespace *nsp = SIO_CONTAINER(idle->next, sio_namespace, idle);

        sio_link_remove(&nsp->idle);
        if (nsp->n_holds == 0)
            sio_namespace_free(nsp);
    }
}

/* --- Callbacks. --- */

void
sio_on_connection(sio_namespace *nsp, void (*fn)(sio_socket *socket, void *arg), void *arg)
{
    nsp->on_connection = fn;
    nsp->connection_arg = arg;
}

void
sio_on_disconnect(sio_namespace *nsp, void (*fn)(sio_socket *socket, const char *reason, void *arg),
                  void          *arg)
{
    nsp->on_disconnect = fn;
    nsp->disconnect_arg = arg;
}

sio_socket *
sio_socket_of_session(sio_session *session, sio_view name)
{
    sio_link *sockets = &sio_client_of(session)->sockets;

    for (sio_link *l = sockets->next; l != sockets; l = l->next) {
        sio_socket *socket = SIO_CONTAINER(l, sio_socket, in_session);

        if (sio_view_eq(socket->nsp->name, name))
            return socket;
    }
    return NULL;
}

sio_socket *
sio_namespace_socket(const sio_namespace *nsp, sio_view id)
{
    sio_hash_node *node = sio_hash_find(&nsp->ids, id);
    sio_session   *session;
    sio_socket    *socket;

    if (node != NULL)
        return SIO_CONTAINER(node, sio_socket, node);
    if ((session = sio_session_find(nsp->env, id)) == NULL)
        return NULL;
    socket = sio_socket_of_session(session, nsp->name);
    return socket != NULL && sio_view_eq(sio_socket_id(socket), id) ? socket : NULL;
}

sio_socket *
sio_find(const sio_namespace *nsp, const char *id)
{
    return sio_namespace_socket(nsp, sio_view_of(id));
}

sio_server *
sio_server_of(const sio_namespace *nsp)
{
    return sio_env_server(nsp->env);
}
