/*
 * What a client that comes back has missed: a server without sockets, clients that are away, and
 * packets to rooms.
 */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/cluster_message.h"
#include "server/server.h"
#include "server/socketio/recovery_rooms.h"

enum { N_ROOMS = 40, MAX_LISTED = 3 };

static sio_server    *io;
static sio_namespace *nsp;
static char           room_names[N_ROOMS][12];

static void
begin(void)
{
    io = sio_server_new(NULL);
    CHECK(io != NULL);
    CHECK_INT(sio_set(io, "maxDisconnectionDuration", "60"), 0);
    io->env.log.level = SIO_LOG_NONE;
    io->engine.queue_limits = (sio_send_queue_limits){.max_frames = 1000, .max_bytes = 1000000};
    nsp = sio_sockets(io);
    for (unsigned i = 0; i < N_ROOMS; i++)
        snprintf(room_names[i], sizeof room_names[i], "room-%u", i);
}

static void
end(void)
{
    sio_server_free(io);
}

/* One that has gone away, out of these rooms (bit i: room i), and has got everything so far. */
static sio_recovery_state *
go_away(const char *id, uint64_t rooms)
{
    sio_recovery_state *state = sio_recovery_state_new(&io->env);

    CHECK(state != NULL);
    snprintf(state->private_id, sizeof state->private_id, "private-%s", id);
    snprintf(state->id, sizeof state->id, "%s", id);
    snprintf(state->session_id, sizeof state->session_id, "session-%s", id);
    state->nsp = nsp;
    state->sent = state->left_at = io->io.recovery.log.last;
    for (unsigned i = 0; i < N_ROOMS; i++)
        if ((rooms >> i & 1) != 0)
            sio_buf_add(&state->rooms, room_names[i], strlen(room_names[i]) + 1);
    sio_recovery_rooms_note(state);
    sio_recovery_keep(state, 60000);
    return state;
}

static void
send_to(const sio_target *target)
{
    const sio_cast_id none = {.number = 0};
    sio_frame        *frame = sio_frame_new(SIO_VIEW("42[\"event\",\"offset\"]"), false);

    sio_recovery_add(nsp, target, none, frame);
    sio_frame_unref(frame);
}

static void
send_to_room(const char *room)
{
    const sio_target target = {.has_room = room != NULL, .room = sio_view_of(room)};

    send_to(&target);
}

/* How many packets it has missed behind that number; -1: it is not found. */
static int
n_missed(const sio_recovery_state *state, uint64_t number)
{
    char                offset[SIO_OFFSET_MAX + 1];
    sio_recovery_missed missed;

    sio_recovery_print_offset(&io->env, number, offset);
    if (sio_recovery_find(nsp, sio_view_of(state->private_id), sio_view_of(offset), &missed) !=
        state)
        return -1;
    for (size_t i = 1; i < missed.n; i++)
        CHECK(missed.packets[i]->number > missed.packets[i - 1]->number);
    return (int)missed.n;
}

static void
test_it_gets_what_went_to_all_to_its_rooms_and_to_itself(void)
{
    const sio_recovery_state *state;

    begin();
    send_to_room(NULL); /* it got this one */
    state = go_away("me", 1 << 2 | 1 << 7);
    send_to_room(NULL);
    send_to_room(room_names[2]);
    send_to_room(room_names[3]);
    send_to_room(room_names[7]);
    send_to_room("me");
    send_to_room("you");
    CHECK_INT(n_missed(state, 1), 4);
    end();
}

static void
test_of_more_than_its_queue_holds_it_gets_none(void)
{
    const sio_recovery_state *state;

    begin();
    send_to_room(NULL);
    state = go_away("me", 0);
    for (unsigned i = 0; i < 1000; i++)
        send_to_room(NULL);
    CHECK_INT(n_missed(state, 1), 1000);
    send_to_room(room_names[0]); /* not for it */
    CHECK_INT(n_missed(state, 1), 1000);
    send_to_room(NULL);
    CHECK_INT(n_missed(state, 1), -1);
    end();
}

/* --- Any rooms against any: as the words of sio_target say. --- */

static uint64_t random_state = 1;

static unsigned
pick(unsigned n)
{
    random_state = random_state * 6364136223846793005 + 1442695040888963407;
    return (unsigned)(random_state >> 33) % n;
}

/* Up to MAX_LISTED rooms, as a list and as bits. */
static uint64_t
pick_rooms(sio_buf *list)
{
    uint64_t bits = 0;

    sio_buf_clear(list);
    for (unsigned n = pick(MAX_LISTED + 1); n > 0; n--) {
        const unsigned i = pick(N_ROOMS);

        sio_cluster_message_add_packet(list, sio_view_of(room_names[i]), false);
        bits |= UINT64_C(1) << i;
    }
    return bits;
}

static void
test_any_rooms_against_any(void)
{
    enum { N_STATES = 30, N_PACKETS = 300 };
    sio_recovery_state *states[N_STATES];
    uint64_t            rooms[N_STATES];
    int                 n_expected[N_STATES] = {0};
    sio_buf             more, except;
    char                id[8];

    begin();
    sio_buf_init(&more, SIZE_MAX);
    sio_buf_init(&except, SIZE_MAX);
    send_to_room(NULL);
    for (unsigned i = 0; i < N_STATES; i++) {
        rooms[i] = 0;
        for (unsigned n = pick(i + 1); n > 0; n--) /* some are in nearly all */
            rooms[i] |= UINT64_C(1) << pick(N_ROOMS);
        snprintf(id, sizeof id, "id-%u", i);
        states[i] = go_away(id, rooms[i]);
    }
    for (unsigned k = 0; k < N_PACKETS; k++) {
        const unsigned   room = pick(N_ROOMS);
        const bool       has_room = pick(4) > 0;
        const uint64_t   to = pick_rooms(&more) | UINT64_C(1) << room, not_to = pick_rooms(&except);
        const sio_target target = {.has_room = has_room,
                                   .room = sio_view_of(has_room ? room_names[room] : ""),
                                   .more_rooms = has_room ? sio_buf_view(&more) : SIO_VIEW(""),
                                   .except_rooms = sio_buf_view(&except)};

        send_to(&target);
        for (unsigned i = 0; i < N_STATES; i++)
            n_expected[i] += (!has_room || (rooms[i] & to) != 0) && (rooms[i] & not_to) == 0;
    }
    for (unsigned i = 0; i < N_STATES; i++)
        CHECK_INT(n_missed(states[i], 1), n_expected[i]);
    sio_buf_fini(&more);
    sio_buf_fini(&except);
    end();
}

int
main(void)
{
    RUN(test_it_gets_what_went_to_all_to_its_rooms_and_to_itself);
    RUN(test_of_more_than_its_queue_holds_it_gets_none);
    RUN(test_any_rooms_against_any);
    return check_done();
}
