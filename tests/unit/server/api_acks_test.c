/*
 * tests/unit/server/api_acks_test.c - acknowledgements of both sides by siobroker.h: in time, late,
 * too late.
 */
#include "tests/unit/server/api_fixture.h"

/* --- Acknowledgements of clients. --- */

static void
on_ack(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    (void)socket;
    note("%s:%.*s", arg == NULL ? "ack" : (const char *)arg, args_json != NULL ? (int)len : 4,
         args_json != NULL ? args_json : "none");
}

static void
on_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    (void)socket;
    note("%sdisconnect:%s", (const char *)arg, reason);
}

static void
test_clients_acknowledge_once(void)
{
    static char text[] = "text", json[] = "json", tree[] = "tree";
    sio_socket *socket;
    client      c;

    listen_now(io);
    enter(&c, io);
    socket = socket_of(&c, "");
    CHECK_INT(sio_emit_ack(socket, "q", "[1]", on_ack, NULL), 0);
    CHECK_HEARD(&c, "5:1+::{\"name\":\"q\",\"args\":[1]}");
    CHECK_INT(sio_send_ack(socket, "hi", 2, on_ack, text), 0);
    CHECK_HEARD(&c, "3:2::hi");
    CHECK_INT(sio_send_json_ack(socket, "{}", on_ack, json), 0);
    CHECK_HEARD(&c, "4:3::{}");
    CHECK_INT(sio_emit_tree(socket, "q", NULL, on_ack, tree), 0);
    CHECK_HEARD(&c, "5:4+::{\"name\":\"q\"}");
    say(&c, "6:::2");
    say(&c, "6:::4+[4]");
    say(&c, "6:::3");
    say(&c, "6:::1+[\"a\",2]");
    say(&c, "6:::1+[\"again\"]");
    say(&c, "6:::77+[\"never asked\"]");
    CHECK_QUIET(&c);
    CHECK_NOTED("text:[] tree:[4] json:[] ack:[\"a\",2]");
    CHECK_INT(sio_emit_ack(socket, "q", NULL, NULL, NULL), 0); /* nobody wants to know */
    CHECK_HEARD(&c, "5:::{\"name\":\"q\"}");
    hang_up(&c);
}

/* A client keeps what it was asked longer than its connection lasts, and may answer on the next. */
static void
test_no_number_is_used_twice(void)
{
    static char one[] = "one", two[] = "two", three[] = "three";
    client      c;

    sio_of(io, "/chat");
    listen_now(io);
    enter(&c, io);
    CHECK_INT(sio_emit_ack(socket_of(&c, ""), "q", NULL, on_ack, one), 0);
    CHECK_HEARD(&c, "5:1+::{\"name\":\"q\"}");
    hang_up(&c);
    enter(&c, io);
    say(&c, "1::/chat");
    CHECK_HEARD(&c, "1::/chat");
    CHECK_INT(sio_emit_ack(socket_of(&c, ""), "q", NULL, on_ack, two), 0);
    CHECK_HEARD(&c, "5:2+::{\"name\":\"q\"}");
    CHECK_INT(sio_emit_ack(socket_of(&c, "/chat"), "q", NULL, on_ack, three), 0);
    CHECK_HEARD(&c, "5:3+:/chat:{\"name\":\"q\"}");
    say(&c, "6:::1+[\"late\"]");
    say(&c, "6::/chat:3+[3]");
    say(&c, "6:::2+[2]");
    CHECK_QUIET(&c);
    CHECK_NOTED("one:none three:[3] two:[2]");
    hang_up(&c);
}

/* The next connection may be to another instance, or to this one when it was started again. */
static void
test_numbers_begin_anywhere_and_fit_into_31_bits(void)
{
    sio_server *a = sio_server_new(base), *b = sio_server_new(base);
    client      c;

    CHECK(a != NULL && b != NULL);
    if (a == NULL || b == NULL)
        return;
    CHECK(a->io.last_ack_id != b->io.last_ack_id);
    CHECK(a->io.last_ack_id < INT32_MAX && b->io.last_ack_id < INT32_MAX);
    sio_server_free(a);
    sio_server_free(b);
    io->io.last_ack_id = INT32_MAX - 1;
    listen_now(io);
    enter(&c, io);
    CHECK_INT(sio_emit_ack(socket_of(&c, ""), "q", NULL, on_ack, NULL), 0);
    CHECK_HEARD(&c, "5:2147483647+::{\"name\":\"q\"}");
    CHECK_INT(sio_emit_ack(socket_of(&c, ""), "q", NULL, on_ack, NULL), 0);
    CHECK_HEARD(&c, "5:1+::{\"name\":\"q\"}");
    say(&c, "6:::1+[1]");
    say(&c, "6:::2147483647+[2]");
    CHECK_QUIET(&c);
    CHECK_NOTED("ack:[1] ack:[2]");
    hang_up(&c);
}

