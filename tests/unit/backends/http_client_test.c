#include "server/backends/http_client.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "protocol/result.h"
#include "tests/unit/check.h"

/* --- A backend, on the loop of the client. --- */

/* What it does with a request. */
typedef enum {
    ANSWER,
    NO_CONTENT,
    REDIRECT,
    AWAY,         /* 503, with Retry-After */
    CLOSE_SECOND, /* reads the second one on a connection, and closes that */
    CUT,
    SAY_NOTHING,
    HANG_UP,
    TOO_LARGE,
    LARGE_CHUNKS,
    LARGE_HEADERS,
    NO_HTTP,
    NO_TLS, /* answers whatever comes */
    IN_PIECES
} behaviour;

enum { MAX_ANSWER = 1000, WAIT_MS = 30000 };

typedef struct {
    struct event_base     *base;
    sio_deferred           deferred;
    sio_timer_wheel        timers;
    sio_http_client       *client;
    struct evconnlistener *listener;
    char                   url[200];
    behaviour              behaviour;
    unsigned               n_connections, n_requests;
    struct evbuffer       *last;  /* request, whole */
    const char            *piece; /* of an answer, to be sent */
    struct event          *piece_event;
    struct bufferevent    *piece_to;
    /* What the client was told. */
    unsigned        n_told;
    sio_http_answer answer;
    sio_buf         body;
} world;

typedef struct {
    world   *w;
    unsigned n_requests;
} connection;

static const char in_pieces[] = "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{\"slow\":\"y\"}";

static void
send_piece(evutil_socket_t fd, short what, void *arg)
{
    world               *w = arg;
    const struct timeval soon = {0, 1000};

    (void)fd, (void)what;
    bufferevent_write(w->piece_to, w->piece++, 1);
    if (*w->piece != '\0')
        event_add(w->piece_event, &soon);
}

static void
say(struct bufferevent *b, const char *text)
{
    bufferevent_write(b, text, strlen(text));
}

static void
hang_up(struct bufferevent *b, connection *c)
{
    free(c);
    bufferevent_free(b);
}

static void
on_written(struct bufferevent *b, void *arg)
{
    hang_up(b, arg);
}

static void
say_and_hang_up(struct bufferevent *b, connection *c, const char *text)
{
    say(b, text);
    bufferevent_setcb(b, NULL, on_written, NULL, c);
}

static void
say_much(struct bufferevent *b, const char *begin, const char *text, unsigned n)
{
    say(b, begin);
    while (n-- > 0)
        say(b, text);
}

