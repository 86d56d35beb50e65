/*
 * What processes of Node may have missed is told again: a server without sockets, whose clock is
 * moved by hand, and a Redis that the test takes away.
 */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/channel.h"
#include "server/engine/session.h"
#include "server/server.h"
#include "server/socketio/dialects.h"
#include "server/startup.h"
#include "tests/unit/stub_store.h"

/* Sessions are told in pieces, 20 ms apart. */
enum { MAX_SESSIONS = 200, N_AT_ONCE = 50, TICK_MS = 25, OUTAGE_MS = 1000 };

static sio_server  *io;
static stub_store   stub;
static sio_session *sessions[MAX_SESSIONS];
static unsigned     n_sessions;
static unsigned     n_begun[MAX_SESSIONS]; /* how often Node was told of each */
static unsigned     n_ended[MAX_SESSIONS];
static bool         is_refused;
static uint64_t     now_ms;

/* The number of the session in whose id it is. */
static unsigned
number_in(sio_view message)
{
    const char *id = memmem(message.data, message.len, "session-", strlen("session-"));

    return id != NULL ? (unsigned)strtoul(id + strlen("session-"), NULL, 10) : 0;
}

static bool
on_published(sio_view channel, sio_view message)
{
    if (is_refused)
        return false;
    if (sio_view_eq(channel, SIO_VIEW("connect")))
        n_begun[number_in(message)]++;
    else if (sio_view_eq(channel, SIO_VIEW("disconnect")))
        n_ended[number_in(message)]++;
    return true;
}

/* --- The server. --- */

static void
pass_time(unsigned ms)
{
    now_ms += ms;
    sio_timer_wheel_advance(&io->env.timers, now_ms);
}

static void
redis_comes(void)
{
    is_refused = false;
    stub.ears.up(stub.ears.arg);
    if (stub.checked != NULL)
        stub_answer_check(&stub, SIO_ERR_NOT_FOUND);
}

static void
redis_goes(void)
{
    is_refused = true;
    stub.ears.down(stub.ears.arg);
}

static void
begin(void)
{
    n_sessions = 0;
    now_ms = 0;
    io = sio_server_new(NULL);
    CHECK(io != NULL);
    CHECK_INT(sio_set(io, "redis", "\"redis://stub\""), 0);
    CHECK_INT(sio_set(io, "dialect", "\"node-0.9\""), 0);
    CHECK_INT(sio_set(io, "instance timeout", "3600"), 0); /* no matter here */
    io->env.log.level = SIO_LOG_NONE;
    sio_timer_wheel_fini(&io->env.timers);
    CHECK_INT(sio_timer_wheel_init(&io->env.timers, NULL), SIO_OK);
    stub_store_init(&stub);
    stub.published = on_published;
    io->env.store = &stub.store;
    CHECK_INT(sio_startup_join(io), SIO_OK);
    redis_comes();
    pass_time(TICK_MS);
    memset(n_begun, 0, sizeof n_begun);
    memset(n_ended, 0, sizeof n_ended);
}

static void
end(void)
{
    is_refused = false;
    sio_server_free(io);
}

static void
open_sessions(unsigned n)
{
    static const sio_channel_ops channel = {.name = "xhr-polling"};
    char                         id[SIO_SESSION_ID_MAX + 1];

    for (; n > 0; n--, n_sessions++) {
        snprintf(id, sizeof id, "session-%u", n_sessions);
        sessions[n_sessions] =
            sio_session_new(&io->env, sio_view_of(id), SIO_VIEW("{}"), &sio_dialect09.session);
        CHECK(sessions[n_sessions] != NULL);
        sio_session_connect(sessions[n_sessions], &channel);
    }
}

/* Of how many sessions was Node told so often? */
static unsigned
n_told(const unsigned counts[MAX_SESSIONS], unsigned times)
{
    unsigned n = 0;

    for (unsigned i = 0; i < n_sessions; i++)
        n += counts[i] == times;
    return n;
}

/* --- Tests. --- */

