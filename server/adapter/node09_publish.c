#include "server/adapter/node09_publish.h"

#include "protocol/json_read.h"
#include "protocol/node09_packet.h"
#include "protocol/sio09_packet.h"
#include "server/adapter/adapters.h"
#include "server/adapter/node09_pending.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/engine/watcher.h"
#include "server/socketio/adapter.h"
#include "server/socketio/client.h"
#include "server/socketio/dialects.h"
#include "server/socketio/namespace.h"
#include "server/socketio/observer.h"
#include "server/transport/post09.h"
#include "store/channels.h"

/* --- Messages. --- */

/* Begin a message; arguments are added to what is returned. */
static sio_buf *
node09_publish_begin(sio_env *env, sio_node09_kind kind, sio_view id)
{
    sio_node09 *n = &env->adapters->node09;

    sio_buf_clear(&n->channel);
    sio_buf_clear(&n->message);
    sio_node09_envelope_add_channel(n->version, kind, id, &n->channel);
    sio_node09_envelope_begin(n->version, kind, id, n->node_id, &n->message);
    return &n->message;
}

/* Is it on its way? What is not is counted by the store ("publishes_lost"). */
static bool
node09_publish_text(sio_env *env)
{
    sio_node09 *n = &env->adapters->node09;

    sio_node09_envelope_end(&n->message);
    return !n->channel.failed && !n->message.failed &&
           sio_store_channel_publish(env->store, sio_buf_view(&n->channel),
                                     sio_buf_view(&n->message)) == SIO_OK;
}

static bool
node09_publish_tell(sio_env *env, sio_node09_kind kind, sio_view id)
{
    node09_publish_begin(env, kind, id);
    return node09_publish_text(env);
}

static bool
tell_record(sio_session *session)
{
    sio_node09_envelope_add_used_record(
        node09_publish_begin(session->env, SIO_NODE09_HANDSHAKE, session->node.key),
        sio_view_of(sio_client_of(session)->handshake));
    return node09_publish_text(session->env);
}

/* Add the key of a namespace, or with room not NULL of a room in it (6.3). */
static void
add_room_key(sio_buf *message, const sio_namespace *nsp, const char *room)
{
    sio_buf *key = &nsp->env->adapters->node09.key;

    sio_buf_clear(key);
    sio_buf_add_view(key, nsp->name);
    if (room != NULL) {
        sio_buf_add_char(key, '/');
        sio_buf_add_str(key, room);
    }
    sio_node09_envelope_add_text(message, sio_buf_view(key));
    message->failed |= key->failed; /* half a key is that of others */
}

static bool
tell_room(const sio_socket *socket, sio_node09_kind kind, const char *room)
{
    sio_env *env = socket->nsp->env;

    add_room_key(node09_publish_begin(env, kind, socket->session->node.key), socket->nsp, room);
    return node09_publish_text(env);
}

/* --- Handshakes and sessions. --- */

/* It has not been answered yet. */
static void
on_session_made(sio_env *env, sio_view id, sio_view record)
{
    sio_node09_envelope_add_json(node09_publish_begin(env, SIO_NODE09_HANDSHAKE, id), record);
    (void)node09_publish_text(
        env); /* who has not heard of it sends the client back for another one */
}

/* Node can do nothing with clients of Engine.IO, so it does not hear of them. */
static bool
concerns_node(const sio_session *session)
{
    return !sio_session_is_engine_io(session);
}

static bool
tell_begin(sio_session *session)
{
    return node09_publish_tell(session->env, SIO_NODE09_OPEN, session->node.key) &&
           node09_publish_tell(session->env, SIO_NODE09_CONNECT, session->node.key) &&
           tell_record(session);
}

static void
on_session_connected(sio_session *session)
{
    if (concerns_node(session))
        sio_node09_pending_note_told(session, tell_begin(session));
}

bool
sio_node09_publish_end(sio_env *env, sio_view id)
{
    return node09_publish_tell(env, SIO_NODE09_DISCONNECT, id);
}

void
sio_node09_publish_ended(sio_env *env, sio_view id)
{
    sio_node09_pending_note_end(env, id, sio_node09_publish_end(env, id));
}

static void
on_session_ended(sio_session *session)
{
    sio_node09_publish_ended(session->env, session->node.key);
}

static void
on_joined(const sio_socket *socket)
{
    sio_session *session = socket->session;

    /* For the default namespace the record has just been told. */
    if (concerns_node(session))
        sio_node09_pending_note_told(session,
                                     (socket->nsp->name.len == 0 || tell_record(session)) &&
                                         tell_room(socket, SIO_NODE09_JOIN, NULL));
}