static void
test_who_waits_is_told_when_the_client_leaves_first(void)
{
    static char none[] = "";
    client      c;

    sio_on_disconnect(sio_sockets(io), on_disconnect, none);
    listen_now(io);
    enter(&c, io);
    CHECK_INT(sio_emit_ack(socket_of(&c, ""), "q", NULL, on_ack, NULL), 0);
    CHECK_HEARD(&c, "5:1+::{\"name\":\"q\"}");
    hang_up(&c);
    UNTIL(strstr(notes, "disconnect") != NULL);
    CHECK_NOTED("ack:none disconnect:socket end");
}

/* Who has waited longest is told that nothing will come, but not while something is sent. */
static void
test_who_is_pushed_out_is_told_soon(void)
{
    static char oldest[] = "oldest", others[] = "others";
    sio_socket *socket;
    client      c;

    listen_now(io);
    enter(&c, io);
    socket = socket_of(&c, "");
    CHECK_INT(sio_emit_ack(socket, "q", NULL, on_ack, oldest), 0);
    for (size_t i = 0; i < 1000; i++)
        CHECK_INT(sio_emit_ack_within(socket, "q", NULL, 1000000, on_ack, others), 0);
    CHECK_NOTED("");
    CHECK_INT(sio_emit_ack(socket, "q", NULL, on_ack, others), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)),
               "a thousand acknowledgements of this client are awaited");
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("oldest:none");
    sio_disconnect(socket, true);
    CHECK(strncmp(noted().data, "others:none others:none ", 24) == 0);
    hang_up(&c);
}

/* --- Acknowledging what clients send. --- */

static void
answer_at_once(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    note(sio_event_wants_ack(event) ? "wants" : "wants not");
    CHECK_INT(sio_ack(socket, event, "{}"), -1);
    CHECK_INT(sio_ack(socket, event, "[1,\"a\"]"), 0);
}

static void
answer_without_data(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    CHECK_INT(sio_ack(socket, event, NULL), 0);
}

static void
answer_with_tree(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    CHECK_INT(sio_ack_tree(socket, event, sio_event_tree(event)), 0);
}

static void
test_events_are_acknowledged_when_the_client_asks(void)
{
    client c;

    sio_on(sio_sockets(io), "q", answer_at_once, NULL);
    sio_on(sio_sockets(io), "echo", answer_with_tree, NULL);
    sio_on_message(sio_of(io, "/chat"), answer_without_data, NULL);
    listen_now(io);
    enter(&c, io);
    say(&c, "1::/chat");
    CHECK_HEARD(&c, "1::/chat");
    say(&c, "5:7+::{\"name\":\"q\"}");
    CHECK_HEARD(&c, "6:::7+[1,\"a\"]");
    say(&c, "5:::{\"name\":\"q\"}");
    CHECK_QUIET(&c);
    CHECK_NOTED("wants wants not");
    say(&c, "5:8::{\"name\":\"q\"}"); /* of its arrival: that is not for the application */
    CHECK_HEARD(&c, "6:::8");
    CHECK_QUIET(&c);
    CHECK_NOTED("wants not");
    say(&c, "5:5+::{\"name\":\"echo\",\"args\":[\"a\",2]}");
    CHECK_HEARD(&c, "6:::5+[\"a\",2]");
    say(&c, "3:9+:/chat:hi");
    CHECK_HEARD(&c, "6::/chat:9");
    hang_up(&c);
}

static void
keep(sio_socket *socket, const sio_event *event, void *arg)
{
    *(sio_ack_later **)arg = sio_ack_keep(socket, event);
    note("kept");
}

static void
test_events_can_be_acknowledged_later(void)
{
    sio_ack_later *first = NULL, *second = NULL, *third = NULL;
    client         c;

    listen_now(io);
    sio_on(sio_sockets(io), "q", keep, &first);
    enter(&c, io);
    say(&c, "5:::{\"name\":\"q\"}");
    CHECK_QUIET(&c);
    CHECK(first == NULL); /* did not ask */
    say(&c, "5:1+::{\"name\":\"q\"}");
    UNTIL(first != NULL);
    sio_on(sio_sockets(io), "q", keep, &second);
    say(&c, "5:2+::{\"name\":\"q\"}");
    UNTIL(second != NULL);
    sio_on(sio_sockets(io), "q", keep, &third);
    say(&c, "5:3+::{\"name\":\"q\"}");
    UNTIL(third != NULL);
    CHECK_INT(sio_ack_now(third, NULL), 0);
    CHECK_HEARD(&c, "6:::3");
    CHECK_INT(sio_ack_now(first, "[1]"), 0);
    CHECK_HEARD(&c, "6:::1+[1]");
    CHECK_INT(sio_ack_now(second, "no array"), -1); /* and it is gone */
    CHECK_QUIET(&c);
    CHECK_NOTED("kept kept kept kept");
    hang_up(&c);
}

