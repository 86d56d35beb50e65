/*
 * tests/unit/server/api_server_side_test.c - siobroker.h with several instances: what their
 * applications ask each other, serverSideEmitWithAck() of socket.io.
 */
#include "tests/unit/server/reach_fixture.h"

/* --- The one who is asked. --- */

static sio_server_question *kept[N];
static size_t               n_kept;

/* The text of an instance: its setting "name". */
static void
answer_at_once(sio_namespace *nsp, const char *args_json, size_t len, void *arg)
{
    sio_server_question *q = sio_server_side_question(nsp);
    char                 json[20];

    (void)arg;
    snprintf(json, sizeof json, "\"%s\"", sio_name(sio_server_of(nsp)));
    CHECK(sio_server_side_question(nsp) == NULL); /* it is taken */
    if (q != NULL)
        CHECK_INT(sio_server_side_answer(q, json), 0);
    else
        note("%s:%.*s", sio_name(sio_server_of(nsp)), (int)len, args_json);
}

static void
answer_later(sio_namespace *nsp, const char *args_json, size_t len, void *arg)
{
    (void)args_json;
    (void)len;
    (void)arg;
    if (n_kept < N)
        kept[n_kept++] = sio_server_side_question(nsp);
}

static void
answer_never(sio_namespace *nsp, const char *args_json, size_t len, void *arg)
{
    (void)nsp;
    (void)args_json;
    (void)len;
    (void)arg;
}

/* Once all are there, so that nobody waits. */
static void
answer_kept(const char *json, int rc)
{
    for (size_t i = 0; i < n_kept; i++)
        CHECK_INT(sio_server_side_answer(kept[i], json), rc);
    n_kept = 0;
}

static void
listen_to(size_t i, const char *event, sio_server_side_fn fn)
{
    CHECK_INT(sio_on_server_side(sio_sockets(servers[i]), event, fn, NULL), 0);
}

/* --- The one who asks. --- */

static int
ask_others(const char *event, unsigned timeout_ms)
{
    return sio_server_side_emit_ack(sio_sockets(io), event, "[1]", timeout_ms, note_answers, NULL);
}

static void
check_told_either(const char *want, const char * or)
{
    sio_view is;

    UNTIL(notes[0] != '\0');
    is = noted();
    CHECK(sio_view_eq(is, sio_view_of(want)) || sio_view_eq(is, sio_view_of(or)));
}

static void
test_all_others_answer(void)
{
    start_cluster(3);
    for (size_t i = 0; i < 3; i++)
        listen_to(i, "who", answer_at_once);
    CHECK_INT(ask_others("who", LONG_MS), 0);
    CHECK_NOTED("");
    check_told_either("[\"B\",\"C\"] 2/2 3/3", "[\"C\",\"B\"] 2/2 3/3");
    CHECK_INT(sio_server_side_emit(sio_sockets(servers[1]), "who", "[2]"), 0);
    UNTIL(strlen(notes) >= 11); /* nobody waits for answers to that */
    check_told_either("A:[2] C:[2]", "C:[2] A:[2]");
    end_cluster();
}

static void
test_answers_may_come_later(void)
{
    start_cluster(3);
    listen_to(1, "who", answer_later);
    listen_to(2, "who", answer_later);
    CHECK_INT(ask_others("who", LONG_MS), 0);
    UNTIL(n_kept == 2);
    CHECK_NOTED("");
    answer_kept("{\"a\":[1,null]}", 0);
    CHECK_TOLD("[{\"a\":[1,null]},{\"a\":[1,null]}] 2/2 3/3");
    end_cluster();
}

/* Who does not listen, or does not take the question, is not waited for. */
static void
test_who_can_not_answer_says_so(void)
{
    start_cluster(3);
    listen_to(1, "who", answer_never);
    CHECK_INT(ask_others("who", LONG_MS), 0);
    CHECK_TOLD("[] 0/0 3/3");
    listen_to(2, "who", answer_later);
    CHECK_INT(ask_others("who", LONG_MS), 0);
    UNTIL(n_kept == 1);
    answer_kept(NULL, 0);
    CHECK_TOLD("[] 0/1 3/3");
    CHECK_INT(ask_others("who", LONG_MS), 0);
    UNTIL(n_kept == 1);
    answer_kept("[1", -1);
    CHECK_VIEW(sio_view_of(sio_error(servers[2])), "the answer is not JSON");
    CHECK_TOLD("[] 0/1 3/3");
    CHECK_INT(sio_server_side_emit_ack(sio_of(io, "/only-here"), "who", NULL, LONG_MS, note_answers,
                                       NULL),
              0);
    CHECK_TOLD("[] 0/0 3/3");
    end_cluster();
}

static void
test_the_time_may_be_up(void)
{
    start_cluster(3);
    listen_to(1, "who", answer_at_once);
    listen_to(2, "who", answer_later);
    CHECK_INT(ask_others("who", 2000), 0);
    UNTIL(notes[0] != '\0');
    CHECK(strstr(noted().data, "[\"B\"] 1/1 2/3") != NULL);
    UNTIL(n_kept == 1 && counter_of(servers[2], "surveys") == 0);
    answer_kept("1", 0);
    CHECK_INT(counter_of(io, "unasked_answers"), 0); /* it was not sent at all */
    end_cluster();
}

/* Its questions are nobody's any more, and may be answered or not. */
static void
test_who_asks_may_be_gone(void)
{
    start_cluster(2);
    listen_to(1, "who", answer_later);
    CHECK_INT(ask_others("who", LONG_MS), 0);
    UNTIL(n_kept == 1);
    hang_up(&clients[0]);
    replace_server();
    CHECK_NOTED("[] 0/0 1/2");
    UNTIL(counter_of(servers[1], "peers") == 0);
    CHECK_INT(counter_of(servers[1], "surveys"), 0);
    answer_kept("1", 0);
    hang_up(&clients[1]);
    sio_server_free(servers[1]);
}

static void
test_who_is_asked_may_be_gone(void)
{
    start_cluster(3);
    listen_to(1, "who", answer_at_once);
    listen_to(2, "who", answer_later);
    CHECK_INT(ask_others("who", LONG_MS), 0);
    UNTIL(n_kept == 1);
    hang_up(&clients[2]);
    sio_server_free(servers[2]);
    n_servers = 2;
    CHECK_TOLD("[\"B\"] 1/1 2/3");
    answer_kept("\"after the server was freed\"", 0);
    end_cluster();
}

static void
test_one_alone_has_nobody_to_ask(void)
{
    CHECK_INT(ask_others("who", LONG_MS), -1);
    listen_now(io);
    CHECK_INT(ask_others("connection", LONG_MS), -1);
    CHECK_INT(sio_server_side_emit_ack(sio_sockets(io), "a", "{}", 1, note_answers, NULL), -1);
    CHECK(sio_server_side_question(sio_sockets(io)) == NULL);
    CHECK_INT(ask_others("who", LONG_MS), 0);
    CHECK_NOTED("");
    CHECK_TOLD("[] 0/0 1/1");
}

int
main(void)
{
    begin_tests();
    RUN_WITH_SERVER(test_all_others_answer);
    RUN_WITH_SERVER(test_answers_may_come_later);
    RUN_WITH_SERVER(test_who_can_not_answer_says_so);
    RUN_WITH_SERVER(test_the_time_may_be_up);
    RUN_WITH_SERVER(test_who_asks_may_be_gone);
    RUN_WITH_SERVER(test_who_is_asked_may_be_gone);
    RUN_WITH_SERVER(test_one_alone_has_nobody_to_ask);
    return end_tests();
}
