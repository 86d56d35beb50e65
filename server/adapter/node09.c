/* server/adapter/node09.c - what the other processes say: see server/adapter/node09.h. */
#include "server/adapter/node09.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/node09_packet.h"
#include "protocol/sio09_packet.h"
#include "protocol/sio09_payload.h"
#include "server/adapter/adapters.h"
#include "server/adapter/node09_publish.h"
#include "server/adapter/node09_resend.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/roaming/directory.h"
#include "server/roaming/foreign.h"
#include "server/socketio/broadcast.h"
#include "server/socketio/client.h"
#include "server/socketio/namespace.h"
#include "server/socketio/socket.h"
#include "store/channels.h"
#include "store/clock.h"
#include "store/handshakes.h"

/* An envelope around a packet object around what a client may send. */
enum { DEPTH_AROUND_PACKET = 4 };

/*
 * A process of Node answers the first request of a session before it has subscribed to what is
 * relayed: what comes first waits so long. Then the session is known, for a while.
 */
enum { FIRST_RELAY_DELAY_MS = 100, RELAYED_MS = 10 * 60 * 1000 };

/* The text of a JSON string, in buf; false when it is none. */
static bool
take_text(sio_view literal, sio_buf *buf, sio_view *text)
{
    sio_buf_clear(buf);
    if (sio_json_read_string(literal, buf) != SIO_OK)
        return false;
    *text = buf->len > 0 ? sio_buf_view(buf) : SIO_VIEW(""); /* never NULL: parts are taken of it */
    return true;
}

static bool
is_true(sio_view json)
{
    return sio_json_read_kind_of(json) == SIO_JSON_TRUE;
}

/* --- Handshakes that others have made. --- */

static bool
begins_with_tag(const sio_env *env, sio_view id)
{
    return id.len > SIO_STORE_TAG_LEN && memcmp(id.data, env->tag, SIO_STORE_TAG_LEN) == 0;
}

/* One of an instance of siobroker is in the store, and only there: it is taken once. */
static bool
is_of_node(sio_env *env, sio_view id)
{
    return id.len <= SIO_SESSION_ID_MAX && !begins_with_tag(env, id) &&
           (id.len < SIO_STORE_TAG_LEN ||
            sio_peer_find(env, (sio_view){id.data, SIO_STORE_TAG_LEN}) == NULL);
}

/* The record comes again when a session begins, and later: then without the mark of its issue. */
static void
hear_handshake(sio_env *env, const sio_node09_message *m)
{
    if (sio_json_read_kind_of(m->args[0]) != SIO_JSON_OBJECT ||
        !sio_node09_envelope_is_issued(m->args[0]) || !is_of_node(env, m->id) ||
        sio_json_read_has_nul(m->args[0]))
        return;
    if (sio_handshakes_put(env->adapters->node09.handshakes, m->id, m->args[0],
                           env->cfg->handshake_timeout_ms) == SIO_OK)
        sio_directory_resume(env, m->id);
}

static bool
take_handshake(sio_env *env, sio_view id, sio_buf *record)
{
    sio_handshake *h = sio_handshakes_take(env->adapters->node09.handshakes, id);

    if (h == NULL)
        return false;
    sio_buf_add_view(record, h->data);
    free(h);
    return true;
}

/*
 * The first thing may come sooner than the process that has the session has subscribed to it; when
 * enough time has passed since, it need not wait.
 */
static unsigned
relay_delay_ms(sio_env *env, sio_view id)
{
    const sio_handshake *known = sio_handshakes_find(env->adapters->node09.relayed, id);
    const uint64_t       now_ms = sio_now_ms();
    uint64_t             ready_ms = now_ms + FIRST_RELAY_DELAY_MS;

    if (known != NULL)
        ready_ms = known->expires_ms - RELAYED_MS + FIRST_RELAY_DELAY_MS;
    else /* when there is no room: each time a little late */
        (void)sio_handshakes_put(env->adapters->node09.relayed, id, SIO_VIEW(""), RELAYED_MS);
    return ready_ms > now_ms ? (unsigned)(ready_ms - now_ms) : 0;
}

static void
on_node09_dropped(void *arg, int rc, sio_view data)
{
    (void)arg;
    (void)rc;
    (void)data;
}

