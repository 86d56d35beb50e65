#include "server/adapter/node4_publish.h"

#include "protocol/cluster_message.h"
#include "server/adapter/adapters.h"
#include "server/adapter/native.h"
#include "server/adapter/node4_ask.h"
#include "server/adapter/node4_recovery.h"
#include "server/adapter/node4_wire.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/broadcast.h"
#include "server/socketio/server_side.h"

/* What is behind the id of a socket in the name of the room that node4_emit() speaks of. */
static const sio_view awaits_ack = SIO_VIEW_INIT("#ack");

/* --- Whom it is about. --- */

static sio_node4_event
address_of(const sio_namespace *nsp, const sio_target *target)
{
    sio_node4 *n = &nsp->env->adapters->node4;

    sio_buf_clear(&n->rooms);
    sio_buf_clear(&n->except);
    if (target->has_room)
        sio_cluster_message_add_packet(&n->rooms, target->room, false);
    sio_buf_add_view(&n->rooms, target->more_rooms);
    if (target->except != NULL) /* a socket is in a room of its name */
        sio_cluster_message_add_packet(&n->except, sio_socket_id(target->except), false);
    sio_buf_add_view(&n->except, target->except_rooms);
    n->message.failed = n->rooms.failed || n->except.failed;
    return (sio_node4_event){
        .nsp = nsp->name, .rooms = sio_buf_view(&n->rooms), .except = sio_buf_view(&n->except)};
}

/* --- Events. --- */

/* SIO_OK and *e; or SIO_BAD: Node could not bear it. */
static int
event_of(const sio_namespace *nsp, const sio_target *target, bool is_volatile, const sio_packet *p,
         sio_node4_event *e)
{
    const char *obstacle;

    sio_buf_clear(&nsp->env->adapters->node4.message);
    *e = address_of(nsp, target);
    e->name = p->name;
    e->args = p->args;
    e->attachments = p->attachments;
    e->n_attachments = p->n_attachments;
    e->is_volatile = is_volatile;
    e->no_compress = p->no_compress;
    if ((obstacle = sio_node4_event_obstacle(e)) == NULL)
        return SIO_OK;
    (void)sio_env_fail(nsp->env, obstacle);
    return SIO_BAD;
}

/* Published by this instance, they come back to it, if clients are to know their offsets. */
static int
published_event(const sio_env *env, int rc)
{
    return rc == SIO_OK && sio_node4_recovery_is_on(env) ? SIO_ADAPTER_COMES_BACK : rc;
}

static int
node4_broadcast(sio_namespace *nsp, const sio_target *target, bool is_volatile, const sio_packet *p)
{
    sio_node4      *n = &nsp->env->adapters->node4;
    const bool      has_one_room = target->has_room && target->more_rooms.len == 0;
    const bool      uses_room = has_one_room && !n->is_cluster; /* a sharded one may come late */
    sio_node4_event e;

    if (event_of(nsp, target, is_volatile, p, &e) != SIO_OK)
        return SIO_BAD;
    sio_node4_wire_add_event(nsp->env, &e);
    return published_event(
        nsp->env,
        sio_node4_wire_publish_event(nsp->env, nsp->name, uses_room ? target->room : SIO_VIEW("")));
}

/*
 * One that asks for an acknowledgement is for a room that nobody is in: else a server of Node to
 * which the client comes back would let it hear that once more.
 */
static int
node4_emit(sio_socket *socket, bool is_volatile, const sio_packet *p)
{
    sio_namespace  *nsp = socket->nsp;
    sio_target      target = {.has_room = true, .room = sio_socket_id(socket)};
    sio_node4_event e;
    sio_buf         room;
    int             rc;

    if (!sio_node4_recovery_is_on(nsp->env) || p->type != SIO_PACKET_EVENT)
        return SIO_DROPPED;
    sio_buf_init(&room, SIZE_MAX);
    if (p->has_id) {
        sio_buf_add_view(&room, target.room);
        sio_buf_add_view(&room, awaits_ack);
        target.room = sio_buf_view(&room);
    }
    if ((rc = event_of(nsp, &target, is_volatile, p, &e)) == SIO_OK) {
        e.has_id = p->has_id;
        e.id = p->id;
        sio_node4_wire_add_event(nsp->env, &e);
        if (room.failed)
            nsp->env->adapters->node4.message.failed = true;
        rc = sio_node4_wire_publish_event(nsp->env, nsp->name, SIO_VIEW(""));
    }
    sio_buf_fini(&room);
    return rc;
}

