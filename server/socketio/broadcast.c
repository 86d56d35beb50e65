#include "server/socketio/broadcast.h"

#include "protocol/cluster_message.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/socketio/adapter.h"
#include "server/socketio/dialects.h"
#include "server/socketio/dynamic.h"
#include "server/socketio/observer.h"
#include "server/socketio/arguments.h"
#include "server/socketio/recovery.h"

/* --- Sending. --- */

/* A packet and its encodings so far: one for each dialect that a receiver turned out to speak. */
typedef struct {
    sio_packet packet;
    bool       is_volatile;
    uint64_t   n_receivers; /* so far */
    sio_frame *frames[SIO_N_DIALECTS];
} broadcast;

static sio_frame *
frame_for(broadcast *b, sio_env *env, const sio_packet_dialect *dialect)
{
    sio_frame **frame = &b->frames[dialect->index];

    if (*frame != NULL)
        return *frame;
    sio_buf_clear(&env->packet);
    *frame = dialect->encode(&b->packet, &env->packet);
    if (b->packet.no_compress && *frame != NULL)
        sio_frame_keep_plain(*frame);
    return *frame;
}

static void
send_to(sio_socket *socket, void *arg)
{
    broadcast *b = arg;
    sio_frame *frame = frame_for(b, socket->nsp->env, sio_packet_dialect_of(socket->session));

    b->n_receivers++;
    if (frame == NULL) {
        sio_mailbox_fail(&socket->session->mailbox, "out of memory");
        return;
    }
    sio_session_send_frame(socket->session, frame, b->is_volatile);
    if (socket->recovery != NULL && b->packet.offset.len > 0)
        sio_recovery_note_sent(socket->recovery);
}

/* The same, while somebody looks. */
static void
send_seen(sio_socket *socket, void *arg)
{
    const broadcast *b = arg;

    send_to(socket, arg);
    socket->nsp->env->io->onlooker->sent(socket, &b->packet);
}

static void
broadcast_begin(broadcast *b, sio_env *env, const sio_packet *p, bool is_volatile)
{
    *b = (broadcast){.packet = *p, .is_volatile = is_volatile};
    if (p->offset.len == 0 && sio_recovery_covers(env, p, is_volatile))
        b->packet.offset = sio_recovery_next_offset(env);
}

/* Keep it for those who come back: who got it here may have to get it again. */
static void
broadcast_finish(broadcast *b, const sio_namespace *nsp, const sio_target *target)
{
    sio_env                  *env = nsp->env;
    const sio_packet_dialect *dialect = env->io->recovery.dialect;

    if (b->packet.offset.len > 0 && sio_recovery_keeps(env, b->frames[dialect->index] != NULL))
        sio_recovery_add(nsp, target, b->packet.cast, frame_for(b, env, dialect));
    for (size_t i = 0; i < SIO_N_DIALECTS; i++)
        sio_frame_unref(b->frames[i]);
}

uint64_t
sio_broadcast_send(sio_namespace *nsp, const sio_target *target, bool is_volatile,
                   const sio_packet *p)
{
    broadcast b;

    broadcast_begin(&b, nsp->env, p, is_volatile);
    sio_rooms_walk(nsp, target, nsp->env->io->onlooker != NULL ? send_seen : send_to, &b);
    sio_histogram_add(&nsp->env->measures.broadcast_receivers, b.n_receivers);
    broadcast_finish(&b, nsp, target);
    return b.n_receivers;
}

void
sio_broadcast_send_to_socket(sio_socket *socket, const sio_packet *p, bool is_volatile)
{
    const sio_adapter *others = socket->nsp->env->io->adapter;

    if (others == NULL || others->emit == NULL || others->emit(socket, is_volatile, p) != SIO_OK)
        sio_broadcast_send_at_once(socket, p, is_volatile);
}

void
sio_broadcast_send_at_once(sio_socket *socket, const sio_packet *p, bool is_volatile)
{
    const sio_target alone = {.has_room = true, .room = sio_socket_id(socket)};
    broadcast        b;

    if (socket->nsp->env->io->onlooker != NULL)
        socket->nsp->env->io->onlooker->sent(socket, p);
    if (socket->recovery == NULL || !sio_recovery_covers(socket->nsp->env, p, is_volatile)) {
        sio_packet_send(socket->session, p, is_volatile);
        return;
    }
    broadcast_begin(&b, socket->nsp->env, p, is_volatile);
    send_to(socket, &b);
    broadcast_finish(&b, socket->nsp, &alone);
}

/* --- From what an application says. --- */

static void
broadcast_add_rooms(sio_buf *list, const char *const *rooms)
{
    for (; rooms != NULL && *rooms != NULL; rooms++)
        sio_cluster_message_add_packet(list, sio_view_of(*rooms), false);
}

