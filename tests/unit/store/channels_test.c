/*
 * Channels that other programs use too (store/channels.h), and the data of clients under the names
 * that those programs expect. The server is real.
 */
#include "tests/unit/store/store_fixture.h"

#include "store/channels.h"

typedef struct {
    unsigned n_heard;
    char     channel[32], text[64]; /* of the last message */
    size_t   len;
} ear;

static const char *const names[] = {"open", "close", NULL};
static const char *const patterns[] = {"to:*", "all*", NULL};
static const char *const none[] = {NULL};

static void
on_heard(void *arg, sio_view channel, sio_view bytes)
{
    ear *e = arg;

    e->n_heard++;
    e->len = bytes.len;
    snprintf(e->channel, sizeof e->channel, "%.*s", (int)channel.len, channel.data);
    snprintf(e->text, sizeof e->text, "%.*s", (int)(bytes.len < 60 ? bytes.len : 60), bytes.data);
}

/* How many hear what somebody else publishes on the channel. */
static long long
publish_elsewhere(const char *channel, const char *text)
{
    char command[128];

    snprintf(command, sizeof command, "PUBLISH %s %s", channel, text);
    return redis_server_command(&server, command);
}

/* The server has heard of every subscription by then: PUBLISH tells how many hear it. */
static void
await_subscription(const char *channel)
{
    UNTIL(publish_elsewhere(channel, "are-you-there") == 1);
}

static sio_store *
new_hearing_store(ear *e)
{
    sio_store *s = new_redis_store(NULL);

    *e = (ear){.n_heard = 0};
    CHECK_INT(sio_store_channels_hear(s, names, patterns, on_heard, e), SIO_OK);
    await_subscription("close");
    await_subscription("all");
    return s;
}

static void
check_heard(ear *e, const char *channel, const char *text)
{
    e->channel[0] = '\0';
    CHECK_INT(publish_elsewhere(channel, text), 1);
    UNTIL(strcmp(e->channel, channel) == 0 && strcmp(e->text, text) == 0);
}

static void
test_names_and_patterns_are_heard(void)
{
    ear        e;
    sio_store *s = new_hearing_store(&e);

    check_heard(&e, "open", "a");
    check_heard(&e, "to:someone", "b");
    check_heard(&e, "all", "c");
    check_heard(&e, "close", "d");
    CHECK_INT(publish_elsewhere("opened", "e"), 0);
    CHECK_INT(publish_elsewhere("to", "e"), 0);
    sio_store_free(s);
}

static void
test_channels_that_come_later_are_heard(void)
{
    ear        e;
    sio_store *s = new_hearing_store(&e);

    CHECK_INT(sio_store_channel_join(s, SIO_VIEW("later")), SIO_OK);
    CHECK_INT(sio_store_channel_join(s, SIO_VIEW("last")), SIO_OK);
    await_subscription("later");
    await_subscription("last");
    check_heard(&e, "later", "a");
    check_heard(&e, "last", "b");
    sio_store_channel_leave(s, SIO_VIEW("later"));
    sio_store_channel_leave(s, SIO_VIEW("never-joined"));
    UNTIL(publish_elsewhere("later", "c") == 0);
    check_heard(&e, "last", "d");
    check_heard(&e, "open", "e");
    CHECK_INT(sio_store_channel_join(s, SIO_VIEW("later")), SIO_OK);
    await_subscription("later");
    check_heard(&e, "later", "f");
    sio_store_free(s);
}

static void
test_either_list_may_be_empty(void)
{
    ear        a = {0}, b = {0};
    sio_store *s = new_redis_store(NULL), *t = new_redis_store(NULL);

    CHECK_INT(sio_store_channels_hear(s, names, none, on_heard, &a), SIO_OK);
    CHECK_INT(sio_store_channels_hear(t, none, patterns, on_heard, &b), SIO_OK);
    await_subscription("close");
    await_subscription("all");
    CHECK_INT(publish_elsewhere("to:x", "a"), 1);
    CHECK_INT(publish_elsewhere("open", "a"), 1);
    UNTIL(strcmp(a.channel, "open") == 0 && strcmp(b.channel, "to:x") == 0);
    sio_store_free(s);
    sio_store_free(t);
}

static void
test_what_one_publishes_all_hear_itself_included(void)
{
    ear        a, b;
    sio_store *s = new_hearing_store(&a), *t;
    unsigned   n_a, n_b;

    t = new_redis_store(NULL);
    b = (ear){.n_heard = 0};
    CHECK_INT(sio_store_channels_hear(t, names, patterns, on_heard, &b), SIO_OK);
    UNTIL(publish_elsewhere("all", "x") == 2 && publish_elsewhere("close", "x") == 2);
    UNTIL(strcmp(a.channel, "close") == 0 && strcmp(b.channel, "close") == 0);
    n_a = a.n_heard;
    n_b = b.n_heard;
    for (int i = 0; i < 100; i++)
        CHECK_INT(sio_store_channel_publish(s, SIO_VIEW("to:x"), SIO_VIEW("{\"a\0b\":1}")), SIO_OK);
    UNTIL(a.n_heard == n_a + 100 && b.n_heard == n_b + 100);
    CHECK_INT(b.len, 9);
    CHECK_INT(sio_store_get_counters(s)->publishes, 100);
    sio_store_free(s);
    sio_store_free(t);
}

