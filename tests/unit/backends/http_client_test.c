#include "tests/unit/backends/http_client_fixture.h"

static void
test_what_is_sent_and_answered(void)
{
    world w;

    begin(&w, ANSWER);
    CHECK(post(&w) != NULL);
    CHECK_INT(w.n_told, 0);
    run_until(&w, 1);
    check_answered(&w, 200, "{\"ack\":[1]}");
    CHECK(last_request_has(&w, "POST /hook?x=1 HTTP/1.1\r\n"));
    CHECK(last_request_has(&w, "\r\nContent-Type: application/json\r\n"));
    CHECK(last_request_has(&w, "\r\nwebhook-id: msg_1\r\n"));
    CHECK(last_request_has(&w, "\r\n\r\n{\"events\":[]}"));
    CHECK(!last_request_has(&w, "x-www-form-urlencoded"));
    CHECK(!last_request_has(&w, "Accept-Encoding"));
    end(&w);
}

static void
test_connections_are_kept(void)
{
    world w;

    begin(&w, ANSWER);
    for (unsigned i = 1; i <= 5; i++) {
        CHECK(post(&w) != NULL);
        run_until(&w, i);
    }
    CHECK_INT(w.n_connections, 1);
    CHECK_INT(w.n_requests, 5);
    end(&w);
}

static void
test_no_more_calls_than_allowed(void)
{
    world w;

    begin(&w, ANSWER);
    for (unsigned i = 0; i < usual.max_calls; i++) {
        CHECK(post(&w) != NULL);
    }
    CHECK(post(&w) == NULL);
    run_until(&w, usual.max_calls);
    CHECK(post(&w) != NULL);
    end(&w);
}

/* What came to nothing on a kept connection is sent again, on a new one. */
static void
test_kept_connections_that_close_are_replaced(void)
{
    world w;

    begin(&w, CLOSE_SECOND);
    for (unsigned i = 1; i <= 100; i++) {
        CHECK(post(&w) != NULL);
        run_until(&w, i);
        check_answered(&w, 200, "{\"ack\":[1]}");
    }
    CHECK_INT(w.n_requests, 199); /* each but the first one was read twice */
    end(&w);
}

static void
test_what_is_sent_once_is_read_once(void)
{
    sio_http_client_options once = usual;
    world                   w;

    once.is_sent_once = true;
    begin_with(&w, CLOSE_SECOND, &once);
    for (unsigned i = 1; i <= 20; i++) {
        CHECK(post(&w) != NULL);
        run_until(&w, i);
        check_answered(&w, 200, "{\"ack\":[1]}");
    }
    CHECK_INT(w.n_requests, 20);
    end(&w);
}

