/*
 * store/instances.h: what instances tell each other, and when they can. The server is real,
 * the instances are several stores in one process.
 */
#include "tests/unit/store/instances_fixture.h"
#include "tests/unit/store/redis_proxy.h"

#include "store/redis_bus.h"

/* ---- messages ---- */

static void
test_a_message_reaches_one_and_a_cast_reaches_all(void)
{
    instance a, b, c;

    start(&a, SIO_VIEW("aaaaaa"));
    start(&b, SIO_VIEW("bbbbbb"));
    start(&c, SIO_VIEW("cccccc"));
    CHECK_INT(send_text(&a, "bbbbbb", "to b"), SIO_OK);
    CHECK_INT(send_text(&a, "nobody", "to nobody"), SIO_OK);
    CHECK_INT(send_text(&a, "", "to all"), SIO_OK);
    UNTIL(a.n_cast == 1 && b.n_cast == 1 && c.n_cast == 1);
    CHECK_VIEW(sio_view_of(b.text), "to all"); /* after the one that was sent before it */
    CHECK_INT(b.n_direct, 1);
    CHECK_INT(a.n_direct + c.n_direct, 0);
    CHECK_INT(send_text(&c, "aaaaaa", "to a"), SIO_OK);
    UNTIL(a.n_direct == 1);
    CHECK_VIEW(sio_view_of(a.text), "to a");
    CHECK_INT(sio_store_get_counters(a.s)->publishes, 3);
    CHECK_INT(sio_store_get_counters(a.s)->published_bytes, 4 + 9 + 6);
    CHECK_INT(sio_store_get_counters(a.s)->publishes_lost, 0);
    CHECK_INT(sio_store_get_counters(b.s)->heard, 2);
    sio_store_free(a.s);
    sio_store_free(b.s);
    sio_store_free(c.s);
}

static void
test_another_cluster_is_not_heard(void)
{
    instance a, b;

    start(&a, SIO_VIEW("aaaaaa"));
    n_tests++; /* another prefix */
    start(&b, SIO_VIEW("aaaaaa"));
    CHECK_INT(send_text(&b, "", "mine"), SIO_OK);
    CHECK_INT(send_text(&b, "aaaaaa", "mine"), SIO_OK);
    UNTIL(b.n_cast == 1 && b.n_direct == 1);
    CHECK_INT(send_text(&a, "", "mine"), SIO_OK);
    UNTIL(a.n_cast == 1);
    CHECK_INT(a.n_direct, 0);
    CHECK_INT(b.n_cast, 1);
    sio_store_free(a.s);
    sio_store_free(b.s);
}

static void
test_messages_keep_their_order(void)
{
    enum { N = 20000 };
    instance a, b;

    start(&a, SIO_VIEW("aaaaaa"));
    start(&b, SIO_VIEW("bbbbbb"));
    for (unsigned number = 1; number <= N; number++) {
        char text[16];

        snprintf(text, sizeof text, "#%u", number);
        while (send_text(&a, number % 3 == 0 ? "" : "bbbbbb", text) == SIO_ERR_FULL)
            event_base_loop(base, EVLOOP_ONCE); /* more than may be pending */
    }
    UNTIL(b.last_number == N);
    CHECK_INT(b.n_disorder, 0);
    CHECK_INT(b.n_cast, N / 3);
    CHECK_INT(sio_store_get_counters(b.s)->heard, N);
    UNTIL(sio_store_get_counters(a.s)->pending == 0);
    sio_store_free(a.s);
    sio_store_free(b.s);
}

