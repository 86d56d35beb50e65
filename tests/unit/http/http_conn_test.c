#include "tests/unit/http/http_conn_fixture.h"

/* --- Requests in turn. --- */

static void
test_a_request_has_its_answer(void)
{
    if (!begin())
        return;
    say(GET("/a"));
    CHECK_VIEW(sio_view_of(answers()), OK("/a"));
    say(GET("/b"));
    CHECK_VIEW(sio_view_of(answers()), OK("/b"));
    CHECK_INT(seen(), EAGAIN);
    CHECK_INT(world.env.stats.requests, 2);
    end();
}

static void
test_a_request_comes_in_any_pieces(void)
{
    static const char text[] = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody";

    if (!begin())
        return;
    for (size_t i = 0; text[i] != '\0'; i++) {
        CHECK_VIEW(sio_view_of(answers()), "");
        say((const char[]){text[i], '\0'});
    }
    CHECK_VIEW(sio_view_of(answers()), OK("/pbody"));
    CHECK_INT(at.n_found, 1);
    CHECK_INT(at.n_begun, 1);
    CHECK_INT(at.n_lost, 0);
    end();
}

static void
test_requests_behind_each_other_are_answered_in_turn(void)
{
    if (!begin())
        return;
    say(GET("/a") GET("/later") GET("/b") "GET /c HT");
    CHECK_VIEW(sio_view_of(answers()), OK("/a"));
    answer_late();
    CHECK_VIEW(sio_view_of(answers()), OK("late") OK("/b"));
    say("TP/1.1\r\nHost: h\r\n\r\n");
    CHECK_VIEW(sio_view_of(answers()), OK("/c"));
    end();
}

/* What comes behind a request that waits stays in the socket, but for a head or so. */
static void
test_what_waits_is_bounded(void)
{
    char    bytes[4096];
    ssize_t n = 0;
    size_t  total = 0;

    if (!begin())
        return;
    say(GET("/later"));
    memset(bytes, 'x', sizeof bytes);
    for (unsigned i = 0; i < 1000 && n >= 0; i++) {
        n = send(at.peer, bytes, sizeof bytes, MSG_NOSIGNAL);
        total += n > 0 ? (size_t)n : 0;
        turn();
    }
    CHECK(n < 0);
    CHECK(total < 1000 * sizeof bytes);
    answer_late();
    end();
}

static void
test_who_leaves_is_not_waited_for(void)
{
    if (!begin())
        return;
    say(GET("/later"));
    CHECK(at.waiting != NULL);
    end();
    CHECK_VIEW(sio_view_of(at.abandoned), "socket end");
}

/* Requests until the sockets take no more; how many bytes of them. */
static size_t
say_much(void)
{
    char    bytes[100 * (sizeof GET("/a") - 1)];
    ssize_t n = 0;
    size_t  total = 0;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = GET("/a")[i % (sizeof GET("/a") - 1)];
    while (n >= 0) {
        n = send(at.peer, bytes + total % sizeof bytes, sizeof bytes - total % sizeof bytes,
                 MSG_NOSIGNAL);
        total += n > 0 ? (size_t)n : 0;
        turn();
    }
    return total;
}

/* Bytes that are answered, up to the end. */
static size_t
hear_much(void)
{
    char    bytes[65536];
    ssize_t n;
    size_t  total = 0;

    while ((n = recv(at.peer, bytes, sizeof bytes, 0)) > 0) {
        total += (size_t)n;
        turn();
    }
    CHECK_INT(n, 0);
    return total;
}

/* Nor is anything served that it has said behind that, whether it was read or not. */
static void
test_who_leaves_unread_is_not_waited_for(void)
{
    if (!begin())
        return;
    say(GET("/later"));
    (void)say_much();
    CHECK(at.waiting != NULL);
    shutdown(at.peer, SHUT_WR);
    turn();
    CHECK(at.waiting == NULL);
    CHECK_VIEW(sio_view_of(at.abandoned), "socket end");
    CHECK_INT(hear_much(), 0);
    CHECK_INT(world.env.stats.requests, 1);
    end();
}

static void
test_who_ends_its_side_and_reads_has_all_answers(void)
{
    size_t answer_len, n_requests;
    char   text[PEER_TEXT_MAX];

    if (!begin())
        return;
    say(GET("/a"));
    answer_len = strlen(peer_hear(at.peer, text));
    n_requests = say_much() / (sizeof GET("/a") - 1);
    shutdown(at.peer, SHUT_WR);
    turn();
    CHECK(world.env.stats.requests < n_requests); /* most of them wait */
    CHECK_INT(hear_much(), n_requests * answer_len);
    CHECK_INT(world.env.stats.requests, 1 + n_requests);
    end();
}