static void
answer_request(struct bufferevent *b, connection *c)
{
    world *w = c->w;

    switch (w->behaviour) {
    case CLOSE_SECOND:
        if (c->n_requests % 2 == 0) {
            hang_up(b, c);
            return;
        }
        /* fall through */
    case ANSWER:
        say(b, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ack\":[1]}");
        return;
    case NO_CONTENT:
        say(b, "HTTP/1.1 204 No Content\r\n\r\n");
        return;
    case REDIRECT:
        say(b, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
        return;
    case AWAY:
        say(b, "HTTP/1.1 503 Away\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno");
        return;
    case CUT:
        say_and_hang_up(b, c, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ack\"");
        return;
    case SAY_NOTHING:
        return;
    case HANG_UP:
        hang_up(b, c);
        return;
    case TOO_LARGE:
        say_much(b, "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n ", "          ", 100);
        return;
    case LARGE_CHUNKS:
        say_much(b, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "a\r\n0123456789\r\n",
                 200);
        return;
    case LARGE_HEADERS:
        say_much(b, "HTTP/1.1 200 OK\r\n", "X-Filler: 0123456789\r\n", 20000);
        return;
    case NO_HTTP:
    case NO_TLS:
        say_and_hang_up(b, c, "SSH-2.0-OpenSSH\r\n\r\n");
        return;
    case IN_PIECES:
        w->piece = in_pieces;
        w->piece_to = b;
        send_piece(-1, 0, w);
        return;
    }
}

/* A whole request, as far as a test needs it. */
static bool
take_request(struct evbuffer *in, struct evbuffer *out)
{
    char             text[65536];
    const ev_ssize_t n = evbuffer_copyout(in, text, sizeof text - 1);
    const char      *length, *end;

    text[n < 0 ? 0 : n] = '\0';
    end = strstr(text, "\r\n\r\n");
    length = strstr(text, "Content-Length: ");
    if (end == NULL || length == NULL)
        return false;
    const size_t whole = (size_t)(end - text) + 4 + strtoul(length + 16, NULL, 10);

    if ((size_t)n < whole)
        return false;
    evbuffer_drain(out, evbuffer_get_length(out));
    return evbuffer_remove_buffer(in, out, whole) == (int)whole;
}

static void
on_request(struct bufferevent *b, void *arg)
{
    connection *c = arg;

    if (c->w->behaviour == NO_TLS) {
        answer_request(b, c);
        return;
    }
    if (!take_request(bufferevent_get_input(b), c->w->last))
        return;
    c->w->n_requests++;
    c->n_requests++;
    answer_request(b, c);
}

static void
on_gone(struct bufferevent *b, short what, void *arg)
{
    (void)what;
    hang_up(b, arg);
}

static void
on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *address, int len,
          void *arg)
{
    world              *w = arg;
    struct bufferevent *b = bufferevent_socket_new(w->base, fd, BEV_OPT_CLOSE_ON_FREE);
    connection         *c = calloc(1, sizeof *c);

    (void)l, (void)address, (void)len;
    c->w = w;
    w->n_connections++;
    bufferevent_setcb(b, on_request, NULL, on_gone, c);
    bufferevent_enable(b, EV_READ | EV_WRITE);
}

static void
listen_at(world *w, const struct sockaddr *address, size_t len)
{
    w->listener = evconnlistener_new_bind(w->base, on_accept, w, LEV_OPT_CLOSE_ON_FREE, 16, address,
                                          (int)len);
}

static void
listen_tcp(world *w)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          len = sizeof address;

    listen_at(w, (const struct sockaddr *)&address, sizeof address);
    getsockname(evconnlistener_get_fd(w->listener), (struct sockaddr *)&address, &len);
    snprintf(w->url, sizeof w->url, "http://127.0.0.1:%u/hook?x=1", ntohs(address.sin_port));
}

/* --- The client. --- */

static const sio_http_client_options usual = {.max_calls = 4,
                                              .connect_timeout_ms = WAIT_MS,
                                              .timeout_ms = WAIT_MS,
                                              .max_answer_bytes = MAX_ANSWER};

static void
begin_with(world *w, behaviour how, const sio_http_client_options *options)
{
    sio_buf error;

    *w = (world){.base = event_base_new(), .behaviour = how};
    sio_buf_init(&error, SIZE_MAX);
    sio_buf_init(&w->body, SIZE_MAX);
    w->last = evbuffer_new();
    w->piece_event = event_new(w->base, -1, 0, send_piece, w);
    CHECK_INT(sio_deferred_init(&w->deferred, w->base), SIO_OK);
    CHECK_INT(sio_timer_wheel_init(&w->timers, w->base), SIO_OK);
    CHECK_INT(sio_http_client_new(&w->client, w->base, &w->deferred, &w->timers, options, &error),
              SIO_OK);
    CHECK_VIEW(sio_buf_view(&error), "");
    sio_buf_fini(&error);
    listen_tcp(w);
}

static void
begin(world *w, behaviour how)
{
    begin_with(w, how, &usual);
}

/* Let the other sides see that they are closed. */
static void
end(world *w)
{
    sio_http_client_free(w->client);
    if (w->listener != NULL)
        evconnlistener_free(w->listener);
    for (unsigned i = 0; i < 10; i++)
        event_base_loop(w->base, EVLOOP_NONBLOCK);
    sio_deferred_fini(&w->deferred);
    sio_timer_wheel_fini(&w->timers);
    event_free(w->piece_event);
    evbuffer_free(w->last);
    sio_buf_fini(&w->body);
    event_base_free(w->base);
}

