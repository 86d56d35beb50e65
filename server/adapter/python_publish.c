#include "server/adapter/python_publish.h"

#include <string.h>

#include "protocol/cluster_message.h"
#include "server/adapter/adapters.h"
#include "server/adapter/native.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "store/channels.h"

/* --- Saying it. --- */

static sio_python_writer
writer_of(const sio_env *env)
{
    return (sio_python_writer){.cluster = sio_view_of(env->cfg->cluster_name),
                               .host_id = sio_view_of(env->adapters->python.host_id)};
}

/* What is in the message. That Redis is away is counted there. */
static void
publish_message(sio_env *env)
{
    const sio_buf *message = &env->adapters->python.message;

    if (message->failed)
        sio_log_error(&env->log, NULL, "out of memory: servers in Python are not told something");
    else
        (void)sio_store_channel_publish(env->store, sio_view_of(env->cfg->python_channel),
                                        sio_buf_view(message));
}

static void
publish(sio_env *env, const sio_python_message *m)
{
    const sio_python_writer w = writer_of(env);
    sio_buf                *out = &env->adapters->python.message;

    sio_buf_clear(out);
    sio_python_message_add(out, &w, m);
    publish_message(env);
}

void
sio_python_publish_answer(sio_env *env, const sio_python_asker *asker, sio_view args)
{
    const sio_python_writer w = writer_of(env);
    sio_buf                *out = &env->adapters->python.message;

    sio_buf_clear(out);
    sio_python_message_add_answer(out, &w, asker, args);
    publish_message(env);
}

/* --- Events. --- */

/* Python leaves out sockets by their ids, which have as many characters there as here. */
static bool
is_id(sio_view name)
{
    const char *hash = memchr(name.data, '#', name.len); /* "/chat#" is before some of ours */

    if (hash != NULL)
        name = (sio_view){hash + 1, (size_t)(sio_view_end(name) - hash) - 1};
    if (name.len != SIO_SESSION_ID_LEN)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              c == '-' || c == '_'))
            return false;
    }
    return true;
}

/* Whoever is in such a room would hear it in Python. */
static bool
excludes_rooms(const sio_target *target)
{
    sio_view rest = target->except_rooms, name;

    while (sio_cluster_message_next_packet(&rest, &name, NULL))
        if (!is_id(name))
            return true;
    return false;
}

int
sio_python_publish_event(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                         const sio_packet *p)
{
    sio_python        *python = &nsp->env->adapters->python;
    sio_python_message m = {.method = SIO_PYTHON_EMIT, .nsp = nsp->name};
    int                rc;

    if (excludes_rooms(target)) {
        (void)sio_env_fail(nsp->env, "servers in Python can leave out sockets, but not rooms");
        return SIO_BAD;
    }
    rc = sio_native_adapter.broadcast(nsp, target, is_volatile, p);
    sio_buf_clear(&python->rooms);
    if (target->has_room)
        sio_cluster_message_add_packet(&python->rooms, target->room, false);
    sio_buf_add_view(&python->rooms, target->more_rooms);
    m.rooms = sio_buf_view(&python->rooms);
    m.except = target->except_rooms;
    m.name = p->name;
    m.args = p->args;
    m.attachments = p->attachments;
    m.n_attachments = p->n_attachments;
    if (!python->rooms.failed) /* better nobody than everyone */
        publish(nsp->env, &m);
    return rc;
}

/* --- Moves. --- */

/* Python can not let all sockets of a room do something but leave it. */
static void
publish_moves(sio_namespace *nsp, const sio_target *target, sio_python_message *m)
{
    sio_view rest = target->more_rooms;

    m->sid = target->room;
    do {
        if (sio_namespace_socket(nsp, m->sid) == NULL) /* one of ours is not theirs */
            publish(nsp->env, m);
    } while (sio_cluster_message_next_packet(&rest, &m->sid, NULL));
}

int
sio_python_publish_move(sio_namespace *nsp, const sio_target *target, sio_cluster_move move,
                        sio_view text)
{
    sio_python        *python = &nsp->env->adapters->python;
    const int          rc = sio_native_adapter.move(nsp, target, move, text);
    sio_python_message m = {.nsp = nsp->name};

    if (move == SIO_CM_DATA || !target->has_room || target->except_rooms.len > 0)
        return rc;
    sio_buf_clear(&python->rooms);
    sio_cluster_message_add_packet(&python->rooms, text, false);
    if (python->rooms.failed)
        return rc;
    m.rooms = sio_buf_view(&python->rooms);
    if (move == SIO_CM_LEAVE && target->more_rooms.len == 0 && sio_view_eq(target->room, text)) {
        m.method = SIO_PYTHON_CLOSE;
        publish(nsp->env, &m);
        return rc;
    }
    m.method = move == SIO_CM_JOIN    ? SIO_PYTHON_ENTER
               : move == SIO_CM_LEAVE ? SIO_PYTHON_LEAVE
                                      : SIO_PYTHON_DISCONNECT;
    publish_moves(nsp, target, &m);
    return rc;
}
