/*
 * tests/unit/server/api_events_test.c - what applications and clients send each other through
 * siobroker.h.
 */
#include "tests/unit/server/api_fixture.h"

#include <cjson/cJSON.h>

/* --- What arrives. --- */

static void
on_connection(sio_socket *socket, void *arg)
{
    (void)socket;
    note("%sconnection", (const char *)arg);
}

static void
on_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    (void)socket;
    note("%sdisconnect:%s", (const char *)arg, reason);
}

static void
on_event(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *args = sio_event_args(event, &len);

    (void)socket;
    note("%sevent:%.*s", (const char *)arg, (int)len, args);
}

static void
on_data(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *data = sio_event_data(event, &len);

    (void)socket;
    note("%s:%.*s", (const char *)arg, (int)len, data);
}

static void
listen_to_all(const char *name, char *prefix)
{
    sio_namespace *nsp = sio_of(io, name);

    sio_on_connection(nsp, on_connection, prefix);
    sio_on_disconnect(nsp, on_disconnect, prefix);
    sio_on(nsp, "x", on_event, prefix);
}

static void
test_each_namespace_has_callbacks_of_its_own(void)
{
    static char none[] = "", chat[] = "chat.", message[] = "message", json[] = "chat.json";
    client      c;

    listen_to_all("", none);
    listen_to_all("/chat", chat);
    sio_on_message(sio_sockets(io), on_data, message);
    sio_on_json(sio_of(io, "/chat"), on_data, json);
    listen_now(io);
    enter(&c, io);
    CHECK_NOTED("connection");
    say(&c, "1::/chat");
    CHECK_HEARD(&c, "1::/chat");
    CHECK_NOTED("chat.connection");
    say(&c, "5:::{\"name\":\"x\",\"args\":[1]}");
    say(&c, "5::/chat:{\"name\":\"x\",\"args\":[2]}");
    say(&c, "3:::text");
    say(&c, "4::/chat:{\"a\":1}");
    say(&c, "3::/chat:nobody listens");
    say(&c, "4:::[\"nobody listens\"]");
    say(&c, "5:::{\"name\":\"y\"}");
    say(&c, "5::/else:{\"name\":\"x\"}");
    CHECK_QUIET(&c);
    CHECK_NOTED("event:[1] chat.event:[2] message:text chat.json:{\"a\":1} message:");
    say(&c, "0::/chat");
    CHECK_QUIET(&c);
    CHECK_NOTED("chat.disconnect:packet message:");
    hang_up(&c);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("disconnect:socket end");
}

static void
test_the_last_callback_set_counts(void)
{
    static char first[] = "first.", second[] = "second.";
    client      c;

    listen_to_all("", first);
    listen_to_all("", second);
    listen_now(io);
    enter(&c, io);
    say(&c, "5:::{\"name\":\"x\"}");
    CHECK_QUIET(&c);
    CHECK_NOTED("second.connection second.event:[]");
    sio_on(sio_sockets(io), "x", NULL, NULL);
    sio_on_disconnect(sio_sockets(io), NULL, NULL);
    say(&c, "5:::{\"name\":\"x\"}");
    CHECK_QUIET(&c);
    hang_up(&c);
}

/* As many ways to write a name as JSON has. */
static void
test_an_event_is_known_by_its_name_however_written(void)
{
    static const struct {
        const char *name, *packet;
    } rows[] = {
        {"x", "5:::{\"name\":\"\\u0078\"}"},
        {"\xC3\xA9", "5:::{\"name\":\"\\u00e9\"}"},
        {"say \"hi\"", "5:::{\"name\":\"say \\\"hi\\\"\"}"},
        {"12", "5:::{\"name\":\"12\"}"},
    };
    static char none[] = "";
    char        name[16];
    client      c;

    for (unsigned i = 100; i < 700; i++) {
        snprintf(name, sizeof name, "event %u", i);
        sio_on(sio_sockets(io), name, on_event, none);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        sio_on(sio_sockets(io), rows[i].name, on_event, none);
    listen_now(io);
    enter(&c, io);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].packet;
        say(&c, rows[i].packet);
        CHECK_QUIET(&c);
        CHECK_NOTED("event:[]");
    }
    say(&c, "5:::{\"name\":\"event 699\"}");
    say(&c, "5:::{\"name\":\"event 700\"}");
    CHECK_QUIET(&c);
    CHECK_NOTED("event:[]");
    hang_up(&c);
}