static void
note_answer(void *arg, const sio_http_answer *answer)
{
    world *w = arg;

    w->n_told++;
    w->answer = *answer;
    sio_buf_clear(&w->body);
    sio_buf_add_view(&w->body, answer->body);
}

static sio_http_call *
post_to(world *w, const char *url, const char *body)
{
    static const char *const headers[] = {"Content-Type: application/json", "webhook-id: msg_1"};
    const sio_http_post      post = {
             .url = url, .headers = headers, .n_headers = 2, .body = sio_view_of(body)};

    return sio_http_client_post(w->client, &post, note_answer, w);
}

static sio_http_call *
post(world *w)
{
    return post_to(w, w->url, "{\"events\":[]}");
}

/* Until the client was told n times. */
static void
run_until(world *w, unsigned n)
{
    const uint64_t until_ms = sio_timer_wheel_now_ms(&w->timers) + WAIT_MS;

    while (w->n_told < n && sio_timer_wheel_now_ms(&w->timers) < until_ms)
        event_base_loop(w->base, EVLOOP_ONCE);
    CHECK_INT(w->n_told, n);
}

static void
check_answered(world *w, unsigned status, const char *body)
{
    CHECK_INT(w->answer.outcome, SIO_HTTP_ANSWERED);
    CHECK_INT(w->answer.status, status);
    CHECK_VIEW(sio_buf_view(&w->body), body);
}

static bool
last_request_has(world *w, const char *text)
{
    return evbuffer_search(w->last, text, strlen(text), NULL).pos >= 0;
}

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
        CHECK(sio_http_client_has_room(w.client));
        CHECK(post(&w) != NULL);
    }
    CHECK(!sio_http_client_has_room(w.client));
    CHECK(post(&w) == NULL);
    run_until(&w, usual.max_calls);
    CHECK(sio_http_client_has_room(w.client));
    end(&w);
}

/*
 * libcurl sends again by itself what came to nothing on a kept connection, but a handle only five
 * times in its life; then it is for the caller to do so.
 */
static void
test_kept_connections_that_close_are_replaced(void)
{
    unsigned n_answered = 0;
    world    w;

    begin(&w, CLOSE_SECOND);
    for (unsigned i = 1; n_answered < 100 && i < 200; i++) {
        CHECK(post(&w) != NULL);
        run_until(&w, i);
        CHECK(w.answer.outcome == SIO_HTTP_ANSWERED || w.answer.outcome == SIO_HTTP_LOST);
        n_answered += w.answer.outcome == SIO_HTTP_ANSWERED;
    }
    CHECK_INT(n_answered, 100);
    CHECK(w.n_requests > w.n_told);
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
    char               folder[] = "/tmp/http-client-XXXXXX", url[200];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    world              w;

    begin(&w, ANSWER);
    evconnlistener_free(w.listener);
    CHECK(mkdtemp(folder) != NULL);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder);
    listen_at(&w, (const struct sockaddr *)&address, sizeof address);
    snprintf(url, sizeof url, "unix:%s:/hook/a?b", address.sun_path);
    CHECK(post_to(&w, url, "{}") != NULL);
    run_until(&w, 1);
    check_answered(&w, 200, "{\"ack\":[1]}");
    CHECK(last_request_has(&w, "POST /hook/a?b HTTP/1.1\r\nHost: localhost\r\n"));
    end(&w);
    unlink(address.sun_path);
    rmdir(folder);
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
    RUN(test_one_that_never_answers);
    RUN(test_nobody_listens);
    RUN(test_one_that_does_not_complete_the_connection);
    RUN(test_one_that_speaks_no_tls);
    RUN(test_over_a_unix_socket);
    RUN(test_a_long_body_does_not_wait_to_be_expected);
    RUN(test_a_cancelled_call_is_not_told);
    RUN(test_freed_with_calls_under_way);
    RUN(test_an_answer_may_make_the_next_call);
    return check_done();
}