static void
test_messages_hold_any_bytes(void)
{
    enum { BIG = 1024 * 1024 };
    instance a, b;
    char    *big = malloc(BIG), sum = 0;

    start(&a, SIO_VIEW("a\0\r\n*%"));
    start(&b, SIO_VIEW("bbbbbb"));
    CHECK_INT(sio_store_publish(b.s, a.tag, SIO_VIEW("\0\r\n\xff$1")), SIO_OK);
    UNTIL(a.n_direct == 1);
    CHECK_INT(a.len, 6);
    CHECK_INT(sio_store_publish(a.s, b.tag, (sio_view){NULL, 0}), SIO_OK);
    UNTIL(b.n_direct == 1);
    CHECK_INT(b.len, 0);
    if (CHECK(big != NULL)) {
        for (size_t i = 0; i < BIG; i++)
            sum ^= big[i] = (char)(i * 7919 >> 3);
        CHECK_INT(sio_store_publish(a.s, b.tag, (sio_view){big, BIG}), SIO_OK);
        UNTIL(b.n_direct == 2);
        CHECK_INT(b.len, BIG);
        CHECK_INT(b.sum, sum);
    }
    free(big);
    sio_store_free(a.s);
    sio_store_free(b.s);
}

/* ---- connections lost ---- */

static void
test_a_restart_of_redis_is_down_and_up(void)
{
    instance a, b;

    start(&a, SIO_VIEW("aaaaaa"));
    start(&b, SIO_VIEW("bbbbbb"));
    redis_server_kill(&server);
    UNTIL(a.n_down == 1 && b.n_down == 1);
    UNTIL(!connected(a.s));
    CHECK_INT(send_text(&a, "bbbbbb", "x"), SIO_ERR_UNAVAILABLE);
    CHECK_INT(sio_store_get_counters(a.s)->publishes_lost, 1);
    redis_server_start(&server, NULL);
    UNTIL(a.n_up == 2 && b.n_up == 2);
    CHECK_INT(send_text(&a, "bbbbbb", "x"), SIO_OK);
    CHECK_INT(send_text(&b, "", "y"), SIO_OK);
    UNTIL(b.n_direct == 1 && a.n_cast == 1);
    CHECK_INT(a.n_down, 1);
    CHECK_INT(sio_store_get_counters(a.s)->reconnects, 1);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 2); /* one for each store */
    CHECK_INT(logged.n_lines[SIO_STORE_INFO], 4); /* connected, connected again */
    sio_store_free(a.s);
    sio_store_free(b.s);
}

static void
test_redis_that_comes_late_is_up_once(void)
{
    instance a;

    redis_server_kill(&server);
    start_at(&a, NULL, SIO_VIEW("aaaaaa"));
    UNTIL(logged.n_lines[SIO_STORE_WARN] == 1);
    CHECK_INT(send_text(&a, "", "x"), SIO_ERR_UNAVAILABLE);
    redis_server_start(&server, NULL);
    UNTIL(a.n_up == 1);
    CHECK_INT(a.n_down, 0);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    CHECK_INT(logged.n_lines[SIO_STORE_INFO], 1);
    sio_store_free(a.s);
}

/* As Redis does to one that reads too slowly (client-output-buffer-limit pubsub). */
static void
test_a_kicked_subscriber_comes_back(void)
{
    instance a;

    start(&a, SIO_VIEW("aaaaaa"));
    CHECK_INT(command("CLIENT KILL TYPE pubsub"), 1);
    UNTIL(a.n_down == 1);
    CHECK(connected(a.s));
    UNTIL(a.n_up == 2);
    CHECK_INT(send_text(&a, "aaaaaa", "x"), SIO_OK);
    UNTIL(a.n_direct == 1);
    CHECK_INT(sio_store_get_counters(a.s)->reconnects, 0);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    CHECK(strstr(logged.last[SIO_STORE_WARN], "ended the subscription") != NULL);
    CHECK_INT(logged.n_lines[SIO_STORE_INFO], 1);
    sio_store_free(a.s);
}

static void
test_lost_commands_alone_are_down_and_up_too(void)
{
    instance a;

    start(&a, SIO_VIEW("aaaaaa"));
    CHECK_INT(command("CLIENT KILL TYPE normal SKIPME yes"), 1);
    UNTIL(a.n_down == 1);
    UNTIL(a.n_up == 2);
    CHECK_INT(sio_store_get_counters(a.s)->reconnects, 1);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    sio_store_free(a.s);
}

