/*
 * tests/unit/server/api_args_test.c - arguments with their lengths, and arguments made one by one.
 */
#include "tests/unit/server/api_fixture.h"

#include <cjson/cJSON.h>
#include <float.h>
#include <limits.h>
#include <math.h>

static sio_view
json_of(sio_args *args)
{
    const sio_content *c = sio_args_content(args, "x");

    return c != NULL ? (sio_view){c->args_json, c->args_len} : SIO_VIEW("nothing");
}

/* --- Made one by one. --- */

static void
test_arguments_are_what_they_are(void)
{
    sio_args *args = sio_args_new();

    CHECK_VIEW(json_of(args), "[]");
    sio_args_text(args, "a \"b\"],[\\ \n\xC3\xA9");
    CHECK_VIEW(json_of(args), "[\"a \\\"b\\\"],[\\\\ \\n\xC3\xA9\"]");
    sio_args_text_n(args, "c\0d", 3);
    sio_args_text(args, NULL);
    sio_args_int(args, LLONG_MIN);
    sio_args_bool(args, true);
    sio_args_bool(args, false);
    sio_args_json(args, " {\"e\":[1]} ", 11);
    CHECK_VIEW(json_of(args), "[\"a \\\"b\\\"],[\\\\ \\n\xC3\xA9\",\"c\\u0000d\",null,"
                              "-9223372036854775808,true,false,{\"e\":[1]}]");
    CHECK_VIEW(json_of(args), "[\"a \\\"b\\\"],[\\\\ \\n\xC3\xA9\",\"c\\u0000d\",null,"
                              "-9223372036854775808,true,false,{\"e\":[1]}]"); /* once more */
    sio_args_clear(args);
    CHECK_VIEW(json_of(args), "[]");
    sio_args_free(args);
}

static void
test_numbers_are_read_again_as_they_were(void)
{
    static const double numbers[] = {0, -0.5, 0.1, 1e300, DBL_MIN, DBL_MAX, 1.0 / 3, 123456789};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sio_args          *args = sio_args_new();
        const sio_content *c;
        char               text[64];

        sio_args_double(args, numbers[i]);
        c = sio_args_content(args, "x");
        snprintf(text, sizeof text, "%.*s", (int)c->args_len, c->args_json);
        CHECK(strtod(text + 1, NULL) >= numbers[i] && strtod(text + 1, NULL) <= numbers[i]);
        sio_args_clear(args);
        sio_args_double(args, NAN);
        sio_args_double(args, -INFINITY);
        CHECK_VIEW(json_of(args), "[null,null]");
        sio_args_free(args);
    }
}

static void
test_what_is_wrong_shows_at_the_end(void)
{
    static const char *const bad[] = {"", "{", "1 2", "1,2", "]", "nul"};
    sio_args                *args = sio_args_new();

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_row = bad[i];
        sio_args_clear(args);
        sio_args_json(args, bad[i], strlen(bad[i]));
        sio_args_int(args, 1);
        CHECK(sio_args_content(args, "x") == NULL);
    }
    check_row = NULL;
    sio_args_clear(args);
    sio_args_text_n(args, "\xff", 1);
    CHECK(sio_args_content(args, "x") == NULL);
    sio_args_clear(args);
    sio_args_int(args, 1);
    CHECK_VIEW(json_of(args), "[1]");
    CHECK(sio_args_content(args, NULL) == NULL);
    sio_args_free(args);
    sio_args_text(NULL, "as when there is no memory");
    sio_args_bytes(NULL, "", 0);
    sio_args_double(NULL, 1);
    sio_args_clear(NULL);
    CHECK(sio_args_content(NULL, "x") == NULL);
    sio_args_free(NULL);
    listen_now(io);
    CHECK_INT(sio_broadcast_n(sio_sockets(io), NULL, NULL), -1);
}

/* The compilers look at the format of the function itself. */
static void (*volatile unchecked_add)(sio_args *, const char *, ...) = sio_args_add;

static void
test_formats_are_json(void)
{
    sio_args *args = sio_args_new();

    sio_args_add(args, "{\"a\":%s,\"b\":[%d,%u]}", "q\"\\", -3, 4u);
    unchecked_add(args, "%s", (const char *)NULL);
    CHECK_VIEW(json_of(args), "[{\"a\":\"q\\\"\\\\\",\"b\":[-3,4]},null]");
    sio_args_add(args, " %.*s , \"100%%\" ", 3, "a\0bcd");
    CHECK_VIEW(json_of(args), "[{\"a\":\"q\\\"\\\\\",\"b\":[-3,4]},null,\"a\\u0000b\",\"100%\"]");
    sio_args_clear(args);
    sio_args_add(args, "%ld,%lu,%lld,%llu,%zu,%d", LONG_MIN, ULONG_MAX, LLONG_MIN, ULLONG_MAX,
                 SIZE_MAX, INT_MIN);
    CHECK_VIEW(json_of(args), "[-9223372036854775808,18446744073709551615,-9223372036854775808,"
                              "18446744073709551615,18446744073709551615,-2147483648]");
    sio_args_clear(args);
    sio_args_add(args, "%s", ""); /* no value is left out */
    sio_args_add(args, " ");
    sio_args_text(args, "x");
    CHECK_VIEW(json_of(args), "[\"\",\"x\"]");
    sio_args_add(NULL, "%s", "as when there is no memory");
    sio_args_free(args);
}