static void
on_left(const sio_socket *socket, const char *reason)
{
    (void)reason;
    if (concerns_node(socket->session) && !socket->session->ended)
        (void)tell_room(socket, SIO_NODE09_LEAVE, NULL);
}

static void
on_entered(const sio_socket *socket, const char *room)
{
    if (concerns_node(socket->session))
        sio_node09_pending_note_told(socket->session, tell_room(socket, SIO_NODE09_JOIN, room));
}

static void
on_exited(const sio_socket *socket, const char *room)
{
    if (concerns_node(socket->session))
        (void)tell_room(socket, SIO_NODE09_LEAVE, room);
}

static bool
tell_socket(const sio_socket *socket)
{
    bool        is_told = tell_room(socket, SIO_NODE09_JOIN, NULL);
    const char *room;

    for (size_t i = 0; is_told && (room = sio_room(socket, i)) != NULL; i++)
        is_told = tell_room(socket, SIO_NODE09_JOIN, room);
    return is_told;
}

bool
sio_node09_publish_session(sio_session *session)
{
    sio_link *sockets = &sio_client_of(session)->sockets;
    bool      is_told;

    if (!concerns_node(session))
        return true;
    is_told = tell_begin(session);
    for (sio_link *l = sockets->next; is_told && l != sockets; l = l->next) {
        is_told = tell_socket(SIO_CONTAINER(l, sio_socket, in_session));
    }
    return is_told;
}

/* --- Broadcasts. --- */

static void
tell_broadcast(const sio_namespace *nsp, const char *room, const sio_target *target,
               bool is_volatile, sio_view packet)
{
    sio_buf *message = node09_publish_begin(nsp->env, SIO_NODE09_DISPATCH, SIO_VIEW(""));

    add_room_key(message, nsp, room);
    sio_node09_envelope_add_text(message, packet);
    sio_node09_envelope_add_json(message, is_volatile ? SIO_VIEW("true") : SIO_VIEW("null"));
    /* Always an array: without one a process of Node ends (8.2). */
    if (target->except == NULL) {
        sio_node09_envelope_add_json(message, SIO_VIEW("[]"));
    } else {
        sio_node09_envelope_add_json(message, SIO_VIEW("["));
        sio_node09_envelope_add_text(message, target->except->session->node.key);
        sio_buf_add_char(message, ']');
    }
    (void)node09_publish_text(nsp->env);
}

/* One room for each message is all that Node knows: of several, who is in two gets it twice. */
static int
node09_broadcast(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                 const sio_packet *p)
{
    sio_frame *frame;
    sio_view   rooms = target->more_rooms, room;
    sio_buf    name;

    sio_buf_clear(&nsp->env->packet);
    if ((frame = sio_dialect09.encode(p, &nsp->env->packet)) == NULL)
        return SIO_ERR_NOMEM;
    sio_buf_init(&name, SIZE_MAX);
    room = target->room;
    do {
        sio_buf_clear(&name);
        sio_buf_add_view(&name, room);
        sio_buf_add_char(&name, '\0');
        if (!name.failed)
            tell_broadcast(nsp, target->has_room ? name.data : NULL, target, is_volatile,
                           sio_frame_message(frame));
    } while (target->has_room && sio_cluster_message_next_packet(&rooms, &room, NULL));
    sio_buf_fini(&name);
    sio_frame_unref(frame);
    return SIO_OK;
}

/* Neither questions nor moves. */
static const sio_adapter adapter = {.broadcast = node09_broadcast};

/* --- To the process that has the session. --- */

void
sio_node09_publish_to_channel(sio_env *env, sio_view id, sio_view packet)
{
    sio_node09_envelope_add_text(node09_publish_begin(env, SIO_NODE09_SEND, id), packet);
    (void)node09_publish_text(env);
}

static void
node09_publish_acknowledge_arrival(sio_env *env, sio_view id, const sio09_packet *p)
{
    sio09_packet ack = sio09_packet_of(SIO09_ACK);

    ack.endpoint = p->endpoint;
    ack.ack_id = p->id;
    sio_buf_clear(&env->packet);
    sio09_packet_encode(&ack, &env->packet);
    if (!env->packet.failed)
        sio_node09_publish_to_channel(env, id, sio_buf_view(&env->packet));
}

