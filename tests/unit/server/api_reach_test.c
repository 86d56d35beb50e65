/*
 * tests/unit/server/api_reach_test.c - siobroker.h with several instances: who is asked, listed and
 * moved on all of them.
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

/* --- Lists. --- */

static cJSON      *listing;
static sio_answers listed;

static void
keep_list(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    CHECK(nsp == sio_sockets(io) && arg == &listing);
    listing = cJSON_ParseWithLength(answers->json, answers->len);
    listed = *answers;
}

static void
fetch(const sio_to *to)
{
    listing = NULL;
    CHECK_INT(sio_fetch(sio_sockets(io), to, LONG_MS, keep_list, &listing), 0);
    CHECK(listing == NULL); /* never in the call */
    UNTIL(listing != NULL);
    CHECK_INT(cJSON_GetArraySize(listing), listed.n_answered);
}

static const char *
text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

    return text != NULL ? text : "";
}

static const cJSON *
find_listed(const char *id)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, listing) if (strcmp(text_of(item, "id"), id) == 0) return item;
    CHECK(false);
    return NULL;
}

static void
check_listed(size_t i, const char *rooms)
{
    static const char *const names[N] = {"A", "B", "C"};
    const cJSON             *item = find_listed(clients[i].id);
    const double             ms = cJSON_GetNumberValue(cJSON_GetObjectItem(item, "connected"));
    const cJSON             *handshake = cJSON_GetObjectItem(item, "handshake");
    char                    *printed = cJSON_PrintUnformatted(cJSON_GetObjectItem(item, "rooms"));

    CHECK(strcmp(text_of(item, "server"), names[i]) == 0);
    CHECK(strcmp(text_of(cJSON_GetObjectItem(handshake, "query"), "color"), "red") == 0);
    CHECK(cJSON_IsObject(cJSON_GetObjectItem(item, "auth")));
    CHECK(ms / 1000 <= (double)time(NULL) + 1 && ms / 1000 > (double)time(NULL) - 60);
    CHECK_VIEW(sio_view_of(printed), rooms);
    cJSON_free(printed);
}

static void
test_sockets_of_all_instances_are_listed(void)
{
    const sio_to r = {.room = "r"}, here = {.is_local = true};

    start_cluster(3);
    sio_join(nth(1), "r");
    sio_join(nth(1), "\"é\"");
    sio_join(nth(2), "r");
    fetch(NULL);
    CHECK_INT(listed.n_answered, 3);
    CHECK_INT(listed.n_reached, 3);
    check_listed(0, "[]");
    check_listed(1, "[\"r\",\"\\\"é\\\"\"]");
    check_listed(2, "[\"r\"]");
    cJSON_Delete(listing);
    fetch(&r);
    CHECK_INT(listed.n_answered, 2);
    cJSON_Delete(listing);
    fetch(&here);
    CHECK_INT(listed.n_answered, 1);
    CHECK_INT(listed.n_instances, 1);
    cJSON_Delete(listing);
    end_cluster();
}

/* Some kilobytes of rooms for each of several: more than one message. */
static void
test_a_long_list_comes_whole(void)
{
    enum { N_MORE = 9 };
    client more[N_MORE];
    char   room[2000] = "";

    start_cluster(2);
    memset(room, 'x', sizeof room - 2);
    for (size_t i = 0; i < N_MORE; i++) {
        enter5(&more[i], servers[1]);
        for (int k = 0; k < 10; k++) {
            room[0] = (char)('0' + k);
            sio_join(sio_find(sio_sockets(servers[1]), more[i].id), room);
        }
    }
    fetch(NULL);
    CHECK_INT(listed.n_answered, N_MORE + 2);
    CHECK_INT(listed.n_asked, N_MORE + 2);
    cJSON_Delete(listing);
    CHECK_INT(counter_of(servers[1], "backlog_full"), 0);
    for (size_t i = 0; i < N_MORE; i++)
        hang_up(&more[i]);
    end_cluster();
}

/* --- Moves. --- */

static bool
is_in(size_t i, const char *room)
{
    return sio_in_room(nth(i), room);
}

