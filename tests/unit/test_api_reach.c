/*
 * tests/unit/test_api_reach.c - siobroker.h with several instances: who is asked, listed and moved
 * on all of them, and what another instance may do that it should not.
 *
 * The instances are servers in this process that share a Redis. The puppet is an instance made by
 * hand: it hears what they say, and says whatever a test wants.
 */
#include "tests/unit/api_fixture.h"
#include "tests/unit/redis_server.h"

#include <cjson/cJSON.h>

#include "protocol/cluster_message.h"
#include "store/instances.h"
#include "store/redis.h"
#include "store/redis_url.h"

enum { N = 3, LONG_MS = 100000 };

static redis_server redis;
static sio_server  *servers[N]; /* the first is io */
static size_t       n_servers;
static client       clients[N]; /* one of each server */

/* --- Instances. --- */

static long long
counter_of(const sio_server *s, const char *name)
{
    char           *json = sio_counters(s);
    cJSON          *counters = cJSON_Parse(json);
    const long long value =
        (long long)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(counters, name));

    cJSON_Delete(counters);
    free(json);
    return value;
}

static void
join_cluster(sio_server *s, const char *name)
{
    char value[100];

    snprintf(value, sizeof value, "\"unix:%s\"", redis.socket);
    CHECK_INT(sio_set(s, "redis", value), 0);
    CHECK_INT(sio_set(s, "name", name), 0);
    listen_now(s);
}

static bool
have_met(long long n_peers)
{
    for (size_t i = 0; i < n_servers; i++)
        if (counter_of(servers[i], "peers") != n_peers)
            return false;
    return true;
}

/* io and n - 1 more, with a client of socket.io 4 at each. */
static void
start_cluster(size_t n)
{
    static const char *const names[N] = {"\"A\"", "\"B\"", "\"C\""};

    n_servers = n;
    servers[0] = io;
    CHECK(redis_server_command(&redis, "FLUSHALL") > 0); /* instances of earlier tests */
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            servers[i] = new_server();
        join_cluster(servers[i], names[i]);
    }
    UNTIL(have_met((long long)n - 1));
    for (size_t i = 0; i < n; i++)
        enter5(&clients[i], servers[i]);
}

/* Nothing is left of any question. */
static void
end_cluster(void)
{
    for (size_t i = 0; i < n_servers; i++) {
        UNTIL(counter_of(servers[i], "surveys") == 0);
        hang_up(&clients[i]);
    }
    for (size_t i = 1; i < n_servers; i++)
        sio_server_free(servers[i]);
}

/* The client of that server. */
static sio_socket *
nth(size_t i)
{
    sio_socket *socket = sio_find(sio_sockets(servers[i]), clients[i].id);

    if (!CHECK(socket != NULL))
        exit(1);
    return socket;
}

/* --- Questions. --- */

static void
note_answers(sio_namespace *nsp, const sio_answers *a, void *arg)
{
    (void)nsp;
    (void)arg;
    note("%.*s %zu/%zu %zu/%zu", (int)a->len, a->json, a->n_answered, a->n_asked, a->n_reached,
         a->n_instances);
}

static int
ask_all(const sio_to *to, unsigned timeout_ms)
{
    return sio_broadcast_ack(sio_sockets(io), to, "q", NULL, timeout_ms, note_answers, NULL);
}

#define CHECK_TOLD(want)         \
    do {                         \
        UNTIL(notes[0] != '\0'); \
        CHECK_NOTED(want);       \
    } while (0)

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
    CHECK_HEARD(&clients[1], "421[\"q\"]"); /* the first for this one */
    CHECK_HEARD(&clients[2], "422[\"q\"]");
    say(&clients[1], "431[1]");
    UNTIL(counter_of(servers[1], "surveys") == 0);
    say(&clients[2], "432[2]");
    CHECK_TOLD("[1,2] 2/2 3/3");
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

/* --- The puppet. --- */

static struct {
    sio_store *store;
    bool       up;
    uint64_t   n_said; /* numbered messages to io */
    char       io_tag[SIO_STORE_TAG_LEN + 1];
    uint64_t   question; /* the last one */
    uint64_t   n_asked;  /* io has told it; UINT64_MAX: nothing yet */
    unsigned   n_answers;
    bool       is_last;
} puppet;