static void
on_any(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      name_len, len;
    const char *name = sio_event_name(event, &name_len);
    const char *args = sio_event_args(event, &len);

    (void)arg;
    note("%.*s:%.*s%s%s", (int)name_len, name, (int)len, args,
         sio_event_wants_ack(event) ? "+ack" : "",
         sio_event_has_handler(socket, event) ? "+handler" : "");
    if (name_len == 3 && memcmp(name, "bye", 3) == 0)
        sio_disconnect(socket, true);
}

static void
test_one_callback_hears_all_events_first(void)
{
    static const struct {
        const char *packet, *want;
    } rows[] = {
        {"5:::{\"name\":\"x\",\"args\":[1]}", "x:[1]+handler .event:[1]"},
        {"5:2+::{\"name\":\"other\"}", "other:[]+ack"},
        {"5:::{\"name\":\"\\u00e9 \\\"\",\"args\":[2]}", "\xC3\xA9 \":[2]"},
        {"5:::{\"name\":\"black\"}", ""},
        {"5:::{\"name\":\"cleared\"}", "cleared:[]"},
        {"5:::{\"name\":\"message\",\"args\":[\"t\"]}", "message:[\"t\"]+handler text:t"},
        {"5:::{\"name\":\"message\",\"args\":[3]}", "message:[3]"},
        {"5:::{\"name\":\"\"}", ":[]"},
        {"3:::say \"hi\"", "message:[\"say \\\"hi\\\"\"]+handler text:say \"hi\""},
        {"4:::{\"a\":1}", "message:[{\"a\":1}]"},
    };
    static char dot[] = ".", text[] = "text";
    client      c;

    CHECK_INT(sio_set(io, "blacklist", "[\"black\"]"), 0);
    sio_on_any(sio_sockets(io), on_any, NULL);
    sio_on(sio_sockets(io), "x", on_event, dot);
    sio_on(sio_sockets(io), "cleared", NULL, NULL);
    sio_on_message(sio_sockets(io), on_data, text);
    listen_now(io);
    enter(&c, io);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i].packet;
        say(&c, rows[i].packet);
        say(&c, "5:99+::{\"name\":\"x\"}"); /* whatever came before is done */
        UNTIL(strstr(notes, "x:[]+ack") != NULL);
        *strstr(notes, "x:[]+ack") = '\0';
        notes[strlen(notes) - (notes[0] != '\0')] = '\0';
        CHECK_NOTED(rows[i].want);
    }
    hang_up(&c);
}

/* The session is over before the callback of that name would be called. */
static void
test_who_hears_all_may_end_it(void)
{
    static char dot[] = ".";
    client      c;

    sio_on_any(sio_sockets(io), on_any, NULL);
    sio_on(sio_sockets(io), "bye", on_event, dot);
    listen_now(io);
    enter(&c, io);
    say(&c, "5:::{\"name\":\"bye\"}");
    CHECK_HEARD(&c, "0::");
    CHECK_CLOSED(&c);
    CHECK_NOTED("bye:[]+handler");
}

/* All views of the arguments of one event. */
static void
on_args(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *json = sio_event_args(event, &len);
    char       *tree = cJSON_PrintUnformatted(sio_event_tree(event));

    (void)socket;
    (void)arg;
    note("%.*s = %s =", (int)len, json, tree);
    cJSON_free(tree);
    for (size_t i = 0; (json = sio_event_arg(event, i, &len)) != NULL; i++)
        note("<%.*s>", (int)len, json);
    CHECK(sio_event_tree(event) == sio_event_tree(event));
}

