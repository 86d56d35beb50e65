#include "server/adapter/partition_rooms.h"

#include <string.h>

#include "protocol/cluster_message.h"
#include "server/adapter/adapters.h"
#include "server/base/env.h"
#include "server/base/random.h"
#include "server/cluster/partitions.h"
#include "server/socketio/observer.h"
#include "server/socketio/recovery.h"
#include "server/socketio/socket.h"

/* --- Which one. --- */

/* FNV-1a: all instances, of all versions, have to get the same. */
static uint64_t
add_to_hash(uint64_t hash, sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (uint8_t)text.data[i]) * UINT64_C(1099511628211);
    return hash;
}

static unsigned
number_of(const sio_env *env, sio_view nsp, sio_view room)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    hash = add_to_hash(hash, nsp);
    hash = add_to_hash(hash, SIO_VIEW("\0")); /* which is in no name of a namespace */
    hash = add_to_hash(hash, room);
    return (unsigned)((hash ^ hash >> 32) % sio_partitions_count(env));
}

static unsigned
number_of_tag(const sio_env *env, sio_view tag)
{
    return number_of(env, SIO_VIEW(""), tag);
}

unsigned
sio_partition_rooms_find(const sio_namespace *nsp, sio_view room)
{
    if (room.len == SIO_SESSION_ID_LEN && sio_random_is_text(room))
        return number_of_tag(nsp->env, (sio_view){room.data, SIO_STORE_TAG_LEN});
    return number_of(nsp->env, nsp->name, room);
}

bool
sio_partition_rooms_of(const sio_namespace *nsp, const sio_target *target, unsigned *number)
{
    sio_view rest = target->more_rooms, room;

    if (sio_partitions_count(nsp->env) == 0 || !target->has_room)
        return false;
    *number = sio_partition_rooms_find(nsp, target->room);
    while (sio_cluster_message_next_packet(&rest, &room, NULL))
        if (sio_partition_rooms_find(nsp, room) != *number)
            return false;
    return true;
}

/* --- Who is where. --- */

static void
enter(const sio_namespace *nsp, sio_view room)
{
    sio_partitions_enter(nsp->env, sio_partition_rooms_find(nsp, room));
}

static void
leave(const sio_namespace *nsp, sio_view room)
{
    sio_partitions_exit(nsp->env, sio_partition_rooms_find(nsp, room));
}

static void
on_partition_joined(const sio_socket *socket)
{
    enter(socket->nsp, sio_socket_id(socket));
}

static void
on_partition_left(const sio_socket *socket, const char *reason)
{
    const char *room;

    (void)reason;
    leave(socket->nsp, sio_socket_id(socket));
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++)
        leave(socket->nsp, sio_view_of(room));
}

static void
on_partition_entered(const sio_socket *socket, const char *room)
{
    enter(socket->nsp, sio_view_of(room));
}

static void
on_partition_exited(const sio_socket *socket, const char *room)
{
    leave(socket->nsp, sio_view_of(room));
}

/* move: enter or leave, the rooms of one that may come back. */
static void
each_room_of_state(const sio_recovery_state *state, void (*move)(const sio_namespace *, sio_view))
{
    const sio_buf *rooms = &state->rooms;

    move(state->nsp, sio_view_of(state->id));
    for (size_t i = 0; i < rooms->len; i += strlen(rooms->data + i) + 1)
        move(state->nsp, sio_view_of(rooms->data + i));
}

static void
on_partition_kept(const sio_recovery_state *state)
{
    each_room_of_state(state, enter);
}

static void
on_partition_taken(const sio_recovery_state *state)
{
    each_room_of_state(state, leave);
}

static const sio_observer partition_observer = {
    .joined = on_partition_joined,
    .left = on_partition_left,
    .entered = on_partition_entered,
    .exited = on_partition_exited,
    .kept = on_partition_kept,
    .taken = on_partition_taken,
};

/* --- The own tag. --- */

/* One that had another tag may have sockets with ids of before, which are members themselves. */
static void
hear_own_tag(sio_env *env)
{
    sio_adapters *a = env->adapters;

    if (sio_partitions_count(env) == 0 || strcmp(a->heard_tag, env->tag) == 0)
        return;
    if (a->heard_tag[0] != '\0')
        sio_partitions_exit(env, number_of_tag(env, sio_view_of(a->heard_tag)));
    memcpy(a->heard_tag, env->tag, sizeof a->heard_tag);
    sio_partitions_enter(env, number_of_tag(env, sio_view_of(env->tag)));
}

void
sio_partition_rooms_join(sio_env *env)
{
    env->adapters->heard_tag[0] = '\0';
    if (sio_partitions_count(env) == 0)
        return;
    sio_observer_add(env, &partition_observer);
    hear_own_tag(env);
}

const sio_cluster_module sio_partition_rooms_module = {.on = {[SIO_CLUSTER_UP] = hear_own_tag}};
