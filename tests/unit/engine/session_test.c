#include "server/engine/engine_judge.h"
#include "server/engine/session.h"
#include "server/engine/terms.h"
#include "server/engine/watcher.h"
#include "tests/unit/engine/engine_fixture.h"

/* --- Dialects that write down what they are told, as objects larger than a session. --- */

typedef struct {
    sio_session session;
    char        handshake[32];
} talker;

static int init_rc;

static int
on_init(sio_session *s, sio_view handshake)
{
    talker *t = SIO_CONTAINER(s, talker, session);

    snprintf(t->handshake, sizeof t->handshake, "%.*s", (int)handshake.len, handshake.data);
    return init_rc;
}

static void
on_opened(sio_session *s)
{
    (void)s;
    hear("opened");
}

static void
on_received(sio_session *s, sio_view message, bool is_binary)
{
    (void)is_binary;
    if (sio_view_eq(message, SIO_VIEW("bye")))
        sio_session_end(s, "booted", true);
    else
        sio_session_send_text(s, message);
}

static void
on_packet(sio_session *s, const sio_eio_packet *p)
{
    on_received(s, p->data, false);
}

static void
on_ended(sio_session *s, const char *reason)
{
    (void)s;
    sio_buf_add_str(&heard, "ended:");
    hear(reason);
}

static void
on_release(sio_session *s)
{
    hear(SIO_CONTAINER(s, talker, session)->handshake);
}

static const sio_dialect plain = {
    .name = "plain",
    .kind = &sio_session_kind_09,
    .heartbeat = &sio_heartbeat_09,
    .session_size = sizeof(talker),
    .opened = on_opened,
    .receive = on_received,
    .init = on_init,
    .ended = on_ended,
    .release = on_release,
};

static const sio_dialect modern = {
    .name = "modern",
    .kind = &sio_engine_io_kind,
    .heartbeat = &sio_heartbeat_eio4,
    .session_size = sizeof(talker),
    .opened = on_opened,
    .receive = sio_engine_io_receive_message,
    .message = on_packet,
    .init = on_init,
    .ended = on_ended,
    .release = on_release,
};

static sio_session *
begin_plain(const char *id)
{
    return sio_session_new(&env, sio_view_of(id), SIO_VIEW("released"), &plain);
}

static sio_session *
begin_modern(const char *id)
{
    sio_session *s = sio_session_new(&env, sio_view_of(id), SIO_VIEW("released"), &modern);

    if (s != NULL)
        sio_engine_io_begin(s, SIO_EIO4, SIO_EIO3_CLIENT_ANY, SIO_EIO3_BY_POLLING, 1);
    return s;
}

static sio_session *
find(const char *id)
{
    return sio_session_find(&env, sio_view_of(id));
}

static stub_channel
modern_poll(void)
{
    stub_channel c = stub_poll();

    c.ops.engine = true;
    return c;
}

static stub_channel
modern_websocket(void)
{
    stub_channel c = stub_websocket();

    c.ops.engine = true;
    return c;
}

/* --- Life. --- */

static void
test_a_session_is_found_until_it_has_said_all(void)
{
    stub_channel c = stub_websocket();
    sio_session *s = begin_plain("a");

    CHECK(find("a") == s && env.stats.sessions == 1);
    sio_session_connect(s, &c.ops);
    stub_attach(&c, &s->mailbox);
    sio_mailbox_receive(&s->mailbox, SIO_VIEW("hello"), false);
    turn();
    CHECK_HEARD("opened hello ");
    CHECK(s->is_on_websocket);
    sio_session_end(s, "booted", true);
    CHECK_HEARD("ended:booted 0:: finished ");
    CHECK(find("a") == NULL && env.stats.sessions == 0);
    turn();
    CHECK_HEARD("released ");
}

static void
test_without_memory_there_is_no_session(void)
{
    init_rc = SIO_ERR_NOMEM;
    CHECK(begin_plain("a") == NULL);
    init_rc = SIO_OK;
    CHECK(begin_plain("an id that is longer than any that is made") == NULL);
    CHECK(find("a") == NULL && env.stats.sessions == 0);
    CHECK_HEARD("");
}

static void
test_a_session_may_end_in_its_own_message(void)
{
    stub_channel c = stub_websocket();
    sio_session *s = begin_plain("a");

    stub_attach(&c, &s->mailbox);
    sio_mailbox_receive(&s->mailbox, SIO_VIEW("bye"), false);
    CHECK_HEARD("ended:booted 0:: finished ");
    sio_session_receive(s, SIO_VIEW("late"), false);
    turn();
    CHECK_HEARD("released ");
}

static void
test_a_lost_websocket_ends_the_session(void)
{
    stub_channel c = stub_websocket();
    sio_session *s = begin_plain("a");

    stub_attach(&c, &s->mailbox);
    sio_mailbox_lost(&c.channel, "socket end");
    turn();
    CHECK_HEARD("ended:socket end released ");
}

