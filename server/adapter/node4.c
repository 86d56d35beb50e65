/* server/adapter/node4.c - what servers of Node and emitters say: see server/adapter/node4.h. */
#include "server/adapter/node4.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/cluster_message.h"
#include "protocol/node4_channel.h"
#include "protocol/node4_cluster.h"
#include "protocol/utf8.h"
#include "server/adapter/adapters.h"
#include "server/adapter/node4_answer.h"
#include "server/adapter/node4_ask.h"
#include "server/adapter/node4_channels.h"
#include "server/adapter/node4_publish.h"
#include "server/adapter/node4_recovery.h"
#include "server/adapter/node4_shards.h"
#include "server/adapter/node4_stream.h"
#include "server/adapter/node4_wire.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/broadcast.h"
#include "server/socketio/bulk.h"
#include "server/socketio/server_side.h"
#include "store/channels.h"

/* MessagePack becomes JSON, which is up to so many times as long. */
enum { MAX_GROWTH = 20 };

/* --- Whom it is about. --- */

/*
 * Emitters that know no better publish an event for several rooms once for each of them. So that a
 * socket gets it once, it is for those here who are in the room of the channel, and in none that is
 * named before it. False: it is an event like any other.
 */
static bool
narrow(sio_view room, const sio_node4_event *e, sio_buf *except, sio_target *target)
{
    sio_view rest = e->rooms, name;
    size_t   n = 0;
    bool     is_there = false;

    sio_buf_clear(except);
    sio_buf_add_view(except, e->except);
    for (; sio_cluster_message_next_packet(&rest, &name, NULL); n++) {
        is_there = is_there || sio_view_eq(name, room);
        if (!is_there)
            sio_cluster_message_add_packet(except, name, false);
    }
    if (room.len == 0 || n < 2 || !is_there)
        return false;
    *target = (sio_target){.has_room = true, .room = room, .except_rooms = sio_buf_view(except)};
    return true;
}

/* --- Events. --- */

/* offset: of an entry that clients get again who come back; or empty. */
static void
send_event(sio_namespace *nsp, const sio_node4_event *e, sio_view room, sio_view offset)
{
    sio_packet p = sio_node4_wire_packet_of(e);
    sio_target target = sio_node4_wire_target_of(e);
    sio_buf    except;

    p.offset = offset;
    sio_buf_init(&except, SIZE_MAX);
    (void)narrow(room, e, &except, &target);
    if (except.failed) /* better nobody than those who are not to get it */
        sio_log_error(&nsp->env->log, NULL, "out of memory: a broadcast of Node is lost");
    else
        sio_broadcast_send(nsp, &target, e->is_volatile, &p);
    sio_buf_fini(&except);
}

static void
hear_event(sio_env *env, sio_view rest, sio_view bytes)
{
    sio_node4      *n = &env->adapters->node4;
    sio_view        room = SIO_VIEW("");
    sio_node4_event e;
    sio_namespace  *nsp;
    const int       rc = sio_node4_event_read(&n->reader, bytes, sio_view_of(n->uid), &e);

    if (rc == SIO_DROPPED)
        return;
    if (rc != SIO_OK) {
        sio_node4_wire_note_bad(env, "event");
        return;
    }
    if (!e.is_bare && !sio_node4_channel_is_about(rest, e.nsp, &room))
        return; /* as Node does, whose namespaces hear their own channels */
    if ((nsp = sio_namespace_find(env, e.nsp)) != NULL)
        send_event(nsp, &e, room, SIO_VIEW(""));
}

/* --- Moves. --- */

/* What goes to the application as a text of C, and to clients in lists of rooms. */
static bool
are_room_names(sio_view list)
{
    sio_view room;

    while (sio_cluster_message_next_packet(&list, &room, NULL))
        if (sio_view_has_nul(room) || !sio_utf8_valid(room))
            return false;
    return true;
}

