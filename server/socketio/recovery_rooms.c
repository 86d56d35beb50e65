#include "server/socketio/recovery_rooms.h"

#include <string.h>

#include "protocol/cluster_message.h"

/* FNV-1a. */
uint64_t
sio_recovery_rooms_bit(sio_view name)
{
    uint32_t hash = 2166136261;

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (uint8_t)name.data[i]) * 16777619;
    return UINT64_C(1) << (hash >> 26);
}

uint64_t
sio_recovery_rooms_bits(sio_view list)
{
    uint64_t bits = 0;
    sio_view room;

    while (sio_cluster_message_next_packet(&list, &room, NULL))
        bits |= sio_recovery_rooms_bit(room);
    return bits;
}

void
sio_recovery_rooms_note(sio_recovery_state *state)
{
    const sio_buf *rooms = &state->rooms;

    state->room_bits = sio_recovery_rooms_bit(sio_view_of(state->id));
    for (size_t i = 0; i < rooms->len; i += strlen(rooms->data + i) + 1)
        state->room_bits |= sio_recovery_rooms_bit(sio_view_of(rooms->data + i));
}

static bool
is_in(const sio_recovery_state *state, sio_view room)
{
    const sio_buf *rooms = &state->rooms;

    if (sio_view_eq(room, sio_view_of(state->id)))
        return true;
    for (size_t i = 0; i < rooms->len; i += strlen(rooms->data + i) + 1)
        if (sio_view_eq(room, sio_view_of(rooms->data + i)))
            return true;
    return false;
}

static bool
is_in_any(const sio_recovery_state *state, sio_view list)
{
    sio_view room;

    while (sio_cluster_message_next_packet(&list, &room, NULL))
        if (is_in(state, room))
            return true;
    return false;
}

bool
sio_recovery_rooms_match_target(const sio_recovery_state *state, const sio_target *t)
{
    return (!t->has_room || is_in(state, t->room) || is_in_any(state, t->more_rooms)) &&
           !is_in_any(state, t->except_rooms);
}

bool
sio_recovery_rooms_match(const sio_recovery_state *state, const sio_logged_packet *p)
{
    const sio_target *t = &p->target;

    if (p->nsp != state->nsp || sio_view_eq(p->except_id, sio_view_of(state->id)))
        return false;
    if (t->has_room && ((p->room_bits & state->room_bits) == 0 ||
                        (!is_in(state, t->room) && !is_in_any(state, t->more_rooms))))
        return false;
    return (p->except_bits & state->room_bits) == 0 || !is_in_any(state, t->except_rooms);
}
