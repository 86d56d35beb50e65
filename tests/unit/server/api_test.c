/*
 * tests/unit/server/api_test.c - the server side of siobroker.h: settings, listening, loops,
 * timers, the end.
 */
#include "tests/unit/server/api_fixture.h"

#include <signal.h>

/* --- Settings. --- */

static void
check_setting(const char *key, const char *want)
{
    char *json = sio_get(io, key);

    CHECK_VIEW(sio_view_of(json), want);
    free(json);
}

static void
test_settings_are_read_back_as_json(void)
{
    static const char *const rows[][2] = {
        {"heartbeat interval", "7.5"},
        {"transports", "[\"xhr-polling\",\"websocket\"]"},
        {"origins", "[\"example.org:*\"]"},
        {"name", "\"a \\\"name\\\"\""},
        {"log", "false"},
        {"max rooms", "3"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i][0];
        CHECK_INT(sio_set(io, rows[i][0], rows[i][1]), 0);
        CHECK_VIEW(sio_view_of(sio_error(io)), "");
        check_setting(rows[i][0], rows[i][1]);
    }
    CHECK(sio_get(io, "no such key") == NULL);
}

static void
test_options_of_the_command_line_are_known(void)
{
    static char name[] = "siobroker", level[] = "--log-level=1", port[] = "-p0";
    char *const argv[] = {name, level, port, NULL};
    static const char *const not [] = {"host", "name", "heartbeat interval", "no such key"};

    CHECK(!sio_is_option(io, "port"));
    CHECK_INT(sio_options(io, 3, argv, "1"), -1);
    CHECK(sio_is_option(io, "port"));
    CHECK(sio_is_option(io, "log level"));
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++)
        CHECK(!sio_is_option(io, not [i]));
    CHECK_INT(sio_set(io, "name", "\"other\""), 0);
    CHECK(!sio_is_option(io, "name"));
}

static void
test_wrong_settings_are_refused_with_a_reason(void)
{
    static const struct {
        const char *key, *value, *reason; /* a part of it */
    } rows[] = {
        {"heartbeat interval", "\"abc\"", "\"heartbeat interval\": must be a number of seconds"},
        {"heartbeat interval", "0", "\"heartbeat interval\""},
        {"transports", "[\"pigeon\"]", "\"transports\""},
        {"max rooms", "1.5", "\"max rooms\""},
        {"max rooms", "{", "\"max rooms\""},
        {"max room", "1", "max rooms"}, /* what was meant */
        {"authorization", "true", "\"authorization\""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *before = sio_get(io, rows[i].key), *after;

        check_row = rows[i].key;
        CHECK_INT(sio_set(io, rows[i].key, rows[i].value), -1);
        if (!CHECK(strstr(sio_error(io), rows[i].reason) != NULL))
            fprintf(stderr, "%s\n", sio_error(io));
        CHECK(strchr(sio_error(io), '\n') == NULL);
        after = sio_get(io, rows[i].key);
        CHECK_VIEW(sio_view_of(after), sio_view_of(before));
        free(before);
        free(after);
    }
    CHECK_INT(sio_set(io, "max rooms", "1"), 0);
    CHECK_VIEW(sio_view_of(sio_error(io)), "");
}

static void
write_file(char path[32], const char *text)
{
    int fd;

    snprintf(path, 32, "/tmp/siobroker-test-XXXXXX");
    fd = mkstemp(path);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) != 0)
        exit(1);
}

static void
test_settings_come_from_a_file(void)
{
    char path[32];

    write_file(path, "{\"max rooms\": 12, \"name\": \"file\"}");
    CHECK_INT(sio_set_file(io, path), 0);
    check_setting("max rooms", "12");
    check_setting("name", "\"file\"");
    unlink(path);
    CHECK_INT(sio_set_file(io, path), -1);
    CHECK(strstr(sio_error(io), path) != NULL);
    write_file(path, "{\"max rooms\": -1}");
    CHECK_INT(sio_set_file(io, path), -1);
    CHECK(strstr(sio_error(io), path) != NULL && strstr(sio_error(io), "\"max rooms\"") != NULL);
    unlink(path);
}

/* --- Listening. --- */

static void
use_port_of(sio_server *s, const sio_server *from)
{
    char port[16];

    snprintf(port, sizeof port, "%u", sio_port(from));
    CHECK_INT(sio_set(s, "port", port), 0);
}