static void
test_a_refused_subscription_is_said_once_and_retried(void)
{
    char                   address[64];
    struct evconnlistener *l = proxy_start(address, sizeof address);
    instance               a;
    uint64_t               start_ms;

    if (!CHECK(l != NULL))
        return;
    CHECK(command("ACL SETUSER default resetchannels") >= 0);
    start_at(&a, address, SIO_VIEW("aaaaaa"));
    UNTIL(logged.n_lines[SIO_STORE_WARN] == 1);
    CHECK(strstr(logged.last[SIO_STORE_WARN], "does not let us hear") != NULL);
    CHECK(strstr(logged.last[SIO_STORE_WARN], "NOPERM") != NULL);
    CHECK(connected(a.s));
    for (start_ms = sio_now_ms(); sio_now_ms() < start_ms + 1000;)
        event_base_loop(base, EVLOOP_ONCE);
    CHECK(n_proxied <= 8); /* each time later: not ten times a second */
    CHECK(command("ACL SETUSER default allchannels") >= 0);
    UNTIL(a.n_up == 1);
    CHECK_INT(a.n_down, 0);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    CHECK_INT(logged.n_lines[SIO_STORE_INFO], 2); /* connected; lets us hear again */
    sio_store_free(a.s);
    proxy_end(l);
}

/* ---- connections that are open but dead ---- */

static void
test_a_dead_subscription_is_found_by_our_own_casts(void)
{
    char                   address[64];
    struct evconnlistener *l = proxy_start(address, sizeof address);
    instance               a;
    uint64_t               start_ms, next_ms = 0;

    if (!CHECK(l != NULL))
        return;
    start_at(&a, address, SIO_VIEW("aaaaaa"));
    UNTIL(a.n_up == 1);
    proxy_mute = true;
    start_ms = sio_now_ms();
    while (a.n_down == 0 && sio_now_ms() < start_ms + SIO_REDIS_BUS_SILENCE_MS + SOON_MS) {
        if (sio_now_ms() >= next_ms) { /* a beat */
            CHECK_INT(send_text(&a, "", "beat"), SIO_OK);
            next_ms = sio_now_ms() + 500;
        }
        event_base_loop(base, EVLOOP_ONCE);
    }
    CHECK(sio_now_ms() - start_ms >= SIO_REDIS_BUS_SILENCE_MS);
    CHECK_INT(a.n_down, 1);
    CHECK(connected(a.s));
    proxy_mute = false;
    UNTIL(a.n_up == 2);
    CHECK_INT(send_text(&a, "", "beat"), SIO_OK);
    UNTIL(a.n_cast == 1);
    CHECK_INT(sio_store_get_counters(a.s)->reconnects, 0);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    sio_store_free(a.s);
    proxy_end(l);
}

static void
test_no_answer_to_subscribe_is_a_lost_attempt(void)
{
    char                   address[64];
    struct evconnlistener *l = proxy_start(address, sizeof address);
    instance               a;

    if (!CHECK(l != NULL))
        return;
    proxy_mute = true;
    start_at(&a, address, SIO_VIEW("aaaaaa"));
    UNTIL_MS(n_proxied == 3, SIO_REDIS_BUS_SILENCE_MS + SOON_MS); /* commands, bus, bus again */
    proxy_mute = false;
    UNTIL(a.n_up == 1);
    CHECK_INT(a.n_down, 0);
    sio_store_free(a.s);
    proxy_end(l);
}

/* A replica takes messages and no sets. */
static void
test_refusals_among_successes_are_said_once(void)
{
    instance a;

    start(&a, SIO_VIEW("aaaaaa"));
    CHECK(command("REPLICAOF 127.0.0.1 1") >= 0);
    for (unsigned n = 1; n <= 5; n++) {
        sio_store_instance_touch(a.s, a.tag);
        CHECK_INT(send_text(&a, "", "beat"), SIO_OK);
        UNTIL(a.n_cast == n && sio_store_get_counters(a.s)->pending == 0);
    }
    CHECK_INT(a.n_down, 0);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    CHECK(strstr(logged.last[SIO_STORE_WARN], "READONLY") != NULL);
    sio_store_free(a.s);
}

/* ---- another tag ---- */