static const sio_view puppet_tag = SIO_VIEW_INIT("puppet");

static void
on_puppet_message(void *arg, bool direct, sio_view bytes)
{
    sio_cluster_message m;
    sio_view            one;

    (void)arg;
    if (!CHECK_INT(sio_cluster_message_decode(bytes, &m), SIO_OK) ||
        sio_view_eq(m.from, puppet_tag))
        return;
    memcpy(puppet.io_tag, m.from.data, SIO_STORE_TAG_LEN);
    if (!direct && (m.kind == SIO_CM_SURVEY || m.kind == SIO_CM_FETCH))
        puppet.question = m.channel;
    if (!direct || m.kind != SIO_CM_ANSWER)
        return;
    if (puppet.n_asked == UINT64_MAX)
        puppet.n_asked = m.count;
    while (sio_cluster_packets_next(&m.packets, &one, NULL))
        puppet.n_answers++;
    puppet.is_last |= (m.flags & SIO_CM_LAST) != 0;
}

static void
on_puppet_up(void *arg)
{
    *(bool *)arg = true;
}

static void
on_puppet_down(void *arg)
{
    *(bool *)arg = false;
}

static void
puppet_says(sio_cluster_message m, bool is_cast)
{
    sio_buf bytes;

    sio_buf_init(&bytes, SIZE_MAX);
    m.from = puppet_tag;
    m.seq = is_cast ? 0 : ++puppet.n_said;
    sio_cluster_message_encode(&m, &bytes);
    CHECK_INT(sio_store_publish(puppet.store, is_cast ? SIO_VIEW("") : sio_view_of(puppet.io_tag),
                                sio_buf_view(&bytes)),
              SIO_OK);
    sio_buf_fini(&bytes);
}

/* io alone, with a client; and the puppet, which it has met. */
static void
start_puppet(void)
{
    const sio_store_ears ears = {on_puppet_message, on_puppet_up, on_puppet_down, &puppet.up};
    char                 address[100], why[100];
    sio_redis_url        url;
    sio_redis_store_cfg  cfg = {.base = base, .url = &url};

    memset(&puppet, 0, sizeof puppet);
    puppet.n_asked = UINT64_MAX;
    start_cluster(1);
    snprintf(address, sizeof address, "unix:%s", redis.socket);
    CHECK_INT(sio_redis_url_parse(address, &url, why, sizeof why), SIO_OK);
    CHECK_INT(sio_redis_store_new(&puppet.store, &cfg), SIO_OK);
    CHECK_INT(sio_store_listen(puppet.store, puppet_tag, &ears), SIO_OK);
    UNTIL(puppet.up);
    puppet_says((sio_cluster_message){.kind = SIO_CM_BEAT}, true);
    UNTIL(counter_of(io, "peers") == 1);
}

static void
end_puppet(void)
{
    sio_store_free(puppet.store);
    end_cluster();
}

/* A list of answers, valid until the next call. */
static sio_view
answers_of(const char *const *texts)
{
    static sio_buf list;

    list.max = SIZE_MAX;
    sio_buf_clear(&list);
    for (; *texts != NULL; texts++)
        sio_cluster_packets_add(&list, sio_view_of(*texts), false);
    return sio_buf_view(&list);
}

#define ANSWERS(...) answers_of((const char *const[]){__VA_ARGS__, NULL})

static void
puppet_answers(uint64_t number, uint64_t count, sio_view answers, uint64_t flags)
{
    puppet_says((sio_cluster_message){.kind = SIO_CM_ANSWER,
                                      .channel = number,
                                      .count = count,
                                      .packets = answers,
                                      .flags = flags},
                false);
}

/* io's client and the puppet have been asked; the client has answered 0. */
static void
ask_puppet(unsigned timeout_ms)
{
    const uint64_t before = puppet.question;

    CHECK_INT(ask_all(NULL, timeout_ms), 0);
    heard(&clients[0]);
    clients[0].text[0] = '4';
    clients[0].text[1] = '3';
    snprintf(strchr(clients[0].text, '['), 10, "[0]");
    say(&clients[0], clients[0].text);
    CHECK_QUIET5(&clients[0]);
    UNTIL(puppet.question != before);
}

