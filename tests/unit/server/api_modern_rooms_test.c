/*
 * tests/unit/server/api_modern_rooms_test.c - one world: clients of all revisions in the same
 * rooms; who gets a broadcast, and what they answer.
 */
#include "tests/unit/server/api_fixture.h"

enum { N = 4 };

static client clients[N]; /* of 0.9, 2.x, 4.x and 4.x */

static sio_socket *
nth(size_t i)
{
    return socket_of(&clients[i], "");
}

static void
enter_all_kinds(void)
{
    listen_now(io);
    enter(&clients[0], io);
    enter4(&clients[1], io);
    enter5(&clients[2], io);
    enter5(&clients[3], io);
}

static void
hang_up_all(void)
{
    for (size_t i = 0; i < N; i++)
        hang_up(&clients[i]);
}

static void
check_quiet(size_t i)
{
    if (i == 0)
        CHECK_QUIET(&clients[i]);
    else if (i == 1)
        CHECK_QUIET4(&clients[i]);
    else
        CHECK_QUIET5(&clients[i]);
}

/* --- Who gets it. --- */

/* The clients are in the rooms "0" to "3" of the same number, and all but the first in "r". */
static void
test_broadcasts_reach_whom_they_should(void)
{
    static const char *const zero_one[] = {"0", "1", NULL}, *const one_r[] = {"1", "r", NULL};
    static const char *const one_three[] = {"1", "3", NULL}, *const empty[] = {NULL};
    static const struct {
        const char *row;
        sio_to      to;
        int         except; /* index, or -1 */
        bool        heard[N];
    } rows[] = {
        {"everyone", {0}, -1, {1, 1, 1, 1}},
        {"two rooms", {.rooms = zero_one}, -1, {1, 1, 0, 0}},
        {"each once", {.rooms = one_r}, -1, {0, 1, 1, 1}},
        {"a room and a list", {.room = "2", .rooms = zero_one}, -1, {1, 1, 1, 0}},
        {"the members of no room", {.rooms = empty}, -1, {0, 0, 0, 0}},
        {"a room and an empty list", {.room = "2", .rooms = empty}, -1, {0, 0, 1, 0}},
        {"all but a room", {.except_rooms = zero_one}, -1, {0, 0, 1, 1}},
        {"a room but for others", {.room = "r", .except_rooms = one_three}, -1, {0, 0, 1, 0}},
        {"and but for a client", {.room = "r", .except_rooms = one_three}, 2, {0, 0, 0, 0}},
        {"but for no room", {.room = "r", .except_rooms = empty}, -1, {0, 1, 1, 1}},
        {"all but one", {0}, 2, {1, 1, 0, 1}},
        {"here only", {.is_local = true}, -1, {1, 1, 1, 1}},
        {"volatile", {.is_volatile = true, .rooms = one_r}, -1, {0, 1, 1, 1}},
    };
    static const char *const wire[N] = {"5:::{\"name\":\"b\",\"args\":[\"é\"]}",
                                        "42[\"b\",\"\\u00e9\"]", "42[\"b\",\"é\"]",
                                        "42[\"b\",\"é\"]"};
    char                     name[2] = "0";

    enter_all_kinds();
    for (size_t i = 0; i < N; i++, name[0]++) {
        sio_join(nth(i), name);
        if (i > 0)
            sio_join(nth(i), "r");
    }
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        sio_to to = rows[row].to;

        check_row = rows[row].row;
        if (rows[row].except >= 0)
            to.except = nth((size_t)rows[row].except);
        CHECK_INT(sio_broadcast(sio_sockets(io), &to, "b", "[\"é\"]"), 0);
        for (size_t i = 0; i < N; i++) {
            if (rows[row].heard[i])
                CHECK_HEARD(&clients[i], wire[i]);
            check_quiet(i);
        }
    }
    hang_up_all();
}

static void
count(sio_socket *socket, void *arg)
{
    (void)socket;
    ++*(int *)arg;
}

static void
test_each_socket_is_a_room(void)
{
    sio_to to = {.room = clients[2].id};
    int    n = 0;

    enter_all_kinds();
    CHECK_INT(sio_broadcast(sio_sockets(io), &to, "b", NULL), 0);
    CHECK_HEARD(&clients[2], "42[\"b\"]");
    CHECK(sio_in_room(nth(2), clients[2].id) && !sio_in_room(nth(3), clients[2].id));
    CHECK_INT(sio_join(nth(2), clients[2].id), 0); /* changes nothing */
    CHECK(sio_room(nth(2), 0) == NULL);
    sio_leave(nth(2), clients[2].id);
    CHECK(sio_in_room(nth(2), clients[2].id));
    CHECK_INT(sio_join(nth(1), clients[2].id), 0); /* as a guest */
    CHECK_INT(sio_each(sio_sockets(io), clients[2].id, count, &n), 0);
    CHECK_INT(n, 2);
    to.except = nth(2);
    CHECK_INT(sio_broadcast(sio_sockets(io), &to, "b", NULL), 0);
    CHECK_HEARD(&clients[1], "42[\"b\"]");
    check_quiet(2);
    hang_up_all();
}

