/*
 * tests/unit/server/api_reach_test.c - siobroker.h with several instances: who is asked on all of
 * them.
 */
#include "tests/unit/server/reach_fixture.h"

/* --- Questions. --- */

static void
test_clients_of_all_instances_are_asked(void)
{
    start_cluster(3);
    CHECK_INT(ask_all(NULL, LONG_MS), 0);
    for (size_t i = 0; i < 3; i++)
        CHECK_HEARD(&clients[i], "421[\"q\"]");
    say(&clients[2], "431[{\"c\":\"é\"},2]");
    say(&clients[0], "431[]");
    CHECK_QUIET5(&clients[0]);
    CHECK_NOTED("");
    UNTIL(counter_of(servers[2], "surveys") == 0);
    say(&clients[1], "461-1[{\"_placeholder\":true,\"num\":0}]");
    say_bytes(&clients[1], "one");
    UNTIL(notes[0] != '\0');
    CHECK(strstr(notes, "{\"c\":\"é\"}") != NULL && strstr(notes, "null") != NULL);
    CHECK(strstr(notes, "\"b25l\"] 3/3 3/3") != NULL);
    noted();
    end_cluster();
}

static void
test_only_members_are_asked(void)
{
    static const char *const more[] = {"nobody", "r", NULL}, *const but[] = {"s", NULL};
    const sio_to some = {.rooms = more, .except_rooms = but};
    sio_to       except = {.room = "r"};

    start_cluster(3);
    for (size_t i = 0; i < 3; i++)
        sio_join(nth(i), "r");
    sio_join(nth(1), "s");
    CHECK_INT(ask_all(&some, LONG_MS), 0);
    CHECK_HEARD(&clients[0], "421[\"q\"]");
    CHECK_HEARD(&clients[2], "421[\"q\"]");
    say(&clients[0], "431[0]");
    CHECK_QUIET5(&clients[0]);
    say(&clients[2], "431[2]");
    CHECK_TOLD("[0,2] 2/2 3/3");
    except.except = nth(0);
    CHECK_INT(ask_all(&except, LONG_MS), 0);
    CHECK_HEARD(&clients[1], "422[\"q\"]"); /* the first for this one, but not for its server */
    CHECK_HEARD(&clients[2], "422[\"q\"]");
    say(&clients[1], "432[1]");
    say(&clients[2], "432[1]"); /* two instances: whose answer comes first is not known */
    CHECK_TOLD("[1,1] 2/2 3/3");
    CHECK_QUIET5(&clients[0]);
    end_cluster();
}

static void
test_only_this_instance_is_asked(void)
{
    static const char *const none[] = {NULL};
    const sio_to             here = {.is_local = true}, nobody = {.rooms = none};

    start_cluster(2);
    CHECK_INT(ask_all(&here, LONG_MS), 0);
    CHECK_HEARD(&clients[0], "421[\"q\"]");
    say(&clients[0], "431[0]");
    CHECK_TOLD("[0] 1/1 1/1");
    CHECK_INT(ask_all(&nobody, LONG_MS), 0);
    CHECK_NOTED("");
    CHECK_TOLD("[] 0/0 1/1");
    CHECK_QUIET5(&clients[0]);
    CHECK_QUIET5(&clients[1]);
    end_cluster();
}

static void
test_a_question_ends_in_time(void)
{
    start_cluster(2);
    CHECK_INT(ask_all(NULL, 300), 0);
    CHECK_HEARD(&clients[0], "421[\"q\"]");
    CHECK_HEARD(&clients[1], "421[\"q\"]");
    say(&clients[0], "431[0]");
    CHECK_TOLD("[0] 1/2 2/2");
    UNTIL(counter_of(servers[1], "surveys") == 0);
    say(&clients[1], "431[\"too late\"]");
    CHECK_QUIET5(&clients[1]);
    CHECK_INT(ask_all(NULL, 0), 0);
    CHECK_NOTED("");
    CHECK_TOLD("[] 0/1 1/2");
    UNTIL(counter_of(io, "unasked_answers") + counter_of(servers[1], "surveys") <= 1);
    end_cluster();
}

static void
test_who_leaves_is_not_waited_for(void)
{
    start_cluster(2);
    CHECK_INT(ask_all(NULL, LONG_MS), 0);
    CHECK_HEARD(&clients[1], "421[\"q\"]");
    sio_disconnect(nth(1), true);
    sio_disconnect(nth(0), true);
    CHECK_TOLD("[] 0/2 2/2");
    end_cluster();
}

