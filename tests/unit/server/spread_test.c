/* The pace at which sessions end (server/spread.h), with a clock that is moved by hand. */
#include "server/spread.h"
#include "server/roaming/roaming.h"
#include "tests/unit/engine/engine_fixture.h"

enum { MANY = 2000 };

static sio_roaming  roaming;
static sio_spread   spread;
static stub_channel channels[MANY + 1];
static uint64_t     ended_ms[MANY]; /* when, in the order in which they ended */
static size_t       n_ended;
static bool         is_done;

static uint64_t
now_ms(void)
{
    return sio_timer_wheel_now_ms(&env.timers);
}

static void
on_opened(sio_session *s)
{
    (void)s;
}

static void
on_received(sio_session *s, sio_view message, bool is_binary)
{
    (void)s;
    (void)message;
    (void)is_binary;
}

static void
on_ended(sio_session *s, const char *reason)
{
    CHECK_VIEW(sio_view_of(reason), "server shutting down");
    (void)s;
    if (n_ended < MANY)
        ended_ms[n_ended++] = now_ms();
}

static const sio_dialect quiet = {
    .name = "quiet",
    .kind = &sio_engine_io_kind,
    .heartbeat = &sio_heartbeat_eio4,
    .session_size = sizeof(sio_session),
    .opened = on_opened,
    .receive = on_received,
    .ended = on_ended,
};

static void
on_done(void *arg)
{
    (void)arg;
    is_done = true;
}

static sio_session *
open_session(size_t i)
{
    char         id[SIO_SESSION_ID_MAX + 1];
    sio_session *s;

    snprintf(id, sizeof id, "s%zu", i);
    s = sio_session_new(&env, sio_view_of(id), SIO_VIEW(""), &quiet);
    if (s == NULL)
        exit(1);
    sio_engine_io_begin(s, SIO_EIO4, SIO_EIO3_CLIENT_ANY, SIO_EIO3_BY_WEBSOCKET, 0);
    channels[i] = stub_websocket();
    stub_attach(&channels[i], &s->mailbox);
    return s;
}

static void
spread_test_begin(size_t n)
{
    engine_begin();
    env.roaming = &roaming;
    if (sio_hash_init(&roaming.proxy_sessions) != SIO_OK)
        exit(1);
    n_ended = 0;
    is_done = false;
    for (size_t i = 0; i < n; i++)
        open_session(i);
}

static void
spread_test_end(void)
{
    sio_spread_cancel(&spread);
    n_ended = MANY;
    engine_end();
    sio_hash_fini(&roaming.proxy_sessions);
}

/* The most that have ended within a second. */
static size_t
most_in_a_second(void)
{
    size_t most = 0;

    for (size_t first = 0, i = 0; i < n_ended; i++) {
        while (ended_ms[i] - ended_ms[first] >= 1000)
            first++;
        most = i - first + 1 > most ? i - first + 1 : most;
    }
    return most;
}

static void
test_ends_are_spread_evenly(void)
{
    spread_test_begin(MANY);
    const uint64_t start_ms = now_ms();

    CHECK_INT(sio_spread_begin(&spread, &env, 10000, on_done, NULL), MANY);
    CHECK_INT(n_ended, 0);
    pass_ms(5000);
    CHECK(n_ended > 970 && n_ended <= 1000);
    CHECK(!is_done);
    pass_ms(5100);
    CHECK(is_done);
    CHECK_INT(n_ended, MANY);
    CHECK(ended_ms[MANY - 1] - start_ms >= 9900);
    CHECK(most_in_a_second() <= 250);
    spread_test_end();
}