/* Whoever believes to have changed something has to know that it is not so. */
static void
test_settings_are_made_before_it_listens(void)
{
    const char *const why = "the server listens: settings are made before sio_listen()";
    static char       name[] = "siobroker", option[] = "--max-rooms", value[] = "9";
    char             *argv[] = {name, option, value, NULL};

    CHECK_INT(sio_set(io, "max rooms", "7"), 0);
    listen_now(io);
    CHECK_INT(sio_set(io, "max rooms", "8"), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)), why);
    CHECK_INT(sio_set_file(io, "/nonexistent/f.json"), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)), why);
    CHECK_INT(sio_options(io, 3, argv, "1"), 2);
    check_setting("max rooms", "7");
}

static void
test_listening_can_fail_and_be_tried_again(void)
{
    sio_server *holder = new_server();
    client      c;

    CHECK_INT(sio_port(io), 0);
    listen_now(holder);
    use_port_of(io, holder);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_INT(sio_listen(io), -1);
        CHECK(strstr(sio_error(io), "Address already in use") != NULL);
    }
    CHECK_INT(sio_set(io, "port", "0"), 0);
    CHECK_INT(sio_set(io, "redis", "\"no url\""), 0);
    CHECK_INT(sio_listen(io), -1);
    CHECK(strstr(sio_error(io), "\"redis\"") != NULL);
    CHECK_INT(sio_set(io, "redis", "\"\""), 0);
    CHECK_INT(sio_listen(io), 0);
    CHECK_VIEW(sio_view_of(sio_error(io)), "");
    CHECK(sio_port(io) != 0);
    enter(&c, io);
    CHECK_INT(sio_listen(io), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)), "listening already");
    CHECK_QUIET(&c);
    hang_up(&c);
    sio_server_free(holder);
}

/* --- Loops. --- */

static void
on_connection(sio_socket *socket, void *arg)
{
    (void)socket;
    note("%s", (const char *)arg);
}

static void
test_two_servers_share_nothing(void)
{
    static char a_name[] = "a", b_name[] = "b";
    sio_server *b = new_server();
    client      on_a, on_b;

    CHECK_INT(sio_set(b, "max rooms", "1"), 0);
    CHECK(sio_of(io, "/chat") != sio_of(b, "/chat"));
    sio_on_connection(sio_sockets(io), on_connection, a_name);
    sio_on_connection(sio_sockets(b), on_connection, b_name);
    listen_now(io);
    listen_now(b);
    CHECK(sio_port(io) != sio_port(b));
    enter(&on_a, io);
    enter(&on_b, b);
    CHECK_NOTED("a b");
    CHECK(sio_find(sio_sockets(b), on_a.id) == NULL);
    CHECK_INT(sio_broadcast(sio_sockets(io), NULL, "x", NULL), 0);
    CHECK_HEARD(&on_a, "5:::{\"name\":\"x\"}");
    CHECK_QUIET(&on_b);
    check_setting("max rooms", "1000");
    sio_stop(io);
    CHECK_CLOSED(&on_a);
    CHECK_QUIET(&on_b);
    sio_server_free(b);
    CHECK_CLOSED(&on_b);
}

static void
note_text(void *arg)
{
    note("%s", (const char *)arg);
}

static void
stop_server(void *arg)
{
    note("stop");
    sio_stop(arg);
}

/* Each sio_run() is over when its own server has stopped, on the same loop or not. */
static void
test_run_is_over_when_its_server_has_stopped(void)
{
    static char text[] = "late";
    sio_server *second = new_server();
    client      c;

    listen_now(io);
    listen_now(second);
    enter(&c, io);
    CHECK(sio_after(second, 10, stop_server, second) != NULL);
    CHECK(sio_after(io, 60, note_text, text) != NULL);
    CHECK(sio_after(io, 80, stop_server, io) != NULL);
    hang_up(&c);
    CHECK_INT(sio_run(io), 0);
    CHECK_NOTED("stop late stop");
    CHECK_INT(sio_run(second), 0); /* has stopped already */
    sio_server_free(second);
}

static void
on_program_timer(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    note("%s", (const char *)arg);
    event_base_loopexit(base, NULL);
}

