/*
 * store/instances.h: has Redis a connection of an instance? The server is real, the instances are
 * several stores in one process, each with two connections.
 */
#include "tests/unit/store/instances_fixture.h"

static int
probe_rc(sio_store *s, const char *tag)
{
    outcome o = {.n_calls = 0};

    sio_store_instance_probe(s, sio_view_of(tag), on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

/* Redis knows which connection for commands is its own. */
static bool
is_written(const char *tag)
{
    return command("EXISTS test%u:conn:%s", n_tests, tag) == 1;
}

static void
start_known(instance *i, sio_view tag)
{
    start(i, tag);
    sio_store_instance_touch(i->s, tag);
    UNTIL(is_written(tag.data));
}

static void
test_one_that_listens_is_there(void)
{
    instance a, b;

    start_known(&a, SIO_VIEW("aaaaaa"));
    start_known(&b, SIO_VIEW("bbbbbb"));
    CHECK_INT(probe_rc(a.s, "bbbbbb"), SIO_OK);
    CHECK_INT(probe_rc(a.s, "aaaaaa"), SIO_OK);
    CHECK(command("PTTL test%u:conn:aaaaaa", n_tests) > 86400000 - SOON_MS);
    sio_store_free(b.s);
    sio_store_free(a.s);
}

static void
test_one_whose_process_has_ended_is_not(void)
{
    instance a, b;

    start_known(&a, SIO_VIEW("aaaaaa"));
    start_known(&b, SIO_VIEW("bbbbbb"));
    sio_store_free(b.s); /* what is left of it is what it wrote down */
    UNTIL(probe_rc(a.s, "bbbbbb") == SIO_ERR_NOT_FOUND);
    CHECK(is_written("bbbbbb"));
    sio_store_free(a.s);
}

static void
test_without_its_subscription_it_is_there(void)
{
    instance a, b;

    start_known(&a, SIO_VIEW("aaaaaa"));
    start_known(&b, SIO_VIEW("bbbbbb"));
    command("ACL SETUSER default -subscribe"); /* so that it stays without */
    command("CLIENT KILL TYPE pubsub");
    UNTIL(b.n_down == 1 && a.n_down == 1);
    CHECK_INT(command("PUBLISH test%u:to:bbbbbb x", n_tests), 0);
    CHECK_INT(probe_rc(a.s, "bbbbbb"), SIO_OK);
    command("ACL SETUSER default +subscribe");
    sio_store_free(b.s);
    sio_store_free(a.s);
}

static void
test_of_one_that_never_wrote_it_down_nothing_is_known(void)
{
    instance a;

    start_known(&a, SIO_VIEW("aaaaaa"));
    CHECK_INT(probe_rc(a.s, "nobody"), SIO_ERR_UNAVAILABLE);
    command("SET test%u:conn:nobody words", n_tests);
    CHECK_INT(probe_rc(a.s, "nobody"), SIO_ERR_UNAVAILABLE);
    command("SET test%u:conn:nobody 1000000000000000000000", n_tests); /* 22 digits */
    CHECK_INT(probe_rc(a.s, "nobody"), SIO_ERR_UNAVAILABLE);
    command("SET test%u:conn:nobody 99999999", n_tests);
    CHECK_INT(probe_rc(a.s, "nobody"), SIO_ERR_NOT_FOUND);
    sio_store_free(a.s);
}

static void
test_it_is_written_again_and_removed(void)
{
    instance a;

    start_known(&a, SIO_VIEW("aaaaaa"));
    command("DEL test%u:conn:aaaaaa", n_tests); /* Redis has lost its memory */
    sio_store_instance_touch(a.s, a.tag);
    UNTIL(is_written("aaaaaa"));
    sio_store_instance_remove(a.s, a.tag);
    UNTIL(!is_written("aaaaaa"));
    sio_store_free(a.s);
}

/* One line, however often it is asked: nothing else is wrong. */
static void
test_without_the_right_to_ask_nothing_is_known(void)
{
    instance a, b;

    start_known(&a, SIO_VIEW("aaaaaa"));
    start_known(&b, SIO_VIEW("bbbbbb"));
    sio_store_free(b.s);
    UNTIL(probe_rc(a.s, "bbbbbb") == SIO_ERR_NOT_FOUND);
    command("ACL SETUSER default -client");
    logged.n_lines[SIO_STORE_WARN] = 0;
    for (unsigned i = 0; i < 3; i++)
        CHECK_INT(probe_rc(a.s, "bbbbbb"), SIO_ERR_UNAVAILABLE);
    command("ACL SETUSER default +client");
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    CHECK(strstr(logged.last[SIO_STORE_WARN], "does not say who is connected") != NULL);
    sio_store_free(a.s);
}

static void
test_a_message_to_nobody_is_noticed(void)
{
    instance a;

    start_known(&a, SIO_VIEW("aaaaaa"));
    CHECK_INT(send_text(&a, "aaaaaa", "to itself"), SIO_OK);
    CHECK_INT(send_text(&a, "", "to all"), SIO_OK);
    CHECK_INT(send_text(&a, "nobody", "in vain"), SIO_OK);
    UNTIL(a.n_unheard == 1);
    CHECK_VIEW(sio_view_of(a.unheard), SIO_VIEW("nobody"));
    UNTIL(a.n_direct == 1 && a.n_cast == 1);
    sio_store_free(a.s);
}

static void
test_a_probe_that_was_cancelled_tells_nobody(void)
{
    outcome        o = {.n_calls = 0};
    instance       a;
    sio_store_req *req;

    start_known(&a, SIO_VIEW("aaaaaa"));
    req = sio_store_instance_probe(a.s, SIO_VIEW("nobody"), on_put, &o);
    if (CHECK(req != NULL))
        sio_store_cancel(req);
    CHECK_INT(probe_rc(a.s, "aaaaaa"), SIO_OK);
    CHECK_INT(o.n_calls, 0);
    sio_store_free(a.s);
}

static void
test_while_redis_is_away_nothing_is_known(void)
{
    instance a = {.s = redis_store_at("redis://127.0.0.1:1", NULL, 0)};

    listen_as(&a, SIO_VIEW("aaaaaa"));
    CHECK_INT(probe_rc(a.s, "bbbbbb"), SIO_ERR_UNAVAILABLE);
    sio_store_free(a.s);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    RUN_REDIS(test_one_that_listens_is_there);
    RUN_REDIS(test_one_whose_process_has_ended_is_not);
    RUN_REDIS(test_without_its_subscription_it_is_there);
    RUN_REDIS(test_of_one_that_never_wrote_it_down_nothing_is_known);
    RUN_REDIS(test_it_is_written_again_and_removed);
    RUN_REDIS(test_without_the_right_to_ask_nothing_is_known);
    RUN_REDIS(test_a_message_to_nobody_is_noticed);
    RUN_REDIS(test_a_probe_that_was_cancelled_tells_nobody);
    RUN_REDIS(test_while_redis_is_away_nothing_is_known);
    redis_server_fini(&server);
    return check_done();
}
