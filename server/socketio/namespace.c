#include "server/socketio/namespace.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/socketio/acks.h"
#include "server/socketio/client.h"
#include "server/socketio/dialects.h"
#include "server/socketio/io.h"
#include "server/socketio/observer.h"
#include "server/socketio/recovery.h"

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
namespace_release(sio_namespace *nsp)
{
    sio_hash_fini(&nsp->handlers);
    sio_hash_fini(&nsp->rooms);
    sio_hash_fini(&nsp->ids);
    free((char *)(uintptr_t)nsp->name.data);
    free(nsp);
}

static sio_namespace *
namespace_new(sio_env *env, const char *name)
{
    sio_namespace *nsp = calloc(1, sizeof *nsp);

    if (nsp == NULL)
        return NULL;
    nsp->name = sio_view_of(strdup(name));
    if (nsp->name.data == NULL || sio_hash_init(&nsp->handlers) != SIO_OK ||
        sio_hash_init(&nsp->rooms) != SIO_OK || sio_hash_init(&nsp->ids) != SIO_OK) {
        namespace_release(nsp);
        return NULL;
    }
    nsp->env = env;
    nsp->number = env->io->n_namespaces++;
    nsp->node.key = nsp->name;
    sio_link_init(&nsp->sockets);
    sio_hash_insert(&env->io->namespaces, &nsp->node);
    return nsp;
}

sio_namespace *
sio_of(sio_server *server, const char *name)
{
    sio_env       *env = sio_env_of(server);
    sio_namespace *nsp = sio_namespace_find(env, sio_view_of(name));

    return nsp != NULL ? nsp : namespace_new(env, name);
}

sio_namespace *
sio_sockets(sio_server *server)
{
    return sio_env_of(server)->io->default_namespace;
}

void
sio_namespace_free(sio_namespace *nsp)
{
    sio_hash_remove(&nsp->env->io->namespaces, &nsp->node);
    sio_events_free_handlers(nsp);
    namespace_release(nsp); /* its sockets have left, and their rooms with them */
}

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

        if (socket->connected && sio_view_eq(socket->nsp->name, name))
            return socket;
    }
    return NULL;
}

/* --- Sockets. --- */

void
sio_socket_free_left(sio_task *task)
{
    sio_link *left = &SIO_CONTAINER(task, sio_io, left_task)->left_sockets;

    while (!sio_link_empty(left)) {
        sio_socket *socket = SIO_CONTAINER(left->next, sio_socket, in_namespace);

        sio_link_remove(&socket->in_namespace);
        sio_link_remove(&socket->in_session);
        free(socket->handshake);
        free(socket->auth);
        free(socket);
    }
}

void
sio_socket_leave(sio_socket *socket, const char *reason)
{
    const sio_packet_dialect *dialect = sio_packet_dialect_of(socket->session);
    sio_namespace            *nsp = socket->nsp;

    if (!socket->connected)
        return;
    if (dialect->reason != NULL)
        reason = dialect->reason(reason);
    socket->connected = false;
    sio_recovery_left(socket, reason);
    if (socket->own_id[0] != '\0')
        sio_hash_remove(&nsp->ids, &socket->node);
    sio_acks_give_up(socket);
    sio_client_data_abandon(socket);
    sio_observer_left(socket, reason);
    if (nsp->on_disconnect != NULL)
        nsp->on_disconnect(socket, reason, nsp->disconnect_arg);
    sio_rooms_leave_all(socket);
    sio_link_remove(&socket->in_namespace);
    sio_link_append(&nsp->env->io->left_sockets, &socket->in_namespace);
    sio_deferred_add(&nsp->env->deferred, &nsp->env->io->left_task);
}

sio_server *
sio_server_of(const sio_namespace *nsp)
{
    return sio_env_server(nsp->env);
}

sio_namespace *
sio_namespace_of(const sio_socket *socket)
{
    return socket->nsp;
}

const char *
sio_id(const sio_socket *socket)
{
    return socket->node.key.data;
}

const char *
sio_transport_name(const sio_socket *socket)
{
    return socket->session->transport_name;
}

const char *
sio_handshake_json(const sio_socket *socket)
{
    return socket->handshake != NULL ? socket->handshake
                                     : sio_client_of(socket->session)->handshake;
}

const char *
sio_auth_json(const sio_socket *socket)
{
    return socket->auth != NULL ? socket->auth : "{}";
}

bool
sio_recovered(const sio_socket *socket)
{
    return socket->recovered;
}

void *
sio_user_data(const sio_socket *socket)
{
    return socket->user_data;
}

void
sio_set_user_data(sio_socket *socket, void *data)
{
    socket->user_data = data;
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

static void
send_disconnect(const sio_socket *socket)
{
    const sio_packet p = {.type = SIO_PACKET_DISCONNECT, .nsp = socket->nsp->name};

    sio_client_send(socket->session, &p);
}

static void
disconnect_each(sio_session *session)
{
    sio_link *sockets = &sio_client_of(session)->sockets;

    for (sio_link *l = sockets->next; l != sockets; l = l->next) {
        const sio_socket *socket = SIO_CONTAINER(l, sio_socket, in_session);

        if (socket->connected)
            send_disconnect(socket);
    }
}

void
sio_disconnect(sio_socket *socket, bool close)
{
    sio_session *session = socket->session;

    if (close || socket->nsp->name.len == 0) {
        if (sio_packet_dialect_of(session)->disconnects_each)
            disconnect_each(session);
        sio_session_end(session, "booted", true);
    } else if (socket->connected) {
        send_disconnect(socket);
        sio_socket_leave(socket, "booted");
    }
}