static void
test_they_are_heard_again_after_an_outage(void)
{
    ear        e;
    sio_store *s = new_hearing_store(&e);

    redis_server_kill(&server);
    UNTIL(!connected(s));
    CHECK_INT(sio_store_channel_publish(s, SIO_VIEW("open"), SIO_VIEW("lost")),
              SIO_ERR_UNAVAILABLE);
    CHECK_INT(sio_store_get_counters(s)->publishes_lost, 1);
    redis_server_start(&server, NULL);
    await_subscription("all");
    check_heard(&e, "open", "again");
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    sio_store_free(s);
}

static void
test_a_subscriber_that_is_thrown_out_comes_back(void)
{
    ear        e;
    sio_store *s = new_hearing_store(&e);

    CHECK_INT(sio_store_channel_join(s, SIO_VIEW("later")), SIO_OK);
    await_subscription("later");
    CHECK_INT(redis_server_command(&server, "CLIENT KILL TYPE pubsub"), 1);
    await_subscription("all");
    await_subscription("later");
    check_heard(&e, "later", "again");
    check_heard(&e, "open", "again");
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 0);
    sio_store_free(s);
}

static void
test_a_missing_right_is_said_once(void)
{
    ear        e = {0};
    char       address[96];
    sio_store *s;

    CHECK(redis_server_command(&server, "ACL SETUSER app on >pw ~* +@all resetchannels") >= 0);
    snprintf(address, sizeof address, "redis://app:pw@127.0.0.1:%d", server.port);
    s = redis_store_at(address, NULL, 0);
    UNTIL(connected(s));
    CHECK_INT(sio_store_channels_hear(s, names, patterns, on_heard, &e), SIO_OK);
    UNTIL(logged.n_lines[SIO_STORE_WARN] == 1);
    CHECK(strstr(logged.last[SIO_STORE_WARN], "NOPERM") != NULL);
    CHECK(redis_server_command(&server, "ACL SETUSER app allchannels") >= 0);
    UNTIL(publish_elsewhere("all", "x") == 1);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    sio_store_free(s);
}

static void
test_free_is_allowed_at_every_moment(void)
{
    for (int turns = 0; turns < 20; turns++) {
        ear        e = {0};
        sio_store *s = redis_store_at(NULL, NULL, 0);

        CHECK_INT(sio_store_channels_hear(s, names, patterns, on_heard, &e), SIO_OK);
        for (int i = 0; i < turns; i++)
            event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        sio_store_free(s);
    }
}

static void
test_an_instance_alone_hears_nothing(void)
{
    ear        e = {0};
    sio_store *s = new_memory_store(NULL);

    CHECK_INT(sio_store_channels_hear(s, names, patterns, on_heard, &e), SIO_OK);
    CHECK_INT(sio_store_channel_publish(s, SIO_VIEW("open"), SIO_VIEW("x")), SIO_OK);
    event_base_loop(base, EVLOOP_ONCE);
    CHECK_INT(e.n_heard, 0);
    sio_store_free(s);
}

/* ---- the data of clients ---- */

static sio_store *
new_bare_store(void)
{
    char                address[64], error[128];
    sio_redis_url       url;
    sio_redis_store_cfg cfg = {.base = base, .url = &url, .bare_clients = true};
    sio_store          *s = NULL;

    snprintf(address, sizeof address, "redis://127.0.0.1:%d", server.port);
    if (sio_redis_url_parse(address, &url, error, sizeof error) != SIO_OK ||
        sio_redis_store_new(&s, &cfg) != SIO_OK)
        exit(1);
    UNTIL(connected(s));
    return s;
}

static void
test_data_are_in_the_hash_with_the_bare_id(void)
{
    const sio_store_client_limits wide = {.max_keys = 10, .max_bytes = 1000};
    const sio_view                id = SIO_VIEW("H5b1wHgcfzoqcaBHTteG");
    sio_store                    *s = new_bare_store();
    outcome                       o = {.n_calls = 0};

    sio_store_client_set(s, id, SIO_VIEW("nick"), SIO_VIEW("bob"), &wide, on_put, &o);
    UNTIL(o.n_calls == 1);
    CHECK_INT(redis_server_command(&server, "HSTRLEN H5b1wHgcfzoqcaBHTteG nick"), 3);
    CHECK_INT(redis_server_command(&server, "HSET H5b1wHgcfzoqcaBHTteG by-node 5"), 1);
    sio_store_client_get(s, id, SIO_VIEW("by-node"), on_take, &o);
    UNTIL(o.n_calls == 2);
    CHECK_VIEW(data_of(&o), "5");
    sio_store_client_expire(s, id, 15000, on_put, &o);
    UNTIL(o.n_calls == 3);
    CHECK_INT(redis_server_command(&server, "TTL H5b1wHgcfzoqcaBHTteG"), 15);
    CHECK_INT(redis_server_command(&server, "DBSIZE"), 1);
    sio_store_free(s);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    RUN_REDIS(test_names_and_patterns_are_heard);
    RUN_REDIS(test_channels_that_come_later_are_heard);
    RUN_REDIS(test_either_list_may_be_empty);
    RUN_REDIS(test_what_one_publishes_all_hear_itself_included);
    RUN_REDIS(test_they_are_heard_again_after_an_outage);
    RUN_REDIS(test_a_subscriber_that_is_thrown_out_comes_back);
    RUN_REDIS(test_a_missing_right_is_said_once);
    RUN_REDIS(test_free_is_allowed_at_every_moment);
    RUN_REDIS(test_data_are_in_the_hash_with_the_bare_id);
    run("memory", "test_an_instance_alone_hears_nothing", test_an_instance_alone_hears_nothing,
        with_loop);
    redis_server_fini(&server);
    return check_done();
}