static void
test_who_hears_at_once_is_told_once(void)
{
    begin();
    open_sessions(3);
    sio_session_end(sessions[0], "booted", false);
    CHECK_INT(n_told(n_begun, 1), 3);
    CHECK_INT(n_told(n_ended, 1), 1);
    pass_time(10 * 60 * 1000);
    CHECK_INT(n_told(n_begun, 1), 3);
    CHECK_INT(n_told(n_ended, 1), 1);
    end();
}

static void
test_what_began_in_an_outage_is_told_so_many_at_a_time(void)
{
    begin();
    redis_goes();
    open_sessions(120);
    pass_time(OUTAGE_MS);
    CHECK_INT(n_told(n_begun, 0), 120);
    redis_comes();
    pass_time(TICK_MS);
    CHECK_INT(n_told(n_begun, 1), N_AT_ONCE);
    pass_time(TICK_MS);
    CHECK_INT(n_told(n_begun, 1), 2 * N_AT_ONCE);
    pass_time(TICK_MS);
    CHECK_INT(n_told(n_begun, 1), 120);
    pass_time(TICK_MS); /* the next round is half a second away */
    CHECK_INT(n_told(n_begun, 1), 120);
    end();
}

static void
test_rounds_end_when_nobody_can_be_away_any_more(void)
{
    unsigned last;

    begin();
    redis_goes();
    open_sessions(1);
    pass_time(OUTAGE_MS);
    redis_comes();
    for (unsigned i = 0; i < 200; i++)
        pass_time(1000);
    last = n_begun[0];
    CHECK(last > 3 && last < 12); /* at growing distances */
    pass_time(10 * 60 * 1000);
    CHECK_INT(n_begun[0], last);
    CHECK_INT(io->adapters.node09.pending.sessions.n_items, 0);
    open_sessions(1);
    pass_time(10 * 60 * 1000);
    CHECK_INT(n_begun[1], 1); /* everybody hears again */
    end();
}

static void
test_who_ends_meanwhile_is_told_to_have_ended_only(void)
{
    begin();
    redis_goes();
    open_sessions(2);
    sio_session_end(sessions[0], "booted", false);
    redis_comes();
    pass_time(TICK_MS);
    CHECK_INT(n_begun[0], 0);
    CHECK_INT(n_ended[0], 1);
    CHECK_INT(n_begun[1], 1);
    CHECK_INT(n_ended[1], 0);
    sio_session_end(sessions[1], "booted", false); /* told at once, and in the rounds to come */
    CHECK_INT(n_ended[1], 1);
    pass_time(1000);
    CHECK_INT(n_begun[1], 1);
    CHECK(n_ended[1] > 1);
    end();
}

static void
test_a_second_outage_begins_again_from_the_start(void)
{
    begin();
    redis_goes();
    open_sessions(60);
    redis_comes();
    pass_time(TICK_MS);
    CHECK_INT(n_told(n_begun, 1), N_AT_ONCE);
    redis_goes();
    pass_time(OUTAGE_MS);
    redis_comes();
    for (unsigned i = 0; i < 3; i++)
        pass_time(TICK_MS);
    CHECK_INT(n_told(n_begun, 1) + n_told(n_begun, 2), 60);
    CHECK_INT(n_told(n_begun, 2), N_AT_ONCE);
    end();
}

static void
test_what_redis_did_not_take_is_told_again(void)
{
    begin();
    is_refused = true; /* it is there, but takes nothing more */
    open_sessions(1);
    is_refused = false;
    CHECK_INT(n_begun[0], 0);
    pass_time(1000 + TICK_MS);
    CHECK_INT(n_begun[0], 1);
    end();
}

int
main(void)
{
    RUN(test_who_hears_at_once_is_told_once);
    RUN(test_what_began_in_an_outage_is_told_so_many_at_a_time);
    RUN(test_rounds_end_when_nobody_can_be_away_any_more);
    RUN(test_who_ends_meanwhile_is_told_to_have_ended_only);
    RUN(test_a_second_outage_begins_again_from_the_start);
    RUN(test_what_redis_did_not_take_is_told_again);
    return check_done();
}
