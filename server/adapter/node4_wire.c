#include "server/adapter/node4_wire.h"

#include "protocol/cluster_message.h"
#include "protocol/json_read.h"
#include "protocol/node4_cluster.h"
#include "protocol/node4_entry.h"
#include "server/adapter/adapters.h"
#include "server/adapter/node4_stream.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "store/shards.h"

/* --- What was heard. --- */

void
sio_node4_wire_note_bad(sio_env *env, const char *what)
{
    sio_node4 *n = &env->adapters->node4;

    env->stats.bad_messages++;
    if (n->has_complained)
        return;
    n->has_complained = true;
    sio_log_warn(&env->log, NULL,
                 "a program says through Redis what is no %s of socket.io, or would harm clients: "
                 "that is dropped, and counted (bad_messages); this is said once",
                 what);
}

sio_target
sio_node4_wire_target_of(const sio_node4_event *e)
{
    sio_target target = {.more_rooms = e->rooms, .except_rooms = e->except};

    target.has_room = sio_cluster_message_next_packet(&target.more_rooms, &target.room, NULL);
    return target;
}

sio_packet
sio_node4_wire_packet_of(const sio_node4_event *e)
{
    return (sio_packet){
        .type = SIO_PACKET_EVENT,
        .nsp = e->nsp,
        .name = e->name,
        .args = e->args,
        .attachments = e->attachments,
        .n_attachments = e->n_attachments,
        .no_compress = e->no_compress,
    };
}

static sio_view
wire_uid(const sio_env *env)
{
    return sio_view_of(env->adapters->node4.uid);
}

/* --- Publishing. --- */

/* What goes through channels of a cluster with streams is MessagePack. */
static int
pack(sio_env *env)
{
    sio_node4 *n = &env->adapters->node4;
    int        rc;

    sio_buf_clear(&n->packed);
    rc = sio_node4_entry_pack(sio_buf_view(&n->message), &n->packed);
    if (rc == SIO_TOO_DEEP) {
        (void)sio_env_fail(env, "a value is nested deeper than processes of Node may be sent");
        return SIO_BAD;
    }
    return rc == SIO_OK ? SIO_OK : SIO_ERR_NOMEM;
}

/* room as of sio_node4_channel_add(), which stays in node4.channel. */
static int
publish(sio_env *env, sio_node4_topic topic, sio_view nsp, sio_view room)
{
    sio_node4     *n = &env->adapters->node4;
    const sio_buf *bytes = n->is_streams ? &n->packed : &n->message;
    int            rc;

    sio_buf_clear(&n->channel);
    sio_node4_channel_add(&n->channel, sio_view_of(env->cfg->node_key), topic, nsp, room);
    if (n->channel.failed || n->message.failed)
        return SIO_ERR_NOMEM;
    if (n->is_streams && (rc = pack(env)) != SIO_OK)
        return rc;
    return (n->is_sharded ? sio_store_shards_publish : sio_store_channel_publish)(
        env->store, sio_buf_view(&n->channel), sio_buf_view(bytes));
}

int
sio_node4_wire_publish_event(sio_env *env, sio_view nsp, sio_view room)
{
    if (env->adapters->node4.is_streams)
        return sio_node4_stream_add(env, nsp, SIO_NODE4_ASK);
    return publish(env, SIO_NODE4_EVENTS, nsp, room);
}

int
sio_node4_wire_publish_move(sio_env *env, sio_view nsp, sio_node4_request_kind kind)
{
    if (env->adapters->node4.is_streams)
        return sio_node4_stream_add(env, nsp, kind);
    return sio_node4_wire_publish_request(env, nsp);
}

int
sio_node4_wire_publish_request(sio_env *env, sio_view nsp)
{
    return publish(env, env->adapters->node4.is_cluster ? SIO_NODE4_EVENTS : SIO_NODE4_REQUESTS,
                   nsp, SIO_VIEW(""));
}

void
sio_node4_wire_count(sio_env *env, sio_store_counted fn, uint64_t number)
{
    const sio_node4 *n = &env->adapters->node4;

    (n->is_sharded ? sio_store_shards_count : sio_store_channel_count)(
        env->store, sio_buf_view(&n->channel), fn, env, number);
}

/* --- What is said to all. --- */

void
sio_node4_wire_add_event(sio_env *env, const sio_node4_event *e)
{
    sio_node4 *n = &env->adapters->node4;

    if (n->is_streams)
        sio_node4_entry_add_event(&n->message, e);
    else if (n->is_sharded)
        sio_node4_cluster_add_event(&n->message, wire_uid(env), SIO_VIEW(""), e);
    else
        sio_node4_event_add(&n->message, wire_uid(env), e);
}

