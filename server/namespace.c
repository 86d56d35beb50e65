#include "server/namespace.h"

#include <stdlib.h>
#include <string.h>

#include "server/decision.h"
#include "server/node09.h"
#include "server/server.h"
#include "server/session.h"

sio_namespace *
sio_namespace_find(sio_server *s, sio_view name)
{
    for (sio_link *l = s->namespaces.next; l != &s->namespaces; l = l->next) {
        sio_namespace *nsp = SIO_CONTAINER(l, sio_namespace, link);

        if (sio_view_eq(nsp->name, name))
            return nsp;
    }
    return NULL;
}

static sio_namespace *
namespace_new(sio_server *s, const char *name)
{
    sio_namespace *nsp = calloc(1, sizeof *nsp);
    char          *copy = strdup(name);

    if (nsp == NULL || copy == NULL) {
        free(nsp);
        free(copy);
        return NULL;
    }
    if (sio_hash_init(&nsp->rooms) != SIO_OK) {
        sio_hash_fini(&nsp->rooms);
        free(copy);
        free(nsp);
        return NULL;
    }
    nsp->server = s;
    nsp->name = sio_view_of(copy);
    sio_link_init(&nsp->handlers);
    sio_link_init(&nsp->link);
    sio_link_init(&nsp->sockets);
    sio_link_append(&s->namespaces, &nsp->link);
    return nsp;
}

sio_namespace *
sio_of(sio_server *io, const char *name)
{
    sio_namespace *nsp = sio_namespace_find(io, sio_view_of(name));

    return nsp != NULL ? nsp : namespace_new(io, name);
}

sio_namespace *
sio_sockets(sio_server *io)
{
    return io->default_namespace;
}