static void
test_an_instance_that_stops_is_not_waited_for(void)
{
    start_cluster(3);
    CHECK_INT(ask_all(NULL, LONG_MS), 0);
    for (size_t i = 0; i < 3; i++)
        CHECK_HEARD(&clients[i], "421[\"q\"]");
    say(&clients[0], "431[0]");
    say(&clients[1], "431[1]");
    UNTIL(counter_of(servers[1], "surveys") == 0);
    CHECK_NOTED("");
    sio_stop(servers[2]);
    CHECK_TOLD("[0,1] 2/3 3/3");
    end_cluster();
}

static void
ignore_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    (void)nsp;
    (void)answers;
    (void)arg;
}

static void
ask_when_it_is_too_late(sio_namespace *nsp, const sio_count_result *count, void *arg)
{
    (void)count;
    (void)arg;
    CHECK_INT(sio_fetch(nsp, NULL, LONG_MS, ignore_answers, NULL), -1);
    note("too late: %s", sio_error(sio_server_of(nsp)));
}

static void
test_nobody_is_waited_for_when_the_one_who_asked_stops(void)
{
    start_cluster(2);
    CHECK_INT(
        sio_broadcast_ack(sio_sockets(servers[1]), NULL, "q", NULL, LONG_MS, ignore_answers, NULL),
        0);
    CHECK_HEARD(&clients[0], "421[\"q\"]");
    CHECK_INT(counter_of(io, "surveys"), 1);
    sio_stop(servers[1]);
    UNTIL(counter_of(io, "surveys") == 0);
    CHECK_QUIET5(&clients[0]);
    n_servers = 1;
    end_cluster();
    sio_server_free(servers[1]);
    hang_up(&clients[1]);
}

/* Each callback comes, so that what its arg points to can be freed there. */
static void
test_who_asked_is_told_when_the_server_is_freed(void)
{
    start_cluster(2);
    CHECK_INT(ask_all(NULL, LONG_MS), 0);
    CHECK_HEARD(&clients[1], "421[\"q\"]");
    CHECK_INT(sio_count(sio_sockets(io), NULL, LONG_MS, ask_when_it_is_too_late, NULL), 0);
    sio_server_free(io);
    CHECK(strncmp(notes, "[] 0/", 5) == 0);
    CHECK(strstr(noted().data, "too late: the server is being freed") != NULL);
    say(&clients[1], "431[1]"); /* nobody waits for it any more */
    hang_up(&clients[0]);
    io = servers[0] = servers[1];
    clients[0] = clients[1];
    n_servers = 1;
    end_cluster();
}

/* Ask; does the end of what is told say so? */
static bool
is_told(const char *end)
{
    sio_view told;

    CHECK_INT(ask_all(NULL, 50), 0);
    UNTIL(notes[0] != '\0');
    told = noted();
    return strcmp(told.data + told.len - strlen(end), end) == 0;
}

static void
test_without_redis_this_instance_answers_alone(void)
{
    bool knows;

    start_cluster(2);
    CHECK(is_told("0/2 2/2"));
    redis_server_kill(&redis);
    UNTIL(is_told("0/1 1/2"));
    CHECK_INT(sio_fetch(sio_sockets(io), NULL, LONG_MS, note_answers, NULL), 0);
    UNTIL(notes[0] != '\0');
    knows = strstr(noted().data, "] 1/1 1/2") != NULL;
    CHECK(knows);
    redis_server_start(&redis, NULL);
    UNTIL(is_told("0/2 2/2"));
    end_cluster();
}

/* Processes of Node could not be asked, so nobody else is. */
static void
test_beside_node_this_instance_answers_alone(void)
{
    client own;

    CHECK_INT(sio_set(io, "dialect", "\"node-0.9\""), 0);
    n_servers = 0;
    CHECK(redis_server_command(&redis, "FLUSHALL") > 0);
    join_cluster(io, "\"A\"");
    enter5(&own, io);
    CHECK_INT(ask_all(NULL, LONG_MS), 0);
    CHECK_HEARD(&own, "421[\"q\"]");
    say(&own, "431[0]");
    CHECK_TOLD("[0] 1/1 1/1");
    hang_up(&own);
}

/* --- Beside socket.io 4 for Node. --- */

static void
check_refused(int rc, const char *why)
{
    CHECK_INT(rc, -1);
    CHECK(strstr(sio_error(io), why) != NULL);
}

/* [[[...]]], so deep. */
static char *
nested(size_t depth)
{
    char *text = calloc(1, 2 * depth + 1);

    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    return text;
}

