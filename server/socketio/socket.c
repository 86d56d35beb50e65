#include "server/socketio/socket.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/socketio/ack_tokens.h"
#include "server/socketio/acks.h"
#include "server/socketio/client.h"
#include "server/socketio/client_data.h"
#include "server/socketio/dialects.h"
#include "server/socketio/extra.h"
#include "server/socketio/guard.h"
#include "server/socketio/io.h"
#include "server/socketio/observer.h"
#include "server/socketio/recovery.h"
#include "server/socketio/rooms.h"
#include "server/socketio/socket_data.h"

/* --- What the application asks. --- */

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
sio_session_id(const sio_socket *socket)
{
    return socket->session->id;
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
    void *old = socket->user_data;

    socket->user_data = data;
    if (old != NULL && old != data && socket->nsp->free_user_data != NULL)
        socket->nsp->free_user_data(old);
}

void
sio_free_user_data_with(sio_namespace *nsp, void (*fn)(void *data))
{
    nsp->free_user_data = fn;
}

int
sio_pause(sio_socket *socket, bool paused)
{
    if (!socket->connected || socket->is_paused == paused)
        return 0;
    if (!paused)
        sio_intake_resume(socket->session);
    else if (sio_intake_pause(socket->session) != SIO_OK)
        return sio_env_fail_memory(socket->nsp->env);
    socket->is_paused = paused;
    return 0;
}

/* --- The end. --- */

size_t
sio_socket_cost(const sio_socket *socket)
{
    size_t n = sizeof *socket;

    n += socket->auth != NULL ? strlen(socket->auth) : 0;
    n += socket->handshake != NULL ? strlen(socket->handshake) : 0;
    return n + sio_socket_data_len(socket) + sio_guard_pass_bytes(socket);
}

void
sio_socket_free_left(sio_task *task)
{
    sio_link *left = &SIO_CONTAINER(task, sio_io, left_task)->left_sockets;

    while (!sio_link_empty(left)) {
        sio_socket *socket = SIO_CONTAINER(left->next, sio_socket, in_namespace);

        sio_link_remove(&socket->in_namespace);
        free(socket->handshake);
        free(socket->auth);
        sio_extra_free(socket);
        sio_set_user_data(socket, NULL);
        sio_namespace_release(socket->nsp);
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
    (void)sio_pause(socket, false);
    socket->connected = false;
    sio_link_remove(&socket->in_session); /* at once: it may join and leave very often in a turn */
    sio_recovery_left(socket, reason);
    if (socket->own_id[0] != '\0')
        sio_hash_remove(&nsp->ids, &socket->node);
    sio_acks_give_up(socket);
    sio_ack_tokens_drop(socket);
    sio_client_data_abandon(socket);
    sio_observer_left(socket, reason);
    if (nsp->on_disconnect != NULL)
        nsp->on_disconnect(socket, reason, nsp->disconnect_arg);
    sio_guard_left(socket);
    sio_rooms_leave_all(socket);
    sio_session_refund(socket->session, sio_socket_cost(socket));
    --*sio_namespace_count(nsp);
    sio_link_remove(&socket->in_namespace);
    sio_link_append(&nsp->env->io->left_sockets, &socket->in_namespace);
    sio_deferred_add(&nsp->env->deferred, &nsp->env->io->left_task);
}

static void
send_disconnect(const sio_socket *socket)
{
    const sio_packet p = {.type = SIO_PACKET_DISCONNECT, .nsp = socket->nsp->name};

    sio_packet_send(socket->session, &p, false);
}

static void
disconnect_each(sio_session *session)
{
    sio_link *sockets = &sio_client_of(session)->sockets;

    for (sio_link *l = sockets->next; l != sockets; l = l->next)
        send_disconnect(SIO_CONTAINER(l, sio_socket, in_session));
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

void
sio_hang_up(sio_socket *socket, const char *reason)
{
    sio_session_end(socket->session, reason, false);
}
