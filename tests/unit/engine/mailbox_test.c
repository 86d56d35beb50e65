#include "tests/unit/engine/engine_fixture.h"

static sio_mailbox mailbox;

/* --- An owner that writes down what it is told. --- */

static void
on_attached(sio_mailbox *m)
{
    (void)m;
    hear("attached");
}

static void
on_detached(sio_mailbox *m, const char *reason)
{
    (void)m;
    hear(reason != NULL ? reason : "detached");
}

static void
on_received(sio_mailbox *m, sio_view message, bool is_binary)
{
    (void)m;
    (void)is_binary;
    sio_buf_add_view(&heard, message);
    sio_buf_add_str(&heard, "! ");
}

static void
on_failed(sio_mailbox *m, const char *reason)
{
    (void)m;
    hear(reason);
}

static void
on_upgrading(sio_mailbox *m, bool begins)
{
    (void)m;
    hear(begins ? "upgrading" : "upgrade-over");
}

static const sio_mailbox_owner owner = {
    .attached = on_attached,
    .detached = on_detached,
    .receive = on_received,
    .failed = on_failed,
    .upgrading = on_upgrading,
};

static void
mailbox_begin(void)
{
    mailbox = (sio_mailbox){.owner = NULL};
    sio_mailbox_init(&mailbox, &env, &owner);
}

static void
mailbox_end(void)
{
    mailbox.channel = NULL; /* it was on the stack of the test */
    sio_mailbox_fini(&mailbox);
}

#define RUN_WITH_MAILBOX(test) \
    do {                       \
        engine_begin();        \
        mailbox_begin();       \
        RUN(test);             \
        mailbox_end();         \
        engine_end();          \
    } while (0)

static void
post(const char *text, bool is_volatile)
{
    sio_frame *f = sio_frame_new(sio_view_of(text), false);

    if (!CHECK(f != NULL))
        return;
    sio_mailbox_send(&mailbox, f, is_volatile);
    sio_frame_unref(f);
}

/* --- Packets. --- */

static void
test_packets_of_a_turn_leave_together_at_its_end(void)
{
    stub_channel c = stub_websocket();

    stub_attach(&c, &mailbox);
    CHECK_HEARD("attached ");
    post("a", false);
    post("b", false);
    CHECK_HEARD("");
    turn();
    CHECK_HEARD("a b ");
    CHECK_INT(env.stats.packets_out, 2);
}

static void
test_without_a_channel_packets_wait(void)
{
    stub_channel c = stub_websocket();

    post("a", false);
    turn();
    CHECK_INT(mailbox.queue.n_frames, 1);
    stub_attach(&c, &mailbox);
    sio_mailbox_flush(&mailbox);
    CHECK_HEARD("attached a ");
}

static void
test_volatile_packets_do_not_wait(void)
{
    stub_channel c = stub_websocket();

    post("nobody", true);
    stub_attach(&c, &mailbox);
    post("now", true);
    post("behind", true);
    turn();
    CHECK_HEARD("attached now ");
    CHECK_INT(env.stats.volatile_dropped, 2);
}

/* The owner is told when nobody is on the stack who could not bear it. */
static void
test_a_full_queue_fails_at_the_end_of_the_turn(void)
{
    stub_channel c = stub_websocket();

    c.is_blocked = true;
    stub_attach(&c, &mailbox);
    for (unsigned i = 0; i < 5; i++) /* four fit */
        post("x", false);
    CHECK_HEARD("attached ");
    turn();
    CHECK_HEARD("slow consumer ");
    CHECK_INT(env.stats.slow_consumers, 1);
}

