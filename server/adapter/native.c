#include "server/adapter/native.h"

#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "protocol/utf8.h"
#include "server/adapter/partition_rooms.h"
#include "server/adapter/respondent.h"
#include "server/adapter/survey.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/outbox.h"
#include "server/cluster/partitions.h"
#include "server/socketio/broadcast.h"
#include "server/socketio/bulk.h"
#include "server/socketio/namespace.h"
#include "server/socketio/server_side.h"
#include "server/socketio/socket_data.h"

/* --- Saying it. --- */

static sio_cast_id
next_cast(sio_env *env)
{
    return (sio_cast_id){{env->tag, SIO_STORE_TAG_LEN}, ++env->cluster->n_casts};
}

/* What all of these have in common: whom they are about. */
static sio_cluster_message
address(sio_cluster_kind kind, const sio_namespace *nsp, const sio_target *target)
{
    return (sio_cluster_message){
        .kind = (uint8_t)kind,
        .nsp = nsp->name,
        .room = target->room,
        .has_room = target->has_room,
        .body = target->more_rooms,
        .except = target->except_rooms,
    };
}

/* partition: of those who are to hear it; NULL: all are. */
static int
cast_event(sio_env *env, sio_cluster_message *m, const unsigned *partition, const sio_packet *p,
           bool is_volatile)
{
    int     rc = SIO_ERR_NOMEM;
    sio_buf attachments;

    sio_buf_init(&attachments, SIZE_MAX);
    for (unsigned i = 0; i < p->n_attachments; i++)
        sio_cluster_message_add_packet(&attachments, p->attachments[i], true);
    m->packets = sio_buf_view(&attachments);
    m->flags = (is_volatile ? SIO_CM_VOLATILE : 0) | (p->no_compress ? SIO_CM_PLAIN : 0) |
               (p->whole_answers ? SIO_CM_WHOLE : 0);
    m->type = p->type;
    m->name = p->name;
    m->args = p->args;
    m->data = p->data;
    if (!attachments.failed)
        rc = partition != NULL ? sio_partitions_cast(env, *partition, m) : sio_outbox_cast(env, m);
    sio_buf_fini(&attachments);
    return rc;
}

static int
cast_broadcast(sio_namespace *nsp, const sio_target *target, bool is_volatile, const sio_packet *p)
{
    sio_cluster_message m = address(SIO_CM_CAST, nsp, target);
    unsigned            partition;
    const bool          has_one = sio_partition_rooms_of(nsp, target, &partition);

    m.count = p->cast.number;
    return cast_event(nsp->env, &m, has_one ? &partition : NULL, p, is_volatile);
}

static int
cast_survey(sio_namespace *nsp, const sio_target *target, bool is_volatile, const sio_packet *p,
            uint64_t number, unsigned timeout_ms)
{
    sio_cluster_message m = address(SIO_CM_SURVEY, nsp, target);

    m.channel = number;
    m.count = timeout_ms;
    return sio_survey_note_cast(nsp->env, number, cast_event(nsp->env, &m, NULL, p, is_volatile));
}

static int
cast_question(sio_env *env, sio_cluster_message *m, uint64_t number)
{
    m->channel = number;
    return sio_survey_note_cast(env, number, sio_outbox_cast(env, m));
}

static int
cast_fetch(sio_namespace *nsp, const sio_target *target, uint64_t number)
{
    sio_cluster_message m = address(SIO_CM_FETCH, nsp, target);

    return cast_question(nsp->env, &m, number);
}

static int
cast_count(sio_namespace *nsp, const sio_target *target, uint64_t number)
{
    sio_cluster_message m = address(SIO_CM_COUNT, nsp, target);

    return cast_question(nsp->env, &m, number);
}

static int
cast_rooms(sio_namespace *nsp, sio_view prefix, size_t max_rooms, uint64_t number)
{
    sio_cluster_message m = {
        .kind = SIO_CM_ROOMS, .nsp = nsp->name, .name = prefix, .count = max_rooms};

    return cast_question(nsp->env, &m, number);
}

