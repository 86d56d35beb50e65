/*
 * tests/unit/server/api_reach_puppet_test.c - what another instance, or whoever can write to Redis,
 * may do with questions, answers and moves, and should not.
 *
 * The puppet is an instance made by hand: it hears what io says, and says whatever a test wants.
 */
#include "tests/unit/server/reach_fixture.h"

#include "protocol/cluster_message.h"
#include "store/instances.h"
#include "store/redis.h"
#include "store/redis_url.h"

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
    uint64_t   n_used, n_refused; /* of its tokens, io says */
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
    if (!direct && (m.kind == SIO_CM_SURVEY || m.kind == SIO_CM_FETCH || m.kind == SIO_CM_COUNT ||
                    m.kind == SIO_CM_ROOMS))
        puppet.question = m.channel;
    if (direct && m.kind == SIO_CM_TOKEN_USED)
        ++*(m.verdict == 0 ? &puppet.n_used : &puppet.n_refused);
    if (!direct || m.kind != SIO_CM_ANSWER)
        return;
    if (puppet.n_asked == UINT64_MAX)
        puppet.n_asked = m.count;
    while (sio_cluster_message_next_packet(&m.packets, &one, NULL))
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
    const sio_store_ears ears = {.message = on_puppet_message,
                                 .up = on_puppet_up,
                                 .down = on_puppet_down,
                                 .arg = &puppet.up};
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
    memcpy(puppet.io_tag, io->env.tag, SIO_STORE_TAG_LEN);
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
        sio_cluster_message_add_packet(&list, sio_view_of(*texts), false);
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
note_rooms(sio_namespace *nsp, const sio_room_list *list, void *arg)
{
    (void)nsp;
    (void)arg;
    for (size_t i = 0; i < list->n_rooms; i++)
        note("%s=%zu", list->rooms[i].name, list->rooms[i].n_sockets);
    note("%s%zu/%zu", list->has_more ? "more " : "", list->n_reached, list->n_instances);
}

/* What is no room is left out, and it shows when less has come than was announced. */
static void
test_rooms_of_another_instance_are_counted_not_believed(void)
{
    start_puppet();
    CHECK_INT(sio_join(nth(0), "b"), 0);
    CHECK_INT(sio_rooms(sio_sockets(io), NULL, 10, LONG_MS, note_rooms, NULL), 0);
    UNTIL(puppet.question != 0);
    puppet_answers(puppet.question, 12,
                   ANSWERS("\"one\"", "[]", "[\"b\"]", "[1,2]", "[\"x\\u0000\",1]", "{\"a\":1}",
                           "[\"b\",2]", "[\"a\",1e3]", "[\"a\",-1]", "[\"c\",[[]]]",
                           "[\"b\",40,7]"),
                   SIO_CM_LAST);
    CHECK_TOLD("a=14 b=43 c=0 more 2/2");
    end_puppet();
}

static void
test_another_instance_counts_with_its_last_word(void)
{
    start_puppet();
    CHECK_INT(sio_count(sio_sockets(io), NULL, LONG_MS, note_count, NULL), 0);
    UNTIL(puppet.question != 0);
    puppet_answers(puppet.question, 41, SIO_VIEW(""), SIO_CM_LAST);
    CHECK_TOLD("42 2/2");
    CHECK_INT(sio_count(sio_sockets(io), NULL, 50, note_count, NULL), 0);
    CHECK_TOLD("1 1/2"); /* it says nothing in time */
    end_puppet();
}