/* What would end a process of Node, or its clients' connections: nothing happens here either. */
static void
test_what_node_could_not_bear_is_refused(void)
{
    static const sio_bytes bytes[11] = {{"", 0}};
    sio_namespace         *nsp = sio_sockets(io);
    char                  *deep = nested(62), *good = nested(60);
    client                 own;

    CHECK_INT(sio_set(io, "dialect", "\"node-4\""), 0);
    n_servers = 0;
    CHECK(redis_server_command(&redis, "FLUSHALL") > 0);
    join_cluster(io, "\"A\"");
    enter5(&own, io);
    check_refused(sio_broadcast(nsp, NULL, "connect", NULL), "reserved");
    check_refused(sio_broadcast(nsp, NULL, "newListener", NULL), "reserved");
    check_refused(sio_broadcast(nsp, NULL, "deep", deep), "deeper");
    check_refused(sio_broadcast_binary(nsp, NULL, "bytes", "[1]", bytes, 11), "attachments");
    check_refused(sio_broadcast_ack(nsp, NULL, "disconnect", NULL, LONG_MS, note_answers, NULL),
                  "reserved");
    check_refused(sio_server_side_emit(nsp, "error", NULL), "from others");
    check_refused(sio_server_side_emit_ack(nsp, "error", NULL, LONG_MS, note_answers, NULL),
                  "from others");
    CHECK_INT(sio_broadcast(nsp, NULL, "last", good), 0);
    CHECK(strncmp(heard(&own).data, "42[\"last\",[", 11) == 0);
    free(deep);
    free(good);
    hang_up(&own);
}

/* --- An application that does what it likes when it is told. --- */

static unsigned n_more;

static void
end_all_and_ask_again(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    note_answers(nsp, answers, arg);
    CHECK_INT(sio_each_disconnect(nsp, NULL, true), 0);
    if (n_more-- > 0)
        CHECK_INT(sio_broadcast_ack(nsp, NULL, "q", NULL, LONG_MS, end_all_and_ask_again, arg), 0);
}

static void
test_an_application_may_end_sessions_and_ask_again_when_it_is_told(void)
{
    start_cluster(2);
    n_more = 2;
    CHECK_INT(sio_broadcast_ack(sio_sockets(io), NULL, "q", NULL, 20, end_all_and_ask_again, NULL),
              0);
    UNTIL(strstr(notes, "[] 0/0 2/2 [] 0/0 2/2") != NULL);
    CHECK(strncmp(noted().data, "[] 0/", 5) == 0);
    UNTIL(counter_of(servers[1], "sessions") == 0);
    end_cluster();
}

static void
test_namespaces_are_kept_apart(void)
{
    client chat;

    sio_of(io, "/chat"); /* the others do not have it */
    start_cluster(2);
    enter5(&chat, io);
    say(&chat, "40/chat,");
    heard(&chat);
    CHECK_INT(sio_broadcast_ack(sio_of(io, "/chat"), NULL, "q", NULL, LONG_MS, note_answers, NULL),
              0);
    CHECK_HEARD(&chat, "42/chat,1[\"q\"]");
    say(&chat, "43/chat,1[1]");
    CHECK_TOLD("[1] 1/1 2/2");
    CHECK_QUIET5(&clients[0]);
    CHECK_QUIET5(&clients[1]);
    CHECK_INT(sio_fetch(sio_of(io, "/chat"), NULL, LONG_MS, note_answers, NULL), 0);
    UNTIL(notes[0] != '\0');
    CHECK(strstr(noted().data, "] 1/1 2/2") != NULL);
    hang_up(&chat);
    end_cluster();
}

int
main(void)
{
    begin_tests();
    RUN_WITH_SERVER(test_clients_of_all_instances_are_asked);
    RUN_WITH_SERVER(test_only_members_are_asked);
    RUN_WITH_SERVER(test_only_this_instance_is_asked);
    RUN_WITH_SERVER(test_a_question_ends_in_time);
    RUN_WITH_SERVER(test_who_leaves_is_not_waited_for);
    RUN_WITH_SERVER(test_an_instance_that_stops_is_not_waited_for);
    RUN_WITH_SERVER(test_nobody_is_waited_for_when_the_one_who_asked_stops);
    RUN_WITH_SERVER(test_who_asked_is_told_when_the_server_is_freed);
    RUN_WITH_SERVER(test_without_redis_this_instance_answers_alone);
    RUN_WITH_SERVER(test_beside_node_this_instance_answers_alone);
    RUN_WITH_SERVER(test_what_node_could_not_bear_is_refused);
    RUN_WITH_SERVER(test_an_application_may_end_sessions_and_ask_again_when_it_is_told);
    RUN_WITH_SERVER(test_namespaces_are_kept_apart);
    return end_tests();
}
