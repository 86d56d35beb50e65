#include "server/socketio/admission.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/socketio/client.h"
#include "server/socketio/guard.h"
#include "server/socketio/observer.h"
#include "server/socketio/packet.h"
#include "server/socketio/recovery.h"
#include "store/clock.h"

void
sio_admission_confirm(const sio_socket *socket)
{
    sio_packet p = {.type = SIO_PACKET_CONNECT, .nsp = socket->nsp->name};
    sio_buf    data;

    sio_buf_init(&data, SIZE_MAX);
    sio_buf_add_str(&data, "{\"sid\":");
    sio_buf_add_json_string(&data, sio_socket_id(socket), SIO_JSON_PLAIN);
    if (socket->recovery != NULL) {
        sio_buf_add_str(&data, ",\"pid\":");
        sio_buf_add_json_string(&data, sio_view_of(socket->recovery->private_id), SIO_JSON_PLAIN);
    }
    sio_buf_add_char(&data, '}');
    p.data = sio_buf_view(&data);
    if (data.failed)
        sio_mailbox_fail(&socket->session->mailbox, "out of memory");
    else
        sio_packet_send(socket->session, &p, false);
    sio_buf_fini(&data);
}

/* state: with the id that it had; NULL: as made above. */
static sio_socket *
socket_new(sio_joining *j, const sio_recovery_state *state)
{
    sio_view    id = SIO_VIEW("");
    sio_socket *socket;

    if (state != NULL)
        id = sio_view_of(state->id);
    else if (sio_joining_make_id(j) != SIO_OK)
        return NULL;
    else if (j->has_own_id)
        id = (sio_view){j->id.data, j->id.len - 1};
    if ((socket = calloc(1, sizeof *socket + id.len + 1)) == NULL)
        return NULL;
    socket->node.key = id.len > 0 ? (sio_view){socket->own_id, id.len} : j->session->node.key;
    memcpy(socket->own_id, id.data, id.len);
    if (!sio_guard_keep_pass(socket, &j->pass)) {
        free(socket);
        return NULL;
    }
    j->pass.what = NULL;
    return socket;
}

/* How long it took, for the first namespace alone. */
static void
measure_connect(sio_session *s)
{
    sio_client    *client = sio_client_of(s);
    const uint64_t ms = sio_timer_wheel_now_ms(&s->env->timers) - s->made_ms;

    if (!client->has_joined)
        sio_histogram_add(&s->env->measures.connects[s->carried_by], ms * 1000);
    client->has_joined = true;
}

void
sio_admission_let_in(sio_joining *j, sio_recovery_state *state)
{
    sio_namespace *nsp = j->nsp;
    sio_socket    *socket = socket_new(j, state);

    if (socket == NULL) {
        const sio_packet failed = {.type = SIO_PACKET_FAILED, .nsp = nsp->name};

        sio_log_limit_write(&nsp->env->log_limits, SIO_LOG_FAILURE, j->session->id,
                            "out of memory: namespace not joined");
        sio_packet_send(j->session, &failed, false);
        return;
    }
    socket->nsp = sio_namespace_hold(nsp);
    socket->session = j->session;
    socket->auth = j->auth;
    socket->handshake = j->handshake;
    j->auth = j->handshake = NULL;
    sio_session_charge(j->session, sio_socket_cost(socket));
    socket->connected = true;
    socket->connected_ms = sio_epoch_ms();
    sio_link_init(&socket->in_namespace);
    sio_link_init(&socket->in_session);
    sio_link_init(&socket->memberships);
    sio_link_init(&socket->acks);
    sio_link_init(&socket->data_requests);
    sio_link_append(&nsp->sockets, &socket->in_namespace);
    ++*sio_namespace_count(nsp);
    measure_connect(j->session);
    sio_link_append(&sio_client_of(j->session)->sockets, &socket->in_session);
    if (socket->own_id[0] != '\0')
        sio_hash_insert(&nsp->ids, &socket->node);
    sio_observer_joined(socket);
    if (state != NULL)
        sio_recovery_resume(socket, state, &j->missed);
    else
        sio_recovery_begin(socket);
    sio_admission_confirm(socket);
    sio_guard_joined(socket);
    if (nsp->on_connection != NULL)
        nsp->on_connection(socket, nsp->connection_arg);
}