static void
move(sio_namespace *nsp, const sio_target *target, const sio_node4_request *q)
{
    int rc;

    if (q->kind == SIO_NODE4_DISCONNECT)
        rc = sio_bulk_move(nsp, target, q->close ? SIO_CM_CLOSE : SIO_CM_DISCONNECT, SIO_VIEW(""));
    else
        rc = sio_bulk_move_rooms(nsp, target,
                                 q->kind == SIO_NODE4_JOIN ? SIO_CM_JOIN : SIO_CM_LEAVE, q->moved);
    if (rc != 0)
        sio_log_error(&nsp->env->log, NULL,
                      "out of memory, or \"max rooms\" is reached: not all who are told to join a "
                      "room or to leave one have done so");
}

static void
hear_move(sio_namespace *nsp, const sio_node4_request *q)
{
    const sio_node4 *n = &nsp->env->adapters->node4;
    sio_target       target = sio_node4_wire_target_of(&q->event);

    if (!are_room_names(q->moved)) {
        sio_node4_wire_note_bad(nsp->env, "request");
        return;
    }
    if (!q->has_sid) {
        move(nsp, &target, q);
        return;
    }
    if (sio_namespace_socket(nsp, q->sid) == NULL)
        return; /* the server that has it answers */
    target = (sio_target){.has_room = true, .room = q->sid};
    move(nsp, &target, q);
    if (n->is_member && q->request_id.len > 0)
        sio_node4_answer_done(nsp, q);
}

/* --- Questions. --- */

static void
answer(sio_namespace *nsp, const sio_node4_request *q)
{
    const sio_target  target = sio_node4_wire_target_of(&q->event);
    const sio_packet  p = sio_node4_wire_packet_of(&q->event);
    const sio_socket *socket;

    switch (q->kind) {
    case SIO_NODE4_SOCKETS:
    case SIO_NODE4_FETCH:
        sio_node4_answer_sockets(nsp, &target, q);
        break;
    case SIO_NODE4_ALL_ROOMS:
        sio_node4_answer_all_rooms(nsp, q);
        break;
    case SIO_NODE4_CLIENT_ROOMS:
        if ((socket = sio_namespace_socket(nsp, q->sid)) != NULL)
            sio_node4_answer_client_rooms(socket, q);
        break;
    case SIO_NODE4_SERVER_SIDE:
        sio_node4_answer_server_side(nsp, q);
        break;
    case SIO_NODE4_ASK:
        sio_node4_answer_ask(nsp, &target, &p, q);
        break;
    default:
        sio_node4_answer_custom(nsp, q);
    }
}

static bool
is_move(const sio_node4_request *q)
{
    return q->kind == SIO_NODE4_JOIN || q->kind == SIO_NODE4_LEAVE ||
           q->kind == SIO_NODE4_DISCONNECT;
}

/* Who only listens is not waited for. */
static void
hear_understood(sio_namespace *nsp, const sio_node4_request *q)
{
    if (is_move(q))
        hear_move(nsp, q);
    else if (q->kind == SIO_NODE4_SERVER_SIDE && sio_server_side_is_inner(q->name))
        sio_node4_wire_note_bad(nsp->env, "request"); /* anybody can say that here */
    else if (q->request_id.len == 0)
        sio_server_side_hear(nsp, q->name, q->event.args);
    else if (nsp->env->adapters->node4.is_member)
        answer(nsp, q);
}

/* rest: the namespace as Node calls it, and a "#". */
static sio_namespace *
find_namespace(sio_env *env, sio_view rest)
{
    if (rest.len < 2 || rest.data[rest.len - 1] != '#')
        return NULL;
    rest.len--;
    return sio_namespace_find(env, sio_view_eq(rest, SIO_VIEW("/")) ? SIO_VIEW("") : rest);
}

static void
hear_request(sio_env *env, sio_view rest, sio_view bytes)
{
    sio_node4        *n = &env->adapters->node4;
    sio_namespace    *nsp = find_namespace(env, rest);
    sio_node4_request q;
    int               rc;

    if (nsp == NULL)
        return;
    rc = sio_node4_request_read(&n->reader, bytes, sio_view_of(n->uid), &q);
    if (rc == SIO_OK) {
        q.event.nsp = nsp->name;
        hear_understood(nsp, &q);
    } else if (rc != SIO_DROPPED) {
        sio_node4_wire_note_bad(env, "request");
    }
}