/* --- Between two polls. --- */

static void
test_nobody_who_polls_is_waited_for_in_vain(void)
{
    stub_channel c = stub_poll();
    sio_session *s;

    cfg.close_timeout_ms = 1000;
    s = begin_plain("a");
    stub_attach(&c, &s->mailbox);
    sio_mailbox_detach(&c.channel);
    pass_ms(900);
    CHECK_HEARD("");
    pass_ms(200);
    CHECK_HEARD("ended:close timeout released ");
}

/* The settings may change meanwhile: a client goes by what it was told. */
static void
test_terms_are_those_of_the_beginning(void)
{
    sio_session *old, *fresh;

    cfg.close_timeout_ms = 2000;
    old = begin_plain("a");
    sio_session_await_channel(old);
    cfg.close_timeout_ms = 1000;
    CHECK(sio_session_find(&env, SIO_VIEW("a"))->terms->close_timeout_ms == 2000);
    sio_terms_renew(&env);
    fresh = begin_plain("b");
    sio_session_await_channel(fresh);
    pass_ms(1100);
    CHECK(find("b") == NULL);
    CHECK(find("a") == old);
    pass_ms(1000);
    CHECK_HEARD("ended:close timeout released ended:close timeout released ");
}

/* The first poll of a session takes one packet alone. */
static void
test_a_goodbye_waits_for_the_next_poll(void)
{
    stub_channel first = stub_poll(), second = stub_poll();
    sio_session *s = begin_plain("a");

    sio_session_send_text(s, SIO_VIEW("last"));
    sio_session_end(s, "booted", true);
    CHECK_HEARD("ended:booted ");
    CHECK(find("a") == s);
    stub_attach(&first, &s->mailbox);
    CHECK_HEARD("last ");
    stub_attach(&second, &s->mailbox);
    turn();
    CHECK_HEARD("0:: finished released ");
}

static void
test_a_goodbye_waits_for_so_long(void)
{
    sio_session *s;

    cfg.close_timeout_ms = 1000;
    s = begin_plain("a");
    sio_session_end(s, "booted", true);
    pass_ms(900);
    CHECK(find("a") == s);
    pass_ms(200);
    CHECK_HEARD("ended:booted released ");
}

/* --- Engine.IO. --- */

static void
test_engine_io_has_words_of_its_own(void)
{
    stub_channel c = modern_websocket();
    sio_session *s = begin_modern("a");

    CHECK(sio_session_is_engine_io(s));
    stub_attach(&c, &s->mailbox);
    sio_mailbox_lost(&c.channel, "socket end");
    turn();
    CHECK_HEARD("ended:transport close released ");
}

static void
test_a_handshake_is_fresh_until_its_client_comes_back(void)
{
    stub_channel first = modern_poll(), second = modern_poll();
    sio_session *s = begin_modern("a"), *other = begin_modern("b");

    CHECK_INT(engine.n_fresh, 2);
    stub_attach(&first, &s->mailbox);
    CHECK_INT(engine.n_fresh, 2);
    sio_mailbox_detach(&first.channel);
    stub_attach(&second, &s->mailbox);
    CHECK_INT(engine.n_fresh, 1);
    sio_session_end(other, "booted", false);
    CHECK_INT(engine.n_fresh, 0);
    sio_session_end(s, "booted", false);
}

static void
test_a_poll_ends_for_the_websocket_that_is_announced(void)
{
    stub_channel c = modern_poll();
    sio_session *s = begin_modern("a");
    sio_probe    p = {.over = NULL};

    stub_attach(&c, &s->mailbox);
    sio_probe_begin(&p, &s->mailbox);
    sio_probe_announce(&p);
    CHECK_HEARD("aside ");
    CHECK(s->mailbox.channel == NULL);
    CHECK(sio_probe_succeed(&p) == &s->mailbox);
    sio_session_end(s, "booted", false);
}

/* Clients act on the close packet at once, so what waits goes in front of it, by itself. */
static void
test_what_waits_has_a_poll_of_its_own(void)
{
    stub_channel first = modern_poll(), second = modern_poll();
    sio_session *s = begin_modern("a");

    sio_session_send_text(s, SIO_VIEW("4last"));
    sio_session_end(s, "booted", true);
    stub_attach(&first, &s->mailbox);
    CHECK_HEARD("ended:booted 4last ");
    stub_attach(&second, &s->mailbox);
    turn();
    CHECK_HEARD("6 1 finished released ");
}

/* --- The end, while a websocket is probed. --- */

static void
on_over(sio_probe *p)
{
    (void)p;
    hear("over");
}