int
sio_receivers_init(sio_receivers *r, const sio_namespace *nsp, const sio_to *to)
{
    const sio_to       whom = to != NULL ? *to : (sio_to){.room = NULL};
    const char *const *rooms = whom.rooms;
    const char        *first = whom.room;

    if (sio_adapter_check(nsp) != 0)
        return -1;
    if (nsp->is_parent) /* socket.io can not do it either: nobody knows all children */
        return sio_env_fail(nsp->env, "a parent can only broadcast to its children");
    sio_buf_init(&r->more_rooms, SIZE_MAX);
    sio_buf_init(&r->except_rooms, SIZE_MAX);
    if (first == NULL && rooms != NULL)
        first = *rooms != NULL ? *rooms++ : NULL;
    r->is_nobody = first == NULL && whom.rooms != NULL;
    broadcast_add_rooms(&r->more_rooms, rooms);
    broadcast_add_rooms(&r->except_rooms, whom.except_rooms);
    r->target = (sio_target){
        .has_room = first != NULL,
        .room = sio_view_of(first),
        .more_rooms = sio_buf_view(&r->more_rooms),
        .except_rooms = sio_buf_view(&r->except_rooms),
        .except = whom.except,
    };
    if (!r->more_rooms.failed && !r->except_rooms.failed)
        return 0;
    sio_receivers_fini(r);
    return sio_env_fail_memory(nsp->env);
}

void
sio_receivers_fini(sio_receivers *r)
{
    sio_buf_fini(&r->more_rooms);
    sio_buf_fini(&r->except_rooms);
}

static int broadcast_event(sio_namespace *nsp, const sio_to *to, sio_view event,
                           const sio_arguments *args, bool is_volatile);

/* One event for the children of a parent that are here, and through each for those elsewhere. */
typedef struct {
    const sio_to        *to;
    sio_view             event;
    const sio_arguments *args;
    bool                 is_volatile;
    int                  rc;
} for_children;

static void
broadcast_to_child(sio_namespace *child, void *arg)
{
    for_children *b = arg;

    if (broadcast_event(child, b->to, b->event, b->args, b->is_volatile) != 0)
        b->rc = -1;
}

static int
broadcast_to_children(const sio_namespace *parent, const sio_to *to, sio_view event,
                      const sio_arguments *args, bool is_volatile)
{
    for_children b = {to, event, args, is_volatile, 0};

    sio_dynamic_each_child(parent, broadcast_to_child, &b);
    return b.rc;
}

/* That Redis is away is counted, and no fault of the caller. */
static int
broadcast_to_all(sio_namespace *nsp, const sio_adapter *others, const sio_target *target,
                 bool is_volatile, const sio_packet *p)
{
    const int rc = others != NULL ? others->broadcast(nsp, target, is_volatile, p) : SIO_OK;

    if (rc == SIO_BAD)
        return -1;
    if (rc == SIO_ADAPTER_COMES_BACK)
        return 0;
    sio_broadcast_send(nsp, target, is_volatile, p);
    return rc == SIO_ERR_NOMEM ? sio_env_fail_memory(nsp->env) : 0;
}

static int
broadcast_event(sio_namespace *nsp, const sio_to *to, sio_view event, const sio_arguments *args,
                bool is_volatile)
{
    const sio_adapter *others = sio_adapter_for(nsp, to);
    sio_receivers      receivers;
    sio_packet         p;
    int                rc;

    if (nsp->is_parent)
        return broadcast_to_children(nsp, to, event, args, is_volatile);
    is_volatile = is_volatile || (to != NULL && to->is_volatile);
    if (sio_receivers_init(&receivers, nsp, to) != 0)
        return -1;
    rc = sio_arguments_event_packet(nsp, event, args, &p);
    if (to != NULL && to->no_compress)
        p.no_compress = true;
    if (rc == 0 && !receivers.is_nobody) {
        if (others != NULL && others->next_cast != NULL)
            p.cast = others->next_cast(nsp->env);
        rc = broadcast_to_all(nsp, others, &receivers.target, is_volatile, &p);
    }
    sio_receivers_fini(&receivers);
    return rc;
}

int
sio_broadcast_binary(sio_namespace *nsp, const sio_to *to, const char *event, const char *args_json,
                     const sio_bytes *attachments, size_t n)
{
    const sio_arguments args = {sio_view_of(args_json), attachments, n, false};

    return broadcast_event(nsp, to, sio_view_of(event), &args, false);
}

int
sio_broadcast(sio_namespace *nsp, const sio_to *to, const char *event, const char *args_json)
{
    return sio_broadcast_binary(nsp, to, event, args_json, NULL, 0);
}

int
sio_broadcast_n(sio_namespace *nsp, const sio_to *to, const sio_content *c)
{
    sio_arguments args;

    if (c == NULL)
        return sio_arguments_no_content(nsp->env);
    args = sio_arguments_of_content(c);
    return broadcast_event(nsp, to, sio_arguments_event_of(c), &args, c->is_volatile);
}
