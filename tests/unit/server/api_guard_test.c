/*
 * tests/unit/server/api_guard_test.c - a guard of all namespaces: sio_set_guard(). Whatever becomes
 * of a client, its pass is freed once.
 */
#include "tests/unit/server/api_fixture.h"

static sio_decision *waiting;  /* one that was not decided at once */
static bool          is_later; /* the next one is not */
static int           n_passes; /* given, and not freed */
static char          the_pass[] = "pass";

static void
give_pass(sio_decision *decision)
{
    n_passes++;
    if (!sio_decide_pass(decision, the_pass, sizeof the_pass)) {
        n_passes--;
        note("gone");
    }
}

static void
admit(sio_decision *decision, const char *handshake_json, void *arg)
{
    CHECK(strstr(handshake_json, "\"host\":\"test\"") != NULL && arg == &waiting);
    note("admit:%s:%zu", sio_namespace_name(sio_decision_namespace(decision)),
         strlen(sio_decision_id(decision)));
    if (is_later)
        waiting = decision;
    else
        give_pass(decision);
}

static void
joined(sio_socket *socket, void *arg)
{
    (void)arg;
    CHECK(sio_socket_pass(socket) == the_pass);
    note("joined");
}

static bool
hears(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *name = sio_event_name(event, &len);

    (void)arg;
    CHECK(sio_socket_pass(socket) == the_pass);
    note("hears:%.*s", (int)len, name);
    return len > 0 && name[0] != 'b';
}

static void
free_pass(void *pass, void *arg)
{
    CHECK(pass == the_pass && arg == &waiting);
    n_passes--;
    note("freed");
}

static const sio_guard guard = {admit, joined, hears, free_pass};

/* --- The application behind it. --- */

static void
on_connection(sio_socket *socket, void *arg)
{
    (void)arg;
    CHECK(sio_socket_pass(socket) == the_pass);
    note("connection");
}

static void
on_event(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t len;

    (void)socket;
    (void)arg;
    note("event:%.1s", sio_event_name(event, &len));
}

static void
on_left(sio_socket *socket, const char *reason, void *arg)
{
    (void)reason;
    (void)arg;
    CHECK(sio_socket_pass(socket) == the_pass);
    note("left");
}

static void
refuse_behind(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    (void)arg;
    CHECK(sio_decision_pass(decision) == the_pass);
    note("asked");
    sio_decide(decision, SIO_REFUSE);
}

static void
serve(void)
{
    sio_namespace *nsp = sio_sockets(io);

    sio_set_guard(io, &guard, &waiting);
    sio_on_connection(nsp, on_connection, NULL);
    sio_on_disconnect(nsp, on_left, NULL);
    sio_on(nsp, "a", on_event, NULL);
    sio_on(nsp, "b", on_event, NULL);
    sio_on_any(nsp, on_event, NULL);
    sio_on_message(nsp, on_event, NULL);
    is_later = false;
    notes[0] = '\0';
    listen_now(io);
}

static void
test_it_is_asked_before_all_others(void)
{
    client c;

    serve();
    enter(&c, io);
    CHECK_NOTED("admit::20 joined connection");
    CHECK_INT(n_passes, 1);
    hang_up(&c);
    UNTIL(n_passes == 0);
    CHECK_NOTED("left freed");
}

static void
test_it_drops_events(void)
{
    client c;

    serve();
    enter(&c, io);
    (void)noted();
    say(&c, "5:::{\"name\":\"b\",\"args\":[]}");
    say(&c, "5:::{\"name\":\"a\",\"args\":[]}");
    say(&c, "3:::text");
    UNTIL(strstr(notes, "event:m event:m") != NULL);
    CHECK_NOTED("hears:b hears:a event:a event:a hears:message event:m event:m");
    hang_up(&c);
    UNTIL(n_passes == 0);
    (void)noted();
}

static void
test_the_namespace_may_still_refuse(void)
{
    client c;

    serve();
    sio_namespace_authorization(sio_of(io, "/chat"), refuse_behind, NULL);
    enter(&c, io);
    (void)noted();
    say(&c, "1::/chat");
    CHECK_HEARD(&c, "7::/chat:2");
    CHECK_NOTED("admit:/chat:20 asked freed");
    CHECK_INT(n_passes, 1);
    hang_up(&c);
    UNTIL(n_passes == 0);
    (void)noted();
}

static void
test_it_may_refuse_later_or_accept(void)
{
    client c;

    serve();
    (void)sio_of(io, "/chat");
    enter(&c, io);
    is_later = true;
    say(&c, "1::/chat");
    UNTIL(waiting != NULL);
    sio_decide(waiting, SIO_REFUSE);
    waiting = NULL;
    CHECK_HEARD(&c, "7::/chat:2");
    say(&c, "1::/chat");
    UNTIL(waiting != NULL);
    give_pass(waiting);
    waiting = NULL;
    CHECK_HEARD(&c, "1::/chat");
    CHECK_INT(n_passes, 2);
    hang_up(&c);
    UNTIL(n_passes == 0);
    (void)noted();
}

static void
test_a_pass_for_one_who_left_stays_with_the_guard(void)
{
    client c;

    serve();
    (void)sio_of(io, "/chat");
    enter(&c, io);
    is_later = true;
    say(&c, "1::/chat");
    UNTIL(waiting != NULL);
    hang_up(&c);
    UNTIL(n_passes == 0);
    (void)noted();
    CHECK(sio_decision_namespace(waiting) == NULL);
    give_pass(waiting);
    waiting = NULL;
    CHECK_NOTED("gone");
}

static void
test_passes_are_freed_with_the_server(void)
{
    client c;

    serve();
    enter(&c, io);
    CHECK_INT(n_passes, 1);
    sio_server_free(io);
    CHECK_INT(n_passes, 0);
    io = new_server();
    hang_up(&c);
    CHECK_NOTED("admit::20 joined connection left freed");
}

int
main(void)
{
    RUN_WITH_SERVER(test_it_is_asked_before_all_others);
    RUN_WITH_SERVER(test_it_drops_events);
    RUN_WITH_SERVER(test_the_namespace_may_still_refuse);
    RUN_WITH_SERVER(test_it_may_refuse_later_or_accept);
    RUN_WITH_SERVER(test_a_pass_for_one_who_left_stays_with_the_guard);
    RUN_WITH_SERVER(test_passes_are_freed_with_the_server);
    return check_done();
}