static void
test_an_end_waits_for_the_probed_websocket(void)
{
    stub_channel c = modern_websocket();
    sio_session *s = begin_modern("a");
    sio_probe    p = {.over = on_over};

    sio_probe_begin(&p, &s->mailbox);
    sio_session_send_text(s, SIO_VIEW("4last"));
    sio_session_end(s, "hung up", false);
    sio_probe_announce(&p);
    turn();
    CHECK_HEARD("ended:hung up ");
    stub_attach(&c, sio_probe_succeed(&p));
    turn();
    CHECK_HEARD("4last finished released ");
}

static void
test_an_end_waits_for_a_poll_instead(void)
{
    stub_channel first = modern_poll(), second = modern_poll();
    sio_session *s = begin_modern("a");
    sio_probe    p = {.over = on_over};

    sio_probe_begin(&p, &s->mailbox);
    sio_session_send_text(s, SIO_VIEW("4last"));
    sio_session_end(s, "hung up", false);
    stub_attach(&first, &s->mailbox);
    turn();
    CHECK_HEARD("ended:hung up 4last ");
    stub_attach(&second, &s->mailbox);
    turn();
    CHECK_HEARD("6 1 finished over released ");
}

/* Only who was disconnected is to know it: others come back in any case. */
static void
test_an_end_does_not_outlive_its_probe(void)
{
    sio_session *s = begin_modern("a"), *told = begin_modern("b");
    sio_probe    p = {.over = on_over}, q = {.over = on_over};

    sio_probe_begin(&p, &s->mailbox);
    sio_probe_begin(&q, &told->mailbox);
    sio_session_end(s, "hung up", false);
    sio_session_end(told, "booted", true);
    CHECK_HEARD("ended:hung up ended:booted ");
    sio_probe_withdraw(&p);
    sio_probe_withdraw(&q);
    turn();
    CHECK_HEARD("released ");
    CHECK(find("a") == NULL && find("b") == told);
}

/* What waits behind a gap is not sent, but the client still learns that it is over. */
static void
test_one_that_fails_while_it_probes(void)
{
    stub_channel c = modern_websocket();
    sio_session *s = begin_modern("a");
    sio_probe    p = {.over = on_over};

    sio_probe_begin(&p, &s->mailbox);
    for (int i = 0; i < 5; i++)
        sio_session_send_text(s, SIO_VIEW("4more"));
    turn();
    CHECK_HEARD("ended:slow consumer ");
    stub_attach(&c, sio_probe_succeed(&p));
    turn();
    CHECK_HEARD("finished released ");
}

/* --- Judging. --- */

static void
test_requests_are_judged(void)
{
    static const struct {
        const char        *what;
        sio_engine_request r;
        sio_eio_verdict    want;
    } rows[] = {
        {"a poll", {.kind = SIO_ENGINE_POLL, .revision = SIO_EIO4}, SIO_EIO_ACCEPTED},
        {"a POST", {.kind = SIO_ENGINE_POST, .revision = SIO_EIO4}, SIO_EIO_ACCEPTED},
        {"an upgrade",
         {.kind = SIO_ENGINE_UPGRADE, .revision = SIO_EIO4, .is_websocket = true},
         SIO_EIO_ACCEPTED},
        {"another revision", {.kind = SIO_ENGINE_POLL, .revision = SIO_EIO3}, SIO_EIO_BAD_REQUEST},
        {"another transport",
         {.kind = SIO_ENGINE_POST, .revision = SIO_EIO4, .is_websocket = true},
         SIO_EIO_BAD_REQUEST},
        {"bad in itself",
         {.kind = SIO_ENGINE_POLL, .revision = SIO_EIO4, .verdict = SIO_EIO_FORBIDDEN},
         SIO_EIO_FORBIDDEN},
    };
    sio_session *s = begin_modern("a"), *old = begin_plain("b");

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].what;
        CHECK_INT(sio_engine_judge(&rows[i].r, s), rows[i].want);
        CHECK_INT(sio_engine_judge(&rows[i].r, NULL), SIO_EIO_UNKNOWN_SID);
        CHECK_INT(sio_engine_judge(&rows[i].r, old), SIO_EIO_UNKNOWN_SID);
        CHECK(!s->ended);
    }
    sio_session_end(s, "booted", false);
    sio_session_end(old, "booted", false);
}

static void
test_two_things_at_a_time_end_the_session(void)
{
    const sio_engine_request poll = {.kind = SIO_ENGINE_POLL, .revision = SIO_EIO4};
    const sio_engine_request post = {.kind = SIO_ENGINE_POST, .revision = SIO_EIO4};
    stub_channel             c = modern_poll();
    sio_session             *a = begin_modern("a"), *b = begin_modern("b");

    stub_attach(&c, &a->mailbox);
    CHECK_INT(sio_engine_judge(&poll, a), SIO_EIO_SECOND_POLL);
    CHECK(a->ended);
    b->engine.posting = &c;
    CHECK_INT(sio_engine_judge(&post, b), SIO_EIO_SECOND_POST);
    CHECK(b->ended);
}