/* Another process has begun a session: nobody else may do so with the same handshake. */
static void
hear_connect(sio_env *env, sio_view id)
{
    sio_handshakes_drop(env->adapters->node09.handshakes, id);
    if (begins_with_tag(env, id))
        (void)sio_store_handshake_take(env->store, id, on_node09_dropped, NULL);
}

/* --- Sessions of this instance. --- */

/*
 * The client of this session polls another process now. It gets there what waits, and is told to
 * reconnect: what it would post there would not come here (8.5).
 */
static void
node09_hear_open(sio_session *session)
{
    sio_env     *env = session->env;
    sio_mailbox *m = &session->mailbox;
    sio_buf     *payload = &env->adapters->node09.text;

    sio_buf_clear(payload);
    for (uint32_t i = m->n_away; i < m->queue.n_frames; i++)
        sio09_payload_add(payload, sio_frame_message(sio_send_queue_at(&m->queue, i)));
    sio09_payload_add(payload, SIO_VIEW("7:::1+0")); /* client not handshaken, reconnect */
    if (!payload->failed)
        sio_node09_publish_to_channel(env, session->node.key, sio_buf_view(payload));
    env->stats.strayed_sessions++;
    sio_session_end(session, "client went elsewhere", false);
}

static void
hear_send(sio_session *session, const sio_node09_message *m)
{
    sio_buf   *text = &session->env->adapters->node09.text;
    sio_view   packet;
    sio_frame *frame = NULL;

    if (take_text(m->args[0], text, &packet))
        frame = sio_frame_new(packet, false);
    else if (!text->failed)
        return; /* it is none */
    if (frame != NULL)
        sio_session_send_frame(session, frame, is_true(m->args[1]));
    else
        sio_mailbox_fail(&session->mailbox, "out of memory");
    sio_frame_unref(frame);
}

/* What asks for an automatic acknowledgement has got it from the process that sends this. */
static void
hear_receive(sio_session *session, const sio_node09_message *m)
{
    sio_env     *env = session->env;
    sio09_packet p;
    sio_buf      text;

    if (sio_node09_packet_decode(m->args[0], env->cfg->max_json_depth + DEPTH_AROUND_PACKET,
                                 &env->adapters->node09.text, &p) != SIO_OK) {
        env->stats.bad_packets++;
        return;
    }
    if (p.ack == SIO_ACK_AUTO)
        p.ack = SIO_ACK_NONE;
    sio_buf_init(&text, SIZE_MAX); /* the application may do anything meanwhile */
    sio09_packet_encode(&p, &text);
    if (text.failed)
        sio_mailbox_fail(&session->mailbox, "out of memory");
    else
        sio_session_receive(session, sio_buf_view(&text), false);
    sio_buf_fini(&text);
}

/* Without a reason it was an application that has disconnected the client. */
static void
node09_hear_end(sio_session *session, const sio_node09_message *m)
{
    sio_view reason;
    char     text[64] = "";

    if (m->args[0].len == 0 ||
        !take_text(m->args[0], &session->env->adapters->node09.text, &reason)) {
        sio_session_end(session, "booted", true);
        return;
    }
    if (reason.len > 0 && reason.len < sizeof text && !sio_view_has_nul(reason))
        memcpy(text, reason.data, reason.len);
    sio_session_end(session, text, false);
}

/* --- Rooms. --- */

/*
 * Which namespace and room has this key? endpoint is the namespace, when it is known: "/chat/r" is
 * the room "r" of "/chat", or the room "chat/r" of the default one. *room is empty and *is_room
 * false for the namespace itself.
 */
static bool
split_key(sio_view key, sio_view nsp, sio_view *room, bool *is_room)
{
    if (key.len < nsp.len || (nsp.len > 0 && memcmp(key.data, nsp.data, nsp.len) != 0))
        return false;
    *is_room = key.len > nsp.len;
    *room = (sio_view){key.data + nsp.len, key.len - nsp.len};
    if (!*is_room)
        return true;
    *room = (sio_view){room->data + 1, room->len - 1};
    return key.data[nsp.len] == '/';
}

