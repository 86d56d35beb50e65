/* Workers, as far as a program without any has to do with them; tests/wire has the others. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "server/siobroker.h"
#include "tests/unit/check.h"

static void
test_one_is_none(void)
{
    sio_server *io = sio_server_new(NULL), *before = io;

    CHECK_INT(sio_set(io, "port", "0"), 0);
    CHECK_INT(sio_set(io, "flash policy server", "false"), 0);
    CHECK_INT(sio_fork_workers(&io), 1);
    CHECK(io == before);
    CHECK_INT(sio_listen(io), 0);
    sio_server_free(io);
}

static void
test_who_does_not_ask_for_them_is_refused(void)
{
    sio_server *io = sio_server_new(NULL);

    CHECK_INT(sio_set(io, "port", "0"), 0);
    CHECK_INT(sio_set(io, "workers", "2"), 0);
    CHECK_INT(sio_listen(io), -1);
    CHECK(strstr(sio_error(io), "sio_fork_workers()") != NULL);
    sio_server_free(io);
}

static void
test_a_borrowed_loop_can_have_none(void)
{
    struct event_base *base = event_base_new();
    sio_server        *io = sio_server_new(base);

    CHECK_INT(sio_set(io, "workers", "2"), 0);
    CHECK_INT(sio_fork_workers(&io), -1);
    CHECK(strstr(sio_error(io), "loop of its own") != NULL);
    sio_server_free(io);
    event_base_free(base);
}

static void
check_value(const char *json, const char *is)
{
    sio_server *io = sio_server_new(NULL);
    char       *value;

    check_row = json;
    CHECK_INT(sio_set(io, "workers", json), is != NULL ? 0 : -1);
    value = sio_get(io, "workers");
    CHECK(value != NULL && strcmp(value, is != NULL ? is : "1") == 0);
    free(value);
    sio_server_free(io);
}

static void
test_how_many_there_may_be(void)
{
    check_value("1", "1");
    check_value("64", "64");
    check_value("\"auto\"", "\"auto\"");
    check_value("0", NULL);
    check_value("65", NULL);
    check_value("1.5", NULL);
    check_value("\"many\"", NULL);
    check_value("true", NULL);
    check_row = NULL;
}

int
main(void)
{
    RUN(test_one_is_none);
    RUN(test_who_does_not_ask_for_them_is_refused);
    RUN(test_a_borrowed_loop_can_have_none);
    RUN(test_how_many_there_may_be);
    return check_done();
}