/* --- Watchers. --- */

static void
watch_opened(sio_session *s)
{
    (void)s;
    hear("w:opened");
}

static void
watch_ended(sio_session *s)
{
    (void)s;
    hear("w:ended");
}

static void
watch_forgotten(sio_session *s)
{
    CHECK(sio_session_find(s->env, s->node.key) == s);
    hear("w:forgotten");
}

/* --- What waits is too much. --- */

static sio_session *
begin_of(const char *id, const char *address)
{
    char record[100];

    snprintf(record, sizeof record, "{\"address\":{\"address\":\"%s\"}}", address);
    return sio_session_new(&env, sio_view_of(id), sio_view_of(record), &plain);
}

static void
send_kilobytes(sio_session *s, unsigned n)
{
    static const char bytes[1000];

    for (unsigned i = 0; i < n; i++)
        sio_session_send_new(s, sio_frame_new((sio_view){bytes, sizeof bytes}, true), false);
}

/* The address for which most waits, though another has more that is shared. */
static void
test_who_pays_for_what_waits(void)
{
    static const char bytes[20000];
    sio_frame        *shared = sio_frame_new((sio_view){bytes, sizeof bytes}, true);
    char              id[] = "listener0";

    engine.queue_limits = (sio_send_queue_limits){.max_frames = 1000, .max_bytes = 1000000};
    env.budget.max_bytes = 100000;
    for (; id[8] < '8'; id[8]++)
        sio_session_send_frame(begin_of(id, "10.0.0.1"), shared, false);
    send_kilobytes(begin_of("heavy1", "10.0.0.2"), 30);
    send_kilobytes(begin_of("heavy2", "10.0.0.2"), 30);
    send_kilobytes(begin_of("light", "10.0.0.2"), 1);
    pass_ms(SIO_WHEEL_TICK_MS);
    CHECK_INT(env.stats.evicted, 0);
    send_kilobytes(find("heavy2"), 12);
    pass_ms(SIO_WHEEL_TICK_MS);
    CHECK_INT(env.stats.evicted, 1);
    CHECK(find("heavy1") == NULL || find("heavy2") == NULL);
    CHECK(find("light") != NULL && find("listener0") != NULL && find("listener7") != NULL);
    CHECK(env.budget.n_waiting < 100000 - 100000 / 8);
    sio_frame_unref(shared);
}

static void
test_watchers_hear_of_a_session(void)
{
    static const sio_watcher watcher = {
        .opened = watch_opened, .ended = watch_ended, .forgotten = watch_forgotten};
    sio_session *s;

    sio_watcher_add(&env, &watcher);
    s = begin_plain("a");
    sio_session_end(s, "booted", false);
    turn();
    CHECK_HEARD("w:opened ended:booted w:ended w:forgotten released ");
    sio_watcher_remove_all(&env);
    sio_session_end(begin_plain("b"), "booted", false);
    turn();
    CHECK_HEARD("ended:booted released ");
}

int
main(void)
{
    RUN_WITH_ENGINE(test_a_session_is_found_until_it_has_said_all);
    RUN_WITH_ENGINE(test_without_memory_there_is_no_session);
    RUN_WITH_ENGINE(test_a_session_may_end_in_its_own_message);
    RUN_WITH_ENGINE(test_a_lost_websocket_ends_the_session);
    RUN_WITH_ENGINE(test_nobody_who_polls_is_waited_for_in_vain);
    RUN_WITH_ENGINE(test_terms_are_those_of_the_beginning);
    RUN_WITH_ENGINE(test_a_goodbye_waits_for_the_next_poll);
    RUN_WITH_ENGINE(test_a_goodbye_waits_for_so_long);
    RUN_WITH_ENGINE(test_engine_io_has_words_of_its_own);
    RUN_WITH_ENGINE(test_a_handshake_is_fresh_until_its_client_comes_back);
    RUN_WITH_ENGINE(test_a_poll_ends_for_the_websocket_that_is_announced);
    RUN_WITH_ENGINE(test_what_waits_has_a_poll_of_its_own);
    RUN_WITH_ENGINE(test_an_end_waits_for_the_probed_websocket);
    RUN_WITH_ENGINE(test_an_end_waits_for_a_poll_instead);
    RUN_WITH_ENGINE(test_an_end_does_not_outlive_its_probe);
    RUN_WITH_ENGINE(test_one_that_fails_while_it_probes);
    RUN_WITH_ENGINE(test_requests_are_judged);
    RUN_WITH_ENGINE(test_two_things_at_a_time_end_the_session);
    RUN_WITH_ENGINE(test_who_pays_for_what_waits);
    RUN_WITH_ENGINE(test_watchers_hear_of_a_session);
    return check_done();
}