static void
test_another_tag_replaces_the_first(void)
{
    instance a, b;

    start(&a, SIO_VIEW("aaaaaa"));
    start(&b, SIO_VIEW("bbbbbb"));
    CHECK_INT(send_text(&b, "aaaaaa", "on its way"), SIO_OK);
    listen_as(&a, SIO_VIEW("nother"));
    UNTIL(a.n_up == 2);
    CHECK_INT(a.n_down, 0);
    CHECK_INT(send_text(&b, "aaaaaa", "old"), SIO_OK);
    CHECK_INT(send_text(&b, "nother", "new"), SIO_OK);
    CHECK_INT(send_text(&b, "", "all"), SIO_OK);
    UNTIL(a.n_cast == 1);
    CHECK_INT(a.n_direct, 1);
    CHECK_INT(command("PUBSUB NUMSUB test%u:to:aaaaaa", n_tests), 0);
    CHECK_INT(command("CLIENT KILL TYPE pubsub"), 2);
    UNTIL(a.n_up == 3 && b.n_up == 2);
    CHECK_INT(send_text(&b, "nother", "new"), SIO_OK);
    UNTIL(a.n_direct == 2);
    sio_store_free(a.s);
    sio_store_free(b.s);
}

static void
test_the_same_tag_with_other_ears(void)
{
    instance a, b;

    start(&a, SIO_VIEW("aaaaaa"));
    b = (instance){.s = a.s};
    listen_as(&b, a.tag);
    UNTIL(b.n_up == 1);
    CHECK_INT(send_text(&a, "aaaaaa", "x"), SIO_OK);
    UNTIL(b.n_direct == 1);
    CHECK_INT(a.n_direct, 0);
    CHECK_INT(a.n_up, 1);
    sio_store_free(a.s);
}

static void
test_another_tag_while_redis_is_away(void)
{
    instance a;

    start(&a, SIO_VIEW("aaaaaa"));
    redis_server_kill(&server);
    UNTIL(a.n_down == 1);
    listen_as(&a, SIO_VIEW("bbbbbb"));
    redis_server_start(&server, NULL);
    UNTIL(a.n_up == 2);
    CHECK_INT(send_text(&a, "bbbbbb", "x"), SIO_OK);
    UNTIL(a.n_direct == 1);
    sio_store_free(a.s);
}

/* ---- bounds ---- */

static void
test_bytes_on_their_way_are_bounded(void)
{
    enum { MESSAGE = 1000, N = 10, BOUND = MESSAGE * N };
    instance a = {.s = bounded_redis_store_at(NULL, NULL, 0, BOUND)};
    char     message[BOUND + 1];
    int      rc = SIO_OK;
    unsigned n_sent = 0;

    memset(message, ' ', sizeof message);
    listen_as(&a, SIO_VIEW("aaaaaa"));
    UNTIL(a.n_up == 1);
    UNTIL(sio_store_get_counters(a.s)->pending == 0);
    redis_server_freeze(&server);
    while (n_sent <= N && rc == SIO_OK) {
        snprintf(message, MESSAGE, "#%u", n_sent + 1);
        rc = sio_store_publish(a.s, a.tag, (sio_view){message, MESSAGE});
        n_sent += rc == SIO_OK;
    }
    CHECK_INT(rc, SIO_ERR_FULL);
    CHECK_INT(n_sent, N);
    CHECK_INT(sio_store_publish(a.s, a.tag, SIO_VIEW("")), SIO_ERR_FULL);
    CHECK_INT(sio_store_get_counters(a.s)->publishes_lost, 2);
    redis_server_thaw(&server);
    UNTIL(a.n_direct == N);
    CHECK_INT(a.n_disorder, 0);
    CHECK_INT(a.n_down, 0);
    UNTIL(sio_store_get_counters(a.s)->pending == 0);
    /* One that is larger than the bound is below it, when nothing else is. */
    CHECK_INT(sio_store_publish(a.s, a.tag, (sio_view){message, sizeof message}), SIO_OK);
    CHECK_INT(sio_store_publish(a.s, a.tag, SIO_VIEW("")), SIO_ERR_FULL);
    UNTIL(a.n_direct == N + 1);
    sio_store_free(a.s);
}

