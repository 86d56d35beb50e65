#include "server/namespace.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/acks.h"
#include "server/decision.h"
#include "server/handshake_data.h"
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
    if (sio_hash_init(&nsp->rooms) != SIO_OK || sio_hash_init(&nsp->ids) != SIO_OK) {
        sio_hash_fini(&nsp->rooms);
        sio_hash_fini(&nsp->ids);
        free(copy);
        free(nsp);
        return NULL;
    }
    nsp->server = s;
    nsp->name = sio_view_of(copy);
    nsp->number = s->n_namespaces++;
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
    sio_hash_fini(&nsp->ids);
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
    char          *auth;      /* as of the socket that it may become */
    char          *handshake; /* likewise */
} pending_join;

static void
free_join(pending_join *j)
{
    sio_link_remove(&j->link);
    free(j->auth);
    free(j->handshake);
    free(j);
}

bool
sio_session_is_joining(const sio_session *session, const sio_namespace *nsp)
{
    for (sio_link *l = session->joins.next; l != &session->joins; l = l->next)
        if (SIO_CONTAINER(l, pending_join, link)->nsp == nsp)
            return true;
    return false;
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
send_refusal(const pending_join *j, sio_verdict verdict)
{
    const sio_packet p = {
        .type = verdict == SIO_REFUSE ? SIO_PACKET_REFUSED : SIO_PACKET_FAILED,
        .nsp = j->nsp->name,
        .text = sio_decision_message(j->decision),
        .data = sio_decision_data(j->decision),
    };

    sio_session_send(j->session, &p);
}

/* What the client has to know: the id that it has here. */
static void
send_connect(const sio_socket *socket)
{
    sio_packet p = {.type = SIO_PACKET_CONNECT, .nsp = socket->nsp->name};
    sio_buf    data;

    sio_buf_init(&data, SIZE_MAX);
    sio_buf_add_str(&data, "{\"sid\":");
    sio_buf_add_json_string(&data, sio_socket_id(socket), SIO_JSON_PLAIN);
    sio_buf_add_char(&data, '}');
    p.data = sio_buf_view(&data);
    if (data.failed)
        sio_mailbox_fail(&socket->session->mailbox, "out of memory");
    else
        sio_session_send(socket->session, &p);
    sio_buf_fini(&data);
}

static sio_socket *
socket_new(sio_session *session, const sio_namespace *nsp)
{
    const sio_dialect *dialect = session->dialect;
    sio_socket        *socket = NULL;
    sio_buf            id;
    int                rc = SIO_OK;

    sio_buf_init(&id, SIZE_MAX);
    if (dialect->add_socket_id != NULL)
        rc = dialect->add_socket_id(session, nsp->name, &id);
    if (rc == SIO_OK && !id.failed)
        socket = calloc(1, sizeof *socket + id.len + 1);
    if (socket != NULL) {
        socket->node.key = id.len > 0 ? (sio_view){socket->own_id, id.len} : session->node.key;
        memcpy(socket->own_id, id.len > 0 ? id.data : "", id.len);
    }
    sio_buf_fini(&id);
    return socket;
}

static uint64_t
epoch_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
let_in(pending_join *j)
{
    sio_namespace *nsp = j->nsp;
    sio_socket    *socket = socket_new(j->session, nsp);

    if (socket == NULL) {
        sio_log_error(&nsp->server->log, j->session->id, "out of memory: namespace not joined");
        send_plain(j->session, SIO_PACKET_FAILED, nsp);
        return;
    }
    socket->nsp = nsp;
    socket->session = j->session;
    socket->auth = j->auth;
    socket->handshake = j->handshake;
    j->auth = j->handshake = NULL;
    socket->connected = true;
    socket->connected_ms = epoch_ms();
    sio_link_init(&socket->in_namespace);
    sio_link_init(&socket->in_session);
    sio_link_init(&socket->memberships);
    sio_link_init(&socket->acks);
    sio_link_init(&socket->data_requests);
    sio_link_append(&nsp->sockets, &socket->in_namespace);
    sio_link_append(&j->session->sockets, &socket->in_session);
    if (socket->own_id[0] != '\0')
        sio_hash_insert(&nsp->ids, &socket->node);
    sio_node09_joined(socket);
    send_connect(socket);
    if (nsp->on_connection != NULL)
        nsp->on_connection(socket, nsp->connection_arg);
}

static void
on_verdict(void *owner, sio_verdict verdict)
{
    pending_join  *j = owner;
    sio_namespace *nsp = j->nsp;
    sio_session   *session = j->session;

    sio_link_remove(&j->link); /* first: what is called below may ask whether it is there */
    if (verdict == SIO_ACCEPT)
        let_in(j);
    else
        send_refusal(j, verdict);
    free_join(j);
    if (session->dialect->settled != NULL && !session->ended)
        session->dialect->settled(session, nsp);
}

/* Keep what the client says. 0, or -1 when out of memory. */
static int
keep_words(pending_join *j, sio_view auth, sio_view query)
{
    sio_buf handshake;

    if (auth.len > 0 && (j->auth = strndup(auth.data, auth.len)) == NULL)
        return -1;
    if (query.len == 0)
        return 0;
    sio_buf_init(&handshake, SIZE_MAX);
    sio_handshake_data_requery(sio_view_of(j->session->handshake), query, &handshake);
    sio_buf_add_char(&handshake, '\0');
    if (handshake.failed) {
        sio_buf_fini(&handshake);
        return -1;
    }
    j->handshake = handshake.data;
    return 0;
}

static void
ask(pending_join *j)
{
    const sio_question q = {
        .fn = j->nsp->authorize,
        .arg = j->nsp->authorize_arg,
        .handshake_json = j->handshake != NULL ? j->handshake : j->session->handshake,
        .auth_json = j->auth,
    };

    sio_decision_ask(&j->decision, &q, on_verdict, j);
}

void
sio_namespace_join(sio_namespace *nsp, sio_session *session, sio_view auth, sio_view query)
{
    sio_socket   *joined = sio_session_socket(session, nsp->name);
    pending_join *j;

    if (joined != NULL) {
        send_connect(joined);
        return;
    }
    if (sio_session_is_joining(session, nsp))
        return; /* asked already */
    if ((j = calloc(1, sizeof *j)) == NULL) {
        send_plain(session, SIO_PACKET_FAILED, nsp);
        return;
    }
    j->nsp = nsp;
    j->session = session;
    sio_link_init(&j->link);
    if (keep_words(j, auth, query) != 0) {
        send_plain(session, SIO_PACKET_FAILED, nsp);
        free_join(j);
        return;
    }
    sio_link_append(&session->joins, &j->link);
    ask(j);
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
        free(socket->handshake);
        free(socket->auth);
        free(socket);
    }
}