static void
test_arguments_come_as_text_and_as_tree(void)
{
    static const struct {
        const char *args, *want;
    } rows[] = {
        {"", "[] = [] ="},
        {",\"args\":[]", "[] = [] ="},
        {",\"args\":[1,\"a\",{\"b\":[2]},null]",
         "[1,\"a\",{\"b\":[2]},null] = [1,\"a\",{\"b\":[2]},null] = <1> <\"a\"> <{\"b\":[2]}> "
         "<null>"},
        {",\"args\":[\"\\u00e9\"]", "[\"\\u00e9\"] = [\"é\"] = <\"\\u00e9\">"},
        {",\"args\":[\"a\\u0000\",{\"b\\u0000\":[]}]", /* what cJSON can not hold */
         "[\"a\\u0000\",{\"b\\u0000\":[]}] = [\"a\\u0000\",{\"b\\u0000\":[]}] = <\"a\\u0000\"> "
         "<{\"b\\u0000\":[]}>"},
        {",\"args\":5", "[5] = [5] = <5>"}, /* no array: it counts as the only argument */
    };
    client c;

    sio_on(sio_sockets(io), "x", on_args, NULL);
    listen_now(io);
    enter(&c, io);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char packet[200];

        check_row = rows[i].args;
        snprintf(packet, sizeof packet, "5:::{\"name\":\"x\"%s}", rows[i].args);
        say(&c, packet);
        CHECK_QUIET(&c);
        CHECK_NOTED(rows[i].want);
    }
    hang_up(&c);
}

static void
test_blacklisted_events_never_arrive(void)
{
    client c;

    CHECK_INT(sio_set(io, "blacklist", "[\"x\"]"), 0);
    sio_on(sio_sockets(io), "x", on_args, NULL);
    listen_now(io);
    enter(&c, io);
    say(&c, "5:::{\"name\":\"x\"}");
    CHECK_QUIET(&c);
    hang_up(&c);
}

/* --- What is sent. --- */

static void
test_what_is_sent_looks_so_on_the_wire(void)
{
    sio_socket *socket, *chat;
    client      c;

    sio_of(io, "/chat");
    listen_now(io);
    enter(&c, io);
    say(&c, "1::/chat");
    CHECK_HEARD(&c, "1::/chat");
    socket = socket_of(&c, "");
    chat = socket_of(&c, "/chat");
    CHECK_INT(sio_emit(socket, "news", "[1,{\"a\":\"\\u00e9\"}]"), 0);
    CHECK_HEARD(&c, "5:::{\"name\":\"news\",\"args\":[1,{\"a\":\"\\u00e9\"}]}");
    CHECK_INT(sio_emit(chat, "a \"name\"", NULL), 0);
    CHECK_HEARD(&c, "5::/chat:{\"name\":\"a \\\"name\\\"\"}");
    CHECK_INT(sio_emit_volatile(socket, "now", " [ ] "), 0);
    CHECK_HEARD(&c, "5:::{\"name\":\"now\"}");
    CHECK_INT(sio_send(chat, "text é", strlen("text é")), 0);
    CHECK_HEARD(&c, "3::/chat:text é");
    CHECK_INT(sio_send(socket, NULL, 0), 0);
    CHECK_HEARD(&c, "3::");
    CHECK_INT(sio_send_json(socket, "{\"a\":1}"), 0);
    CHECK_HEARD(&c, "4:::{\"a\":1}");
    CHECK_INT(sio_send_json(chat, "\"text\""), 0);
    CHECK_HEARD(&c, "4::/chat:\"text\"");
    hang_up(&c);
}