static void
note_count(sio_namespace *nsp, const sio_count_result *count, void *arg)
{
    (void)nsp;
    (void)arg;
    note("%zu %zu/%zu", count->n_sockets, count->n_reached, count->n_instances);
}

static int
count(const sio_to *to)
{
    return sio_count(sio_sockets(io), to, LONG_MS, note_count, NULL);
}

static void
test_sockets_of_all_instances_are_counted(void)
{
    static const char *const none[] = {NULL};
    const sio_to             r = {.room = "r"}, here = {.is_local = true}, nobody = {.rooms = none};
    client                   another;

    start_cluster(3);
    enter5(&another, servers[2]);
    sio_join(nth(0), "r");
    sio_join(nth(2), "r");
    CHECK_INT(count(NULL), 0);
    CHECK_NOTED(""); /* never in the call */
    CHECK_TOLD("4 3/3");
    CHECK_INT(count(&r), 0);
    CHECK_TOLD("2 3/3");
    CHECK_INT(count(&here), 0);
    CHECK_TOLD("1 1/1");
    CHECK_INT(count(&nobody), 0);
    CHECK_TOLD("0 1/1");
    CHECK_INT(sio_count(sio_of(io, "/chat"), NULL, LONG_MS, note_count, NULL), 0);
    CHECK_TOLD("0 3/3"); /* the others do not even have it */
    hang_up(&another);
    end_cluster();
}

static void
note_rooms(sio_namespace *nsp, const sio_room_list *list, void *arg)
{
    (void)nsp;
    (void)arg;
    for (size_t i = 0; i < list->n_rooms; i++)
        note("%s=%zu", list->rooms[i].name, list->rooms[i].n_sockets);
    note("%s%zu/%zu", list->has_more ? "more " : "", list->n_reached, list->n_instances);
}

static int
list_rooms(const char *prefix, size_t limit)
{
    return sio_rooms(sio_sockets(io), prefix, limit, LONG_MS, note_rooms, NULL);
}

static void
test_rooms_of_all_instances_are_listed(void)
{
    static const char *const rooms[N][4] = {{"b", "user:1", "z \"q\" \xC3\xA9", NULL},
                                            {"a", "b", "user:2", NULL},
                                            {"b", "ab", NULL, NULL}};

    start_cluster(3);
    CHECK_INT(list_rooms(NULL, 10), 0);
    CHECK_NOTED("");
    CHECK_TOLD("3/3"); /* not those of ids */
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; rooms[i][k] != NULL; k++)
            CHECK_INT(sio_join(nth(i), rooms[i][k]), 0);
    CHECK_INT(list_rooms(NULL, 10), 0);
    CHECK_TOLD("a=1 ab=1 b=3 user:1=1 user:2=1 z \"q\" \xC3\xA9=1 3/3");
    CHECK_INT(list_rooms("user:", 10), 0);
    CHECK_TOLD("user:1=1 user:2=1 3/3");
    CHECK_INT(list_rooms("", 3), 0); /* each tells its first ones: these are right */
    CHECK_TOLD("a=1 ab=1 b=3 more 3/3");
    CHECK_INT(list_rooms("user:", 2), 0);
    CHECK_TOLD("user:1=1 user:2=1 3/3");
    CHECK_INT(list_rooms("a", 0), 0);
    CHECK_TOLD("more 3/3");
    CHECK_INT(list_rooms("nothing", SIZE_MAX), 0);
    CHECK_TOLD("3/3");
    end_cluster();
}

/* What is asked for is bounded, and those that are told are the first ones all the same. */
static void
test_very_many_rooms_are_not_listed_all(void)
{
    char name[16];

    CHECK_INT(sio_set(io, "max rooms", "20000"), 0);
    start_cluster(2);
    for (unsigned i = 0; i < 10005; i++) {
        snprintf(name, sizeof name, "%05u", i * 7 % 10005);
        CHECK_INT(sio_join(nth(0), name), 0);
    }
    CHECK_INT(list_rooms(NULL, 2), 0);
    CHECK_TOLD("00000=1 00001=1 more 2/2");
    CHECK_INT(list_rooms("1", 10), 0);
    CHECK_TOLD("10000=1 10001=1 10002=1 10003=1 10004=1 2/2");
    end_cluster();
}