/*
 * Node looks names up in objects which have properties of their own: there a namespace
 * "constructor" or an event "__proto__" ends the process (Q31). Real namespaces begin with a slash,
 * or are known here as well.
 */
static bool
is_harmless_name(sio_env *env, sio_view literal)
{
    sio_buf *name = &env->adapters->node09.text;

    sio_buf_clear(name);
    return sio_json_read_string(literal, name) == SIO_OK &&
           (name->len < 2 || memcmp(name->data, "__", 2) != 0);
}

static bool
is_harmless(sio_env *env, const sio09_packet *p)
{
    if (p->endpoint.len > 0 && p->endpoint.data[0] != '/' &&
        sio_namespace_find(env, p->endpoint) == NULL)
        return false;
    switch (p->type) {
    case SIO09_EVENT:
        return p->name.len > 0 && is_harmless_name(env, p->name);
    case SIO09_ACK:
        return p->ack_id.len > 0;
    case SIO09_ERROR: /* servers ignore these */
    case SIO09_NOOP:
        return false;
    default:
        return true;
    }
}

static void
tell_packet(sio_env *env, sio_view id, const sio09_packet *p)
{
    sio_buf_clear(&env->packet);
    sio_node09_packet_encode(p, &env->packet);
    sio_node09_envelope_add_json(node09_publish_begin(env, SIO_NODE09_RECEIVE, id),
                                 sio_buf_view(&env->packet));
    if (!env->packet.failed)
        (void)node09_publish_text(env);
}

/* The same is true of ids, since 0.9.17; no process makes such ones. */
static bool
is_possible_id(sio_view id)
{
    static const sio_view reserved[] = {
        SIO_VIEW_INIT("constructor"),    SIO_VIEW_INIT("hasOwnProperty"),
        SIO_VIEW_INIT("isPrototypeOf"),  SIO_VIEW_INIT("propertyIsEnumerable"),
        SIO_VIEW_INIT("toLocaleString"), SIO_VIEW_INIT("toString"),
        SIO_VIEW_INIT("valueOf"),
    };

    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (sio_view_eq(id, reserved[i]))
            return false;
    return id.len > 0 && id.len <= SIO_SESSION_ID_MAX &&
           (id.len < 2 || memcmp(id.data, "__", 2) != 0);
}

typedef struct {
    sio_env *env;
    sio_view id;
} relay;

/* As a process of Node without a transport for the session: lib/transport.js, onMessage. */
static bool
relay_packet(void *arg, sio_view text)
{
    const relay *r = arg;
    sio_env     *env = r->env;
    sio09_packet p;

    if (sio09_packet_decode(text, env->cfg->max_json_depth, &p) != SIO_OK) {
        env->stats.bad_packets++;
    } else if (p.type == SIO09_HEARTBEAT) {
        (void)node09_publish_tell(env, SIO_NODE09_HEARTBEAT_CLEAR, r->id);
    } else if (p.type == SIO09_DISCONNECT && p.endpoint.len == 0) {
        (void)node09_publish_tell(env, SIO_NODE09_DISCONNECT_FORCE, r->id);
        return false;
    } else {
        if (p.ack == SIO_ACK_AUTO)
            node09_publish_acknowledge_arrival(env, r->id, &p);
        if (is_harmless(env, &p))
            tell_packet(env, r->id, &p);
    }
    return true;
}

void
sio_node09_publish_relayed_post(sio_env *env, sio_view id, const sio_transport *transport,
                                sio_view body)
{
    relay r = {.env = env, .id = id};

    if (!is_possible_id(id))
        return;
    env->stats.relayed_posts++;
    if (transport->post == NULL)
        (void)relay_packet(&r, body); /* of a websocket: one packet */
    else if (transport->post(env, body, relay_packet, &r) != SIO_OK)
        sio_log_error(&env->log, NULL, "out of memory: a message of a client is not relayed");
}

void
sio_node09_publish_relayed_end(sio_env *env, sio_view id)
{
    if (is_possible_id(id))
        (void)node09_publish_tell(env, SIO_NODE09_DISCONNECT_FORCE, id);
}

/* --- Life. --- */

static const sio_watcher watcher = {
    .made = on_session_made,
    .connected = on_session_connected,
    .ended = on_session_ended,
};

static const sio_observer observer = {
    .joined = on_joined,
    .left = on_left,
    .entered = on_entered,
    .exited = on_exited,
};

void
sio_node09_publish_join(sio_env *env)
{
    sio_watcher_add(env, &watcher);
    sio_observer_add(env, &observer);
    env->io->adapter = &adapter;
}
