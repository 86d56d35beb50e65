/*
 * tests/unit/base/log_writer_test.c - server/base/log_writer.c, and the readers that it has to put
 * up with.
 */
#include "server/base/log_writer.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 10000 /* of 1 ms: until a condition must hold */ };

static const sio_log_style plain = {.colors = false, .timestamps = false};

static sio_log_writer *
writer_on(int fd)
{
    sio_log_writer *w;

    if (sio_log_writer_new(&w, fd, &plain) != SIO_OK)
        abort();
    return w;
}

static void
put(sio_log_writer *w, const char *line)
{
    sio_log_writer_put(w, line, strlen(line));
}

static void
wait_1_ms(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static bool
reaches_n_lost(sio_log_writer *w, uint64_t n)
{
    for (unsigned i = 0; i < TRIES && sio_log_writer_n_lost(w) < n; i++)
        wait_1_ms();
    return sio_log_writer_n_lost(w) == n;
}

static void
open_pipe(int fds[2])
{
    if (pipe2(fds, O_CLOEXEC) != 0)
        abort();
}

static void
close_pipe(const int fds[2])
{
    close(fds[0]);
    close(fds[1]);
}

/* Read until text is the end of what came; returns all of it, valid until the next call. */
static sio_view
read_until(int fd, const char *text)
{
    static char  all[4 * SIO_LOG_RING_BYTES];
    const size_t len = strlen(text);
    size_t       n = 0;
    ssize_t      got;

    while (n < len || memcmp(all + n - len, text, len) != 0) {
        if ((got = read(fd, all + n, sizeof all - n)) <= 0)
            break;
        n += (size_t)got;
    }
    return (sio_view){all, n};
}

static void
test_lines_arrive_in_order(void)
{
    int fds[2];

    open_pipe(fds);
    sio_log_writer *w = writer_on(fds[1]);

    put(w, "one\n");
    put(w, "two\n");
    CHECK_VIEW(read_until(fds[0], "two\n"), "one\ntwo\n");
    put(w, "three\n");
    sio_log_writer_free(w);
    CHECK_VIEW(read_until(fds[0], "three\n"), "three\n");
    close_pipe(fds);
}

/* Put numbered lines until n are lost; returns how many there were. */
static unsigned
flood(sio_log_writer *w, uint64_t n)
{
    char     line[64];
    unsigned i = 0;

    while (sio_log_writer_n_lost(w) < n) {
        snprintf(line, sizeof line, "line %u\n", i++);
        put(w, line);
    }
    return i;
}

static void
test_a_reader_that_pauses_is_told_what_it_has_missed(void)
{
    int fds[2];

    open_pipe(fds);
    sio_log_writer *w = writer_on(fds[1]);
    const unsigned  n = flood(w, 1000);
    char            last[64], want[64];
    unsigned        i = 0;

    snprintf(want, sizeof want, "warn  %d lines of the log lost\n", 1000);
    const sio_view all = read_until(fds[0], want);

    for (const char *at = all.data; i < n - 1000; i++) {
        const int len = snprintf(last, sizeof last, "line %u\n", i);

        if (!CHECK(memcmp(at, last, (size_t)len) == 0))
            break;
        at += len;
    }
    CHECK_INT(sio_log_writer_n_lost(w), 1000);
    put(w, "at last\n");
    CHECK_VIEW(read_until(fds[0], "at last\n"), "at last\n");
    sio_log_writer_free(w);
    close_pipe(fds);
}

static void
test_the_end_does_not_wait_for_a_reader_that_has_stopped(void)
{
    int fds[2];

    open_pipe(fds);
    sio_log_writer *w = writer_on(fds[1]);

    flood(w, 1);
    sio_log_writer_free(w); /* or this test never ends */
    close(fds[0]);          /* the thread, which still has the other end, sees that and ends */
}

static void
test_a_reader_that_has_gone_is_counted(void)
{
    int fds[2];

    open_pipe(fds);
    close(fds[0]);
    sio_log_writer *w = writer_on(fds[1]);

    for (unsigned i = 1; i < 4; i++) {
        put(w, "nobody reads this\n");
        CHECK(reaches_n_lost(w, i));
    }
    sio_log_writer_free(w);
    close(fds[1]);
}

/*
 * Beyond the size that a file may have, write() fails as on a disk that is full: a part fits first.
 */
static void
test_a_disk_that_was_full_for_a_while(void)
{
    char          path[] = "/tmp/siobroker-test-log-XXXXXX";
    const int     fd = mkstemp(path);
    struct rlimit before, limit;
    char          text[128];
    struct stat   st;

    unlink(path);
    if (fd < 0 || getrlimit(RLIMIT_FSIZE, &before) != 0)
        abort();
    limit = before;
    limit.rlim_cur = 10;
    setrlimit(RLIMIT_FSIZE, &limit);
    sio_log_writer *w = writer_on(fd);

    put(w, "one\n");
    for (unsigned i = 0; i < TRIES && fstat(fd, &st) == 0 && st.st_size < 4; i++)
        wait_1_ms();
    put(w, "the disk is full\n");
    CHECK(reaches_n_lost(w, 1));
    put(w, "still\n");
    CHECK(reaches_n_lost(w, 2));
    setrlimit(RLIMIT_FSIZE, &before);
    put(w, "two\n");
    sio_log_writer_free(w);
    const ssize_t n = pread(fd, text, sizeof text, 0);

    CHECK_VIEW(((sio_view){text, n > 0 ? (size_t)n : 0}),
               "one\nthe di\nwarn  2 lines of the log lost\ntwo\n");
    close(fd);
}

/* Another process that has the same open file may have done that. */
static void
test_a_descriptor_that_does_not_block(void)
{
    int fds[2];

    open_pipe(fds);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    sio_log_writer *w = writer_on(fds[1]);

    flood(w, 1);
    sio_view all = read_until(fds[0], "1 line of the log lost\n");

    CHECK(all.len > SIO_LOG_RING_BYTES);
    CHECK_INT(sio_log_writer_n_lost(w), 1);
    sio_log_writer_free(w);
    close_pipe(fds);
}

static void
test_two_logs_on_one_pipe_do_not_mix(void)
{
    enum { N_LINES = 4000, LEN = 300, TURN = 200 /* lines, within the ring: nothing is lost */ };
    static char     all[TURN * LEN];
    char            lines[2][LEN + 1];
    sio_log_writer *w[2];
    bool            is_whole = true;
    int             fds[2];

    open_pipe(fds);
    for (unsigned i = 0; i < 2; i++) {
        memset(lines[i], 'a' + (int)i, LEN - 1);
        memcpy(lines[i] + LEN - 1, "\n", 2);
        w[i] = writer_on(fds[1]);
    }
    for (unsigned n = 0; n < N_LINES; n += TURN) {
        for (unsigned i = 0; i < TURN; i++)
            put(w[i % 2], lines[i % 2]);
        for (size_t len = 0; len < sizeof all;)
            len += (size_t)read(fds[0], all + len, sizeof all - len);
        for (const char *at = all; at < all + sizeof all; at += LEN)
            is_whole = is_whole && memcmp(at, lines[*at != 'a'], LEN) == 0;
    }
    CHECK(is_whole);
    sio_log_writer_free(w[0]);
    sio_log_writer_free(w[1]);
    close_pipe(fds);
}

int
main(void)
{
    RUN(test_lines_arrive_in_order);
    RUN(test_a_reader_that_pauses_is_told_what_it_has_missed);
    RUN(test_the_end_does_not_wait_for_a_reader_that_has_stopped);
    RUN(test_a_reader_that_has_gone_is_counted);
    RUN(test_a_disk_that_was_full_for_a_while);
    RUN(test_a_descriptor_that_does_not_block);
    RUN(test_two_logs_on_one_pipe_do_not_mix);
    return check_done();
}