void
sio_namespace_free(sio_namespace *nsp)
{
    sio_link_remove(&nsp->link);
    sio_namespace_free_handlers(nsp);
    sio_hash_fini(&nsp->rooms); /* empty: its sockets have left */
    free((char *)(uintptr_t)nsp->name.data);
    free(nsp);
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
sio_session_socket(sio_session *session, sio_view name)
{
    for (sio_link *l = session->sockets.next; l != &session->sockets; l = l->next) {
        sio_socket *socket = SIO_CONTAINER(l, sio_socket, in_session);

        if (socket->connected && sio_view_eq(socket->nsp->name, name))
            return socket;
    }
    return NULL;
}

/* --- Joining. --- */

/* A session that waits for the verdict of the application about a namespace. */
typedef struct {
    sio_link       link; /* in session->joins */
    sio_namespace *nsp;
    sio_session   *session;
    sio_decision  *decision;
} pending_join;

static void
free_join(pending_join *j)
{
    sio_link_remove(&j->link);
    free(j);
}

static pending_join *
find_join(const sio_session *session, const sio_namespace *nsp)
{
    for (sio_link *l = session->joins.next; l != &session->joins; l = l->next)
        if (SIO_CONTAINER(l, pending_join, link)->nsp == nsp)
            return SIO_CONTAINER(l, pending_join, link);
    return NULL;
}

void
sio_session_abandon_joins(sio_session *session)
{
    while (!sio_link_empty(&session->joins)) {
        pending_join *j = SIO_CONTAINER(session->joins.next, pending_join, link);

        sio_decision_abandon(j->decision);
        free_join(j);
    }
}

static void
send_plain(sio_session *session, sio_packet_type type, const sio_namespace *nsp)
{
    const sio_packet p = {.type = type, .nsp = nsp->name};

    sio_session_send(session, &p);
}

static void
let_in(sio_namespace *nsp, sio_session *session)
{
    sio_socket *socket = calloc(1, sizeof *socket);

    if (socket == NULL) {
        sio_log_error(&nsp->server->log, session->id, "out of memory: namespace not joined");
        send_plain(session, SIO_PACKET_FAILED, nsp);
        return;
    }
    socket->nsp = nsp;
    socket->session = session;
    socket->connected = true;
    sio_link_init(&socket->in_namespace);
    sio_link_init(&socket->in_session);
    sio_link_init(&socket->memberships);
    sio_link_init(&socket->acks);
    sio_link_init(&socket->data_requests);
    sio_link_append(&nsp->sockets, &socket->in_namespace);
    sio_link_append(&session->sockets, &socket->in_session);
    sio_node09_joined(socket);
    send_plain(session, SIO_PACKET_CONNECT, nsp);
    if (nsp->on_connection != NULL)
        nsp->on_connection(socket, nsp->connection_arg);
}

static void
on_verdict(void *owner, sio_verdict verdict)
{
    pending_join  *j = owner;
    sio_namespace *nsp = j->nsp;
    sio_session   *session = j->session;

    free_join(j);
    if (verdict == SIO_ACCEPT)
        let_in(nsp, session);
    else
        send_plain(session, verdict == SIO_REFUSE ? SIO_PACKET_REFUSED : SIO_PACKET_FAILED, nsp);
}

void
sio_namespace_join(sio_namespace *nsp, sio_session *session)
{
    pending_join *j;

    if (sio_session_socket(session, nsp->name) != NULL) {
        send_plain(session, SIO_PACKET_CONNECT, nsp);
        return;
    }
    if (find_join(session, nsp) != NULL)
        return; /* asked already */
    if ((j = calloc(1, sizeof *j)) == NULL) {
        send_plain(session, SIO_PACKET_FAILED, nsp);
        return;
    }
    j->nsp = nsp;
    j->session = session;
    sio_link_init(&j->link);
    sio_link_append(&session->joins, &j->link);
    sio_decision_ask(&j->decision, nsp->authorize, nsp->authorize_arg, session->handshake,
                     on_verdict, j);
}

void
sio_namespace_authorization(sio_namespace *nsp, sio_authorize_fn fn, void *arg)
{
    nsp->authorize = fn;
    nsp->authorize_arg = arg;
}

/* --- Sockets. --- */

void
sio_free_left_sockets(sio_task *task)
{
    sio_link *left = &SIO_CONTAINER(task, sio_server, left_task)->left_sockets;

    while (!sio_link_empty(left)) {
        sio_socket *socket = SIO_CONTAINER(left->next, sio_socket, in_namespace);

        sio_link_remove(&socket->in_namespace);
        sio_link_remove(&socket->in_session);
        free(socket);
    }
}

void
sio_socket_leave(sio_socket *socket, const char *reason)
{
    sio_namespace *nsp = socket->nsp;

    if (!socket->connected)
        return;
    socket->connected = false;
    sio_socket_free_acks(socket);
    sio_socket_abandon_data(socket);
    sio_node09_left(socket);
    if (nsp->on_disconnect != NULL)
        nsp->on_disconnect(socket, reason, nsp->disconnect_arg);
    sio_socket_leave_rooms(socket);
    sio_link_remove(&socket->in_namespace);
    sio_link_append(&nsp->server->left_sockets, &socket->in_namespace);
    sio_turn_defer(&nsp->server->turn, &nsp->server->left_task);
}

sio_server *
sio_server_of(const sio_namespace *nsp)
{
    return nsp->server;
}

sio_namespace *
sio_namespace_of(const sio_socket *socket)
{
    return socket->nsp;
}

const char *
sio_id(const sio_socket *socket)
{
    return socket->session->id;
}

const char *
sio_transport_name(const sio_socket *socket)
{
    return socket->session->transport_name;
}

const char *
sio_handshake_json(const sio_socket *socket)
{
    return socket->session->handshake;
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
sio_find(const sio_namespace *nsp, const char *id)
{
    sio_session *session = sio_session_find(nsp->server, sio_view_of(id));

    return session != NULL ? sio_session_socket(session, nsp->name) : NULL;
}

void
sio_disconnect(sio_socket *socket, bool close)
{
    if (close || socket->nsp->name.len == 0) {
        sio_session_end(socket->session, "booted", true);
    } else if (socket->connected) {
        send_plain(socket->session, SIO_PACKET_DISCONNECT, socket->nsp);
        sio_socket_leave(socket, "booted");
    }
}
