/* server/adapter/python.c - what servers and programs in Python say: see server/adapter/python.h. */
#include "server/adapter/python.h"

#include <stdio.h>
#include <string.h>

#include "protocol/cluster_message.h"
#include "protocol/utf8.h"
#include "server/adapter/adapters.h"
#include "server/adapter/native.h"
#include "server/adapter/python_ask.h"
#include "server/adapter/python_publish.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/broadcast.h"
#include "server/socketio/bulk.h"
#include "store/channels.h"

/* Python writes JSON in ASCII, and bytes in base64: what a client may be sent becomes longer. */
enum { MAX_GROWTH = 20 };

/* --- What can not be understood. --- */

/* Both are said once: whoever sends it most likely sends more of it. */
static void
note_bad_message(sio_env *env)
{
    sio_python *p = &env->adapters->python;

    env->stats.bad_messages++;
    if (p->has_complained)
        return;
    p->has_complained = true;
    sio_log_warn(&env->log, NULL,
                 "a program says on the channel \"%s\" of Redis what is no message of "
                 "python-socketio, or would harm clients: that is dropped, and counted "
                 "(bad_messages); this is said once",
                 env->cfg->python_channel);
}

static void
refuse_pickle(sio_env *env)
{
    sio_python *p = &env->adapters->python;

    env->stats.pickles++;
    if (p->has_refused)
        return;
    p->has_refused = true;
    sio_log_warn(
        &env->log, NULL,
        "a program says on the channel \"%s\" of Redis what is pickled, as python-socketio "
        "before 5.14 does: that could run any code, so it is refused, and counted "
        "(pickles); let it write JSON, as the manual tells; this is said once",
        env->cfg->python_channel);
}

/* --- Events. --- */

static sio_target
receivers_of(const sio_python_message *m)
{
    sio_target target = {.more_rooms = m->rooms, .except_rooms = m->except};

    target.has_room = sio_cluster_message_next_packet(&target.more_rooms, &target.room, NULL);
    return target;
}

static void
hear_emit(sio_namespace *nsp, const sio_python_message *m)
{
    const sio_target target = receivers_of(m);
    const sio_packet p = {
        .type = SIO_PACKET_EVENT,
        .nsp = m->nsp,
        .name = m->name,
        .args = m->args,
        .attachments = m->attachments,
        .n_attachments = m->n_attachments,
        .whole_answers = true,
    };

    if (m->asker.host_id.len > 0)
        sio_python_ask(nsp, &target, &p, &m->asker);
    else
        sio_broadcast_send(nsp, &target, false, &p);
}

/* --- Moves. --- */

static void
move_all(sio_namespace *nsp, const sio_target *target, sio_cluster_move move, sio_view room)
{
    if (sio_bulk_move(nsp, target, move, room) != 0)
        sio_log_error(&nsp->env->log, NULL,
                      "out of memory, or \"max rooms\" is reached: not all who are told to enter a "
                      "room or to leave one have done so");
}

static void
move_socket(sio_namespace *nsp, const sio_python_message *m, sio_view room)
{
    const sio_target target = {.has_room = true, .room = m->sid};

    if (sio_namespace_socket(nsp, m->sid) == NULL)
        return; /* the server that has it lets it move */
    move_all(nsp, &target,
             m->method == SIO_PYTHON_ENTER   ? SIO_CM_JOIN
             : m->method == SIO_PYTHON_LEAVE ? SIO_CM_LEAVE
                                             : SIO_CM_DISCONNECT,
             room);
}

static void
hear_python_move(sio_namespace *nsp, const sio_python_message *m)
{
    sio_view rest = m->rooms, room = SIO_VIEW("");

    (void)sio_cluster_message_next_packet(&rest, &room, NULL);
    if (sio_view_has_nul(room) || !sio_utf8_valid(room)) { /* a text of C, and goes to clients */
        note_bad_message(nsp->env);
    } else if (m->method == SIO_PYTHON_CLOSE) {
        const sio_target members = {.has_room = true, .room = room};

        move_all(nsp, &members, SIO_CM_LEAVE, room);
    } else {
        move_socket(nsp, m, room);
    }
}

/* --- Messages. --- */

static void
on_python_heard(void *arg, sio_view channel, sio_view bytes)
{
    sio_env           *env = arg;
    sio_python_message m;
    sio_namespace     *nsp;
    int                rc;

    (void)channel;
    if (sio_python_message_is_pickle(bytes)) {
        refuse_pickle(env);
        return;
    }
    rc = sio_python_message_read(&env->adapters->python.reader, bytes,
                                 sio_view_of(env->cfg->cluster_name), &m);
    if (rc == SIO_DROPPED)
        return;
    if (rc != SIO_OK)
        note_bad_message(env);
    else if ((nsp = sio_namespace_find(env, m.nsp)) == NULL)
        return;
    else if (m.method == SIO_PYTHON_EMIT)
        hear_emit(nsp, &m);
    else
        hear_python_move(nsp, &m);
}

/* --- Life. --- */

bool
sio_python_is_chosen(const sio_env *env)
{
    return strcmp(env->cfg->dialect, "python-socketio") == 0;
}

/* As uuid4().hex of Python. */
static void
make_host_id(sio_python *p)
{
    unsigned char random[SIO_PYTHON_HOST_ID_LEN / 2];

    evutil_secure_rng_get_bytes(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        (void)snprintf(p->host_id + 2 * i, 3, "%02x", random[i]);
}

int
sio_python_join(sio_env *env)
{
    static const char *const no_patterns[] = {NULL};
    sio_python              *p = &env->adapters->python;

    sio_python_fini(env); /* of an attempt before, that failed */
    p->is_open = true;
    make_host_id(p);
    sio_link_init(&p->asked);
    sio_python_message_reader_init(&p->reader, MAX_GROWTH * env->cfg->max_payload);
    sio_buf_init(&p->message, SIZE_MAX);
    sio_buf_init(&p->rooms, SIZE_MAX);
    p->adapter = sio_native_adapter; /* for all that Python does not understand */
    p->adapter.broadcast = sio_python_publish_event;
    p->adapter.move = sio_python_publish_move;
    env->io->adapter = &p->adapter;
    p->channels[0] = env->cfg->python_channel;
    return sio_store_channels_hear(env->store, p->channels, no_patterns, on_python_heard, env);
}

void
sio_python_settle(sio_env *env)
{
    sio_python_ask_forget_all(env);
}

void
sio_python_fini(sio_env *env)
{
    sio_python *p = &env->adapters->python;

    if (!p->is_open)
        return;
    sio_python_ask_forget_all(env);
    sio_python_message_reader_fini(&p->reader);
    sio_buf_fini(&p->message);
    sio_buf_fini(&p->rooms);
    p->is_open = false;
}