static void
test_sockets_of_all_instances_are_moved(void)
{
    const sio_to r = {.room = "r"}, s = {.room = "s"}, here = {.is_local = true};

    start_cluster(3);
    sio_join(nth(0), "r");
    sio_join(nth(1), "r");
    CHECK_INT(sio_each_join(sio_sockets(io), &r, "s"), 0);
    CHECK(is_in(0, "s"));
    UNTIL(is_in(1, "s"));
    CHECK_INT(sio_each_join(sio_sockets(io), &here, "here"), 0);
    CHECK_INT(sio_each_leave(sio_sockets(io), NULL, sio_room(nth(0), 0)), 0); /* "r" ends */
    CHECK(!is_in(0, "r") && is_in(0, "here"));
    UNTIL(!is_in(1, "r"));
    CHECK(!is_in(1, "here") && !is_in(2, "s"));
    CHECK_INT(sio_each_set_data(sio_sockets(io), &s, " {\"n\":1.50}"), 0);
    CHECK_VIEW(sio_view_of(sio_socket_data(nth(0))), "{\"n\":1.50}");
    UNTIL(strcmp(sio_socket_data(nth(1)), "{\"n\":1.50}") == 0);
    CHECK_VIEW(sio_view_of(sio_socket_data(nth(2))), "{}");
    CHECK_INT(sio_each_set_data(sio_sockets(io), &s, NULL), 0);
    UNTIL(strcmp(sio_socket_data(nth(1)), "{}") == 0);
    CHECK_INT(sio_each_set_data(sio_sockets(io), &s, "{"), -1);
    CHECK_INT(sio_each_disconnect(sio_sockets(io), &s, false), 0);
    CHECK_HEARD(&clients[0], "41");
    CHECK_HEARD(&clients[1], "41");
    CHECK_QUIET5(&clients[2]);
    CHECK_INT(sio_each_disconnect(sio_sockets(servers[1]), NULL, true), 0);
    CHECK_HEARD(&clients[2], "41");
    CHECK_CLOSED(&clients[2]);
    open_connection(&clients[2], io); /* to be hung up */
    end_cluster();
}

/* --- Acknowledgements by tokens. --- */

static char token[SIO_ACK_TOKEN_SIZE];

static void
keep_token(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    CHECK_INT(sio_ack_token(socket, event, LONG_MS, token), 0);
}

static void
note_result(sio_ack_result result, void *arg)
{
    static const char *const names[] = {"done", "unknown", "failed", "unsure"};

    (void)arg;
    note("%s", names[result]);
}

/* Asks the server for an acknowledgement, whose token is kept. */
static void
ask_server(size_t i)
{
    sio_on(sio_sockets(servers[i]), "x", keep_token, NULL);
    say(&clients[i], "427[\"x\"]");
    token[0] = '\0';
    UNTIL(token[0] != '\0');
}

static void
use_token_at(size_t i, const char *args, const sio_bytes *bytes)
{
    CHECK_INT(
        sio_ack_by_token(servers[i], token, args, bytes, bytes != NULL ? 1 : 0, note_result, NULL),
        0);
}

static void
test_any_instance_acknowledges_by_a_token(void)
{
    const sio_bytes bytes = {"abc", 3};

    start_cluster(3);
    ask_server(2);
    use_token_at(0, "[{\"_placeholder\":true,\"num\":0}]", &bytes);
    CHECK_TOLD("done");
    CHECK_HEARD(&clients[2], "461-7[{\"_placeholder\":true,\"num\":0}]");
    CHECK_HEARD(&clients[2], "abc");
    use_token_at(1, "[]", NULL);
    CHECK_TOLD("unknown");
    ask_server(1);
    for (size_t i = 0; i < N; i++) /* all at once: one of them is first */
        use_token_at(i, "[1]", NULL);
    UNTIL(strlen(notes) >= strlen("done unknown unknown"));
    CHECK(strstr(noted().data, "done") != NULL);
    CHECK_HEARD(&clients[1], "437[1]");
    CHECK_QUIET5(&clients[1]);
    memcpy(token, "nobody", 6);
    use_token_at(0, NULL, NULL);
    CHECK_TOLD("unknown"); /* such an instance is not there */
    end_cluster();
}