static void
test_answers_of_another_instance_are_counted_not_believed(void)
{
    start_puppet();
    ask_puppet(LONG_MS);
    puppet_answers(puppet.question + 1, 1, ANSWERS("1"), SIO_CM_LAST);
    UNTIL(counter_of(io, "unasked_answers") == 1);
    puppet_answers(puppet.question, 2, ANSWERS("\"one\"", "}", "", "2"), 0);
    UNTIL(counter_of(io, "bad_messages") == 2);
    puppet_answers(puppet.question, 1000, ANSWERS("3", "4"), 0);
    UNTIL(counter_of(io, "unasked_answers") == 3);
    CHECK_NOTED("");
    puppet_answers(puppet.question, 0, ANSWERS("5"), SIO_CM_LAST);
    CHECK_TOLD("[0,\"one\",2] 3/3 2/2");
    puppet_answers(puppet.question, 1, ANSWERS("late"), SIO_CM_LAST);
    UNTIL(counter_of(io, "unasked_answers") == 5);
    end_puppet();
}

static void
test_impossible_numbers_do_no_harm(void)
{
    start_puppet();
    ask_puppet(LONG_MS);
    puppet_answers(puppet.question, SIO_CLUSTER_NUMBER_MAX, ANSWERS("1"), 0);
    UNTIL(counter_of(io, "unasked_answers") == 1);
    puppet_answers(puppet.question, 1, ANSWERS("1"), SIO_CM_LAST);
    CHECK_TOLD("[0] 1/1 2/2");
    puppet_answers(0, 1, ANSWERS("1"), SIO_CM_LAST);
    puppet_answers(SIO_CLUSTER_NUMBER_MAX, 1, ANSWERS("1"), 0);
    UNTIL(counter_of(io, "unasked_answers") == 4);
    end_puppet();
}

/* It said its last word while a client of this instance has yet to answer. */
static void
test_nobody_speaks_after_its_last_word(void)
{
    start_puppet();
    CHECK_INT(ask_all(NULL, LONG_MS), 0);
    CHECK_HEARD(&clients[0], "421[\"q\"]");
    UNTIL(puppet.question != 0);
    puppet_answers(puppet.question, 5, ANSWERS("1", "2"), SIO_CM_LAST);
    puppet_answers(puppet.question, 5, ANSWERS("3"), SIO_CM_LAST);
    UNTIL(counter_of(io, "unasked_answers") == 1);
    CHECK_NOTED("");
    say(&clients[0], "431[0]");
    CHECK_TOLD("[1,2,0] 3/6 2/2");
    end_puppet();
}

static void
test_a_silent_instance_is_waited_for_until_the_time_is_up_or_it_goes(void)
{
    start_puppet();
    ask_puppet(50);
    CHECK_TOLD("[0] 1/1 1/2");
    ask_puppet(LONG_MS);
    puppet_answers(puppet.question, 3, ANSWERS("1"), 0);
    puppet_says((sio_cluster_message){.kind = SIO_CM_BYE}, true);
    CHECK_TOLD("[0,1] 2/4 2/2");
    end_puppet();
}

static void
puppet_asks(uint64_t number, uint64_t timeout_ms)
{
    puppet_says((sio_cluster_message){.kind = SIO_CM_SURVEY,
                                      .channel = number,
                                      .count = timeout_ms,
                                      .type = 4, /* an event */
                                      .name = SIO_VIEW("\"q\"")},
                true);
}

static void
test_a_question_of_another_instance_is_answered(void)
{
    start_puppet();
    puppet_asks(7, LONG_MS);
    CHECK_HEARD(&clients[0], "421[\"q\"]");
    UNTIL(puppet.n_asked == 1);
    CHECK(!puppet.is_last && puppet.n_answers == 0);
    say(&clients[0], "431[1]");
    UNTIL(puppet.is_last);
    CHECK_INT(puppet.n_answers, 1);
    CHECK_INT(counter_of(io, "surveys"), 0);
    puppet_asks(7, 0);
    puppet_asks(7, 1); /* the same number, and nobody answers */
    UNTIL(counter_of(io, "surveys") == 0);
    puppet_asks(8, SIO_CLUSTER_NUMBER_MAX);
    UNTIL(counter_of(io, "surveys") == 1);
    puppet_says((sio_cluster_message){.kind = SIO_CM_BYE}, true);
    UNTIL(counter_of(io, "surveys") == 0);
    for (int i = 0; i < 3; i++)
        heard(&clients[0]);
    CHECK_QUIET5(&clients[0]);
    end_puppet();
}