/* The loop of the program goes on after the server has stopped, and lives on when it is freed. */
static void
test_a_borrowed_loop_stays_the_programs(void)
{
    static char          name[] = "program";
    const struct timeval soon = {.tv_usec = 50000};
    struct event        *timer = event_new(base, -1, 0, on_program_timer, name);

    listen_now(io);
    CHECK(sio_after(io, 5, stop_server, io) != NULL);
    event_add(timer, &soon);
    CHECK_INT(event_base_dispatch(base), 0);
    CHECK_NOTED("stop program");
    sio_server_free(io);
    io = NULL;
    event_add(timer, &soon);
    event_base_dispatch(base);
    CHECK_NOTED("program");
    event_free(timer);
}

static void
test_a_server_brings_its_own_loop(void)
{
    sio_server *s = sio_server_new(NULL);

    CHECK_INT(sio_set(s, "port", "0"), 0);
    CHECK_INT(sio_set(s, "log", "false"), 0);
    CHECK_INT(sio_listen(s), 0);
    CHECK(sio_after(s, 5, stop_server, s) != NULL);
    CHECK_INT(sio_run(s), 0);
    CHECK_INT(sio_listen(s), -1); /* stopped for good */
    sio_server_free(s);
    CHECK_NOTED("stop");
}

/* SIGTERM is taken the first time, and left to the server the second time. */
static bool
take_one(int number, void *arg)
{
    int *n = arg;

    CHECK_INT(number, SIGTERM);
    return ++*n == 1;
}

static void
raise_term(void *arg)
{
    (void)arg;
    raise(SIGTERM);
}

static void
test_the_program_is_asked_about_signals_first(void)
{
    sio_server *own = sio_server_new(NULL);
    int         n = 0;

    CHECK_INT(sio_on_signal(own, take_one, &n), 0); /* before it listens */
    CHECK_INT(sio_set(own, "port", "0"), 0);
    CHECK_INT(sio_set(own, "log", "false"), 0);
    CHECK_INT(sio_listen(own), 0);
    CHECK(sio_after(own, 0, raise_term, NULL) != NULL);
    CHECK(sio_after(own, 20, raise_term, NULL) != NULL);
    CHECK_INT(sio_run(own), 0);
    CHECK_INT(n, 2);
    CHECK_INT(sio_on_signal(own, NULL, NULL), 0);
    sio_server_free(own);
}

static void
test_stopping_before_running_is_stopping(void)
{
    const long begin_ms = now_ms();

    listen_now(io);
    sio_stop(io);
    CHECK_INT(sio_run(io), 0);
    CHECK(now_ms() - begin_ms < SOON_MS);
}

/* --- Timers. --- */

static sio_timeout *timers[3];

static void
test_timers_fire_once_and_in_order(void)
{
    static char a[] = "a", b[] = "b", c[] = "c";

    CHECK(sio_after(io, 30, note_text, c) != NULL);
    CHECK(sio_after(io, 0, note_text, a) != NULL);
    CHECK(sio_after(io, 10, note_text, b) != NULL);
    CHECK_VIEW(sio_view_of(notes), ""); /* never inside the call */
    UNTIL(strlen(notes) == 5);
    CHECK_NOTED("a b c");
}

static void
set_again(void *arg)
{
    unsigned *left = arg;

    note("%u", *left);
    if (--*left > 0)
        CHECK(sio_after(io, 1, set_again, left) != NULL);
}

static void
cancel_others(void *arg)
{
    (void)arg;
    note("cancel");
    sio_cancel(timers[0]);
    sio_cancel(timers[1]);
    sio_cancel(NULL);
}

/* All are due in the same turn; the one that fires first forbids the others. */
static void
test_timers_are_set_and_cancelled_by_timers(void)
{
    static char text[] = "never", last[] = "last";
    unsigned    n = 3;

    CHECK(sio_after(io, 1, set_again, &n) != NULL);
    UNTIL(n == 0);
    CHECK_NOTED("3 2 1");
    CHECK(sio_after(io, 0, cancel_others, NULL) != NULL);
    timers[0] = sio_after(io, 0, note_text, text);
    timers[1] = sio_after(io, 20, note_text, text);
    CHECK(sio_after(io, 40, note_text, last) != NULL);
    UNTIL(strlen(notes) >= strlen("cancel last"));
    CHECK_NOTED("cancel last");
}

/* --- The end. --- */