static void
test_the_bound_on_bytes_survives_a_lost_connection(void)
{
    enum { N = 3 };
    instance a = {.s = bounded_redis_store_at(NULL, NULL, 0, N)};

    listen_as(&a, SIO_VIEW("aaaaaa"));
    UNTIL(a.n_up == 1);
    redis_server_freeze(&server);
    for (int i = 0; i < N; i++)
        CHECK_INT(send_text(&a, "", "x"), SIO_OK);
    CHECK_INT(send_text(&a, "", "x"), SIO_ERR_FULL);
    redis_server_kill(&server);
    UNTIL(a.n_down == 1);
    UNTIL(sio_store_get_counters(a.s)->pending == 0);
    CHECK_INT(sio_store_get_counters(a.s)->publishes_lost, N + 1);
    redis_server_start(&server, NULL);
    UNTIL(a.n_up == 2);
    for (int i = 0; i < N; i++)
        CHECK_INT(send_text(&a, "", "x"), SIO_OK);
    UNTIL(a.n_cast == N);
    sio_store_free(a.s);
}

static void
test_messages_on_their_way_are_bounded_with_the_commands(void)
{
    enum { BOUND = 10 };
    instance a = {.s = redis_store_at(NULL, NULL, BOUND)};

    listen_as(&a, SIO_VIEW("aaaaaa"));
    UNTIL(a.n_up == 1 && sio_store_get_counters(a.s)->pending == 0);
    for (int i = 0; i < BOUND; i++)
        CHECK_INT(send_text(&a, "", "x"), SIO_OK);
    CHECK_INT(send_text(&a, "", "x"), SIO_ERR_FULL);
    UNTIL(a.n_cast == BOUND);
    UNTIL(sio_store_get_counters(a.s)->pending == 0);
    CHECK_INT(send_text(&a, "", "x"), SIO_OK);
    sio_store_free(a.s);
}

/* Nobody waits for messages; still they show that Redis is silent. */
static void
test_messages_alone_find_a_silent_redis(void)
{
    instance a;

    start(&a, SIO_VIEW("aaaaaa"));
    UNTIL(sio_store_get_counters(a.s)->pending == 0);
    redis_server_freeze(&server);
    CHECK_INT(send_text(&a, "", "x"), SIO_OK);
    UNTIL_MS(a.n_down == 1, SIO_REDIS_SILENCE_MS + SOON_MS);
    CHECK_INT(sio_store_get_counters(a.s)->publishes_lost, 1);
    redis_server_thaw(&server);
    UNTIL(a.n_up == 2);
    CHECK_INT(logged.n_lines[SIO_STORE_WARN], 1);
    sio_store_free(a.s);
}

/* ---- life ---- */

static void
test_free_is_allowed_at_every_moment(void)
{
    for (int n_turns = 0; n_turns < 300; n_turns += 3) {
        instance a;
        outcome  c = {0};
        outcome  o = {0};

        start_at(&a, NULL, SIO_VIEW("aaaaaa"));
        for (int i = 0; i < n_turns; i++)
            event_base_loop(base, EVLOOP_NONBLOCK);
        send_text(&a, "", "x");
        sio_store_instance_touch(a.s, a.tag);
        sio_store_lost_check(a.s, a.tag, on_put, &c);
        sio_store_lost_claim(a.s, a.tag, on_put, &o);
        if (n_turns % 2 == 0)
            listen_as(&a, SIO_VIEW("bbbbbb"));
        sio_store_free(a.s);
    }
}

typedef struct {
    instance i;
    unsigned n_left; /* what is still to be sent from inside of the callbacks */
} talker;

static void
answer_itself(void *arg, bool direct, sio_view bytes)
{
    talker *t = arg;

    (void)bytes;
    if (!direct)
        sio_store_publish(t->i.s, t->i.tag, SIO_VIEW("direct"));
    else if (t->n_left-- > 0)
        sio_store_publish(t->i.s, (sio_view){NULL, 0}, SIO_VIEW("cast"));
    else
        t->i.n_direct = 1;
}