static void
test_bytes_behind_an_upgrade_are_handed_on(void)
{
    if (!begin())
        return;
    say(GET("/take") "first frames");
    CHECK(at.taken != NULL);
    CHECK_VIEW(sio_buf_view(&at.rest), "first frames");
    end();
}

static void
test_http_1_0_ends_with_its_answer(void)
{
    if (!begin())
        return;
    say("GET /a HTTP/1.0\r\n\r\n");
    CHECK_VIEW(sio_view_of(answers()), OK("/a"));
    CHECK_INT(seen(), 0);
    end();
}

static void
test_head_has_no_body(void)
{
    if (!begin())
        return;
    say("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK_VIEW(sio_view_of(answers()), OK(""));
    CHECK_INT(seen(), EAGAIN);
    end();
}

/* --- Heads that are none. --- */

static void
test_bad_heads_are_refused_whole(void)
{
    static const struct {
        const char *text;
        unsigned    status;
    } rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1x\r\n\r\n", 400},
        {"no request\r\n\r\n", 400},
        {"GET /" /* a URL of 51 bytes */
         "01234567890123456789012345678901234567890123456789 HTTP/1.1\r\nHost: h\r\n\r\n",
         414},
        {"GET / HTTP/1.1\r\nHost: h\r\na:\r\nb:\r\nc:\r\nd:\r\n\r\n", 431},
        {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *answer;

        check_row = rows[i].text;
        if (!begin())
            return;
        say(rows[i].text);
        answer = answers();
        CHECK_INT(status_of(answer), rows[i].status);
        CHECK(strstr(answer, "\r\nConnection: close\r\n") != NULL);
        CHECK(strstr(answer, "\r\nContent-Length: ") != NULL);
        CHECK_INT(seen(), 0);
        CHECK_INT(world.env.stats.bad_requests, 1);
        end();
    }
}

static void
test_what_is_no_http_may_be_something_else(void)
{
    if (!begin())
        return;
    say("<oth");
    CHECK_VIEW(sio_view_of(answers()), "");
    say("er>");
    CHECK_VIEW(sio_view_of(answers()), "<answer>");
    CHECK_INT(seen(), 0);
    CHECK_INT(world.env.stats.bad_requests, 0);
    end();
}

/* --- Bodies. --- */

static void
test_a_chunked_body_is_put_together(void)
{
    if (!begin())
        return;
    say("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab");
    CHECK_INT(at.n_begun, 1);
    CHECK_INT(at.n_ended, 0);
    say("\r\n1\r\nc\r\n0\r\n\r\n" GET("/next"));
    CHECK_VIEW(sio_view_of(answers()), OK("/pabc") OK("/next"));
    CHECK_INT(at.n_found, 2);
    CHECK_INT(at.n_lost, 0);
    end();
}

static void
test_a_whole_body_does_not_begin_first(void)
{
    if (!begin())
        return;
    say("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
    say("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n");
    CHECK_VIEW(sio_view_of(answers()), OK("/pab") OK("/pc"));
    CHECK_INT(at.n_begun, 0);
    end();
}

static void
test_a_body_that_is_too_large_is_not_read(void)
{
    static const char *const rows[] = {
        "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 21\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *answer;

        check_row = rows[i];
        if (!begin())
            return;
        say(rows[i]);
        answer = answers();
        CHECK_INT(status_of(answer), 413);
        CHECK(strstr(answer, "too much") != NULL);
        CHECK_INT(seen(), 0);
        CHECK_INT(world.env.stats.oversize_messages, 1);
        end();
    }
}

static void
test_chunks_that_are_none_are_refused(void)
{
    if (!begin())
        return;
    say("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc");
    CHECK_INT(status_of(answers()), 400);
    CHECK_INT(seen(), 0);
    end();
}

static void
test_a_client_is_told_to_continue(void)
{
    if (!begin())
        return;
    say("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    CHECK_VIEW(sio_view_of(answers()), "HTTP/1.1 100 Continue\r\n\r\n");
    say("ab");
    CHECK_VIEW(sio_view_of(answers()), OK("/pab"));
    end();
}

static void
test_a_body_that_was_begun_may_be_lost(void)
{
    if (!begin())
        return;
    say("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na");
    end();
    CHECK_INT(at.n_begun, 1);
    CHECK_INT(at.n_lost, 1);
}

#define CHUNKED(target) "POST " target " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
#define SIZED(target)   "POST " target " HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n"

/* Where the next request would begin is not known, so the connection ends. */
static void
test_an_answer_need_not_wait_for_the_body(void)
{
    static const char *const rows[] = {
        CHUNKED("/early"),
        SIZED("/early") "ab",
        "POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *answer;

        check_row = rows[i];
        if (!begin())
            return;
        say(rows[i]);
        answer = answers();
        CHECK_INT(status_of(answer), 400);
        CHECK(strstr(answer, "\r\nConnection: close\r\n") != NULL);
        CHECK(strstr(answer, "not that") != NULL);
        CHECK_INT(seen(), 0);
        end();
    }
}

static void
test_an_answer_may_come_in_the_middle_of_a_body(void)
{
    static const char *const rows[] = {CHUNKED("/meanwhile"), SIZED("/meanwhile")};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *answer;

        check_row = rows[i];
        if (!begin())
            return;
        say(rows[i]);
        say("1\r\na\r\n"); /* a chunk; or six bytes */
        if (!CHECK(at.waiting != NULL))
            return;
        sio_response_send(at.waiting, 400, NULL, SIO_VIEW(""), SIO_VIEW("not that"));
        at.waiting = NULL;
        say("1\r\nb\r\n" GET("/")); /* thrown away */
        answer = answers();
        CHECK_INT(status_of(answer), 400);
        CHECK(strstr(answer, "\r\nConnection: close\r\n") != NULL);
        CHECK(strstr(answer, " 200 ") == NULL);
        CHECK_INT(seen(), 0);
        CHECK_INT(at.n_lost, 1);
        end();
    }
}

static void
test_a_body_that_is_not_answered_early_leaves_the_connection_open(void)
{
    if (!begin())
        return;
    say(CHUNKED("/meanwhile") "1\r\na\r\n");
    at.waiting = NULL;
    say("0\r\n\r\n" GET("/b"));
    CHECK_VIEW(sio_view_of(answers()), OK("/meanwhilea") OK("/b"));
    CHECK_INT(seen(), EAGAIN);
    end();
}

/* --- Time. --- */

static void
test_an_idle_connection_ends_without_a_word(void)
{
    if (!begin())
        return;
    pass_time(world.cfg.keep_alive_timeout_ms + 20);
    CHECK_VIEW(sio_view_of(answers()), "");
    CHECK_INT(seen(), 0);
    end();
}

static void
test_an_incomplete_request_has_its_time(void)
{
    static const char *const rows[] = {
        "GET / HT",
        "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i];
        if (!begin())
            return;
        say(rows[i]);
        pass_time(world.cfg.request_timeout_ms + 20);
        CHECK_INT(status_of(answers()), 408);
        CHECK_INT(seen(), 0);
        CHECK_INT(at.n_lost, i == 1);
        end();
    }
}

/* --- The server stops. --- */

static void
drain(void)
{
    sio_http_conn_drain(SIO_CONTAINER(world.net.conns.next, sio_conn, link), false);
    turn();
}

static void
test_an_idle_connection_is_drained_at_once(void)
{
    if (!begin())
        return;
    say(GET("/a"));
    drain();
    CHECK_VIEW(sio_view_of(answers()), OK("/a"));
    CHECK_INT(seen(), 0);
    end();
}

static void
test_a_pending_request_is_answered_first(void)
{
    if (!begin())
        return;
    say(GET("/later"));
    drain();
    CHECK_INT(seen(), EAGAIN);
    answer_late();
    CHECK_VIEW(sio_view_of(answers()), OK("late"));
    CHECK_INT(seen(), 0);
    end();
}

int
main(void)
{
    RUN(test_a_request_has_its_answer);
    RUN(test_a_request_comes_in_any_pieces);
    RUN(test_requests_behind_each_other_are_answered_in_turn);
    RUN(test_what_waits_is_bounded);
    RUN(test_who_leaves_is_not_waited_for);
    RUN(test_who_leaves_unread_is_not_waited_for);
    RUN(test_who_ends_its_side_and_reads_has_all_answers);
    RUN(test_bytes_behind_an_upgrade_are_handed_on);
    RUN(test_http_1_0_ends_with_its_answer);
    RUN(test_head_has_no_body);
    RUN(test_bad_heads_are_refused_whole);
    RUN(test_what_is_no_http_may_be_something_else);
    RUN(test_a_chunked_body_is_put_together);
    RUN(test_a_whole_body_does_not_begin_first);
    RUN(test_a_body_that_is_too_large_is_not_read);
    RUN(test_chunks_that_are_none_are_refused);
    RUN(test_a_client_is_told_to_continue);
    RUN(test_a_body_that_was_begun_may_be_lost);
    RUN(test_an_answer_need_not_wait_for_the_body);
    RUN(test_an_answer_may_come_in_the_middle_of_a_body);
    RUN(test_a_body_that_is_not_answered_early_leaves_the_connection_open);
    RUN(test_an_idle_connection_ends_without_a_word);
    RUN(test_an_incomplete_request_has_its_time);
    RUN(test_an_idle_connection_is_drained_at_once);
    RUN(test_a_pending_request_is_answered_first);
    return check_done();
}
