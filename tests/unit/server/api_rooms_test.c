/*
 * tests/unit/server/api_rooms_test.c - rooms, sio_each() and broadcasts of siobroker.h.
 */
#include "tests/unit/server/api_fixture.h"

enum { N = 3 };

static client clients[N];

static sio_socket *
nth(size_t i)
{
    return socket_of(&clients[i], "");
}

/* The rooms of a socket, in the order that sio_room() tells. */
static void
note_rooms(const sio_socket *socket)
{
    const char *room;

    note("rooms:");
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++)
        note("%s", room);
}

static void
hang_up_all(void)
{
    for (size_t i = 0; i < N; i++)
        hang_up(&clients[i]);
}

static void
test_rooms_of_a_socket_are_in_the_order_of_joining(void)
{
    sio_socket *socket;

    listen_now(io);
    enter_all(clients, N);
    socket = nth(0);
    note_rooms(socket);
    CHECK_INT(sio_join(socket, "b"), 0);
    CHECK_INT(sio_join(socket, "a"), 0);
    CHECK_INT(sio_join(socket, ""), 0); /* as good a name as any */
    CHECK_INT(sio_join(socket, "b"), 0);
    note_rooms(socket);
    CHECK_NOTED("rooms: rooms: b a ");
    CHECK(sio_in_room(socket, "a") && sio_in_room(socket, "") && !sio_in_room(socket, "c"));
    CHECK(!sio_in_room(nth(1), "a"));
    sio_leave(socket, sio_room(socket, 0));
    sio_leave(socket, "never joined");
    sio_leave(nth(1), "a");
    note_rooms(socket);
    CHECK_NOTED("rooms: a ");
    CHECK(!sio_in_room(socket, "b"));
    hang_up_all();
}

/* It is looked for among the members of a room, or the rooms of a socket: whichever are fewer. */
static void
test_a_membership_is_found_from_either_side(void)
{
    char        name[8];
    sio_socket *socket;

    listen_now(io);
    enter_all(clients, N);
    socket = nth(0);
    for (unsigned i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "r%u", i);
        CHECK_INT(sio_join(socket, name), 0);
        CHECK_INT(sio_join(socket, name), 0);
    }
    CHECK_INT(sio_join(nth(1), "r7"), 0);
    CHECK(sio_in_room(socket, "r7") && sio_in_room(nth(1), "r7") && !sio_in_room(nth(2), "r7"));
    sio_leave(socket, "r7");
    CHECK(!sio_in_room(socket, "r7") && sio_in_room(nth(1), "r7"));
    sio_leave(socket, "r7");
    CHECK_INT(sio_join(socket, "r7"), 0);
    CHECK_VIEW(sio_view_of(sio_room(socket, 499)), "r7");
    CHECK(sio_room(socket, 500) == NULL);
    hang_up_all();
}

static void
test_rooms_of_a_socket_are_bounded(void)
{
    sio_socket *socket;

    CHECK_INT(sio_set(io, "max rooms", "2"), 0);
    listen_now(io);
    enter_all(clients, N);
    socket = nth(0);
    CHECK_INT(sio_join(socket, "a"), 0);
    CHECK_INT(sio_join(socket, "b"), 0);
    CHECK_INT(sio_join(socket, "c"), -1);
    CHECK_INT(sio_join(socket, "a"), 0); /* it is there already */
    CHECK(!sio_in_room(socket, "c"));
    sio_leave(socket, "a");
    CHECK_INT(sio_join(socket, "c"), 0);
    hang_up_all();
}

static void
test_a_room_belongs_to_its_namespace(void)
{
    const sio_to to = {.room = "a"};
    sio_socket  *chat;

    sio_of(io, "/chat");
    listen_now(io);
    enter_all(clients, N);
    say(&clients[0], "1::/chat");
    CHECK_HEARD(&clients[0], "1::/chat");
    chat = socket_of(&clients[0], "/chat");
    CHECK_INT(sio_join(chat, "a"), 0);
    CHECK(!sio_in_room(nth(0), "a"));
    CHECK_INT(sio_broadcast(sio_sockets(io), &to, "x", NULL), 0);
    CHECK_INT(sio_broadcast(sio_namespace_of(chat), &to, "y", NULL), 0);
    CHECK_HEARD(&clients[0], "5::/chat:{\"name\":\"y\"}");
    CHECK_QUIET(&clients[0]);
    hang_up_all();
}