static void
cast_when_up(void *arg)
{
    talker *t = arg;

    t->i.n_up++;
    sio_store_session_add(t->i.s, t->i.tag, SIO_VIEW("id"));
    CHECK_INT(sio_store_publish(t->i.s, (sio_view){NULL, 0}, SIO_VIEW("cast")), SIO_OK);
}

static void
send_when_down(void *arg)
{
    talker *t = arg;

    t->i.n_down++;
    sio_store_publish(t->i.s, t->i.tag, SIO_VIEW("x")); /* one of the two may be left */
}

static void
test_ears_may_use_the_store(void)
{
    talker               t = {.i = {.tag = SIO_VIEW("aaaaaa")}, .n_left = 100};
    const sio_store_ears ears = {
        .message = answer_itself, .up = cast_when_up, .down = send_when_down, .arg = &t};

    t.i.s = redis_store_at(NULL, NULL, 0);
    CHECK_INT(sio_store_listen(t.i.s, t.i.tag, &ears), SIO_OK);
    UNTIL(t.i.n_direct == 1);
    CHECK_INT(command("SCARD test%u:sessions:aaaaaa", n_tests), 1);
    redis_server_kill(&server);
    UNTIL(t.i.n_down == 1 && !connected(t.i.s));
    t.i.n_direct = 0;
    t.n_left = 10;
    redis_server_start(&server, NULL);
    UNTIL(t.i.n_direct == 1);
    CHECK_INT(t.i.n_up, 2);
    sio_store_free(t.i.s);
}

/* ---- alone ---- */

static void
test_an_instance_alone_hears_nothing(void)
{
    instance a = {.s = new_memory_store(NULL)};

    listen_as(&a, SIO_VIEW("aaaaaa"));
    CHECK_INT(send_text(&a, "", "x"), SIO_OK);
    CHECK_INT(send_text(&a, "aaaaaa", "x"), SIO_OK);
    for (int i = 0; i < 10; i++)
        event_base_loop(base, EVLOOP_ONCE);
    CHECK_INT(a.n_up + a.n_down + a.n_direct + a.n_cast, 0);
    CHECK_INT(sio_store_get_counters(a.s)->publishes, 2);
    sio_store_free(a.s);
}

#define RUN_MEMORY(test) run("memory", #test, test, with_loop)

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    RUN_REDIS(test_a_message_reaches_one_and_a_cast_reaches_all);
    RUN_REDIS(test_another_cluster_is_not_heard);
    RUN_REDIS(test_messages_keep_their_order);
    RUN_REDIS(test_messages_hold_any_bytes);
    RUN_REDIS(test_a_restart_of_redis_is_down_and_up);
    RUN_REDIS(test_redis_that_comes_late_is_up_once);
    RUN_REDIS(test_a_kicked_subscriber_comes_back);
    RUN_REDIS(test_lost_commands_alone_are_down_and_up_too);
    RUN_REDIS(test_a_refused_subscription_is_said_once_and_retried);
    RUN_REDIS(test_a_dead_subscription_is_found_by_our_own_casts);
    RUN_REDIS(test_no_answer_to_subscribe_is_a_lost_attempt);
    RUN_REDIS(test_refusals_among_successes_are_said_once);
    RUN_REDIS(test_another_tag_replaces_the_first);
    RUN_REDIS(test_the_same_tag_with_other_ears);
    RUN_REDIS(test_another_tag_while_redis_is_away);
    RUN_REDIS(test_bytes_on_their_way_are_bounded);
    RUN_REDIS(test_the_bound_on_bytes_survives_a_lost_connection);
    RUN_REDIS(test_messages_on_their_way_are_bounded_with_the_commands);
    RUN_REDIS(test_messages_alone_find_a_silent_redis);
    RUN_REDIS(test_free_is_allowed_at_every_moment);
    RUN_REDIS(test_ears_may_use_the_store);
    RUN_MEMORY(test_an_instance_alone_hears_nothing);
    redis_server_fini(&server);
    return check_done();
}