static void
test_a_token_is_good_again_after_an_outage(void)
{
    start_cluster(2);
    ask_server(1);
    redis_server_kill(&redis);
    UNTIL(!io->cluster.up);
    use_token_at(0, NULL, NULL);
    CHECK_TOLD("failed");
    redis_server_start(&redis, NULL);
    UNTIL(io->cluster.up && servers[1]->cluster.up);
    use_token_at(0, "[2]", NULL);
    CHECK_TOLD("done");
    CHECK_HEARD(&clients[1], "437[2]");
    end_cluster();
}

/* Who was asked may have done it before it has gone. */
static void
test_an_instance_that_goes_leaves_tokens_unsure(void)
{
    start_cluster(2);
    ask_server(1);
    redis_server_freeze(&redis);
    use_token_at(0, NULL, NULL);
    sio_peer_bury(sio_peer_find(&io->env, sio_view_of(servers[1]->env.tag)));
    CHECK_TOLD("unsure");
    redis_server_thaw(&redis);
    CHECK_HEARD(&clients[1], "437[]");
    end_cluster();
}

/* --- A worker without a port. --- */

/* What it says as soon as it can is not lost. */
static void
note_ready(void *worker)
{
    CHECK_INT(sio_broadcast(sio_sockets(worker), NULL, "first", NULL), 0);
    note("ready");
}

static void
test_a_worker_needs_no_port(void)
{
    sio_server *worker = new_server();
    char        value[100];

    start_cluster(2);
    snprintf(value, sizeof value, "\"unix:%s\"", redis.socket);
    CHECK_INT(sio_set(worker, "redis", value), 0);
    sio_on_ready(worker, note_ready, worker);
    CHECK_INT(sio_join_cluster(worker), 0);
    CHECK_NOTED("");
    CHECK_INT(sio_port(worker), 0);
    CHECK_INT(sio_listen(worker), -1);
    CHECK_VIEW(sio_view_of(sio_error(worker)), "in the cluster already");
    CHECK_TOLD("ready");
    CHECK_HEARD(&clients[0], "42[\"first\"]");
    CHECK_HEARD(&clients[1], "42[\"first\"]");
    UNTIL(have_met(2) && counter_of(worker, "peers") == 2);
    CHECK_INT(sio_broadcast(sio_sockets(worker), NULL, "w", "[1]"), 0);
    CHECK_HEARD(&clients[0], "42[\"w\",1]");
    CHECK_HEARD(&clients[1], "42[\"w\",1]");
    CHECK_INT(sio_count(sio_sockets(worker), NULL, LONG_MS, note_count, NULL), 0);
    CHECK_TOLD("2 3/3");
    ask_server(1);
    CHECK_INT(sio_ack_by_token(worker, token, "[2]", NULL, 0, note_result, NULL), 0);
    CHECK_TOLD("done");
    CHECK_HEARD(&clients[1], "437[2]");
    sio_server_free(worker);
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
    RUN_WITH_SERVER(test_an_application_may_end_sessions_and_ask_again_when_it_is_told);
    RUN_WITH_SERVER(test_sockets_of_all_instances_are_listed);
    RUN_WITH_SERVER(test_a_long_list_comes_whole);
    RUN_WITH_SERVER(test_sockets_of_all_instances_are_counted);
    RUN_WITH_SERVER(test_rooms_of_all_instances_are_listed);
    RUN_WITH_SERVER(test_very_many_rooms_are_not_listed_all);
    RUN_WITH_SERVER(test_sockets_of_all_instances_are_moved);
    RUN_WITH_SERVER(test_any_instance_acknowledges_by_a_token);
    RUN_WITH_SERVER(test_a_token_is_good_again_after_an_outage);
    RUN_WITH_SERVER(test_an_instance_that_goes_leaves_tokens_unsure);
    RUN_WITH_SERVER(test_a_worker_needs_no_port);
    RUN_WITH_SERVER(test_namespaces_are_kept_apart);
    return end_tests();
}