static void
on_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    static char text[] = "after";

    (void)arg;
    note("%s", reason);
    CHECK_INT(sio_emit(socket, "too late", NULL), 0);
    CHECK(sio_after(sio_server_of(sio_namespace_of(socket)), 0, note_text, text) != NULL);
}

static void
note_answer(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    (void)socket;
    (void)len;
    (void)arg;
    note(args_json != NULL ? "an answer" : "no answer");
}

/*
 * What a server holds for a client: a waiting callback, packets, rooms, and for one no connection.
 */
static void
leave_much_behind(client *ws, client *poller)
{
    char path[64];

    enter(ws, io);
    handshake(poller, io);
    snprintf(path, sizeof path, "xhr-polling/%s", poller->id);
    CHECK_INT(request(poller, io, "GET", path, ""), 200);
    sio_join(socket_of(ws, ""), "r");
    CHECK_INT(sio_emit_ack(socket_of(ws, ""), "q", "[1]", note_answer, NULL), 0);
    CHECK_INT(sio_emit(socket_of(poller, ""), "waits", NULL), 0);
}

static void
test_a_server_is_freed_with_all_that_it_has(void)
{
    static char never[] = "never";
    client      ws, poller;

    sio_on_disconnect(sio_sockets(io), on_disconnect, NULL);
    CHECK(sio_after(io, 1000, note_text, never) != NULL);
    listen_now(io);
    leave_much_behind(&ws, &poller);
    sio_server_free(io);
    io = NULL;
    CHECK(strstr(notes, "no answer server shutting down") != NULL);
    CHECK_INT(noted().len, strlen("no answer server shutting down server shutting down"));
    hang_up(&ws);
}

/* Stop tells the clients; who waits for an answer still gets it. */
static void
test_stopping_tells_the_clients(void)
{
    client ws, poller, idle;
    char   path[64];

    sio_on_disconnect(sio_sockets(io), on_disconnect, NULL);
    listen_now(io);
    enter(&ws, io);
    handshake(&poller, io);
    snprintf(path, sizeof path, "xhr-polling/%s", poller.id);
    CHECK_INT(request(&poller, io, "GET", path, ""), 200);
    open_connection(&poller, io);
    ask(&poller, "GET", path, "");
    open_connection(&idle, io);
    UNTIL(!is_ended(&idle));
    for (unsigned i = 0; i < 10; i++)
        turn_loop();
    sio_emit(socket_of(&ws, ""), "last", NULL);
    sio_stop(io);
    CHECK_HEARD(&ws, "5:::{\"name\":\"last\"}");
    CHECK_CLOSED(&ws);
    CHECK_INT(answer_of(&poller), 200);
    UNTIL(is_ended(&poller));
    hang_up(&poller);
    UNTIL(is_ended(&idle));
    hang_up(&idle);
    UNTIL(strlen(notes) >= 2 * strlen("server shutting down") + 1);
    CHECK(strncmp(notes, "server shutting down server shutting down", 41) == 0);
    noted();
}

int
main(void)
{
    RUN_WITH_SERVER(test_settings_are_read_back_as_json);
    RUN_WITH_SERVER(test_options_of_the_command_line_are_known);
    RUN_WITH_SERVER(test_wrong_settings_are_refused_with_a_reason);
    RUN_WITH_SERVER(test_settings_come_from_a_file);
    RUN_WITH_SERVER(test_settings_are_made_before_it_listens);
    RUN_WITH_SERVER(test_listening_can_fail_and_be_tried_again);
    RUN_WITH_SERVER(test_two_servers_share_nothing);
    RUN_WITH_SERVER(test_run_is_over_when_its_server_has_stopped);
    RUN_WITH_SERVER(test_a_borrowed_loop_stays_the_programs);
    RUN_WITH_SERVER(test_a_server_brings_its_own_loop);
    RUN(test_the_program_is_asked_about_signals_first);
    RUN_WITH_SERVER(test_stopping_before_running_is_stopping);
    RUN_WITH_SERVER(test_timers_fire_once_and_in_order);
    RUN_WITH_SERVER(test_timers_are_set_and_cancelled_by_timers);
    RUN_WITH_SERVER(test_a_server_is_freed_with_all_that_it_has);
    RUN_WITH_SERVER(test_stopping_tells_the_clients);
    return check_done();
}