static void
test_counts_and_rooms_are_told_to_another_instance(void)
{
    start_puppet();
    CHECK_INT(sio_join(nth(0), "a"), 0);
    CHECK_INT(sio_join(nth(0), "b"), 0);
    puppet_says((sio_cluster_message){.kind = SIO_CM_COUNT, .channel = 1}, true);
    UNTIL(puppet.is_last);
    CHECK_INT(puppet.n_asked, 1);
    CHECK_INT(puppet.n_answers, 0);
    puppet.is_last = false;
    puppet.n_asked = UINT64_MAX;
    puppet_says((sio_cluster_message){.kind = SIO_CM_ROOMS, .count = SIO_CLUSTER_NUMBER_MAX}, true);
    UNTIL(puppet.is_last);
    CHECK_INT(puppet.n_asked, 2);
    CHECK_INT(puppet.n_answers, 2);
    puppet.is_last = false;
    puppet.n_asked = UINT64_MAX;
    puppet_says((sio_cluster_message){.kind = SIO_CM_ROOMS, .nsp = SIO_VIEW("/nowhere")}, true);
    UNTIL(puppet.is_last);
    CHECK_INT(puppet.n_asked, 0);
    end_puppet();
}

static char token[SIO_ACK_TOKEN_SIZE];

static void
keep_token(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    CHECK_INT(sio_ack_token(socket, event, LONG_MS, token), 0);
}

/* What could not go to a client as it is does not use the token up. */
static void
test_bad_arguments_use_no_token(void)
{
    sio_cluster_message use = {.kind = SIO_CM_USE_TOKEN, .channel = 1};

    sio_on(sio_sockets(io), "x", keep_token, NULL);
    start_puppet();
    say(&clients[0], "427[\"x\"]");
    UNTIL(token[0] != '\0');
    puppet_says(use, false);
    use.name = sio_view_of(token);
    use.args = SIO_VIEW("{}");
    puppet_says(use, false);
    use.args = SIO_VIEW("[1");
    puppet_says(use, false);
    use.args = SIO_VIEW("[{\"_placeholder\":true,\"num\":1}]");
    use.packets = ANSWERS("bytes");
    puppet_says(use, false);
    UNTIL(puppet.n_refused == 4);
    CHECK_INT(counter_of(io, "bad_messages"), 3);
    use.args = SIO_VIEW("[\"good\"]");
    use.packets = SIO_VIEW("");
    puppet_says(use, false);
    CHECK_HEARD(&clients[0], "437[\"good\"]");
    UNTIL(puppet.n_used == 1);
    puppet_says((sio_cluster_message){.kind = SIO_CM_TOKEN_USED, .channel = 5}, false);
    UNTIL(counter_of(io, "unasked_answers") == 1); /* nobody has asked it for that */
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
        {.kind = SIO_CM_MOVE, .name = SIO_VIEW("r"), .type = SIO_CM_DATA + 1},
        {.kind = SIO_CM_MOVE, .name = SIO_VIEW("{\"a\":"), .type = SIO_CM_DATA},
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
    CHECK_VIEW(sio_view_of(sio_socket_data(nth(0))), "{}");
    CHECK_INT(counter_of(io, "bad_messages"), 2);
    CHECK_QUIET5(&clients[0]);
    end_puppet();
}

int
main(void)
{
    begin_tests();
    RUN_WITH_SERVER(test_answers_of_another_instance_are_counted_not_believed);
    RUN_WITH_SERVER(test_impossible_numbers_do_no_harm);
    RUN_WITH_SERVER(test_nobody_speaks_after_its_last_word);
    RUN_WITH_SERVER(test_a_silent_instance_is_waited_for_until_the_time_is_up_or_it_goes);
    RUN_WITH_SERVER(test_a_question_of_another_instance_is_answered);
    RUN_WITH_SERVER(test_rooms_of_another_instance_are_counted_not_believed);
    RUN_WITH_SERVER(test_another_instance_counts_with_its_last_word);
    RUN_WITH_SERVER(test_counts_and_rooms_are_told_to_another_instance);
    RUN_WITH_SERVER(test_bad_arguments_use_no_token);
    RUN_WITH_SERVER(test_what_another_instance_can_not_take_is_dropped);
    RUN_WITH_SERVER(test_moves_that_are_none_do_nothing);
    return end_tests();
}