static int
cast_server_side(sio_namespace *nsp, sio_view event, sio_view args, uint64_t number,
                 unsigned timeout_ms)
{
    sio_cluster_message m = {.kind = SIO_CM_SERVER_SIDE,
                             .nsp = nsp->name,
                             .name = event,
                             .args = args,
                             .count = timeout_ms};

    return number != 0 ? cast_question(nsp->env, &m, number) : sio_outbox_cast(nsp->env, &m);
}

/*
 * Whoever joins a room by this may be the first there of its instance, which then begins to hear
 * its partition.
 */
static void
expect_move(const sio_namespace *nsp, uint64_t move, sio_view room)
{
    if (move == SIO_CM_JOIN && sio_partitions_count(nsp->env) > 0)
        sio_partitions_widen(nsp->env, sio_partition_rooms_find(nsp, room));
}

static int
cast_move(sio_namespace *nsp, const sio_target *target, sio_cluster_move move, sio_view room)
{
    sio_cluster_message m = address(SIO_CM_MOVE, nsp, target);

    m.type = move;
    m.name = room;
    expect_move(nsp, move, room);
    return sio_outbox_cast(nsp->env, &m);
}

const sio_adapter sio_native_adapter = {
    .next_cast = next_cast,
    .broadcast = cast_broadcast,
    .move = cast_move,
    .survey = cast_survey,
    .fetch = cast_fetch,
    .count = cast_count,
    .rooms = cast_rooms,
    .server_side = cast_server_side,
};

/* --- Doing it. --- */

static sio_target
target_of(const sio_cluster_message *m)
{
    return (sio_target){
        .has_room = m->has_room,
        .room = m->room,
        .more_rooms = m->body,
        .except_rooms = m->except,
    };
}

/* What goes on to clients as it is: whoever can write to Redis can send anything. */
static bool
is_event(const sio_cluster_message *m)
{
    return sio_json_read_kind_of(m->name) == SIO_JSON_STRING &&
           sio_json_validate(m->name, SIO_JSON_MAX_DEPTH) == SIO_OK &&
           (m->args.len == 0 || (sio_json_read_kind_of(m->args) == SIO_JSON_ARRAY &&
                                 sio_json_validate(m->args, SIO_JSON_MAX_DEPTH) == SIO_OK));
}

/* attachments holds views. */
static void
send_event(sio_peer *peer, sio_namespace *nsp, const sio_cluster_message *m,
           const sio_buf *attachments)
{
    const bool       is_volatile = (m->flags & SIO_CM_VOLATILE) != 0;
    const sio_target target = target_of(m);
    const sio_packet p = {
        .type = SIO_PACKET_EVENT,
        .nsp = m->nsp,
        .name = m->name,
        .args = m->args,
        .attachments = (const void *)attachments->data,
        .n_attachments = (unsigned)(attachments->len / sizeof(sio_view)),
        .no_compress = (m->flags & SIO_CM_PLAIN) != 0,
        .whole_answers = (m->flags & SIO_CM_WHOLE) != 0,
        .cast = {m->from, m->kind == SIO_CM_CAST ? m->count : 0},
    };

    if (attachments->failed)
        sio_log_error(&nsp->env->log, NULL, "out of memory: a broadcast of instance %s is lost",
                      peer->tag);
    else if (p.n_attachments > 0 && sio_placeholder_check(p.args, p.n_attachments) != SIO_OK)
        nsp->env->stats.bad_messages++;
    else if (m->kind == SIO_CM_CAST)
        nsp->env->stats.unconcerned_casts += sio_broadcast_send(nsp, &target, is_volatile, &p) == 0;
    else
        sio_respondent_survey(peer, nsp, &target, is_volatile, &p, m);
}