static void
test_each_can_be_moved_or_disconnected(void)
{
    const sio_to r = {.room = "r"}, s = {.room = "s"};

    CHECK_INT(sio_set(io, "max rooms", "2"), 0);
    enter_all_kinds();
    sio_join(nth(0), "r");
    sio_join(nth(2), "r");
    CHECK_INT(sio_each_join(sio_sockets(io), &r, "s"), 0);
    CHECK_INT(sio_broadcast(sio_sockets(io), &s, "b", NULL), 0);
    CHECK_HEARD(&clients[0], "5:::{\"name\":\"b\"}");
    CHECK_HEARD(&clients[2], "42[\"b\"]");
    CHECK_INT(sio_each_join(sio_sockets(io), &r, "t"), -1);
    CHECK_INT(sio_each_leave(sio_sockets(io), &s, "r"), 0);
    CHECK(!sio_in_room(nth(0), "r") && sio_in_room(nth(2), "s"));
    CHECK_INT(sio_each_disconnect(sio_sockets(io), &s, true), 0);
    CHECK_HEARD(&clients[0], "0::");
    CHECK_HEARD(&clients[2], "41");
    check_quiet(1);
    check_quiet(3);
    hang_up_all();
}

/* --- Answers. --- */

static void
note_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    CHECK(nsp == sio_sockets(io));
    note("%s%zu/%zu:%.*s", (const char *)arg, answers->n_answered, answers->n_asked,
         (int)answers->len, answers->json);
}

static char nothing[] = "";

static int
ask_all(const sio_to *to, unsigned timeout_ms)
{
    return sio_broadcast_ack(sio_sockets(io), to, "q", "[1]", timeout_ms, note_answers, nothing);
}

static void
ignore(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    (void)socket;
    (void)arg;
    note("own:%.*s", (int)len, args_json);
}

static void
test_all_are_asked_with_one_number(void)
{
    enter_all_kinds();
    CHECK_INT(sio_emit_ack(nth(2), "own", NULL, ignore, NULL), 0);
    CHECK_HEARD(&clients[2], "421[\"own\"]");
    CHECK_INT(ask_all(NULL, 100000), 0);
    CHECK_HEARD(&clients[0], "5:2+::{\"name\":\"q\",\"args\":[1]}");
    CHECK_HEARD(&clients[1], "422[\"q\",1]");
    CHECK_HEARD(&clients[2], "422[\"q\",1]");
    CHECK_HEARD(&clients[3], "422[\"q\",1]");
    say(&clients[2], "431[7]");
    say(&clients[2], "432[{\"a\":\"é\"},\"only the first counts\"]");
    check_quiet(2);
    CHECK_NOTED("own:[7]");
    say(&clients[0], "6:::2+[]");
    check_quiet(0);
    say(&clients[1], "461-2[{\"_placeholder\":true,\"num\":0}]");
    say_bytes(&clients[1], "\004one");
    check_quiet(1);
    say(&clients[1], "432[\"twice\"]");
    check_quiet(1);
    CHECK_NOTED("");
    say(&clients[3], "432[3]");
    check_quiet(3);
    CHECK_NOTED("4/4:[{\"a\":\"é\"},null,\"b25l\",3]");
    hang_up_all();
}

static void
test_answers_end_in_time(void)
{
    static const char *const empty[] = {NULL};
    const sio_to             to = {.room = "r"};
    const sio_to             nobody = {.rooms = empty};

    enter_all_kinds();
    sio_join(nth(2), "r");
    sio_join(nth(3), "r");
    CHECK_INT(ask_all(&to, 50), 0);
    CHECK_HEARD(&clients[2], "421[\"q\",1]");
    say(&clients[2], "431[2]");
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("1/2:[2]");
    CHECK_HEARD(&clients[3], "421[\"q\",1]");
    say(&clients[3], "431[3]");
    check_quiet(3); /* nobody waits for that any more */
    CHECK_INT(ask_all(&to, 100000), 0);
    sio_disconnect(nth(2), true);
    CHECK_NOTED("");
    sio_disconnect(nth(3), true); /* and with it all who could answer */
    CHECK_NOTED("0/2:[]");
    CHECK_INT(ask_all(&nobody, 100000), 0);
    CHECK_INT(ask_all(&to, 100000), 0);
    CHECK_NOTED("");
    UNTIL(strlen(notes) > 8);
    CHECK_NOTED("0/0:[] 0/0:[]");
    CHECK_INT(sio_broadcast_ack(sio_sockets(io), NULL, "q", "{}", 1, note_answers, nothing), -1);
    CHECK_INT(ask_all(&nobody, 100000), 0);
    replace_server(); /* it tells before it ends */
    CHECK_NOTED("0/0:[]");
    hang_up_all();
}

static void
leave_first(sio_socket *socket, const char *reason, void *arg)
{
    (void)socket;
    (void)arg;
    note("%s", reason);
}

static void
test_a_server_that_ends_tells_what_came(void)
{
    sio_on_disconnect(sio_sockets(io), leave_first, NULL);
    listen_now(io);
    enter5(&clients[2], io);
    CHECK_INT(ask_all(NULL, 100000), 0);
    replace_server();
    CHECK(strncmp(noted().data, "0/1:[] server shutting down", 27) == 0);
    hang_up(&clients[2]);
}

int
main(void)
{
    RUN_WITH_SERVER(test_broadcasts_reach_whom_they_should);
    RUN_WITH_SERVER(test_each_socket_is_a_room);
    RUN_WITH_SERVER(test_each_can_be_moved_or_disconnected);
    RUN_WITH_SERVER(test_all_are_asked_with_one_number);
    RUN_WITH_SERVER(test_answers_end_in_time);
    RUN_WITH_SERVER(test_a_server_that_ends_tells_what_came);
    return check_done();
}
