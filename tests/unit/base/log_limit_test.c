/* tests/unit/base/log_limit_test.c - server/base/log_limit.c, with a clock moved by hand. */
#include "server/base/log_limit.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RATE = 3 };

static sio_log         log_;
static sio_timer_wheel wheel;
static sio_log_limits  limits;
static uint64_t        now_ms;
static int             pipe_fds[2];

static void
begin(int level, unsigned rate)
{
    sio_log_init(&log_, pipe_fds[1], level, false);
    log_.style.timestamps = false;
    sio_log_limits_init(&limits, &log_, &wheel, rate);
}

static void
pass(uint64_t ms)
{
    now_ms += ms;
    sio_timer_wheel_advance(&wheel, now_ms);
}

static sio_view
written(void)
{
    static char   text[65536];
    const ssize_t n = read(pipe_fds[0], text, sizeof text);

    return (sio_view){text, n < 0 ? 0 : (size_t)n};
}

static unsigned
n_lines(sio_view text)
{
    unsigned n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += text.data[i] == '\n';
    return n;
}

static void
end_sessions(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        sio_log_limit_write(&limits, SIO_LOG_ENDED, "id", "ended: %s", "booted");
}

static void
test_what_is_left_out_is_said_when_the_second_is_over(void)
{
    begin(SIO_LOG_INFO, RATE);
    end_sessions(5);
    CHECK_INT(n_lines(written()), RATE);
    pass(900);
    end_sessions(1);
    CHECK_VIEW(written(), "");
    pass(200);
    CHECK_VIEW(written(), "info  left out 3 lines about ended sessions\n");
    CHECK_INT(limits.n_left_out, 3);
    end_sessions(1);
    CHECK_VIEW(written(), "info  session id: ended: booted\n");
    pass(2000);
    CHECK_VIEW(written(), "");
}

static void
test_no_kind_hides_another(void)
{
    begin(SIO_LOG_DEBUG, RATE);
    end_sessions(10);
    (void)written();
    sio_log_limit_write(&limits, SIO_LOG_ACCEPT_ERROR, NULL, "no descriptors");
    CHECK_VIEW(written(), "error no descriptors\n");
    for (unsigned i = 0; i < SIO_LOG_REFUSALS_PER_SECOND + 2; i++)
        sio_log_limit_write(&limits, SIO_LOG_REFUSED_CONNECTION, NULL, "no");
    CHECK_INT(n_lines(written()), SIO_LOG_REFUSALS_PER_SECOND);
    sio_log_limits_fini(&limits);
    CHECK_VIEW(written(), "info  left out 7 lines about ended sessions\n"
                          "warn  left out 2 lines about refused connections\n");
}

static void
test_a_rate_of_0_is_no_limit(void)
{
    begin(SIO_LOG_INFO, 0);
    end_sessions(1000);
    CHECK_INT(n_lines(written()), 1000);
    for (unsigned i = 0; i < SIO_LOG_REFUSALS_PER_SECOND + 2; i++)
        sio_log_limit_write(&limits, SIO_LOG_UNKNOWN_SESSION, NULL, "no");
    CHECK_INT(n_lines(written()), SIO_LOG_REFUSALS_PER_SECOND);
    sio_log_limits_fini(&limits);
    CHECK_VIEW(written(), "info  left out 2 lines about unknown sessions\n");
}

static void
test_what_is_off_is_neither_counted_nor_a_reason_to_wake(void)
{
    begin(SIO_LOG_WARN, RATE);
    end_sessions(10);
    CHECK_INT(limits.n_left_out, 0);
    CHECK(!sio_timer_armed(&limits.timer));
    sio_log_limits_fini(&limits);
    CHECK_VIEW(written(), "");
}

int
main(void)
{
    if (pipe2(pipe_fds, O_NONBLOCK) != 0 || sio_timer_wheel_init(&wheel, NULL) != SIO_OK)
        abort();
    RUN(test_what_is_left_out_is_said_when_the_second_is_over);
    RUN(test_no_kind_hides_another);
    RUN(test_a_rate_of_0_is_no_limit);
    RUN(test_what_is_off_is_neither_counted_nor_a_reason_to_wake);
    sio_timer_wheel_fini(&wheel);
    return check_done();
}