static void
test_answers(void)
{
    static const struct {
        const char      *name;
        behaviour        behaviour;
        sio_http_outcome outcome;
        unsigned         status, retry_after_s;
        const char      *body;
    } rows[] = {
        {"204", NO_CONTENT, SIO_HTTP_ANSWERED, 204, 0, ""},
        {"redirects are not followed", REDIRECT, SIO_HTTP_ANSWERED, 302, 0, ""},
        {"503 with Retry-After", AWAY, SIO_HTTP_ANSWERED, 503, 7, "no"},
        {"cut", CUT, SIO_HTTP_LOST, 0, 0, ""},
        {"hung up", HANG_UP, SIO_HTTP_LOST, 0, 0, ""},
        {"too large", TOO_LARGE, SIO_HTTP_TOO_LARGE, 200, 0, ""},
        {"too many chunks", LARGE_CHUNKS, SIO_HTTP_TOO_LARGE, 200, 0, ""},
        {"too many headers", LARGE_HEADERS, SIO_HTTP_TOO_LARGE, 200, 0, ""},
        {"no HTTP", NO_HTTP, SIO_HTTP_LOST, 0, 0, ""},
        {"the last one of its connection", LAST, SIO_HTTP_ANSWERED, 200, 0, "{}"},
        {"more than an answer", TOO_MUCH, SIO_HTTP_ANSWERED, 200, 0, "{}"},
        {"until the connection is closed", UNTIL_CLOSED, SIO_HTTP_ANSWERED, 200, 0, "{}"},
        {"byte by byte", IN_PIECES, SIO_HTTP_ANSWERED, 200, 0, "{\"slow\":\"y\"}"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world w;

        check_row = rows[i].name;
        begin(&w, rows[i].behaviour);
        CHECK(post(&w) != NULL);
        run_until(&w, 1);
        CHECK_INT(w.answer.outcome, rows[i].outcome);
        CHECK_INT(w.answer.status, rows[i].status);
        CHECK_INT(w.answer.retry_after_s, rows[i].retry_after_s);
        CHECK_INT(w.has_why, rows[i].outcome != SIO_HTTP_ANSWERED);
        CHECK_VIEW(sio_buf_view(&w.body), rows[i].body);
        CHECK_INT(w.n_requests, 1);
        /* And the next call is none the worse for it. */
        w.behaviour = ANSWER;
        CHECK(post(&w) != NULL);
        run_until(&w, 2);
        check_answered(&w, 200, "{\"ack\":[1]}");
        end(&w);
    }
}

static void
test_retry_after_a_date(void)
{
    world w;

    begin(&w, AWAY_UNTIL);
    CHECK(post(&w) != NULL);
    run_until(&w, 1);
    check_answered(&w, 503, "no");
    CHECK(w.answer.retry_after_s > 0 && w.answer.retry_after_s <= 3600);
    w.behaviour = AWAY_SINCE;
    CHECK(post(&w) != NULL);
    run_until(&w, 2);
    check_answered(&w, 503, "no");
    CHECK_INT(w.answer.retry_after_s, 0);
    end(&w);
}

static void
test_one_that_never_answers(void)
{
    sio_http_client_options impatient = usual;
    world                   w;

    impatient.timeout_ms = 1000;
    begin_with(&w, SAY_NOTHING, &impatient);
    CHECK(post(&w) != NULL);
    run_until(&w, 1);
    CHECK_INT(w.answer.outcome, SIO_HTTP_LOST);
    end(&w);
}

static void
test_nobody_listens(void)
{
    world w;

    begin(&w, ANSWER);
    evconnlistener_free(w.listener);
    w.listener = NULL;
    CHECK(post(&w) != NULL);
    run_until(&w, 1);
    CHECK_INT(w.answer.outcome, SIO_HTTP_UNSENT);
    end(&w);
}

/* The URL of w with "https" in place of "http". */
static void
be_https(char url[sizeof(((world *)NULL)->url) + 1], const world *w)
{
    memcpy(url, "https", strlen("https"));
    memcpy(url + strlen("https"), w->url + strlen("http"), sizeof w->url - strlen("http"));
}

/* The kernel connects, but nobody speaks TLS, nor anything else: it is still connecting. */
static void
test_one_that_does_not_complete_the_connection(void)
{
    sio_http_client_options impatient = usual;
    world                   w;
    char                    url[sizeof w.url + 1];

    impatient.connect_timeout_ms = 50;
    begin_with(&w, SAY_NOTHING, &impatient);
    be_https(url, &w);
    CHECK(post_to(&w, url, "{}") != NULL);
    run_until(&w, 1);
    CHECK_INT(w.answer.outcome, SIO_HTTP_UNSENT);
    end(&w);
}

static void
test_one_that_speaks_no_tls(void)
{
    world w;
    char  url[sizeof w.url + 1];

    begin(&w, NO_TLS);
    be_https(url, &w);
    CHECK(post_to(&w, url, "{}") != NULL);
    run_until(&w, 1);
    CHECK_INT(w.answer.outcome, SIO_HTTP_UNSENT);
    CHECK_INT(w.n_requests, 0);
    end(&w);
}

static void
test_over_a_unix_socket(void)
{
    char  folder[] = "/tmp/http-client-XXXXXX";
    world w;

    begin(&w, ANSWER);
    listen_unix(&w, folder);
    CHECK(post(&w) != NULL);
    run_until(&w, 1);
    check_answered(&w, 200, "{\"ack\":[1]}");
    CHECK(last_request_has(&w, "POST /hook/a?b HTTP/1.1\r\nHost: localhost\r\n"));
    end(&w);
    remove_folder(folder);
}

static void
test_a_unix_socket_that_is_not_there(void)
{
    world w;

    begin(&w, ANSWER);
    CHECK(post_to(&w, "unix:/nowhere/at/all:/", "{}") != NULL);
    CHECK_INT(w.n_told, 0);
    run_until(&w, 1);
    CHECK_INT(w.answer.outcome, SIO_HTTP_UNSENT);
    end(&w);
}

/* More than fits into the buffers of a unix socket. */
static void
test_a_body_that_does_not_go_at_once(void)
{
    enum { N = 1024 * 1024 };
    char  folder[] = "/tmp/http-client-XXXXXX";
    char *body = malloc(N + 1);
    world w;

    memset(body, 'a', N);
    body[N] = '\0';
    begin(&w, ANSWER);
    listen_unix(&w, folder);
    for (unsigned i = 1; i <= 2; i++) {
        CHECK(post_to(&w, w.url, body) != NULL);
        run_until(&w, i);
        check_answered(&w, 200, "{\"ack\":[1]}");
        CHECK(last_request_has(&w, "Content-Length: 1048576\r\n"));
    }
    CHECK_INT(w.n_connections, 1);
    end(&w);
    remove_folder(folder);
    free(body);
}

/* The listener has one of the two addresses that the name has on most machines. */
static void
test_a_name_is_looked_up(void)
{
    world       w;
    char        url[sizeof w.url];
    const char *port;

    begin(&w, ANSWER);
    port = strrchr(w.url, ':');
    snprintf(url, sizeof url, "http://localhost%s", port);
    for (unsigned i = 1; i <= 2; i++) {
        CHECK(post_to(&w, url, "{}") != NULL);
        run_until(&w, i);
        check_answered(&w, 200, "{\"ack\":[1]}");
        CHECK(last_request_has(&w, "\r\nHost: localhost:"));
    }
    CHECK_INT(w.n_connections, 1);
    end(&w);
}

static void
test_a_name_that_nobody_has(void)
{
    sio_http_client_options impatient = usual;
    world                   w;

    impatient.connect_timeout_ms = 3000; /* a resolver may take its time */
    begin_with(&w, ANSWER, &impatient);
    CHECK(post_to(&w, "http://nobody.invalid/", "{}") != NULL);
    run_until(&w, 1);
    CHECK_INT(w.answer.outcome, SIO_HTTP_UNSENT);
    CHECK(w.has_why);
    end(&w);
}

/* As many connections as calls, so one that leads elsewhere makes room. */
static void
test_two_places_and_one_connection(void)
{
    sio_http_client_options one = usual;
    world                   w;
    char                    url[sizeof w.url];

    one.max_calls = 1;
    begin_with(&w, ANSWER, &one);
    snprintf(url, sizeof url, "http://localhost%s", strrchr(w.url, ':'));
    for (unsigned i = 1; i <= 4; i++) {
        CHECK(post_to(&w, i % 2 == 0 ? url : w.url, "{}") != NULL);
        run_until(&w, i);
        check_answered(&w, 200, "{\"ack\":[1]}");
        CHECK_INT(w.n_connections, i);
    }
    end(&w);
}

static void
test_without_tls_nobody_is_called_by_https(void)
{
    sio_http_client_options plain = usual;
    world                   w;
    char                    url[sizeof w.url + 1];

    plain.may_use_tls = false;
    begin_with(&w, ANSWER, &plain);
    be_https(url, &w);
    CHECK(post_to(&w, url, "{}") == NULL);
    CHECK(post(&w) != NULL);
    run_until(&w, 1);
    check_answered(&w, 200, "{\"ack\":[1]}");
    end(&w);
}

static void
test_a_long_body_does_not_wait_to_be_expected(void)
{
    world w;
    char  body[60001];

    memset(body, 'a', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    begin(&w, ANSWER);
    CHECK(post_to(&w, w.url, body) != NULL);
    run_until(&w, 1);
    check_answered(&w, 200, "{\"ack\":[1]}");
    CHECK(!last_request_has(&w, "Expect"));
    end(&w);
}

static void
test_a_cancelled_call_is_not_told(void)
{
    world          w;
    sio_http_call *call;

    begin(&w, SAY_NOTHING);
    call = post(&w);
    while (w.n_requests == 0)
        event_base_loop(w.base, EVLOOP_ONCE);
    sio_http_client_cancel(call);
    w.behaviour = ANSWER;
    CHECK(post(&w) != NULL);
    run_until(&w, 1);
    check_answered(&w, 200, "{\"ack\":[1]}");
    CHECK_INT(w.n_connections, 2);
    end(&w);
}

static void
test_freed_with_calls_under_way(void)
{
    world w;

    begin(&w, SAY_NOTHING);
    CHECK(post(&w) != NULL);
    CHECK(post(&w) != NULL);
    while (w.n_requests < 2)
        event_base_loop(w.base, EVLOOP_ONCE);
    CHECK(post(&w) != NULL); /* one that has not begun */
    end(&w);
    CHECK_INT(w.n_told, 0);
}

static void
post_again(void *arg, const sio_http_answer *answer)
{
    world *w = arg;

    note_answer(w, answer);
    if (w->n_told < 10)
        CHECK(sio_http_client_post(w->client,
                                   &(sio_http_post){.url = w->url, .body = SIO_VIEW("{}")},
                                   post_again, w) != NULL);
    CHECK_VIEW(answer->body, "{\"ack\":[1]}"); /* still */
}

static void
test_an_answer_may_make_the_next_call(void)
{
    sio_http_client_options one = usual;
    world                   w;

    one.max_calls = 1;
    begin_with(&w, ANSWER, &one);
    CHECK(sio_http_client_post(w.client, &(sio_http_post){.url = w.url, .body = SIO_VIEW("{}")},
                               post_again, &w) != NULL);
    run_until(&w, 10);
    CHECK_INT(w.n_connections, 1);
    end(&w);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN); /* as a server does */
    RUN(test_what_is_sent_and_answered);
    RUN(test_connections_are_kept);
    RUN(test_no_more_calls_than_allowed);
    RUN(test_kept_connections_that_close_are_replaced);
    RUN(test_what_is_sent_once_is_read_once);
    RUN(test_answers);
    RUN(test_retry_after_a_date);
    RUN(test_one_that_never_answers);
    RUN(test_nobody_listens);
    RUN(test_one_that_does_not_complete_the_connection);
    RUN(test_one_that_speaks_no_tls);
    RUN(test_over_a_unix_socket);
    RUN(test_a_unix_socket_that_is_not_there);
    RUN(test_a_body_that_does_not_go_at_once);
    RUN(test_a_name_is_looked_up);
    RUN(test_a_name_that_nobody_has);
    RUN(test_two_places_and_one_connection);
    RUN(test_without_tls_nobody_is_called_by_https);
    RUN(test_a_long_body_does_not_wait_to_be_expected);
    RUN(test_a_cancelled_call_is_not_told);
    RUN(test_freed_with_calls_under_way);
    RUN(test_an_answer_may_make_the_next_call);
    return check_done();
}
