/*
 * tests/unit/server/api_modern_v2_test.c - the same with socket.io 1.x and 2.x: protocol 4.
 */
#include "tests/unit/server/modern_fixture.h"

static void
test_old_clients_are_in_the_default_namespace_at_once(void)
{
    char   id[64];
    client c;

    noted_namespace("");
    noted_namespace("/chat");
    listen_now(io);
    enter4(&c, io);
    CHECK_NOTED("joined:{}");
    CHECK_VIEW(sio_view_of(sio_id(socket_of(&c, ""))), sio_view_of(c.id)); /* of the engine */
    say(&c, "40/chat?token=abc&color=blue,");
    CHECK_HEARD(&c, "40/chat,"); /* it knows its id */
    CHECK_NOTED("joined:{}");
    snprintf(id, sizeof id, "/chat#%s", c.id);
    CHECK(sio_find(sio_of(io, "/chat"), id) != NULL);
    CHECK(sio_find(sio_of(io, "/chat"), c.id) == NULL);
    say(&c, "40/chat");
    CHECK_QUIET4(&c); /* nothing happens twice */
    hang_up(&c);
    UNTIL(strlen(notes) > 40);
    CHECK_NOTED("left:transport close left:transport close");
}

static void
test_a_namespace_has_a_query_of_its_own(void)
{
    sio_socket *socket;
    client      c;
    char        id[64];

    sio_namespace_authorization(sio_of(io, "/chat"), decide_later, NULL);
    listen_now(io);
    enter4(&c, io);
    say(&c, "40/chat?token=a%20b&color=blue&token=c,");
    decide(SIO_ACCEPT);
    CHECK_HEARD(&c, "40/chat,");
    CHECK(strstr(asked_handshake,
                 "\"query\":{\"token\":[\"a b\",\"c\"],\"color\":\"blue\",\"EIO\":\"3\"") != NULL);
    snprintf(id, sizeof id, "/chat#%s", c.id);
    socket = sio_find(sio_of(io, "/chat"), id);
    CHECK(socket != NULL);
    CHECK_VIEW(sio_view_of(sio_handshake_json(socket)), sio_view_of(asked_handshake));
    CHECK(strstr(sio_handshake_json(socket_of(&c, "")), "\"color\":\"red\"") != NULL);
    hang_up(&c);
}

static void
test_the_default_namespace_guards_the_others(void)
{
    client c;

    sio_namespace_authorization(noted_namespace(""), decide_later, NULL);
    noted_namespace("/chat");
    listen_now(io);
    open_engine(&c, io, 3);
    say(&c, "40/chat,");
    say(&c, "42/chat,[\"x\",1]");
    decide(SIO_ACCEPT);
    CHECK_HEARD(&c, "40");
    UNTIL(strlen(notes) > 20);
    CHECK_HEARD(&c, "40/chat,");
    CHECK_NOTED("joined:{} joined:{} x:[1]");
    hang_up(&c);
    UNTIL(strlen(notes) > 40);
    CHECK_NOTED("left:transport close left:transport close");
    open_engine(&c, io, 3);
    say(&c, "40/chat,");
    decide(SIO_REFUSE);
    CHECK_HEARD(&c, "44\"unauthorized\"");
    say(&c, "40/chat,");
    CHECK_QUIET4(&c);
    hang_up(&c);
}

int
main(void)
{
    RUN_WITH_SERVER(test_old_clients_are_in_the_default_namespace_at_once);
    RUN_WITH_SERVER(test_a_namespace_has_a_query_of_its_own);
    RUN_WITH_SERVER(test_the_default_namespace_guards_the_others);
    return check_done();
}