static void
test_arguments_can_be_sent_as_trees(void)
{
    cJSON      *args = cJSON_Parse("[1, {\"a\": [null]}]"), *no_array = cJSON_Parse("{}");
    sio_socket *socket;
    client      c;

    listen_now(io);
    enter(&c, io);
    socket = socket_of(&c, "");
    CHECK_INT(sio_emit_tree(socket, "x", args, NULL, NULL), 0);
    CHECK_HEARD(&c, "5:::{\"name\":\"x\",\"args\":[1,{\"a\":[null]}]}");
    CHECK_INT(sio_emit_tree(socket, "x", NULL, NULL, NULL), 0);
    CHECK_HEARD(&c, "5:::{\"name\":\"x\"}");
    CHECK_INT(sio_broadcast_tree(sio_sockets(io), NULL, "b", args), 0);
    CHECK_HEARD(&c, "5:::{\"name\":\"b\",\"args\":[1,{\"a\":[null]}]}");
    CHECK_INT(sio_emit_tree(socket, "x", no_array, NULL, NULL), -1);
    CHECK_INT(sio_broadcast_tree(sio_sockets(io), NULL, "x", no_array), -1);
    CHECK_QUIET(&c);
    cJSON_Delete(args);
    cJSON_Delete(no_array);
    hang_up(&c);
}

static void
never_called(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    (void)socket;
    (void)args_json;
    (void)len;
    (void)arg;
    note("called");
}

/* Arguments must be one JSON array; what is refused sends nothing. */
static void
test_bad_json_is_refused(void)
{
    static const char *const bad[] = {"1",       "{}",         "\"a\"", "[", "[1,]",
                                      "[1] [2]", "[\"\xff\"]", "[nan]", "x"};
    sio_socket              *socket;
    client                   c;

    listen_now(io);
    enter(&c, io);
    socket = socket_of(&c, "");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_row = bad[i];
        CHECK_INT(sio_emit(socket, "x", bad[i]), -1);
        CHECK_INT(sio_emit_volatile(socket, "x", bad[i]), -1);
        CHECK_INT(sio_emit_ack(socket, "x", bad[i], never_called, NULL), -1);
        CHECK_INT(sio_broadcast(sio_sockets(io), NULL, "x", bad[i]), -1);
    }
    check_row = NULL;
    CHECK_INT(sio_send_json(socket, "[1"), -1);
    CHECK_INT(sio_send_json(socket, ""), -1);
    CHECK_INT(sio_send_json(socket, NULL), -1);
    CHECK_INT(sio_send(socket, "\xff", 1), -1);
    CHECK_INT(sio_send_ack(socket, "\xff", 1, never_called, NULL), -1);
    CHECK_QUIET(&c);
    hang_up(&c);
}

static void
test_volatile_is_dropped_between_two_polls(void)
{
    sio_socket *socket;
    client      c;
    char        path[64];

    listen_now(io);
    handshake(&c, io);
    snprintf(path, sizeof path, "xhr-polling/%s", c.id);
    CHECK_INT(request(&c, io, "GET", path, ""), 200);
    CHECK_VIEW(sio_view_of(c.text), "1::");
    socket = socket_of(&c, "");
    CHECK_INT(sio_emit_volatile(socket, "lost", NULL), 0);
    CHECK_INT(sio_emit(socket, "kept", NULL), 0);
    CHECK_INT(request(&c, io, "GET", path, ""), 200);
    CHECK_VIEW(sio_view_of(c.text), "5:::{\"name\":\"kept\"}");
    open_connection(&c, io);
    ask(&c, "GET", path, "");
    UNTIL(sio_emit_volatile(socket, "now", NULL) == 0 && take_answer(&c) == 200);
    CHECK_VIEW(sio_view_of(c.text), "5:::{\"name\":\"now\"}");
    hang_up(&c);
}

/* --- What is known of a socket. --- */