static void
test_a_late_acknowledgement_of_one_who_left_is_harmless(void)
{
    static char    none[] = "";
    sio_ack_later *here = NULL, *chat = NULL;
    client         c;

    listen_now(io);
    sio_on(sio_sockets(io), "q", keep, &here);
    sio_on(sio_of(io, "/chat"), "q", keep, &chat);
    sio_on_disconnect(sio_sockets(io), on_disconnect, none);
    enter(&c, io);
    say(&c, "1::/chat");
    CHECK_HEARD(&c, "1::/chat");
    say(&c, "5:1+:/chat:{\"name\":\"q\"}");
    say(&c, "5:2+::{\"name\":\"q\"}");
    UNTIL(here != NULL);
    say(&c, "0::/chat");
    CHECK_QUIET(&c);
    CHECK_INT(sio_ack_now(chat, "[1]"), 0);
    CHECK_QUIET(&c); /* it has left the namespace */
    hang_up(&c);
    CHECK_NOTED("kept kept");
    UNTIL(notes[0] != '\0');
    CHECK_INT(sio_ack_now(here, "[1]"), 0);
    CHECK_NOTED("disconnect:socket end");
}

static void
leave_and_answer(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_ack_later *later = sio_ack_keep(socket, event);

    (void)arg;
    sio_disconnect(socket, false);
    CHECK_INT(sio_ack(socket, event, "[\"too late\"]"), 0);
    CHECK_INT(sio_ack_now(later, "[\"too late\"]"), 0);
    CHECK_INT(sio_emit(socket, "too late", NULL), 0);
    CHECK_INT(sio_emit(socket, "too late", "{}"), -1);
    CHECK_INT(sio_send(socket, "too late", 8), 0);
    CHECK_INT(sio_send_json(socket, "1"), 0);
    CHECK_INT(sio_emit_ack(socket, "too late", NULL, on_ack, NULL), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)), "the client has left");
    CHECK_INT(sio_join(socket, "too late"), 0);
    CHECK(!sio_in_room(socket, "too late"));
    CHECK(sio_find(sio_namespace_of(socket), sio_id(socket)) == NULL);
}

static void
test_one_who_left_is_sent_nothing(void)
{
    client c;

    listen_now(io);
    sio_on(sio_of(io, "/chat"), "q", leave_and_answer, NULL);
    enter(&c, io);
    say(&c, "1::/chat");
    CHECK_HEARD(&c, "1::/chat");
    say(&c, "5:1+:/chat:{\"name\":\"q\"}");
    CHECK_HEARD(&c, "0::/chat");
    CHECK_QUIET(&c);
    hang_up(&c);
}

/* --- By a token. --- */

static char     tokens[1100][SIO_ACK_TOKEN_SIZE];
static unsigned n_tokens, token_ms;

static void
on_tokened(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    if (sio_ack_token(socket, event, token_ms, tokens[n_tokens]) == 0)
        n_tokens++;
    else
        note("none");
}

static void
note_result(sio_ack_result result, void *arg)
{
    static const char *const names[] = {"done", "unknown", "failed", "unsure"};

    (void)arg;
    note("%s", names[result]);
}

static int
use_token(const char *token, const char *args)
{
    return sio_ack_by_token(io, token, args, NULL, 0, note_result, NULL);
}

#define CHECK_USED(token, args, want)          \
    do {                                       \
        CHECK_INT(use_token(token, args), 0);  \
        CHECK_NOTED(""); /* not in the call */ \
        UNTIL(notes[0] != '\0');               \
        CHECK_NOTED(want);                     \
    } while (0)

static void
serve_tokens(unsigned ms)
{
    n_tokens = 0;
    token_ms = ms;
    sio_on(sio_sockets(io), "x", on_tokened, NULL);
    listen_now(io);
}