/* --- Broadcasts. --- */

/* Clients 0 and 1 are in the room "r"; which of the three hear a broadcast? */
static void
test_broadcasts_reach_whom_they_should(void)
{
    static const struct {
        const char *row, *room;
        int         except; /* index, or -1 */
        bool        heard[N];
    } rows[] = {
        {"everyone", NULL, -1, {true, true, true}},
        {"all but one", NULL, 1, {true, false, true}},
        {"a room", "r", -1, {true, true, false}},
        {"a room but one member", "r", 0, {false, true, false}},
        {"a room but one who is not in it", "r", 2, {true, true, false}},
        {"a room that nobody is in", "s", -1, {false, false, false}},
    };

    listen_now(io);
    enter_all(clients, N);
    sio_join(nth(0), "r");
    sio_join(nth(1), "r");
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof *rows); i++) {
        const size_t row = i / 2;
        const int    except = rows[row].except;
        const sio_to to = {.room = rows[row].room,
                           .except = except < 0 ? NULL : nth((size_t)except),
                           .is_volatile = i % 2 == 1};

        check_row = rows[row].row;
        CHECK_INT(sio_broadcast(sio_sockets(io), &to, "b", "[1]"), 0);
        for (size_t k = 0; k < N; k++) {
            if (rows[row].heard[k])
                CHECK_HEARD(&clients[k], "5:::{\"name\":\"b\",\"args\":[1]}");
            CHECK_QUIET(&clients[k]);
        }
    }
    hang_up_all();
}

static void
test_a_broadcast_to_null_is_for_everyone(void)
{
    listen_now(io);
    CHECK_INT(sio_broadcast(sio_sockets(io), NULL, "b", NULL), 0); /* nobody is there */
    enter_all(clients, N);
    CHECK_INT(sio_broadcast(sio_sockets(io), NULL, "b", NULL), 0);
    for (size_t k = 0; k < N; k++)
        CHECK_HEARD(&clients[k], "5:::{\"name\":\"b\"}");
    hang_up_all();
}

static void
test_volatile_broadcasts_are_dropped_for_those_behind(void)
{
    const sio_to to = {.is_volatile = true};
    client       poller;
    char         path[64];

    listen_now(io);
    enter_all(clients, N);
    handshake(&poller, io);
    snprintf(path, sizeof path, "xhr-polling/%s", poller.id);
    CHECK_INT(request(&poller, io, "GET", path, ""), 200);
    CHECK_INT(sio_broadcast(sio_sockets(io), &to, "now", NULL), 0);
    CHECK_INT(sio_broadcast(sio_sockets(io), NULL, "kept", NULL), 0);
    for (size_t k = 0; k < N; k++) {
        CHECK_HEARD(&clients[k], "5:::{\"name\":\"now\"}");
        CHECK_HEARD(&clients[k], "5:::{\"name\":\"kept\"}");
    }
    CHECK_INT(request(&poller, io, "GET", path, ""), 200);
    CHECK_VIEW(sio_view_of(poller.text), "5:::{\"name\":\"kept\"}");
    hang_up_all();
}

/* --- Leaving. --- */

/* As the chat does: those who stay are told by the one who leaves. */
static void
tell_rooms(sio_socket *socket, const char *reason, void *arg)
{
    sio_to      to = {.room = NULL};
    const char *room;

    (void)arg;
    note_rooms(socket);
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++) {
        to.room = room;
        CHECK(sio_in_room(socket, room));
        CHECK_INT(sio_broadcast(sio_namespace_of(socket), &to, "left", NULL), 0);
    }
    CHECK_INT(sio_join(socket, "too late"), 0);
    sio_leave(socket, sio_room(socket, 0));
    note("%s", reason);
}