static void
test_a_socket_knows_its_client(void)
{
    static char mark[] = "mine";
    sio_socket *socket;
    cJSON      *data;
    client      c;

    listen_now(io);
    handshake(&c, io);
    CHECK(sio_find(sio_sockets(io), c.id) == NULL); /* not here yet */
    open_websocket(&c, io);
    CHECK_HEARD(&c, "1::");
    socket = socket_of(&c, "");
    CHECK_VIEW(sio_view_of(sio_id(socket)), sio_view_of(c.id));
    CHECK_VIEW(sio_view_of(sio_transport_name(socket)), "websocket");
    CHECK(sio_namespace_of(socket) == sio_sockets(io));
    CHECK(sio_server_of(sio_namespace_of(socket)) == io);
    CHECK(sio_find(sio_of(io, "/chat"), c.id) == NULL);
    CHECK(sio_find(sio_sockets(io), "unknown") == NULL);
    CHECK(sio_user_data(socket) == NULL);
    sio_set_user_data(socket, mark);
    CHECK(sio_user_data(socket) == mark);
    data = cJSON_Parse(sio_handshake_json(socket));
    CHECK_VIEW(sio_view_of(cJSON_GetStringValue(
                   cJSON_GetObjectItem(cJSON_GetObjectItem(data, "headers"), "host"))),
               "test");
    CHECK_VIEW(sio_view_of(cJSON_GetStringValue(cJSON_GetObjectItem(data, "url"))),
               "/socket.io/1/");
    cJSON_Delete(data);
    hang_up(&c);
}

static void
test_a_socket_has_data_that_are_json(void)
{
    static const char *const bad[] = {"", "{", "{}x", "\"\\u0000\"", "[\"much too long\"]"};
    sio_socket              *socket;
    client                   c;

    CHECK_INT(sio_set(io, "max stored bytes", "16"), 0);
    listen_now(io);
    enter(&c, io);
    socket = socket_of(&c, "");
    CHECK_VIEW(sio_view_of(sio_socket_data(socket)), "{}");
    CHECK_INT(sio_set_socket_data(socket, " {\"a\":\"bcdef\"} "), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_row = bad[i];
        CHECK_INT(sio_set_socket_data(socket, bad[i]), -1);
        CHECK_VIEW(sio_view_of(sio_socket_data(socket)), "{\"a\":\"bcdef\"}");
    }
    check_row = NULL;
    CHECK_INT(sio_set_socket_data(socket, NULL), 0);
    CHECK_VIEW(sio_view_of(sio_socket_data(socket)), "{}");
    CHECK_INT(sio_set_socket_data(socket, "7"), 0);
    sio_disconnect(socket, true);
    CHECK_INT(sio_set_socket_data(socket, "8"), -1);
    CHECK_VIEW(sio_view_of(sio_socket_data(socket)), "7");
    CHECK_HEARD(&c, "0::");
    CHECK_CLOSED(&c);
}

int
main(void)
{
    RUN_WITH_SERVER(test_each_namespace_has_callbacks_of_its_own);
    RUN_WITH_SERVER(test_the_last_callback_set_counts);
    RUN_WITH_SERVER(test_an_event_is_known_by_its_name_however_written);
    RUN_WITH_SERVER(test_one_callback_hears_all_events_first);
    RUN_WITH_SERVER(test_who_hears_all_may_end_it);
    RUN_WITH_SERVER(test_arguments_come_as_text_and_as_tree);
    RUN_WITH_SERVER(test_blacklisted_events_never_arrive);
    RUN_WITH_SERVER(test_what_is_sent_looks_so_on_the_wire);
    RUN_WITH_SERVER(test_arguments_can_be_sent_as_trees);
    RUN_WITH_SERVER(test_bad_json_is_refused);
    RUN_WITH_SERVER(test_volatile_is_dropped_between_two_polls);
    RUN_WITH_SERVER(test_a_socket_knows_its_client);
    RUN_WITH_SERVER(test_a_socket_has_data_that_are_json);
    return check_done();
}
