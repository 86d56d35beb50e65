/* tests/unit/base/log_test.c - server/base/log.c, writing into a pipe. */
#include "server/base/log.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static sio_log log_;
static int     pipe_fds[2];

/* What has been written since the last call; valid until the next one. */
static sio_view
written(void)
{
    static char   text[2 * SIO_LOG_MAX_LINE];
    const ssize_t n = read(pipe_fds[0], text, sizeof text);

    return (sio_view){text, n < 0 ? 0 : (size_t)n};
}

static void
test_a_line_has_level_session_and_text(void)
{
    sio_log_info(&log_, "4rIcKhlBUTJQmD2eRZHG", "opened %s", "websocket");
    CHECK_VIEW(written(), "info  session 4rIcKhlBUTJQmD2eRZHG: opened websocket\n");
    sio_log_error(&log_, NULL, "port %d is taken", 3100);
    CHECK_VIEW(written(), "error port 3100 is taken\n");
}

static void
test_timestamps_are_utc_with_milliseconds(void)
{
    sio_log with_time;

    sio_log_init(&with_time, pipe_fds[1], SIO_LOG_INFO, false);
    sio_log_warn(&with_time, NULL, "x");
    const sio_view line = written();

    if (!CHECK_INT(line.len, strlen("2026-11-22T15:04:05.123Z warn  x\n")))
        return;
    CHECK(line.data[10] == 'T' && line.data[19] == '.' && line.data[23] == 'Z');
    CHECK_VIEW(((sio_view){line.data + 24, line.len - 24}), " warn  x\n");
}

static void
test_of_a_session_that_is_watched_all_is_written(void)
{
    static const sio_view watched[] = {{"4rIc", 4}, {"x", 1}};

    log_.sessions = watched;
    log_.n_sessions = 2;
    sio_log_debug(&log_, "4rIcKhlBUTJQmD2eRZHG", "one");
    sio_log_debug(&log_, "5rIcKhlBUTJQmD2eRZHG", "another");
    sio_log_debug(&log_, "4rI", "shorter");
    sio_log_debug(&log_, NULL, "of none");
    sio_log_info(&log_, NULL, "two");
    log_.n_sessions = 0;
    sio_log_debug(&log_, "4rIcKhlBUTJQmD2eRZHG", "three");
    sio_log_info(&log_, NULL, "end");
    CHECK_VIEW(written(), "debug session 4rIcKhlBUTJQmD2eRZHG: one\ninfo  two\ninfo  end\n");
}

static int n_evaluated;

static int
evaluate(void)
{
    return ++n_evaluated;
}

static void
test_nothing_is_evaluated_while_the_level_is_off(void)
{
    n_evaluated = 0;
    sio_log_debug(&log_, NULL, "%d", evaluate());
    CHECK_INT(n_evaluated, 0);
    sio_log_printf(&log_, SIO_LOG_DEBUG, NULL, "%d", 1);
    log_.level = SIO_LOG_NONE;
    sio_log_error(&log_, NULL, "%d", evaluate());
    CHECK_INT(n_evaluated, 0);
    log_.level = SIO_LOG_INFO;
    sio_log_info(&log_, NULL, "%d", evaluate());
    CHECK_INT(n_evaluated, 1);
    CHECK_VIEW(written(), "info  1\n");
}

static void
test_nobody_can_forge_a_line_or_color_the_screen(void)
{
    sio_log_info(&log_, "id\n", "%s", "a\r\n2026 error b\x1b[31m\x7f\xc2\x9b\\");
    CHECK_VIEW(written(),
               "info  session id\\x0a: a\\x0d\\x0a2026 error b\\x1b[31m\\x7f\\xc2\\x9b\\\n");
}

static void
test_long_lines_are_cut(void)
{
    char text[SIO_LOG_MAX_LINE + 1000];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    sio_log_info(&log_, NULL, "%s", text);
    sio_view line = written();

    CHECK_INT(line.len, SIO_LOG_MAX_LINE);
    CHECK_VIEW(((sio_view){line.data + line.len - 6, 6}), "xx...\n");
    memset(text, '\n', sizeof text - 1);
    sio_log_info(&log_, NULL, "%s", text);
    line = written();
    CHECK(line.len <= SIO_LOG_MAX_LINE);
    CHECK_VIEW(((sio_view){line.data + line.len - 8, 8}), "\\x0a...\n");
}

static void
test_errno_is_kept(void)
{
    sio_log closed;

    sio_log_init(&closed, -1, SIO_LOG_INFO, true);
    errno = EADDRINUSE;
    sio_log_info(&closed, NULL, "lost");
    CHECK_INT(errno, EADDRINUSE);
}

static void
test_a_started_log_is_complete_when_it_stops(void)
{
    sio_log log;

    sio_log_init(&log, pipe_fds[1], SIO_LOG_INFO, false);
    log.style.timestamps = false;
    CHECK_INT(sio_log_start(&log), SIO_OK);
    CHECK_INT(sio_log_start(&log), SIO_OK);
    sio_log_info(&log, NULL, "one");
    sio_log_error(&log, "id", "two");
    CHECK_INT(sio_log_n_lost(&log), 0);
    sio_log_stop(&log);
    CHECK_VIEW(written(), "info  one\nerror session id: two\n");
    sio_log_error(&log, NULL, "after the end");
    sio_log_stop(&log);
    sio_log_error(&log_, NULL, "three");
    CHECK_VIEW(written(), "error three\n");
}

int
main(void)
{
    if (pipe(pipe_fds) != 0)
        abort();
    sio_log_init(&log_, pipe_fds[1], SIO_LOG_INFO, false);
    log_.style.timestamps = false;
    RUN(test_a_line_has_level_session_and_text);
    RUN(test_timestamps_are_utc_with_milliseconds);
    RUN(test_of_a_session_that_is_watched_all_is_written);
    RUN(test_nothing_is_evaluated_while_the_level_is_off);
    RUN(test_nobody_can_forge_a_line_or_color_the_screen);
    RUN(test_long_lines_are_cut);
    RUN(test_errno_is_kept);
    RUN(test_a_started_log_is_complete_when_it_stops);
    return check_done();
}
