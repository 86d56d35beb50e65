/* tests/unit/engine/throttle_test.c - clients that say more in a second than they may. */
#include "server/engine/throttle.h"

#include "server/engine/intake.h"
#include "tests/unit/engine/engine_fixture.h"

static unsigned n_received;

static void
on_opened(sio_session *s)
{
    (void)s;
}

static void
on_received(sio_session *s, sio_view message, bool is_binary)
{
    (void)is_binary;
    n_received++;
    if (sio_view_eq(message, SIO_VIEW("bye")))
        sio_session_end(s, "booted", false);
}

static const sio_dialect plain = {
    .name = "plain",
    .kind = &sio_session_kind_09,
    .heartbeat = &sio_heartbeat_09,
    .session_size = sizeof(sio_session),
    .opened = on_opened,
    .receive = on_received,
};

static sio_session *
begin(void)
{
    n_received = 0;
    return sio_session_new(&env, SIO_VIEW("id"), SIO_VIEW("{}"), &plain);
}

static void
say(sio_session *s, const char *message, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        sio_session_receive(s, sio_view_of(message), false);
}

static void
test_without_limits_nothing_is_counted(void)
{
    sio_session *s = begin();

    say(s, "hello", 100000);
    CHECK_INT(n_received, 100000);
    CHECK(s->throttle == NULL);
    CHECK_INT(env.stats.throttled, 0);
}

static void
test_two_seconds_at_once_and_then_by_the_clock(void)
{
    cfg.max_events_per_second = 100;
    sio_session *s = begin();

    say(s, "hello", 199);
    CHECK(!s->mailbox.is_paused);
    say(s, "hello", 301);
    CHECK_INT(n_received, 200); /* the rest is kept */
    CHECK(s->mailbox.is_paused);
    CHECK_INT(env.stats.throttled, 1);
    pass_ms(1000);
    CHECK(n_received >= 280 && n_received <= 300);
    pass_ms(1000);
    CHECK(n_received >= 380 && n_received <= 400);
    pass_ms(2000);
    CHECK_INT(n_received, 500); /* nothing is lost */
    CHECK(!s->mailbox.is_paused);
    CHECK_INT(env.stats.paused, 0);
    pass_ms(5000);
    say(s, "hello", 199);
    CHECK_INT(n_received, 699); /* the bucket is full again, and no fuller */
    say(s, "hello", 100);
    CHECK_INT(n_received, 700);
}

static void
test_who_keeps_within_the_rate_never_waits(void)
{
    cfg.max_events_per_second = 10;
    sio_session *s = begin();

    for (unsigned i = 0; i < 100; i++) {
        say(s, "hello", 10);
        pass_ms(1000);
    }
    CHECK_INT(n_received, 1000);
    CHECK_INT(env.stats.throttled, 0);
}

static void
test_bytes_have_a_bucket_of_their_own(void)
{
    static char kilobyte[1001];

    memset(kilobyte, 'x', sizeof kilobyte - 1);
    cfg.max_bytes_per_second = 1000;
    sio_session *s = begin();

    say(s, kilobyte, 4);
    CHECK_INT(n_received, 2);
    pass_ms(600);
    CHECK_INT(n_received, 3);
    pass_ms(1000);
    CHECK_INT(n_received, 4);
    CHECK(env.stats.throttled >= 2);
}

/* One message may be more than the bucket takes: it is heard, and the next one waits for it. */
static void
test_a_message_larger_than_the_bucket(void)
{
    static char large[10001];

    memset(large, 'x', sizeof large - 1);
    cfg.max_bytes_per_second = 1000;
    sio_session *s = begin();

    say(s, large, 1);
    say(s, "next", 1);
    CHECK_INT(n_received, 1);
    pass_ms(7500);
    CHECK_INT(n_received, 1);
    pass_ms(1000);
    CHECK_INT(n_received, 2);
}

static void
test_a_limit_that_is_gone_lets_it_go_on(void)
{
    cfg.max_events_per_second = 1;
    sio_session *s = begin();

    say(s, "hello", 100);
    CHECK_INT(n_received, 2);
    cfg.max_events_per_second = 0;
    pass_ms(1000);
    CHECK_INT(n_received, 100);
}

/* The application's pause and this one are two. */
static void
test_a_pause_of_the_application_goes_on(void)
{
    cfg.max_events_per_second = 1;
    sio_session *s = begin();

    say(s, "hello", 3);
    CHECK_INT(sio_intake_pause(s), SIO_OK);
    pass_ms(5000);
    CHECK_INT(n_received, 2);
    sio_intake_resume(s);
    turn();
    CHECK_INT(n_received, 3);
}

static void
test_a_session_may_end_while_it_waits(void)
{
    cfg.max_events_per_second = 1;
    sio_session *s = begin();

    say(s, "hello", 2);
    CHECK(s->mailbox.is_paused);
    sio_session_end(s, "booted", false);
    pass_ms(5000);
    CHECK_INT(env.stats.sessions, 0);
    s = begin();
    say(s, "hello", 1);
    say(s, "bye", 5);
    CHECK_INT(n_received, 2); /* it ends by the message that is too much */
    pass_ms(5000);
    CHECK_INT(env.stats.paused, 0);
}

int
main(void)
{
    RUN_WITH_ENGINE(test_without_limits_nothing_is_counted);
    RUN_WITH_ENGINE(test_two_seconds_at_once_and_then_by_the_clock);
    RUN_WITH_ENGINE(test_who_keeps_within_the_rate_never_waits);
    RUN_WITH_ENGINE(test_bytes_have_a_bucket_of_their_own);
    RUN_WITH_ENGINE(test_a_message_larger_than_the_bucket);
    RUN_WITH_ENGINE(test_a_limit_that_is_gone_lets_it_go_on);
    RUN_WITH_ENGINE(test_a_pause_of_the_application_goes_on);
    RUN_WITH_ENGINE(test_a_session_may_end_while_it_waits);
    return check_done();
}