void
sio_node4_publish_take_back(sio_namespace *nsp, const sio_node4_event *e)
{
    sio_packet  p = sio_node4_wire_packet_of(e);
    sio_view    rooms = e->rooms, room;
    sio_socket *socket;

    if (!sio_cluster_message_next_packet(&rooms, &room, NULL) || room.len < awaits_ack.len)
        return;
    room.len -= awaits_ack.len;
    if ((socket = sio_namespace_socket(nsp, room)) == NULL)
        return; /* it has left */
    p.has_id = true;
    p.id = e->id;
    sio_broadcast_send_at_once(socket, &p, e->is_volatile);
}

/* --- Moves. --- */

static int
node4_move(sio_namespace *nsp, const sio_target *target, sio_cluster_move move, sio_view text)
{
    sio_node4                   *n = &nsp->env->adapters->node4;
    const sio_node4_request_kind kind = move == SIO_CM_JOIN    ? SIO_NODE4_JOIN
                                        : move == SIO_CM_LEAVE ? SIO_NODE4_LEAVE
                                                               : SIO_NODE4_DISCONNECT;
    sio_buf                      moved;
    sio_node4_event              e;

    if (move == SIO_CM_DATA) /* Node can not be told what data its sockets have */
        return sio_native_adapter.move(nsp, target, move, text);
    sio_buf_init(&moved, SIZE_MAX);
    sio_cluster_message_add_packet(&moved, text, false);
    sio_buf_clear(&n->message);
    e = address_of(nsp, target);
    sio_node4_wire_add_move(nsp->env, kind, &e, sio_buf_view(&moved), move == SIO_CM_CLOSE);
    n->message.failed = n->message.failed || moved.failed;
    sio_buf_fini(&moved);
    return sio_node4_wire_publish_move(nsp->env, nsp->name, kind);
}

/* --- Questions. --- */

/* Else instances of siobroker alone are asked, over their own channel. */
static bool
asks_all(const sio_env *env)
{
    return env->adapters->node4.is_member && env->cfg->node_version >= 4;
}

/* --- Applications. --- */

static int
node4_server_side(sio_namespace *nsp, sio_view event, sio_view args, uint64_t number,
                  unsigned timeout_ms)
{
    sio_node4  *n = &nsp->env->adapters->node4;
    const char *obstacle = sio_node4_request_server_side_obstacle(event);

    if (obstacle != NULL) {
        (void)sio_env_fail(nsp->env, obstacle);
        return SIO_BAD;
    }
    if (sio_server_side_is_inner(event) || (number != 0 && !asks_all(nsp->env)))
        return sio_native_adapter.server_side(nsp, event, args, number, timeout_ms);
    if (number != 0)
        return sio_node4_ask_applications(nsp, event, args, number);
    sio_buf_clear(&n->message);
    sio_node4_wire_add_server_side(nsp->env, nsp->name, SIO_VIEW(""), event, args);
    return sio_node4_wire_publish_request(nsp->env, nsp->name);
}

static int
node4_survey(sio_namespace *nsp, const sio_target *target, bool is_volatile, const sio_packet *p,
             uint64_t number, unsigned timeout_ms)
{
    sio_node4_event e;

    if (event_of(nsp, target, is_volatile, p, &e) != SIO_OK)
        return SIO_BAD;
    return asks_all(nsp->env)
               ? sio_node4_ask_clients(nsp, &e, number, timeout_ms)
               : sio_native_adapter.survey(nsp, target, is_volatile, p, number, timeout_ms);
}

static int
node4_fetch(sio_namespace *nsp, const sio_target *target, uint64_t number)
{
    sio_node4_event to;

    if (!asks_all(nsp->env))
        return sio_native_adapter.fetch(nsp, target, number);
    sio_buf_clear(&nsp->env->adapters->node4.message);
    to = address_of(nsp, target);
    return sio_node4_ask_fetch(nsp, &to, number);
}

static int
node4_count(sio_namespace *nsp, const sio_target *target, uint64_t number)
{
    sio_node4_event to;

    if (!asks_all(nsp->env))
        return sio_native_adapter.count(nsp, target, number);
    sio_buf_clear(&nsp->env->adapters->node4.message);
    to = address_of(nsp, target);
    return sio_node4_ask_count(nsp, &to, number);
}

static int
node4_rooms(sio_namespace *nsp, sio_view prefix, size_t max_rooms, uint64_t number)
{
    return asks_all(nsp->env) ? sio_node4_ask_rooms(nsp, prefix, number)
                              : sio_native_adapter.rooms(nsp, prefix, max_rooms, number);
}

const sio_adapter sio_node4_adapter = {
    .broadcast = node4_broadcast,
    .emit = node4_emit,
    .move = node4_move,
    .survey = node4_survey,
    .fetch = node4_fetch,
    .count = node4_count,
    .rooms = node4_rooms,
    .server_side = node4_server_side,
};