static void
test_what_another_instance_can_not_take_is_dropped(void)
{
    char room[1000] = "";

    CHECK_INT(sio_set(io, "max instance backlog", "65536"), 0);
    start_puppet(); /* it never acknowledges anything */
    memset(room, 'x', sizeof room - 2);
    for (int k = 0; k < 40; k++) {
        room[0] = (char)('0' + k);
        CHECK_INT(sio_join(nth(0), room), 0);
    }
    puppet_says((sio_cluster_message){.kind = SIO_CM_FETCH, .channel = 1}, true);
    UNTIL(puppet.is_last);
    CHECK_INT(puppet.n_asked, 1);
    CHECK_INT(puppet.n_answers, 0);
    CHECK_INT(counter_of(io, "backlog_full"), 1);
    end_puppet();
}

static void
test_moves_that_are_none_do_nothing(void)
{
    const sio_cluster_message moves[] = {
        {.kind = SIO_CM_MOVE, .name = SIO_VIEW("r")},
        {.kind = SIO_CM_MOVE, .name = SIO_VIEW("r"), .type = 5},
        {.kind = SIO_CM_MOVE, .name = SIO_VIEW("r"), .type = SIO_CLUSTER_NUMBER_MAX},
        {.kind = SIO_CM_MOVE, .name = SIO_VIEW("a\0b"), .type = SIO_CM_JOIN},
        {.kind = SIO_CM_MOVE, .type = SIO_CM_CLOSE, .nsp = SIO_VIEW("/other")},
        {.kind = SIO_CM_MOVE, .type = SIO_CM_CLOSE, .has_room = true},
        {.kind = SIO_CM_MOVE, .name = SIO_VIEW("last"), .type = SIO_CM_JOIN},
    };

    start_puppet();
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        puppet_says(moves[i], true);
    UNTIL(sio_in_room(nth(0), "last"));
    CHECK(!sio_in_room(nth(0), "r") && !sio_in_room(nth(0), "a"));
    CHECK_INT(counter_of(io, "bad_messages"), 1);
    CHECK_QUIET5(&clients[0]);
    end_puppet();
}

int
main(void)
{
    redis_server_init(&redis);
    redis_server_start(&redis, NULL);
    RUN_WITH_SERVER(test_clients_of_all_instances_are_asked);
    RUN_WITH_SERVER(test_only_members_are_asked);
    RUN_WITH_SERVER(test_only_this_instance_is_asked);
    RUN_WITH_SERVER(test_a_question_ends_in_time);
    RUN_WITH_SERVER(test_who_leaves_is_not_waited_for);
    RUN_WITH_SERVER(test_an_instance_that_stops_is_not_waited_for);
    RUN_WITH_SERVER(test_nobody_is_waited_for_when_the_one_who_asked_stops);
    RUN_WITH_SERVER(test_without_redis_this_instance_answers_alone);
    RUN_WITH_SERVER(test_beside_node_this_instance_answers_alone);
    RUN_WITH_SERVER(test_an_application_may_end_sessions_and_ask_again_when_it_is_told);
    RUN_WITH_SERVER(test_sockets_of_all_instances_are_listed);
    RUN_WITH_SERVER(test_a_long_list_comes_whole);
    RUN_WITH_SERVER(test_sockets_of_all_instances_are_moved);
    RUN_WITH_SERVER(test_namespaces_are_kept_apart);
    RUN_WITH_SERVER(test_answers_of_another_instance_are_counted_not_believed);
    RUN_WITH_SERVER(test_impossible_numbers_do_no_harm);
    RUN_WITH_SERVER(test_nobody_speaks_after_its_last_word);
    RUN_WITH_SERVER(test_a_silent_instance_is_waited_for_until_the_time_is_up_or_it_goes);
    RUN_WITH_SERVER(test_a_question_of_another_instance_is_answered);
    RUN_WITH_SERVER(test_what_another_instance_can_not_take_is_dropped);
    RUN_WITH_SERVER(test_moves_that_are_none_do_nothing);
    redis_server_fini(&redis);
    return check_done();
}