void
sio_node4_wire_add_ask(sio_env *env, sio_view request_id, const sio_node4_event *e)
{
    sio_node4 *n = &env->adapters->node4;

    if (n->is_cluster)
        sio_node4_cluster_add_event(&n->message, wire_uid(env), request_id, e);
    else
        sio_node4_request_add_ask(&n->message, wire_uid(env), request_id, e);
}

void
sio_node4_wire_add_fetch(sio_env *env, sio_view request_id, const sio_node4_event *to)
{
    sio_node4 *n = &env->adapters->node4;

    if (n->is_cluster)
        sio_node4_cluster_add_fetch(&n->message, wire_uid(env), request_id, to);
    else
        sio_node4_request_add_fetch(&n->message, wire_uid(env), request_id, to);
}

void
sio_node4_wire_add_move(sio_env *env, sio_node4_request_kind kind, const sio_node4_event *e,
                        sio_view moved, bool close)
{
    sio_node4 *n = &env->adapters->node4;

    if (n->is_streams)
        sio_node4_cluster_add_move_data(&n->message, kind, e, moved, close);
    else if (n->is_sharded)
        sio_node4_cluster_add_move(&n->message, wire_uid(env), kind, e, moved, close);
    else
        sio_node4_request_add_move(&n->message, wire_uid(env), kind, e, moved, close);
}

void
sio_node4_wire_add_server_side(sio_env *env, sio_view nsp, sio_view request_id, sio_view event,
                               sio_view args)
{
    sio_node4 *n = &env->adapters->node4;

    if (n->is_cluster)
        sio_node4_cluster_add_server_side(&n->message, wire_uid(env), nsp, request_id, event, args);
    else
        sio_node4_request_add_server_side(&n->message, wire_uid(env), request_id, event, args);
}

/* --- Answers. --- */

/* A server of such a cluster hears them on a channel that is called after it. */
static void
publish_answer(sio_env *env, sio_view nsp, const sio_node4_request *q)
{
    const bool is_cluster = env->adapters->node4.is_cluster;
    sio_buf    asker;
    int        rc;

    sio_buf_init(&asker, SIZE_MAX);
    if (is_cluster)
        (void)sio_json_read_string(q->asker, &asker);
    rc = asker.failed ? SIO_ERR_NOMEM
                      : publish(env, is_cluster ? SIO_NODE4_EVENTS : SIO_NODE4_RESPONSES, nsp,
                                sio_buf_view(&asker));
    if (rc == SIO_ERR_NOMEM)
        sio_log_error(&env->log, NULL, "out of memory: a process of Node gets no answer");
    sio_buf_fini(&asker);
}

sio_buf *
sio_node4_wire_begin_answer(sio_env *env, const sio_node4_request *q)
{
    sio_node4 *n = &env->adapters->node4;

    sio_buf_clear(&n->message);
    if (n->is_cluster)
        sio_node4_cluster_begin_answer(&n->message, q);
    else
        sio_node4_request_begin_answer(&n->message, q);
    return &n->message;
}

void
sio_node4_wire_end_answer(sio_env *env, sio_view nsp, const sio_node4_request *q)
{
    sio_node4 *n = &env->adapters->node4;

    if (n->is_cluster)
        sio_node4_cluster_end_answer(&n->message, wire_uid(env), nsp);
    else
        sio_buf_add_char(&n->message, '}');
    publish_answer(env, nsp, q);
}

void
sio_node4_wire_answer_count(sio_env *env, sio_view nsp, const sio_node4_request *q, size_t n_asked)
{
    sio_node4 *n = &env->adapters->node4;

    sio_buf_clear(&n->message);
    if (n->is_cluster)
        sio_node4_cluster_add_count(&n->message, wire_uid(env), nsp, q->request_id, n_asked);
    else
        sio_node4_request_add_count(&n->message, q->request_id, n_asked);
    publish_answer(env, nsp, q);
}

bool
sio_node4_wire_answer_ack(sio_env *env, sio_view nsp, const sio_node4_request *q, sio_view value,
                          const sio_view *attachments, unsigned n_attachments)
{
    sio_node4 *n = &env->adapters->node4;
    bool       may;

    if (n->is_streams && value.len == 0)
        value = SIO_VIEW("null"); /* as there is no undefined in what it is written in */
    sio_buf_clear(&n->message);
    may = n->is_cluster ? sio_node4_cluster_add_ack(&n->message, wire_uid(env), nsp, q->request_id,
                                                    value, attachments, n_attachments)
                        : sio_node4_request_add_ack(&n->message, q->request_id, value, attachments,
                                                    n_attachments);
    if (may)
        publish_answer(env, nsp, q);
    return may;
}