/* In the same turn: what an application sends at once may be more than there is. */
static void
test_short_of_memory_little_is_queued_and_nothing_kept(void)
{
    char text[20000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    engine.queue_limits = (sio_send_queue_limits){.max_frames = 100, .max_bytes = 1000000};
    env.budget.max_bytes = 16000;
    post(text, false);
    CHECK(env.budget.is_tight);
    CHECK_INT(mailbox.queue.n_frames, 1);
    post("one too many", false);
    CHECK_INT(mailbox.queue.n_frames, 0);
    CHECK_INT(env.budget.n_waiting, 0);
    turn();
    CHECK_HEARD("slow consumer ");
}

static void
test_short_of_memory_who_takes_it_gets_all(void)
{
    stub_channel c = stub_websocket();

    env.budget.max_bytes = 10;
    stub_attach(&c, &mailbox);
    CHECK_HEARD("attached ");
    post("1", false);
    post("2", false);
    CHECK(env.budget.is_tight);
    turn();
    CHECK_HEARD("1 2 ");
    pass_ms(SIO_WHEEL_TICK_MS);
    CHECK(!env.budget.is_tight);
}

static void
test_a_channel_that_takes_more_is_asked_first(void)
{
    stub_channel c = stub_websocket();

    stub_attach(&c, &mailbox);
    for (unsigned i = 0; i < 6; i++)
        post("x", false);
    turn();
    CHECK_HEARD("attached x x x x x x ");
    CHECK_INT(env.stats.slow_consumers, 0);
}

static void
test_who_lags_is_given_up_in_time(void)
{
    stub_channel c = stub_websocket();

    cfg.slow_consumer_bytes = 10;
    cfg.slow_consumer_timeout_ms = 1000;
    c.is_blocked = true;
    stub_attach(&c, &mailbox);
    post("much more than that", false);
    pass_ms(900);
    CHECK_HEARD("attached ");
    pass_ms(200);
    CHECK_HEARD("slow consumer ");
}

static void
test_who_catches_up_is_not_given_up(void)
{
    stub_channel c = stub_websocket();

    cfg.slow_consumer_bytes = 10;
    cfg.slow_consumer_timeout_ms = 1000;
    c.is_blocked = true;
    stub_attach(&c, &mailbox);
    post("much", false);
    pass_ms(900);
    c.is_blocked = false;
    sio_mailbox_flush(&mailbox);
    pass_ms(2000);
    CHECK_HEARD("attached much ");
}

static void
test_the_first_poll_brings_one_packet_alone(void)
{
    stub_channel first = stub_poll(), second = stub_poll();

    mailbox.first_alone = true;
    for (unsigned i = 0; i < 3; i++)
        post(i == 0 ? "hello" : "x", false);
    stub_attach(&first, &mailbox);
    sio_mailbox_flush(&mailbox);
    CHECK_HEARD("attached hello detached ");
    stub_attach(&second, &mailbox);
    sio_mailbox_flush(&mailbox);
    CHECK_HEARD("attached x x detached ");
}

/* What may have arrived is not sent again until it is known that it has not. */
static void
test_what_is_away_holds_back_the_rest(void)
{
    stub_channel c = stub_websocket();

    post("a", false);
    post("b", false);
    mailbox.n_away = 1;
    stub_attach(&c, &mailbox);
    sio_mailbox_flush(&mailbox);
    CHECK_HEARD("attached ");
    sio_mailbox_forget_away(&mailbox);
    sio_mailbox_flush(&mailbox);
    CHECK_HEARD("b ");
}

/* --- Channels. --- */

static void
test_a_new_channel_takes_the_place_of_the_last(void)
{
    stub_channel first = stub_poll(), second = stub_websocket();

    stub_attach(&first, &mailbox);
    stub_attach(&second, &mailbox);
    CHECK_HEARD("attached aside attached ");
    CHECK(first.channel.mailbox == NULL);
    CHECK(mailbox.channel == &second.channel);
}

static void
test_a_lost_poll_is_no_loss(void)
{
    stub_channel poll = stub_poll(), websocket = stub_websocket(), engine_poll = stub_poll();

    engine_poll.ops.engine = true;
    stub_attach(&poll, &mailbox);
    sio_mailbox_lost(&poll.channel, "cut");
    stub_attach(&websocket, &mailbox);
    sio_mailbox_lost(&websocket.channel, "cut");
    stub_attach(&engine_poll, &mailbox);
    sio_mailbox_lost(&engine_poll.channel, "cut");
    CHECK_HEARD("attached detached attached cut attached cut ");
}

static void
test_a_channel_that_is_dismissed_ends_in_its_way(void)
{
    stub_channel c = stub_websocket();

    stub_attach(&c, &mailbox);
    sio_mailbox_dismiss(&mailbox);
    sio_mailbox_dismiss(&mailbox); /* there is none any more */
    CHECK_HEARD("attached aside ");
    CHECK(mailbox.channel == NULL && c.channel.mailbox == NULL);
}

static void
test_a_promise_outlives_its_mailbox(void)
{
    sio_promise kept, dropped;

    sio_promise_make(&kept, &mailbox);
    sio_promise_make(&dropped, &mailbox);
    sio_promise_drop(&dropped);
    CHECK(kept.mailbox == &mailbox && dropped.mailbox == NULL);
    sio_mailbox_fini(&mailbox);
    CHECK(kept.mailbox == NULL);
    mailbox_begin();
}

/* --- Probes. --- */

static void
on_over(sio_probe *p)
{
    (void)p;
    hear("over");
}

static void
test_a_probe_is_announced_once_and_succeeds(void)
{
    sio_probe p = {.over = on_over};

    sio_probe_begin(&p, &mailbox);
    sio_probe_announce(&p);
    sio_probe_announce(&p);
    CHECK_HEARD("upgrading ");
    CHECK(sio_probe_succeed(&p) == &mailbox);
    CHECK(mailbox.probe == NULL);
    CHECK(sio_probe_succeed(&p) == NULL);
    sio_probe_withdraw(&p); /* of nobody */
    CHECK_HEARD("");
}

static void
test_a_probe_that_goes_lets_polls_go_on(void)
{
    sio_probe p = {.over = on_over};

    sio_probe_begin(&p, &mailbox);
    sio_probe_withdraw(&p);
    CHECK_HEARD("upgrade-over ");
    CHECK(mailbox.probe == NULL);
}

static void
test_a_session_that_ends_is_over_for_its_probe(void)
{
    sio_probe p = {.over = on_over};

    sio_probe_begin(&p, &mailbox);
    sio_mailbox_end_probe(&mailbox);
    CHECK_HEARD("over ");
    CHECK(p.mailbox == NULL && mailbox.probe == NULL);
}

int
main(void)
{
    RUN_WITH_MAILBOX(test_packets_of_a_turn_leave_together_at_its_end);
    RUN_WITH_MAILBOX(test_without_a_channel_packets_wait);
    RUN_WITH_MAILBOX(test_volatile_packets_do_not_wait);
    RUN_WITH_MAILBOX(test_a_full_queue_fails_at_the_end_of_the_turn);
    RUN_WITH_MAILBOX(test_short_of_memory_little_is_queued_and_nothing_kept);
    RUN_WITH_MAILBOX(test_short_of_memory_who_takes_it_gets_all);
    RUN_WITH_MAILBOX(test_a_channel_that_takes_more_is_asked_first);
    RUN_WITH_MAILBOX(test_who_lags_is_given_up_in_time);
    RUN_WITH_MAILBOX(test_who_catches_up_is_not_given_up);
    RUN_WITH_MAILBOX(test_the_first_poll_brings_one_packet_alone);
    RUN_WITH_MAILBOX(test_what_is_away_holds_back_the_rest);
    RUN_WITH_MAILBOX(test_a_new_channel_takes_the_place_of_the_last);
    RUN_WITH_MAILBOX(test_a_lost_poll_is_no_loss);
    RUN_WITH_MAILBOX(test_a_channel_that_is_dismissed_ends_in_its_way);
    RUN_WITH_MAILBOX(test_a_promise_outlives_its_mailbox);
    RUN_WITH_MAILBOX(test_a_probe_is_announced_once_and_succeeds);
    RUN_WITH_MAILBOX(test_a_probe_that_goes_lets_polls_go_on);
    RUN_WITH_MAILBOX(test_a_session_that_ends_is_over_for_its_probe);
    return check_done();
}