static void
test_a_token_acknowledges_once(void)
{
    const sio_bytes bytes = {"\1\2\3", 3};
    client          five, old;

    serve_tokens(100000);
    enter5(&five, io);
    enter(&old, io);
    say(&five, "427[\"x\"]");
    say(&five, "42[\"x\"]");
    CHECK_QUIET5(&five);
    CHECK_NOTED("none"); /* it does not wait for any */
    say(&old, "5:8+::{\"name\":\"x\"}");
    CHECK_QUIET(&old);
    CHECK_INT(n_tokens, 2);
    CHECK_INT(strlen(tokens[0]), SIO_ACK_TOKEN_SIZE - 1);
    CHECK_INT(use_token(tokens[0], "{}"), -1);
    CHECK_INT(use_token(tokens[0], "[{\"_placeholder\":true,\"num\":0}]"), 0);
    CHECK_HEARD(&five, "437[{\"_placeholder\":true,\"num\":0}]");
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("done");
    CHECK_USED(tokens[0], "[2]", "unknown");
    CHECK_INT(sio_ack_by_token(io, tokens[1], "[{\"_placeholder\":true,\"num\":1}]", &bytes, 1,
                               NULL, NULL),
              -1);
    CHECK_INT(sio_ack_by_token(io, tokens[1], "[{\"_placeholder\":true,\"num\":0}]", &bytes, 1,
                               NULL, NULL),
              0);
    CHECK_HEARD(&old, "6:::8+[\"AQID\"]");
    CHECK_USED(tokens[1], NULL, "unknown");
    CHECK_QUIET5(&five);
    hang_up(&five);
    hang_up(&old);
}

static void
test_what_is_no_token_is_unknown(void)
{
    static const char *const bad[] = {"",
                                      ".",
                                      "a",
                                      "AbC-_9.0123456789abcdef",
                                      "AbC-_9.0123456789abcde",
                                      "AbC-_9.0123456789abcdefg",
                                      "AbC-_9:0123456789abcdef",
                                      "AbC*_9.0123456789abcdef",
                                      "AbC-_9.012345678.abcdef"};
    char                     own[SIO_ACK_TOKEN_SIZE];
    client                   c;

    serve_tokens(100000);
    enter5(&c, io);
    say(&c, "427[\"x\"]");
    CHECK_QUIET5(&c);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_row = bad[i];
        CHECK_USED(bad[i], NULL, "unknown");
    }
    memcpy(own, tokens[0], sizeof own);
    own[SIO_ACK_TOKEN_SIZE - 2] ^= 1;
    CHECK_USED(own, NULL, "unknown");
    CHECK_USED(tokens[0], NULL, "done");
    CHECK_HEARD(&c, "437[]");
    hang_up(&c);
}

static uint64_t
n_given_up(void)
{
    return io->env.stats.acks_given_up;
}

static void
test_a_token_is_gone_with_its_time_and_its_client(void)
{
    client c, other;

    serve_tokens(30);
    enter5(&c, io);
    say(&c, "427[\"x\"]");
    UNTIL(n_tokens == 1);
    UNTIL(n_given_up() == 1);
    CHECK_USED(tokens[0], NULL, "unknown");
    token_ms = 100000;
    say(&c, "428[\"x\"]");
    UNTIL(n_tokens == 2);
    hang_up(&c);
    UNTIL(sio_find(sio_sockets(io), c.id) == NULL);
    CHECK_USED(tokens[1], NULL, "unknown");
    enter5(&other, io);
    say(&other, "429[\"x\"]");
    UNTIL(n_tokens == 3);
    CHECK_INT(use_token(tokens[2], NULL), 0); /* fn is told when the server is freed */
    replace_server();
    CHECK_NOTED("done");
    hang_up(&other);
}

static void
test_of_too_many_tokens_the_oldest_goes(void)
{
    client c;

    serve_tokens(100000);
    enter5(&c, io);
    for (unsigned i = 0; i < 1001; i++)
        say(&c, "427[\"x\"]");
    UNTIL(n_tokens == 1001);
    CHECK_USED(tokens[0], NULL, "unknown");
    CHECK_USED(tokens[1], NULL, "done");
    CHECK_USED(tokens[1000], "[1000]", "done");
    CHECK_HEARD(&c, "437[]");
    CHECK_HEARD(&c, "437[1000]");
    hang_up(&c);
}

int
main(void)
{
    RUN_WITH_SERVER(test_clients_acknowledge_once);
    RUN_WITH_SERVER(test_no_number_is_used_twice);
    RUN_WITH_SERVER(test_numbers_begin_anywhere_and_fit_into_31_bits);
    RUN_WITH_SERVER(test_who_waits_is_told_when_the_client_leaves_first);
    RUN_WITH_SERVER(test_who_is_pushed_out_is_told_soon);
    RUN_WITH_SERVER(test_events_are_acknowledged_when_the_client_asks);
    RUN_WITH_SERVER(test_events_can_be_acknowledged_later);
    RUN_WITH_SERVER(test_a_late_acknowledgement_of_one_who_left_is_harmless);
    RUN_WITH_SERVER(test_one_who_left_is_sent_nothing);
    RUN_WITH_SERVER(test_a_token_acknowledges_once);
    RUN_WITH_SERVER(test_what_is_no_token_is_unknown);
    RUN_WITH_SERVER(test_a_token_is_gone_with_its_time_and_its_client);
    RUN_WITH_SERVER(test_of_too_many_tokens_the_oldest_goes);
    return check_done();
}