void
sio_socket_leave(sio_socket *socket, const char *reason)
{
    sio_namespace     *nsp = socket->nsp;
    const sio_dialect *dialect = socket->session->dialect;

    if (!socket->connected)
        return;
    socket->connected = false;
    if (socket->own_id[0] != '\0')
        sio_hash_remove(&nsp->ids, &socket->node);
    sio_socket_give_up_acks(socket);
    sio_socket_abandon_data(socket);
    sio_node09_left(socket);
    if (nsp->on_disconnect != NULL)
        nsp->on_disconnect(socket, dialect->reason != NULL ? dialect->reason(reason) : reason,
                           nsp->disconnect_arg);
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
    return socket->handshake != NULL ? socket->handshake : socket->session->handshake;
}

const char *
sio_auth_json(const sio_socket *socket)
{
    return socket->auth != NULL ? socket->auth : "{}";
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
    if ((session = sio_session_find(nsp->server, id)) == NULL)
        return NULL;
    socket = sio_session_socket(session, nsp->name);
    return socket != NULL && sio_view_eq(sio_socket_id(socket), id) ? socket : NULL;
}

sio_socket *
sio_find(const sio_namespace *nsp, const char *id)
{
    return sio_namespace_socket(nsp, sio_view_of(id));
}

static void
disconnect_each(sio_session *session)
{
    for (sio_link *l = session->sockets.next; l != &session->sockets; l = l->next) {
        const sio_socket *socket = SIO_CONTAINER(l, sio_socket, in_session);

        if (socket->connected)
            send_plain(session, SIO_PACKET_DISCONNECT, socket->nsp);
    }
}

void
sio_disconnect(sio_socket *socket, bool close)
{
    sio_session *session = socket->session;

    if (close || socket->nsp->name.len == 0) {
        if (session->dialect->disconnects_each)
            disconnect_each(session);
        sio_session_end(session, "booted", true);
    } else if (socket->connected) {
        send_plain(session, SIO_PACKET_DISCONNECT, socket->nsp);
        sio_socket_leave(socket, "booted");
    }
}