static void
test_rooms_are_still_known_to_one_who_leaves(void)
{
    sio_on_disconnect(sio_sockets(io), tell_rooms, NULL);
    listen_now(io);
    enter_all(clients, N);
    for (size_t i = 0; i < N; i++)
        sio_join(nth(i), "r");
    sio_join(nth(0), "s");
    sio_disconnect(nth(0), false);
    CHECK_NOTED("rooms: r s booted");
    CHECK_HEARD(&clients[0], "0::");
    CHECK_HEARD(&clients[1], "5:::{\"name\":\"left\"}");
    CHECK_HEARD(&clients[2], "5:::{\"name\":\"left\"}");
    hang_up_all();
    UNTIL(strlen(notes) >= strlen("rooms: r socket end") * 2 + 1);
    CHECK_NOTED("rooms: r socket end rooms: r socket end");
}

/* --- Each. --- */

static void
note_id(sio_socket *socket, void *arg)
{
    for (size_t i = 0; i < N; i++)
        if (strcmp(sio_id(socket), clients[i].id) == 0)
            note("%s%zu", (const char *)arg, i);
}

static void
test_each_finds_those_who_are_there(void)
{
    static char none[] = "";

    listen_now(io);
    CHECK_INT(sio_each(sio_sockets(io), NULL, note_id, none), 0);
    CHECK_NOTED("");
    enter_all(clients, N);
    sio_join(nth(2), "r");
    sio_join(nth(0), "r");
    CHECK_INT(sio_each(sio_sockets(io), NULL, note_id, none), 0);
    CHECK_NOTED("0 1 2");
    CHECK_INT(sio_each(sio_sockets(io), "r", note_id, none), 0);
    CHECK_NOTED("2 0");
    CHECK_INT(sio_each(sio_sockets(io), "s", note_id, none), 0);
    CHECK_NOTED("");
    hang_up_all();
}

static void
leave_and_enter(sio_socket *socket, void *arg)
{
    note_id(socket, arg);
    sio_leave(socket, "r");
    sio_join(socket, "r");
    sio_join(socket, "s");
}

/* One that is gone already is not visited any more. */
static void
end_everyone_else(sio_socket *socket, void *arg)
{
    note_id(socket, arg);
    for (size_t i = 0; i < N; i++)
        if (strcmp(sio_id(socket), clients[i].id) != 0)
            sio_disconnect(nth(i), true);
}

static void
end_this_one(sio_socket *socket, void *arg)
{
    note_id(socket, arg);
    sio_disconnect(socket, false);
    CHECK(sio_id(socket)[0] != '\0'); /* valid until this returns */
}

static void
test_each_may_do_anything(void)
{
    static char none[] = "", room[] = "r";

    listen_now(io);
    enter_all(clients, N);
    for (size_t i = 0; i < N; i++)
        sio_join(nth(i), room);
    CHECK_INT(sio_each(sio_sockets(io), room, leave_and_enter, none), 0);
    CHECK_NOTED("0 1 2");
    CHECK_INT(sio_each(sio_sockets(io), room, end_everyone_else, none), 0);
    CHECK_NOTED("0");
    CHECK_INT(sio_each(sio_sockets(io), NULL, end_this_one, none), 0);
    CHECK_NOTED("0");
    CHECK_INT(sio_each(sio_sockets(io), NULL, end_this_one, none), 0);
    for (size_t i = 0; i < N; i++) {
        CHECK_HEARD(&clients[i], "0::");
        CHECK_CLOSED(&clients[i]);
    }
}

int
main(void)
{
    RUN_WITH_SERVER(test_rooms_of_a_socket_are_in_the_order_of_joining);
    RUN_WITH_SERVER(test_a_membership_is_found_from_either_side);
    RUN_WITH_SERVER(test_rooms_of_a_socket_are_bounded);
    RUN_WITH_SERVER(test_a_room_belongs_to_its_namespace);
    RUN_WITH_SERVER(test_broadcasts_reach_whom_they_should);
    RUN_WITH_SERVER(test_a_broadcast_to_null_is_for_everyone);
    RUN_WITH_SERVER(test_volatile_broadcasts_are_dropped_for_those_behind);
    RUN_WITH_SERVER(test_rooms_are_still_known_to_one_who_leaves);
    RUN_WITH_SERVER(test_each_finds_those_who_are_there);
    RUN_WITH_SERVER(test_each_may_do_anything);
    return check_done();
}