/* The socket of the session whose namespace has the longest name that fits the key of a room. */
static sio_socket *
find_socket(sio_session *session, sio_view key, sio_view *room)
{
    sio_link   *sockets = &sio_client_of(session)->sockets;
    sio_socket *found = NULL;

    for (sio_link *l = sockets->next; l != sockets; l = l->next) {
        sio_socket *socket = SIO_CONTAINER(l, sio_socket, in_session);
        sio_view    name;
        bool        is_room;

        if (split_key(key, socket->nsp->name, &name, &is_room) && is_room &&
            (found == NULL || name.len < room->len)) {
            found = socket;
            *room = name;
        }
    }
    return found;
}

static void
hear_room(sio_session *session, const sio_node09_message *m)
{
    sio_buf    *buf = &session->env->adapters->node09.text;
    sio_view    key, room;
    sio_socket *socket;

    if (!take_text(m->args[0], buf, &key))
        return;
    sio_buf_add_char(buf, '\0'); /* the room is the end of the key, and goes to the API */
    key.data = buf->data;
    if (buf->failed || (socket = find_socket(session, key, &room)) == NULL)
        return;
    if (m->kind == SIO_NODE09_JOIN)
        (void)sio_join(socket, room.data);
    else
        sio_leave(socket, room.data);
}

/* --- Broadcasts. --- */

static bool
packet_of(const sio09_packet *wire, sio_packet *p)
{
    *p = (sio_packet){.nsp = wire->endpoint, .name = wire->name, .data = wire->data};
    switch (wire->type) {
    case SIO09_EVENT:
        p->type = SIO_PACKET_EVENT;
        p->args = wire->args_is_array ? wire->args : SIO_VIEW("");
        return wire->name.len > 0;
    case SIO09_MESSAGE:
        p->type = SIO_PACKET_MESSAGE;
        return true;
    case SIO09_JSON:
        p->type = SIO_PACKET_JSON;
        return wire->data_ok;
    default: /* nobody broadcasts these */
        return false;
    }
}

/* The ids of sockets that do not get it, as rooms: each is in one of that name. */
static void
list_exceptions(sio_view ids, sio_buf *list)
{
    sio_json_iter it;
    sio_view      id;

    sio_json_read_array_begin(&it, ids);
    while (sio_json_read_array_next(&it, &id))
        if (sio_json_read_kind_of(id) == SIO_JSON_STRING) /* ours have no escapes */
            sio_cluster_message_add_packet(list, (sio_view){id.data + 1, id.len - 2}, false);
}

static void
hear_dispatch(sio_env *env, const sio_node09_message *m)
{
    sio_view       key, text, room;
    bool           is_room;
    sio09_packet   wire;
    sio_packet     p;
    sio_namespace *nsp;
    sio_target     target;
    sio_buf        exceptions;

    if (!take_text(m->args[0], &env->adapters->node09.key, &key) ||
        !take_text(m->args[1], &env->adapters->node09.text, &text) ||
        sio09_packet_decode(text, SIO_JSON_MAX_DEPTH, &wire) != SIO_OK || !packet_of(&wire, &p)) {
        env->stats.bad_packets++;
        return;
    }
    if ((nsp = sio_namespace_find(env, p.nsp)) == NULL || !split_key(key, p.nsp, &room, &is_room))
        return;
    sio_buf_init(&exceptions, SIZE_MAX);
    list_exceptions(m->args[3], &exceptions);
    target =
        (sio_target){.has_room = is_room, .room = room, .except_rooms = sio_buf_view(&exceptions)};
    if (exceptions.failed) /* better nobody than those who are not to get it */
        sio_log_error(&env->log, NULL, "out of memory: a broadcast of a process of Node is lost");
    else
        sio_broadcast_send(nsp, &target, is_true(m->args[2]), &p);
    sio_buf_fini(&exceptions);
}

/* --- Messages. --- */

static void
hear_about_session(sio_session *session, const sio_node09_message *m)
{
    switch (m->kind) {
    case SIO_NODE09_OPEN:
        node09_hear_open(session);
        break;
    case SIO_NODE09_JOIN:
    case SIO_NODE09_LEAVE:
        hear_room(session, m);
        break;
    case SIO_NODE09_SEND:
        hear_send(session, m);
        break;
    case SIO_NODE09_RECEIVE:
        hear_receive(session, m);
        break;
    case SIO_NODE09_END:
        node09_hear_end(session, m);
        break;
    case SIO_NODE09_HEARTBEAT_CLEAR:
        sio_heartbeat_answered(session);
        break;
    case SIO_NODE09_DISCONNECT_FORCE:
        sio_session_end(session, "booted", true);
        break;
    default: /* of what is here, nobody else has the say */
        break;
    }
}

