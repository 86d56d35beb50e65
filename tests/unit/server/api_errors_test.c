/*
 * tests/unit/server/api_errors_test.c - why calls fail, as sio_error() tells it.
 */
#include "tests/unit/server/api_fixture.h"

#define SAYS(call, why)                              \
    do {                                             \
        CHECK_INT((call), -1);                       \
        CHECK_VIEW(sio_view_of(sio_error(io)), why); \
    } while (0)

#define NOBODY "nobody is reached before sio_listen() or sio_join_cluster()"

static void
ignore_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    (void)nsp;
    (void)answers;
    (void)arg;
    note("answered");
}

static void
ignore_count(sio_namespace *nsp, const sio_count_result *count, void *arg)
{
    (void)nsp;
    (void)count;
    (void)arg;
    note("counted");
}

static void
ignore_rooms(sio_namespace *nsp, const sio_room_list *list, void *arg)
{
    (void)nsp;
    (void)list;
    (void)arg;
    note("listed");
}

/* It must not look as if it had been sent. */
static void
test_nobody_is_reached_before_the_server_listens(void)
{
    sio_namespace *nsp = sio_sockets(io);
    const sio_to   local = {.is_local = true};

    CHECK_VIEW(sio_view_of(sio_error(io)), "");
    SAYS(sio_broadcast(nsp, NULL, "a", NULL), NOBODY);
    SAYS(sio_broadcast(nsp, &local, "a", NULL), NOBODY);
    SAYS(sio_broadcast_ack(nsp, NULL, "a", NULL, 1, ignore_answers, NULL), NOBODY);
    SAYS(sio_broadcast_ack_binary(nsp, NULL, "a", NULL, NULL, 0, 1, ignore_answers, NULL), NOBODY);
    SAYS(sio_fetch(nsp, NULL, 1, ignore_answers, NULL), NOBODY);
    SAYS(sio_count(nsp, NULL, 1, ignore_count, NULL), NOBODY);
    SAYS(sio_rooms(nsp, NULL, 1, 1, ignore_rooms, NULL), NOBODY);
    SAYS(sio_each_join(nsp, NULL, "r"), NOBODY);
    SAYS(sio_each_set_data(nsp, NULL, "1"), NOBODY);
    listen_now(io);
    CHECK_VIEW(sio_view_of(sio_error(io)), "");
    CHECK_INT(sio_broadcast(nsp, NULL, "a", NULL), 0);
}

static void
test_each_failure_has_a_text(void)
{
    const sio_bytes bytes = {"abc", 3};
    client          c;
    sio_socket     *s;

    CHECK_INT(sio_set(io, "max rooms", "1"), 0);
    listen_now(io);
    enter5(&c, io);
    s = socket_of(&c, "");
    SAYS(sio_set(io, "port", "1"), "the server listens: settings are made before sio_listen()");
    SAYS(sio_listen(io), "listening already");
    SAYS(sio_emit(s, "a", "{}"), "the arguments are not a JSON array");
    SAYS(sio_emit_binary(s, "a", "[{\"_placeholder\":true,\"num\":1}]", &bytes, 1, NULL, NULL),
         "a placeholder in the arguments has no attachment");
    SAYS(sio_emit_n(s, NULL, 0, NULL, NULL),
         "no content: its arguments are not valid, or out of memory");
    SAYS(sio_broadcast(sio_sockets(io), NULL, "a", "["), "the arguments are not a JSON array");
    SAYS(sio_ack_by_token(io, "x", "1", NULL, 0, NULL, NULL), "the arguments are not a JSON array");
    SAYS(sio_send(s, "\xff", 1), "the text is not UTF-8");
    SAYS(sio_send_json(s, "{"), "the message is not JSON");
    CHECK_INT(sio_join(s, "one"), 0); /* and the text is still there */
    CHECK_VIEW(sio_view_of(sio_error(io)), "the message is not JSON");
    SAYS(sio_join(s, "two"), "the client is in \"max rooms\" rooms");
    SAYS(sio_set_socket_data(s, "{"),
         "the data are not JSON, are longer than \"max stored bytes\", or have U+0000");
    SAYS(sio_set_will(io, "", "x"), "an id has 1 to 64 bytes, a will at most \"max stored bytes\"");
    SAYS(sio_undrain(io), "the server does not drain, or its sessions end already");
    sio_disconnect(s, true);
    SAYS(sio_set_socket_data(s, "{}"), "the client has left");
    hang_up(&c);
}

static void
test_a_name_of_a_room_may_be_too_long(void)
{
    static char name[70000];
    client      c;

    memset(name, 'a', sizeof name - 1);
    listen_now(io);
    enter(&c, io);
    SAYS(sio_join(socket_of(&c, ""), name),
         "the name of the room is longer than \"max room name bytes\"");
    hang_up(&c);
}

int
main(void)
{
    RUN_WITH_SERVER(test_nobody_is_reached_before_the_server_listens);
    RUN_WITH_SERVER(test_each_failure_has_a_text);
    RUN_WITH_SERVER(test_a_name_of_a_room_may_be_too_long);
    return check_done();
}