static void
hear_response(sio_env *env, sio_view bytes)
{
    const int rc = sio_node4_ask_hear(env, bytes);

    if (rc != SIO_OK && rc != SIO_DROPPED)
        sio_node4_wire_note_bad(env, "answer");
}

/* Of the sharded adapter, and that of streams; offset as of send_event(). */
static void
take_cluster(sio_env *env, const sio_node4_cluster_message *m, sio_view offset)
{
    sio_namespace *nsp = sio_namespace_find(env, m->q.event.nsp);

    if (nsp == NULL)
        return;
    if (m->kind == SIO_NODE4_CLUSTER_ANSWER)
        sio_node4_ask_take(env, &m->answer);
    else if (m->kind == SIO_NODE4_CLUSTER_EVENT)
        send_event(nsp, &m->q.event, SIO_VIEW(""), offset);
    else
        hear_understood(nsp, &m->q);
}

/* rest is a namespace, and who or which room is meant. */
static void
hear_cluster(sio_env *env, sio_view rest, sio_view bytes)
{
    sio_node4                *n = &env->adapters->node4;
    sio_node4_cluster_message m;
    sio_view                  room;
    const int rc = sio_node4_cluster_read(&n->reader, bytes, sio_view_of(n->uid), &m);

    if (rc == SIO_OK && sio_node4_channel_is_about(rest, m.q.event.nsp, &room))
        take_cluster(env, &m, SIO_VIEW(""));
    else if (rc != SIO_OK && rc != SIO_DROPPED)
        sio_node4_wire_note_bad(env, "message");
}

/* What this instance has said itself comes back, to be sent to clients here: events alone. */
static void
take_own(sio_env *env, const sio_node4_cluster_message *m, sio_view offset)
{
    sio_namespace *nsp = sio_namespace_find(env, m->q.event.nsp);

    if (nsp == NULL || m->kind != SIO_NODE4_CLUSTER_EVENT)
        return;
    if (m->q.event.has_id)
        sio_node4_publish_take_back(nsp, &m->q.event);
    else
        send_event(nsp, &m->q.event, SIO_VIEW(""), offset);
}

static void
on_entry(void *arg, sio_view id, const sio_stream_field *fields, size_t n)
{
    sio_env                  *env = arg;
    sio_node4_cluster_message m;
    sio_view                  offset = SIO_VIEW("");
    const bool                has_offsets = sio_node4_recovery_is_on(env);
    bool                      is_own = has_offsets;
    int                       rc;

    sio_node4_recovery_note_next(env, id);
    rc = sio_node4_stream_read(env, fields, n, &is_own, &m);
    if (rc == SIO_OK && has_offsets && sio_node4_recovery_covers(&m))
        offset = id;
    if (rc == SIO_OK && is_own)
        take_own(env, &m, offset);
    else if (rc == SIO_OK)
        take_cluster(env, &m, offset);
    else if (rc != SIO_DROPPED)
        sio_node4_wire_note_bad(env, "message");
    sio_node4_recovery_note_told(env, id);
}

static void
on_cluster_heard(void *arg, sio_view channel, sio_view bytes)
{
    sio_env *env = arg;
    sio_view rest;

    if (sio_node4_channel_of(sio_view_of(env->cfg->node_key), channel, &rest) == SIO_NODE4_EVENTS)
        hear_cluster(env, rest, bytes);
}

static void
on_node4_heard(void *arg, sio_view channel, sio_view bytes)
{
    sio_env *env = arg;
    sio_view rest;

    switch (sio_node4_channel_of(sio_view_of(env->cfg->node_key), channel, &rest)) {
    case SIO_NODE4_EVENTS:
        hear_event(env, rest, bytes);
        break;
    case SIO_NODE4_REQUESTS:
        hear_request(env, rest, bytes);
        break;
    case SIO_NODE4_RESPONSES:
        hear_response(env, bytes);
        break;
    default: /* of somebody else */
        break;
    }
}