static void
test_what_a_late_loop_owes_comes_slowly(void)
{
    spread_test_begin(MANY);
    const uint64_t start_ms = now_ms();

    sio_spread_begin(&spread, &env, 10000, on_done, NULL);
    for (unsigned i = 0; i < 4; i++) {
        pass_ms(1500);
        sio_timer_wheel_advance(&env.timers, now_ms() + 400); /* the loop was busy elsewhere */
    }
    pass_ms(3400);
    CHECK(is_done);
    CHECK_INT(n_ended, MANY);
    CHECK(ended_ms[MANY - 1] - start_ms <= 11000);
    CHECK(most_in_a_second() <= 260);
    spread_test_end();
}

static void
test_a_second_at_most_between_two(void)
{
    spread_test_begin(3);
    sio_spread_begin(&spread, &env, 60000, on_done, NULL);
    pass_ms(1050);
    CHECK_INT(n_ended, 1);
    pass_ms(2050);
    CHECK_INT(n_ended, 3);
    pass_ms(50);
    CHECK(is_done);
    spread_test_end();
}

static void
test_without_time_all_end_at_once(void)
{
    spread_test_begin(MANY);
    sio_spread_begin(&spread, &env, 0, on_done, NULL);
    CHECK(n_ended >= MANY / 2); /* in this call; a loop turn has others to serve */
    pass_ms(100);
    CHECK(is_done);
    CHECK_INT(n_ended, MANY);
    spread_test_end();
}

static void
test_nobody_is_there(void)
{
    spread_test_begin(0);
    CHECK_INT(sio_spread_begin(&spread, &env, 10000, on_done, NULL), 0);
    CHECK(is_done);
    spread_test_end();
}

/* One that packets wait for, and one between two polls. */
static void
test_the_busy_end_last(void)
{
    stub_channel poll = stub_poll();
    sio_session *busy, *polling;

    spread_test_begin(20);
    busy = open_session(20);
    channels[20].is_blocked = true;
    sio_session_send_text(busy, SIO_VIEW("4waits"));
    polling = sio_session_find(&env, SIO_VIEW("s7"));
    stub_attach(&poll, &polling->mailbox);
    sio_mailbox_detach(&poll.channel);
    turn();
    sio_spread_begin(&spread, &env, 2100, on_done, NULL);
    pass_ms(1950);
    CHECK_INT(n_ended, 19);
    CHECK(!busy->ended && !polling->ended);
    pass_ms(300);
    CHECK_INT(n_ended, 21);
    CHECK(is_done);
    spread_test_end();
}

static void
test_who_comes_meanwhile_ends_too(void)
{
    spread_test_begin(10);
    sio_spread_begin(&spread, &env, 1000, on_done, NULL);
    pass_ms(500);
    open_session(10);
    open_session(11);
    pass_ms(1000);
    CHECK(is_done);
    CHECK_INT(n_ended, 12);
    CHECK_INT(env.stats.sessions, 0);
    spread_test_end();
}

static void
test_who_has_gone_is_not_waited_for(void)
{
    spread_test_begin(10);
    sio_spread_begin(&spread, &env, 10000, on_done, NULL);
    sio_engine_end_sessions(&env, "server shutting down");
    turn();
    n_ended = 0;
    pass_ms(1100);
    CHECK(is_done);
    CHECK_INT(n_ended, 0);
    spread_test_end();
}

static void
test_cancelled(void)
{
    spread_test_begin(10);
    sio_spread_begin(&spread, &env, 1000, on_done, NULL);
    pass_ms(350);
    sio_spread_cancel(&spread);
    pass_ms(1000);
    CHECK_INT(n_ended, 3);
    CHECK(!is_done);
    spread_test_end();
}

int
main(void)
{
    RUN(test_ends_are_spread_evenly);
    RUN(test_what_a_late_loop_owes_comes_slowly);
    RUN(test_a_second_at_most_between_two);
    RUN(test_without_time_all_end_at_once);
    RUN(test_nobody_is_there);
    RUN(test_the_busy_end_last);
    RUN(test_who_comes_meanwhile_ends_too);
    RUN(test_who_has_gone_is_not_waited_for);
    RUN(test_cancelled);
    return check_done();
}
