/*
 * tests/unit/server/api_modern_events_test.c - events, messages, acknowledgements and attachments
 * of socket.io 1.x to 4.x by siobroker.h; and what a client of 0.9 makes of attachments.
 */
#include "tests/unit/server/api_fixture.h"

#include <cjson/cJSON.h>

#include "protocol/json.h"

static void
note_attachments(const sio_bytes *attachments, size_t n)
{
    for (size_t i = 0; i < n; i++)
        note("%.*s", (int)attachments[i].len, attachments[i].data);
}

static void
on_event(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t           len, n;
    const char      *args = sio_event_args(event, &len);
    const sio_bytes *attachments = sio_event_attachments(event, &n);

    (void)socket;
    note("%s:%.*s", (const char *)arg, (int)len, args);
    note_attachments(attachments, n);
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
on_ack(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    size_t           n;
    const sio_bytes *attachments = sio_ack_attachments(socket, &n);

    note("%s:%.*s", (const char *)arg, args_json != NULL ? (int)len : 4,
         args_json != NULL ? args_json : "none");
    note_attachments(attachments, n);
}

static char a[] = "a", b[] = "b", seven[] = "7", text[] = "text", json[] = "json", none[] = "";

/* --- Events of clients. --- */

static sio_decision *pending;

static void
decide_later(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    (void)arg;
    pending = decision;
}

/* What the client has said to the namespace that it is let into comes now. */
static void
let_in(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_decide(pending, SIO_ACCEPT);
    on_event(socket, event, arg);
}

/* "[[...]]", so many levels. */
static const char *
nested(size_t depth)
{
    static char levels[2 * SIO_JSON_MAX_DEPTH + 3];

    memset(levels, '[', depth);
    memset(levels + depth, ']', depth);
    levels[2 * depth] = '\0';
    return levels;
}

/* Sends the tree back inside of something else: that may be deeper than what clients send. */
static void
send_back_deeper(sio_socket *socket, const sio_event *event, void *arg)
{
    const cJSON *tree = sio_event_tree(event);
    cJSON       *args = cJSON_CreateArray();

    (void)arg;
    CHECK(tree != NULL);
    cJSON_AddItemReferenceToArray(args, (cJSON *)(uintptr_t)tree);
    CHECK_INT(sio_emit_tree(socket, "back", args, NULL, NULL), 0);
    cJSON_Delete(args);
}

static void
test_the_deepest_arguments_have_a_tree(void)
{
    char   packet[2 * SIO_JSON_MAX_DEPTH + 32];
    client c;

    sio_on(sio_sockets(io), "x", send_back_deeper, NULL);
    listen_now(io);
    enter5(&c, io);
    snprintf(packet, sizeof packet, "42[\"x\",%s]", nested(999));
    say(&c, packet);
    snprintf(packet, sizeof packet, "42[\"back\",[%s]]", nested(999));
    CHECK_HEARD(&c, packet);
    snprintf(packet, sizeof packet, "42[\"x\",%s]", nested(1000));
    say(&c, packet);
    CHECK_QUIET5(&c);
    CHECK_INT(sio_emit(socket_of(&c, ""), "y", nested(SIO_JSON_MAX_DEPTH)), 0);
    CHECK_INT(sio_emit(socket_of(&c, ""), "y", nested(SIO_JSON_MAX_DEPTH + 1)), -1);
    hang_up(&c);
}

static void
test_an_event_may_let_others_in(void)
{
    sio_namespace *chat = sio_of(io, "/chat");
    client         c;

    sio_namespace_authorization(chat, decide_later, NULL);
    sio_on(chat, "b", on_event, b);
    sio_on(sio_sockets(io), "a", let_in, a);
    sio_on(sio_sockets(io), "b", on_event, b);
    listen_now(io);
    enter5(&c, io);
    say(&c, "42[\"b\",0]"); /* leaves memory behind, that each of them might take for its own */
    say(&c, "40/chat,");
    say(&c, "42/chat,[\"b\",\"held, and longer than what lets it in\"]");
    say(&c, "42/chat,[\"b\",2]");
    UNTIL(pending != NULL);
    CHECK_NOTED("b:[0]");
    say(&c, "42[\"a\",1]");
    say(&c, "42/chat,[\"b\",3]");
    UNTIL(strstr(notes, "b:[3]") != NULL);
    CHECK_NOTED("b:[\"held, and longer than what lets it in\"] b:[2] a:[1] b:[3]");
    hang_up(&c);
}

static void
test_events_come_with_their_arguments(void)
{
    client c;

    sio_on(sio_sockets(io), "a", on_event, a);
    sio_on(sio_sockets(io), "7", on_event, seven);
    listen_now(io);
    enter5(&c, io);
    say(&c, "42[\"a\"]");
    say(&c, "42 [\"a\"]"); /* with an id of 0 */
    say(&c, "421 2[\"a\"]");
    CHECK_CLOSED(&c); /* no client writes that */
    CHECK_NOTED("a:[] a:[]");
    enter5(&c, io);
    say(&c, "42[\"\\u0061\" , 1 ,{\"b\":\"é\"}]");
    say(&c, "42[7,null]"); /* names may be numbers */
    say(&c, "42/,[\"a\",\"\xf0\x9f\x98\x80\"]");
    say(&c, "42[\"unknown\",1]");
    CHECK_QUIET5(&c);
    CHECK_NOTED("a:[1 ,{\"b\":\"é\"}] 7:[null] a:[\"\xf0\x9f\x98\x80\"]");
    hang_up(&c);
}

static void
test_messages_are_the_event_of_that_name(void)
{
    sio_socket *socket;
    client      four, five;

    sio_on_message(sio_sockets(io), on_data, text);
    sio_on_json(sio_sockets(io), on_data, json);
    listen_now(io);
    enter5(&five, io);
    enter4(&four, io);
    say(&five, "42[\"message\",\"h\\u00e9\\n\"]");
    say(&five, "42[\"message\",{\"a\":1},2]");
    say(&five, "42[\"message\"]");
    CHECK_QUIET5(&five);
    CHECK_NOTED("text:hé\n json:{\"a\":1} json:null");
    socket = socket_of(&five, "");
    CHECK_INT(sio_send(socket, "say \"é\"", 8), 0);
    CHECK_HEARD(&five, "42[\"message\",\"say \\\"é\\\"\"]");
    CHECK_INT(sio_send_json_ack(socket, "[1]", on_ack, a), 0);
    CHECK_HEARD(&five, "421[\"message\",[1]]");
    say(&five, "431[\"ok\"]");
    CHECK_QUIET5(&five);
    CHECK_NOTED("a:[\"ok\"]");
    CHECK_INT(sio_send(socket_of(&four, ""), "é\xf0\x9f\x98\x80", 6), 0);
    CHECK_HEARD(&four, "42[\"message\",\"\\u00e9\\ud83d\\ude00\"]"); /* in ASCII */
    sio_on(sio_sockets(io), "message", on_event, a);
    say(&five, "42[\"message\",\"hi\"]");
    CHECK_QUIET5(&five);
    CHECK_NOTED("a:[\"hi\"]"); /* a handler of the event goes first */
    hang_up(&four);
    hang_up(&five);
}

/* --- Attachments. --- */

static void
test_attachments_come_as_bytes(void)
{
    client c;

    sio_on(sio_sockets(io), "a", on_event, a);
    listen_now(io);
    enter5(&c, io);
    say(&c,
        "452-[\"a\",{\"_placeholder\":true,\"num\":0},{\"x\":{\"_placeholder\":true,\"num\":1}}]");
    say_bytes(&c, "one");
    say(&c, "3");     /* packets of the engine may come between */
    say(&c, "bdHdv"); /* "two" */
    CHECK_QUIET5(&c);
    CHECK_NOTED(
        "a:[{\"_placeholder\":true,\"num\":0},{\"x\":{\"_placeholder\":true,\"num\":1}}] one two");
    hang_up(&c);
    enter4(&c, io);
    say(&c, "451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
    say_bytes(&c, "\004one");
    say(&c, "450-[\"a\"]");
    CHECK_QUIET4(&c);
    CHECK_NOTED("a:[{\"_placeholder\":true,\"num\":0}] one a:[]");
    hang_up(&c);
}

#define FIRST  "{\"_placeholder\":true,\"num\":0}"
#define SECOND "{\"_placeholder\":true,\"num\":1}"

static const sio_bytes two[] = {{"one", 3}, {"two", 3}};

static void
test_attachments_go_as_each_client_knows_them(void)
{
    client old, four, five;

    sio_of(io, "/chat");
    listen_now(io);
    enter(&old, io);
    enter4(&four, io);
    enter5(&five, io);
    CHECK_INT(sio_broadcast_binary(sio_sockets(io), NULL, "é", "[" SECOND "," FIRST "]", two, 2),
              0);
    CHECK_HEARD(&old, "5:::{\"name\":\"é\",\"args\":[\"dHdv\",\"b25l\"]}");
    CHECK_QUIET(&old);
    CHECK_HEARD(&four, "452-[\"\\u00e9\"," SECOND "," FIRST "]");
    CHECK_HEARD(&four, "\004one");
    CHECK_HEARD(&four, "\004two");
    CHECK_HEARD(&five, "452-[\"é\"," SECOND "," FIRST "]");
    CHECK_HEARD(&five, "one");
    CHECK_HEARD(&five, "two");
    CHECK_INT(sio_emit_binary(socket_of(&five, ""), "x", "[" FIRST "]", two, 1, NULL, NULL), 0);
    CHECK_HEARD(&five, "451-[\"x\"," FIRST "]");
    CHECK_HEARD(&five, "one");
    CHECK_INT(sio_emit(socket_of(&five, ""), "x", "[" FIRST "]"), 0); /* data like any other */
    CHECK_HEARD(&five, "42[\"x\"," FIRST "]");
    hang_up(&old);
    hang_up(&four);
    hang_up(&five);
}

static void
test_placeholders_need_attachments(void)
{
    sio_socket *socket;
    client      c;

    listen_now(io);
    enter5(&c, io);
    socket = socket_of(&c, "");
    CHECK_INT(sio_emit_binary(socket, "x", "[" SECOND "]", two, 1, NULL, NULL), -1);
    CHECK_INT(sio_emit_binary(socket, "x", "{}", two, 2, on_ack, a), -1);
    CHECK_INT(sio_broadcast_binary(sio_sockets(io), NULL, "x", "[" SECOND "]", two, 1), -1);
    CHECK_QUIET5(&c);
    hang_up(&c);
}

/* --- Acknowledgements. --- */

static void
answer(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    note(sio_event_wants_ack(event) ? "wants" : "wants not");
    CHECK_INT(sio_ack_binary(socket, event, "[" FIRST ",\"é\"]", two, 1), 0);
}

static void
answer_plainly(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    CHECK_INT(sio_ack(socket, event, NULL), 0);
}

static void
test_events_are_acknowledged_in_each_protocol(void)
{
    client c;

    sio_on(sio_sockets(io), "binary", answer, NULL);
    sio_on(sio_sockets(io), "plain", answer_plainly, NULL);
    listen_now(io);
    enter5(&c, io);
    say(&c, "420[\"plain\"]");
    CHECK_HEARD(&c, "430[]");
    say(&c, "42012345678901234567890[\"plain\"]");
    CHECK_CLOSED(&c);
    enter5(&c, io);
    say(&c, "4212345678901234567890[\"binary\"]");
    CHECK_HEARD(&c, "461-12345678901234567890[" FIRST ",\"é\"]"); /* as it was written */
    CHECK_HEARD(&c, "one");
    say(&c, "42[\"binary\"]");
    CHECK_QUIET5(&c);
    hang_up(&c);
    enter4(&c, io);
    say(&c, "427[\"binary\"]");
    CHECK_HEARD(&c, "461-7[" FIRST ",\"\\u00e9\"]");
    CHECK_HEARD(&c, "\004one");
    say(&c, "430-9[]"); /* so wrote protocol 3, and only so it reads */
    say(&c, "427[\"binary\"]");
    CHECK_HEARD(&c, "431-7[" FIRST ",\"\\u00e9\"]");
    CHECK_HEARD(&c, "\004one");
    say(&c, "428[\"plain\"]");
    CHECK_HEARD(&c, "430-8[]");
    CHECK_NOTED("wants wants not wants wants");
    hang_up(&c);
}

static void
test_clients_acknowledge_with_attachments(void)
{
    sio_socket *socket;
    size_t      n;
    client      c;

    listen_now(io);
    enter5(&c, io);
    socket = socket_of(&c, "");
    CHECK_INT(sio_emit_binary(socket, "q", "[" FIRST "]", two, 1, on_ack, a), 0);
    CHECK_HEARD(&c, "451-1[\"q\"," FIRST "]");
    CHECK_HEARD(&c, "one");
    CHECK_INT(sio_emit_ack(socket, "q", NULL, on_ack, b), 0);
    CHECK_HEARD(&c, "422[\"q\"]");
    say(&c, "432[]");
    say(&c, "461-1[1," FIRST "]");
    say_bytes(&c, "yes");
    say(&c, "431[\"again\"]");
    say(&c, "437[\"never asked\"]");
    CHECK_QUIET5(&c);
    CHECK_NOTED("b:[] a:[1," FIRST "] yes");
    CHECK(sio_ack_attachments(socket, &n) == NULL && n == 0);
    hang_up(&c);
}

static void
ask_again(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    on_ack(socket, args_json, len, arg);
    CHECK_INT(sio_emit_ack_within(socket, "q", NULL, 10, on_ack, a), args_json != NULL ? 0 : -1);
}

static void
test_acknowledgements_have_a_deadline(void)
{
    sio_socket *socket;
    client      old, c;

    listen_now(io);
    enter5(&c, io);
    enter(&old, io);
    socket = socket_of(&c, "");
    CHECK_INT(sio_emit_ack_within(socket, "q", "[1]", 10, on_ack, a), 0);
    CHECK_HEARD(&c, "421[\"q\",1]");
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("a:none");
    say(&c, "431[]"); /* too late */
    CHECK_INT(sio_emit_ack_within(socket, "q", NULL, 100000, ask_again, b), 0);
    CHECK_HEARD(&c, "422[\"q\"]");
    say(&c, "432[2]");
    CHECK_HEARD(&c, "423[\"q\"]");
    say(&c, "433[3]");
    CHECK_QUIET5(&c);
    CHECK_NOTED("b:[2] a:[3]");
    CHECK_INT(sio_emit_ack_within(socket, "q", NULL, 100000, ask_again, b), 0);
    CHECK_INT(sio_emit_ack(socket, "q", NULL, on_ack, a), 0);
    sio_disconnect(socket, true);
    CHECK_NOTED("b:none a:none");
    CHECK_INT(sio_emit_ack_within(socket_of(&old, ""), "q", NULL, 10, on_ack, a), 0);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("a:none");
    hang_up(&c);
    hang_up(&old);
}

static void
test_acknowledgements_that_wait_are_bounded(void)
{
    sio_socket *socket;
    client      c;

    listen_now(io);
    enter5(&c, io);
    socket = socket_of(&c, "");
    CHECK_INT(sio_emit_ack(socket, "q", NULL, on_ack, a), 0);
    for (size_t i = 1; i < 1000; i++)
        CHECK_INT(sio_emit_ack_within(socket, "q", NULL, 100000, on_ack, none), 0);
    CHECK_INT(sio_emit_ack_within(socket, "q", NULL, 100000, on_ack, b), 0); /* for the first one */
    CHECK_INT(sio_emit_ack_within(socket, "q", NULL, 100000, on_ack, none), -1);
    CHECK_INT(sio_emit_ack(socket, "q", NULL, on_ack, none), -1);
    say(&c, "431[1]");
    say(&c, "431001[1001]");
    UNTIL(strstr(notes, "b:[1001]") != NULL && strstr(notes, "a:none") != NULL);
    CHECK_INT(noted().len, strlen("b:[1001] a:none"));
    sio_disconnect(socket, true);
    CHECK(strncmp(noted().data, ":none :none ", 12) == 0);
    hang_up(&c);
}

static void
keep(sio_socket *socket, const sio_event *event, void *arg)
{
    *(sio_ack_later **)arg = sio_ack_keep(socket, event);
}

static void
test_another_socket_is_not_acknowledged(void)
{
    sio_ack_later *first = NULL, *second = NULL;
    client         c;

    listen_now(io);
    sio_on(sio_sockets(io), "first", keep, &first);
    sio_on(sio_sockets(io), "second", keep, &second);
    enter5(&c, io);
    say(&c, "421[\"first\"]");
    say(&c, "41");
    join5(&c, "");
    say(&c, "421[\"second\"]");
    UNTIL(second != NULL);
    CHECK_INT(sio_ack_now(first, NULL), 0); /* it was asked by one that has left */
    CHECK_QUIET5(&c);
    CHECK_INT(sio_ack_now_binary(second, "[" FIRST "]", two, 1), 0);
    CHECK_HEARD(&c, "461-1[" FIRST "]");
    CHECK_HEARD(&c, "one");
    hang_up(&c);
}

int
main(void)
{
    RUN_WITH_SERVER(test_events_come_with_their_arguments);
    RUN_WITH_SERVER(test_the_deepest_arguments_have_a_tree);
    RUN_WITH_SERVER(test_an_event_may_let_others_in);
    RUN_WITH_SERVER(test_messages_are_the_event_of_that_name);
    RUN_WITH_SERVER(test_attachments_come_as_bytes);
    RUN_WITH_SERVER(test_attachments_go_as_each_client_knows_them);
    RUN_WITH_SERVER(test_placeholders_need_attachments);
    RUN_WITH_SERVER(test_events_are_acknowledged_in_each_protocol);
    RUN_WITH_SERVER(test_clients_acknowledge_with_attachments);
    RUN_WITH_SERVER(test_acknowledgements_have_a_deadline);
    RUN_WITH_SERVER(test_acknowledgements_that_wait_are_bounded);
    RUN_WITH_SERVER(test_another_socket_is_not_acknowledged);
    return check_done();
}
