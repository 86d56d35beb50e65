/*
 * tests/unit/backends/http_client_fixture.h - a client of backends, and a backend on the same loop
 * that does what the test says.
 */
#ifndef SIO_TESTS_UNIT_BACKENDS_HTTP_CLIENT_FIXTURE_H
#define SIO_TESTS_UNIT_BACKENDS_HTTP_CLIENT_FIXTURE_H

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
#include <time.h>
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
    AWAY_UNTIL,   /* the same, with a date in an hour */
    AWAY_SINCE,   /* with one that has passed */
    CLOSE_SECOND, /* reads the second one on a connection, and closes that */
    CUT,
    SAY_NOTHING,
    HANG_UP,
    TOO_LARGE,
    LARGE_CHUNKS,
    LARGE_HEADERS,
    NO_HTTP,
    NO_TLS, /* answers whatever comes */
    IN_PIECES,
    LAST,     /* it says that it closes the connection, and does not */
    TOO_MUCH, /* more than an answer */
    UNTIL_CLOSED
} behaviour;

enum { MAX_ANSWER = 1000, MAX_REQUEST = 2 * 1024 * 1024, WAIT_MS = 30000 };

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
    sio_http_answer answer; /* but for its texts */
    bool            has_why;
    sio_buf         body;
} world;

typedef struct {
    world   *w;
    unsigned n_requests;
} connection;

static const char in_pieces[] = "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{\"slow\":\"y\"}";

static inline void
send_piece(evutil_socket_t fd, short what, void *arg)
{
    world               *w = arg;
    const struct timeval soon = {0, 1000};

    (void)fd, (void)what;
    bufferevent_write(w->piece_to, w->piece++, 1);
    if (*w->piece != '\0')
        event_add(w->piece_event, &soon);
}

static inline void
say(struct bufferevent *b, const char *text)
{
    bufferevent_write(b, text, strlen(text));
}

static inline void
hang_up(struct bufferevent *b, connection *c)
{
    free(c);
    bufferevent_free(b);
}

static inline void
on_written(struct bufferevent *b, void *arg)
{
    hang_up(b, arg);
}

static inline void
say_and_hang_up(struct bufferevent *b, connection *c, const char *text)
{
    say(b, text);
    bufferevent_setcb(b, NULL, on_written, NULL, c);
}

static inline void
say_much(struct bufferevent *b, const char *begin, const char *text, unsigned n)
{
    say(b, begin);
    while (n-- > 0)
        say(b, text);
}

static inline void
say_away(struct bufferevent *b, time_t until)
{
    char      text[200];
    struct tm tm;

    CHECK(gmtime_r(&until, &tm) != NULL);
    CHECK(strftime(text, sizeof text,
                   "HTTP/1.1 503 Away\r\nRetry-After: %a, %d %b %Y %H:%M:%S GMT\r\n"
                   "Content-Length: 2\r\n\r\nno",
                   &tm) > 0);
    say(b, text);
}

static inline void
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
    case AWAY_UNTIL:
        say_away(b, time(NULL) + 3600);
        return;
    case AWAY_SINCE:
        say_away(b, time(NULL) - 5);
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
    case LAST:
        say(b, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
        return;
    case TOO_MUCH:
        say(b, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 408 Too late\r\n");
        return;
    case UNTIL_CLOSED:
        say_and_hang_up(b, c, "HTTP/1.0 200 OK\r\n\r\n{}");
        return;
    case IN_PIECES:
        w->piece = in_pieces;
        w->piece_to = b;
        send_piece(-1, 0, w);
        return;
    }
}

/* A whole request, as far as a test needs it. */
static inline bool
take_request(struct evbuffer *in, struct evbuffer *out)
{
    static char      text[MAX_REQUEST];
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

static inline void
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

static inline void
on_gone(struct bufferevent *b, short what, void *arg)
{
    (void)what;
    hang_up(b, arg);
}

static inline void
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

static inline void
listen_at(world *w, const struct sockaddr *address, size_t len)
{
    w->listener = evconnlistener_new_bind(w->base, on_accept, w, LEV_OPT_CLOSE_ON_FREE, 16, address,
                                          (int)len);
}

/* In a new folder, whose name is in *folder. */
static inline void
listen_unix(world *w, char *folder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    evconnlistener_free(w->listener);
    CHECK(mkdtemp(folder) != NULL);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder);
    listen_at(w, (const struct sockaddr *)&address, sizeof address);
    snprintf(w->url, sizeof w->url, "unix:%s:/hook/a?b", address.sun_path);
}

static inline void
remove_folder(const char *folder)
{
    char path[200];

    snprintf(path, sizeof path, "%s/s", folder);
    unlink(path);
    rmdir(folder);
}

static inline void
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
                                              .max_answer_bytes = MAX_ANSWER,
                                              .may_use_tls = true};

static inline void
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
    const sio_http_loop loop = {w->base, &w->deferred, &w->timers};

    CHECK_INT(sio_http_client_new(&w->client, &loop, options, &error), SIO_OK);
    CHECK_VIEW(sio_buf_view(&error), "");
    sio_buf_fini(&error);
    listen_tcp(w);
}

static inline void
begin(world *w, behaviour how)
{
    begin_with(w, how, &usual);
}

/* Let the other sides see that they are closed. */
static inline void
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

static inline void
note_answer(void *arg, const sio_http_answer *answer)
{
    world *w = arg;

    w->n_told++;
    w->answer = *answer;
    w->has_why = answer->why[0] != '\0';
    sio_buf_clear(&w->body);
    sio_buf_add_view(&w->body, answer->body);
}

static inline sio_http_call *
post_to(world *w, const char *url, const char *body)
{
    static const char *const headers[] = {"Content-Type: application/json", "webhook-id: msg_1"};
    const sio_http_post      post = {
             .url = url, .headers = headers, .n_headers = 2, .body = sio_view_of(body)};

    return sio_http_client_post(w->client, &post, note_answer, w);
}

static inline sio_http_call *
post(world *w)
{
    return post_to(w, w->url, "{\"events\":[]}");
}

/* Until the client was told n times. */
static inline void
run_until(world *w, unsigned n)
{
    const uint64_t until_ms = sio_timer_wheel_now_ms(&w->timers) + WAIT_MS;

    while (w->n_told < n && sio_timer_wheel_now_ms(&w->timers) < until_ms)
        event_base_loop(w->base, EVLOOP_ONCE);
    CHECK_INT(w->n_told, n);
}

static inline void
check_answered(world *w, unsigned status, const char *body)
{
    CHECK_INT(w->answer.outcome, SIO_HTTP_ANSWERED);
    CHECK_INT(w->answer.status, status);
    CHECK_VIEW(sio_buf_view(&w->body), body);
}

static inline bool
last_request_has(world *w, const char *text)
{
    return evbuffer_search(w->last, text, strlen(text), NULL).pos >= 0;
}

#endif