static void
hear_event(sio_peer *peer, sio_namespace *nsp, const sio_cluster_message *m)
{
    sio_view rest = m->packets, bytes;
    sio_buf  attachments; /* a view of each */

    if (m->type != SIO_PACKET_EVENT)
        return;
    if (!is_event(m)) {
        nsp->env->stats.bad_messages++;
        return;
    }
    sio_buf_init(&attachments, SIZE_MAX);
    while (sio_cluster_message_next_packet(&rest, &bytes, NULL))
        sio_buf_add(&attachments, &bytes, sizeof bytes);
    send_event(peer, nsp, m, &attachments);
    sio_buf_fini(&attachments);
}

/* Of our own, which is a text of C and goes to clients in lists of rooms. */
static bool
is_room_name(sio_view name)
{
    return name.len == 0 || (memchr(name.data, '\0', name.len) == NULL && sio_utf8_valid(name));
}

/* Data have to be such as sio_each_set_data() takes here. */
static bool
is_text_of_move(const sio_namespace *nsp, const sio_cluster_message *m)
{
    if (m->type != SIO_CM_DATA)
        return is_room_name(m->name);
    return m->name.len == 0 || sio_socket_data_is_valid(nsp->env, m->name);
}

static void
hear_move(sio_namespace *nsp, const sio_cluster_message *m)
{
    const sio_target target = target_of(m);

    expect_move(nsp, m->type, m->name);
    if (!is_text_of_move(nsp, m))
        nsp->env->stats.bad_messages++;
    else if (m->type >= SIO_CM_JOIN && m->type <= SIO_CM_DATA &&
             sio_bulk_move(nsp, &target, (sio_cluster_move)m->type, m->name) != 0)
        sio_log_error(&nsp->env->log, NULL,
                      "out of memory, or \"max rooms\" is reached: not all who are told to join a "
                      "room, leave one or have other data have done so");
}

/* Whoever can write to Redis can send anything. */
static void
hear_server_side(sio_peer *peer, sio_namespace *nsp, const sio_cluster_message *m)
{
    if (m->args.len > 0 && (sio_json_read_kind_of(m->args) != SIO_JSON_ARRAY ||
                            sio_json_validate(m->args, SIO_JSON_MAX_DEPTH) != SIO_OK))
        nsp->env->stats.bad_messages++;
    else if (m->channel != 0)
        sio_respondent_server_side(peer, nsp, m);
    else
        sio_server_side_hear(nsp, m->name, m->args);
}

/* Is the one who said it waiting for an answer, even from those who do not have the namespace? */
static bool
is_question(const sio_cluster_message *m)
{
    return m->kind == SIO_CM_SERVER_SIDE ? m->channel != 0
                                         : m->kind != SIO_CM_CAST && m->kind != SIO_CM_MOVE;
}

static void
native_hear(sio_peer *peer, const sio_cluster_message *m)
{
    sio_namespace   *nsp = sio_namespace_find(peer->env, m->nsp);
    const sio_target target = target_of(m);

    if (m->kind == SIO_CM_CAST)
        peer->heard_cast = m->count;
    if (nsp == NULL) {
        if (is_question(m))
            sio_respondent_nothing(peer, m);
        peer->env->stats.unconcerned_casts += m->kind == SIO_CM_CAST;
        return;
    }
    switch (m->kind) {
    case SIO_CM_MOVE:
        hear_move(nsp, m);
        break;
    case SIO_CM_FETCH:
        sio_respondent_fetch(peer, nsp, &target, m);
        break;
    case SIO_CM_COUNT:
        sio_respondent_count(peer, nsp, &target, m);
        break;
    case SIO_CM_SERVER_SIDE:
        hear_server_side(peer, nsp, m);
        break;
    case SIO_CM_ROOMS:
        sio_respondent_rooms(peer, nsp, m);
        break;
    default: /* CAST, SURVEY */
        hear_event(peer, nsp, m);
        break;
    }
}

static const char kinds[] = {SIO_CM_CAST,  SIO_CM_SURVEY, SIO_CM_FETCH,       SIO_CM_MOVE,
                             SIO_CM_COUNT, SIO_CM_ROOMS,  SIO_CM_SERVER_SIDE, 0};

const sio_cluster_module sio_native_module = {.kinds = kinds, .hear_cast = native_hear};