/* The compiler refuses most of these; not everybody asks it. */
static void
test_formats_that_are_none_show_at_the_end(void)
{
    static const char *const bad[] = {"%",      "%q",    "[%d", "%d,",  "%d %d", "%lld%",
                                      "\"%s\"", "],[%d", "%ls", "%zls", "%llld", "%.*d"};
    sio_args                *args = sio_args_new();

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_row = bad[i];
        sio_args_clear(args);
        unchecked_add(args, bad[i], "x", "y");
        CHECK(sio_args_content(args, "x") == NULL);
    }
    check_row = NULL;
    sio_args_clear(args);
    sio_args_add(args, "%s", "\xff");
    CHECK(sio_args_content(args, "x") == NULL);
    sio_args_free(args);
}

static void
answer_with_formats(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *text = sio_event_text_within(event, 0, 3);

    (void)arg;
    CHECK(sio_event_text_within(event, 0, 2) == NULL); /* "é" has two bytes */
    CHECK(sio_event_text_within(event, 1, 2) == NULL && sio_event_text_within(event, 2, 2) == NULL);
    CHECK_INT(sio_ackf(socket, event, "%s,%d", text, 1), 0);
    CHECK_INT(sio_emitf(socket, "e", "{\"t\":%s}", text), 0);
    CHECK_INT(sio_broadcastf(sio_namespace_of(socket), NULL, "b", "%u", 7u), 0);
    CHECK_INT(sio_emitf(socket, "bad", "%s", "\xff"), -1);
}

static void
test_events_are_sent_by_formats(void)
{
    client five;

    CHECK_INT(sio_on(sio_sockets(io), "a", answer_with_formats, NULL), 0);
    listen_now(io);
    enter5(&five, io);
    say(&five, "427[\"a\",\"x\xC3\xA9\",\"\",1]");
    CHECK_HEARD(&five, "437[\"x\xC3\xA9\",1]");
    CHECK_HEARD(&five, "42[\"e\",{\"t\":\"x\xC3\xA9\"}]");
    CHECK_HEARD(&five, "42[\"b\",7]");
    CHECK_QUIET5(&five);
    hang_up(&five);
}

static void
test_bytes_are_attachments(void)
{
    sio_args *args = sio_args_new();
    client    five;

    listen_now(io);
    enter5(&five, io);
    sio_args_bytes(args, "one", 3);
    sio_args_text(args, "between");
    sio_args_bytes(args, "", 0);
    sio_args_bytes(args, "three", 5);
    CHECK_INT(sio_emit_n(socket_of(&five, ""), sio_args_content(args, "b"), 0, NULL, NULL), 0);
    CHECK_HEARD(&five, "453-[\"b\",{\"_placeholder\":true,\"num\":0},\"between\","
                       "{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":2}]");
    CHECK_HEARD(&five, "one");
    CHECK_HEARD(&five, "");
    CHECK_HEARD(&five, "three");
    sio_args_free(args);
    hang_up(&five);
}

/* --- Sent on as they came. --- */

static void
send_on(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_content c;

    (void)arg;
    CHECK_INT(sio_event_content(event, &c), 0);
    CHECK_INT(sio_emit_n(socket, &c, 0, NULL, NULL), 0);
    CHECK_INT(sio_broadcast_n(sio_namespace_of(socket), NULL, &c), 0);
    if (sio_event_wants_ack(event))
        CHECK_INT(sio_ack_n(socket, event, &c), 0);
}

