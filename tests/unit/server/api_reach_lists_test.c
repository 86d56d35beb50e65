/*
 * tests/unit/server/api_reach_lists_test.c - siobroker.h with several instances: who is listed,
 * counted and moved on all of them.
 */
#include "tests/unit/server/reach_fixture.h"

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

/* --- How much there may be at once. --- */

static size_t n_listings, n_full;

static void
note_length(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    (void)nsp;
    (void)arg;
    n_listings++;
    n_full += answers->n_answered;
    CHECK_INT(answers->n_asked, 1);
    CHECK(answers->n_answered == 1 || answers->len == 2);
}

/* Questions whose answers are all kept for a moment; afterwards there is room as before. */
static void
test_answers_to_all_questions_are_bounded(void)
{
    enum { LONG = 4000000, N_QUESTIONS = 40, MOST = 128 * 1024 * 1024 / LONG };
    char *data = malloc(LONG + 1);

    CHECK_INT(sio_set(io, "max stored bytes", "4000000"), 0);
    start_cluster(1);
    CHECK(data != NULL);
    if (data == NULL)
        return;
    memset(data, ' ', LONG);
    data[0] = '{';
    data[LONG - 1] = '}';
    data[LONG] = '\0';
    CHECK_INT(sio_set_socket_data(nth(0), data), 0);
    free(data);
    for (size_t round = 0; round < 2; round++) {
        n_listings = n_full = 0;
        for (size_t i = 0; i < N_QUESTIONS; i++)
            CHECK_INT(sio_fetch(sio_sockets(io), NULL, LONG_MS, note_length, NULL), 0);
        UNTIL(n_listings == N_QUESTIONS);
        CHECK_INT(n_full, MOST);
        CHECK_INT(counter_of(io, "backlog_full"), (round + 1) * (N_QUESTIONS - MOST));
    }
    end_cluster();
}

/* --- Moves. --- */

static bool
is_in(size_t i, const char *room)
{
    return sio_in_room(nth(i), room);
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

int
main(void)
{
    begin_tests();
    RUN_WITH_SERVER(test_sockets_of_all_instances_are_listed);
    RUN_WITH_SERVER(test_a_long_list_comes_whole);
    RUN_WITH_SERVER(test_answers_to_all_questions_are_bounded);
    RUN_WITH_SERVER(test_sockets_of_all_instances_are_counted);
    RUN_WITH_SERVER(test_rooms_of_all_instances_are_listed);
    RUN_WITH_SERVER(test_very_many_rooms_are_not_listed_all);
    RUN_WITH_SERVER(test_sockets_of_all_instances_are_moved);
    return end_tests();
}