/* --- Life. --- */

bool
sio_node4_is_chosen(const sio_env *env)
{
    return strncmp(env->cfg->dialect, "node-4", strlen("node-4")) == 0;
}

/* Another each time: who comes back must not take what its predecessor said for its own. */
static void
make_uid(sio_node4 *n)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char random[SIO_NODE4_UID_LEN];

    evutil_secure_rng_get_bytes(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        n->uid[i] = letters[random[i] % 64];
}

/* The text of a pattern, or NULL. */
static char *
make_pattern(const sio_env *env, sio_node4_topic topic)
{
    sio_buf pattern;

    sio_buf_init(&pattern, SIZE_MAX);
    sio_node4_channel_add_pattern(&pattern, sio_view_of(env->cfg->node_key), topic);
    return sio_buf_take_c_string(&pattern);
}

/* What a pattern hears nobody counts. */
static bool
make_patterns(sio_env *env)
{
    sio_node4 *n = &env->adapters->node4;

    n->patterns[0] = make_pattern(env, SIO_NODE4_EVENTS);
    if (!n->is_member)
        n->patterns[1] = make_pattern(env, SIO_NODE4_REQUESTS);
    return n->patterns[0] != NULL && (n->is_member || n->patterns[1] != NULL);
}

static int
hear_all(sio_env *env)
{
    static const char *const no_names[] = {NULL};
    sio_node4               *n = &env->adapters->node4;

    return sio_store_channels_hear(env->store, no_names, (const char *const *)n->patterns,
                                   on_node4_heard, env);
}

int
sio_node4_join(sio_env *env)
{
    sio_node4 *n = &env->adapters->node4;
    int        rc;

    sio_node4_fini(env); /* of an attempt before, that failed */
    n->is_sharded = strcmp(env->cfg->dialect, "node-4-sharded") == 0;
    n->is_streams = strcmp(env->cfg->dialect, "node-4-streams") == 0;
    n->is_cluster = n->is_sharded || n->is_streams;
    n->is_member = n->is_cluster || strcmp(env->cfg->dialect, "node-4") == 0;
    make_uid(n);
    sio_link_init(&n->asked);
    sio_link_init(&n->returning);
    sio_node4_reader_init(&n->reader, MAX_GROWTH * env->cfg->max_payload);
    sio_buf_init(&n->channel, SIZE_MAX);
    sio_buf_init(&n->message, SIZE_MAX);
    sio_buf_init(&n->rooms, SIZE_MAX);
    sio_buf_init(&n->except, SIZE_MAX);
    sio_buf_init(&n->packed, SIZE_MAX);
    sio_buf_init(&n->entry, MAX_GROWTH * env->cfg->max_payload);
    env->io->adapter = &sio_node4_adapter;
    if (n->is_sharded)
        return sio_node4_shards_join(env, on_cluster_heard);
    if (n->is_streams) {
        sio_node4_recovery_join(env);
        return sio_node4_stream_join(env, on_cluster_heard, on_entry);
    }
    if (!make_patterns(env))
        return SIO_ERR_NOMEM;
    if ((rc = hear_all(env)) == SIO_OK && n->is_member)
        sio_node4_channels_join(env);
    return rc;
}

void
sio_node4_settle(sio_env *env)
{
    if (env->adapters->node4.is_streams)
        sio_node4_recovery_settle(env);
    sio_node4_answer_forget_all(env);
}

void
sio_node4_fini(sio_env *env)
{
    sio_node4 *n = &env->adapters->node4;

    sio_node4_answer_forget_all(env);
    sio_node4_reader_fini(&n->reader);
    sio_buf_fini(&n->channel);
    sio_buf_fini(&n->message);
    sio_buf_fini(&n->rooms);
    sio_buf_fini(&n->except);
    sio_buf_fini(&n->packed);
    sio_buf_fini(&n->entry);
    for (size_t i = 0; i < sizeof n->patterns / sizeof *n->patterns; i++) {
        free(n->patterns[i]);
        n->patterns[i] = NULL;
    }
}