static void
test_an_event_is_sent_on_as_it_came(void)
{
    client five;

    sio_on_any(sio_sockets(io), send_on, NULL);
    listen_now(io);
    enter5(&five, io);
    say(&five, "427[\"n\\u0000 \\\"q\\\"\",\"a\\u0000b\",1e2]");
    CHECK_HEARD(&five, "42[\"n\\u0000 \\\"q\\\"\",\"a\\u0000b\",1e2]");
    CHECK_HEARD(&five, "42[\"n\\u0000 \\\"q\\\"\",\"a\\u0000b\",1e2]");
    CHECK_HEARD(&five, "437[\"a\\u0000b\",1e2]");
    say(&five, "42[\"\"]");
    CHECK_HEARD(&five, "42[\"\"]");
    CHECK_HEARD(&five, "42[\"\"]");
    say(&five, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
    say_bytes(&five, "bytes");
    for (int i = 0; i < 2; i++) {
        CHECK_HEARD(&five, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
        CHECK_HEARD(&five, "bytes");
    }
    CHECK_QUIET5(&five);
    hang_up(&five);
}

static char           token[SIO_ACK_TOKEN_SIZE];
static sio_ack_later *later;

static void
keep_both(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    CHECK_INT(sio_ack_token(socket, event, 10000, token), 0);
    later = sio_ack_keep(socket, event);
}

static void
on_ack(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    (void)socket;
    (void)arg;
    note("%.*s", args_json != NULL ? (int)len : 4, args_json != NULL ? args_json : "none");
}

static void
on_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    (void)nsp;
    (void)arg;
    note("%.*s", (int)answers->len, answers->json);
}

static void
test_all_that_can_be_said_has_a_length(void)
{
    static const char text[] = "ev[1,2]]"; /* no C strings in it */
    const sio_content good = {.event = text, .event_len = 2, .args_json = text + 2, .args_len = 5};
    const sio_content bad = {.event = text, .event_len = 2, .args_json = text + 2, .args_len = 6};
    cJSON            *tree = cJSON_Parse("[{\"a\":1}]");
    sio_socket       *socket;
    client            c;

    sio_on(sio_sockets(io), "x", keep_both, NULL);
    listen_now(io);
    enter5(&c, io);
    socket = socket_of(&c, "");
    CHECK_INT(sio_emit_n(socket, &bad, 0, NULL, NULL), -1);
    CHECK_INT(sio_emit_n(socket, &good, 0, on_ack, NULL), 0);
    CHECK_HEARD(&c, "421[\"ev\",1,2]");
    say(&c, "431[3]");
    CHECK_INT(sio_emit_n(socket, &good, 20, on_ack, NULL), 0);
    CHECK_HEARD(&c, "422[\"ev\",1,2]");
    UNTIL(strlen(notes) > 4);
    CHECK_NOTED("[3] none");
    CHECK_INT(sio_send_json_n(socket, text + 2, 5, NULL, NULL), 0);
    CHECK_HEARD(&c, "42[\"message\",[1,2]]");
    CHECK_INT(sio_send_json_n(socket, text + 2, 6, NULL, NULL), -1);
    say(&c, "429[\"x\"]");
    UNTIL(later != NULL);
    CHECK_INT(sio_ack_by_token_n(io, token, &bad, NULL, NULL), -1);
    CHECK_INT(sio_ack_by_token_n(io, token, &good, NULL, NULL), 0);
    CHECK_HEARD(&c, "439[1,2]");
    CHECK_INT(sio_ack_now_n(later, &good), 0);
    CHECK_HEARD(&c, "439[1,2]");
    CHECK_INT(sio_broadcast_ack_n(sio_sockets(io), NULL, &bad, 1000, on_answers, NULL), -1);
    CHECK_INT(sio_broadcast_ack_n(sio_sockets(io), NULL, &good, 1000, on_answers, NULL), 0);
    CHECK_HEARD(&c, "423[\"ev\",1,2]");
    say(&c, "433[4]");
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("[4]");
    CHECK_INT(sio_broadcast_ack_tree(sio_sockets(io), NULL, "t", tree, 1000, on_answers, NULL), 0);
    CHECK_HEARD(&c, "424[\"t\",{\"a\":1}]");
    say(&c, "434[5]");
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("[5]");
    CHECK_INT(sio_broadcast_ack_tree(sio_sockets(io), NULL, "t", NULL, 1000, on_answers, NULL), 0);
    CHECK_HEARD(&c, "425[\"t\"]");
    cJSON_Delete(tree);
    hang_up(&c);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("[]");
}

int
main(void)
{
    RUN_WITH_SERVER(test_arguments_are_what_they_are);
    RUN_WITH_SERVER(test_numbers_are_read_again_as_they_were);
    RUN_WITH_SERVER(test_what_is_wrong_shows_at_the_end);
    RUN_WITH_SERVER(test_formats_are_json);
    RUN_WITH_SERVER(test_formats_that_are_none_show_at_the_end);
    RUN_WITH_SERVER(test_events_are_sent_by_formats);
    RUN_WITH_SERVER(test_bytes_are_attachments);
    RUN_WITH_SERVER(test_an_event_is_sent_on_as_it_came);
    RUN_WITH_SERVER(test_all_that_can_be_said_has_a_length);
    return check_done();
}