static void
on_heard(void *arg, sio_view channel, sio_view bytes)
{
    sio_env           *env = arg;
    sio_node09_message m;
    sio_session       *session;

    if (sio_node09_envelope_is_from(bytes, env->adapters->node09.node_id))
        return;
    if (sio_node09_envelope_decode(env->adapters->node09.version, channel, bytes,
                                   env->cfg->max_json_depth + DEPTH_AROUND_PACKET, &m) != SIO_OK) {
        env->stats.bad_messages++;
        return;
    }
    if (m.kind == SIO_NODE09_DISPATCH)
        hear_dispatch(env, &m);
    else if (m.kind == SIO_NODE09_HANDSHAKE)
        hear_handshake(env, &m);
    else if (m.kind == SIO_NODE09_CONNECT)
        hear_connect(env, m.id);
    else if ((session = sio_session_find(env, m.id)) != NULL && !session->ended)
        hear_about_session(session, &m);
}

/* --- Life. --- */

static const sio_foreign foreign = {
    .take = take_handshake,
    .delay_ms = relay_delay_ms,
    .post = sio_node09_publish_relayed_post,
    .end = sio_node09_publish_relayed_end,
};

static int
hear_others(sio_env *env)
{
    const sio_handshakes_limits    limits = {.max_entries = env->cfg->max_unused_handshakes};
    const sio_node09_subscriptions to =
        sio_node09_envelope_subscriptions_of(env->adapters->node09.version);
    sio_node09 *n = &env->adapters->node09;

    if (sio_handshakes_new(&n->handshakes, env->base, &limits, &n->counters) != SIO_OK ||
        sio_handshakes_new(&n->relayed, env->base, &limits, &n->counters) != SIO_OK)
        return SIO_ERR_NOMEM;
    return sio_store_channels_hear(env->store, to.channels, to.patterns, on_heard, env);
}

bool
sio_node09_is_chosen(const sio_env *env)
{
    return strncmp(env->cfg->dialect, "node-0.9", strlen("node-0.9")) == 0;
}

void
sio_node09_adjust(sio_env *env)
{
    const sio_node09 *n = &env->adapters->node09;

    if (n->handshakes == NULL)
        return;
    sio_handshakes_set_max(n->handshakes, env->cfg->max_unused_handshakes);
    sio_handshakes_set_max(n->relayed, env->cfg->max_unused_handshakes);
}

int
sio_node09_join(sio_env *env)
{
    sio_node09 *n = &env->adapters->node09;
    int         rc;

    sio_node09_fini(env); /* of an attempt before, that failed */
    if (!sio_node09_is_chosen(env))
        return SIO_OK;
    n->version = strcmp(env->cfg->dialect, "node-0.9") == 0 ? SIO_NODE09_16 : SIO_NODE09_17;
    evutil_secure_rng_get_bytes(&n->node_id, sizeof n->node_id);
    n->node_id &= INT32_MAX;
    sio_buf_init(&n->channel, SIZE_MAX);
    sio_buf_init(&n->message, SIZE_MAX);
    sio_buf_init(&n->key, SIZE_MAX);
    sio_buf_init(&n->text, SIZE_MAX);
    if ((rc = sio_node09_pending_init(&n->pending)) != SIO_OK)
        return rc;
    sio_node09_resend_init(env);
    sio_node09_publish_join(env);
    sio_cluster_module_add(env, &sio_node09_resend_module);
    env->roaming->foreign = &foreign;
    return hear_others(env);
}

void
sio_node09_fini(sio_env *env)
{
    sio_node09 *n = &env->adapters->node09;

    sio_handshakes_free(n->handshakes);
    sio_handshakes_free(n->relayed);
    n->handshakes = n->relayed = NULL;
    sio_buf_fini(&n->channel);
    sio_buf_fini(&n->message);
    sio_buf_fini(&n->key);
    sio_buf_fini(&n->text);
    sio_node09_pending_fini(&n->pending);
}
