/*
 * tests/unit/http/http_conn_fixture.h - a connection of HTTP, and a service that answers what was
 * asked.
 */
#ifndef SIO_TESTS_UNIT_HTTP_HTTP_CONN_FIXTURE_H
#define SIO_TESTS_UNIT_HTTP_HTTP_CONN_FIXTURE_H

#include "server/http/http.h"
#include "server/http/http_conn.h"
#include "server/http/response.h"
#include "tests/unit/net/net_fixture.h"

enum { MAX_BODY = 20 };

/* --- A service, whose answers are what was asked. --- */

static struct {
    sio_http      http;
    int           peer;
    sio_exchange *waiting; /* which /later has made; NULL: none is */
    sio_conn     *taken;   /* out of HTTP by /take */
    sio_buf       rest;    /* that came behind */
    unsigned      n_found, n_begun, n_ended, n_lost;
    const char   *abandoned;
} at;

static inline size_t
max_body(const sio_env *env)
{
    (void)env;
    return MAX_BODY;
}

static inline void
refuse_body(sio_exchange *x, const sio_http_request *head)
{
    (void)head;
    sio_response_send(x, 413, NULL, SIO_VIEW(""), SIO_VIEW("too much"));
}

static inline void
on_body_begins(sio_exchange *x, const sio_http_request *head)
{
    CHECK(head->method == SIO_HTTP_POST);
    x->owner = &at;
    at.n_begun++;
}

static inline void
on_body_ends(sio_exchange *x, bool is_lost)
{
    CHECK(x->owner == &at);
    at.n_ended++;
    at.n_lost += is_lost;
}

static inline void
on_abandoned(sio_exchange *x, const char *reason)
{
    CHECK(x == at.waiting);
    at.waiting = NULL;
    at.abandoned = reason;
}

static inline void
serve_target(sio_exchange *x, const sio_request *r)
{
    (void)sio_response_begin(x, 200);
    sio_response_end_parts(x, r->head->target, r->body);
}

static inline void
serve_later(sio_exchange *x, const sio_request *r)
{
    (void)r;
    at.waiting = x;
    x->abandoned = on_abandoned;
}

static inline void
serve_take(sio_exchange *x, const sio_request *r)
{
    (void)r;
    at.taken = sio_http_conn_detach(x, &at.rest);
    sio_conn_abort(at.taken);
}

/* Answer what waits. */
static inline void
answer_late(void)
{
    sio_exchange *x = at.waiting;

    if (!CHECK(x != NULL))
        return;
    at.waiting = NULL;
    (void)sio_response_begin(x, 200);
    sio_response_end(x, SIO_VIEW("late"));
    turn();
}

static const sio_http_route target_route = {
    .max_body = max_body,
    .refuse_body = refuse_body,
    .body_begins = on_body_begins,
    .body_ends = on_body_ends,
    .serve = serve_target,
};
static const sio_http_route later_route = {
    .max_body = max_body, .refuse_body = refuse_body, .serve = serve_later};
static inline void
answer_early(sio_exchange *x, const sio_http_request *head)
{
    (void)head;
    sio_response_send(x, 400, NULL, SIO_VIEW(""), SIO_VIEW("not that"));
}

/* The body is on its way, and is not waited for. */
static const sio_http_route early_route = {
    .max_body = max_body,
    .refuse_body = refuse_body,
    .body_begins = answer_early,
    .serve = serve_target,
};

static inline void
note_waiting(sio_exchange *x, const sio_http_request *head)
{
    (void)head;
    at.waiting = x;
    x->owner = &at;
    at.n_begun++;
}

/* It is waited for, until somebody answers. */
static const sio_http_route meanwhile_route = {
    .max_body = max_body,
    .refuse_body = refuse_body,
    .body_begins = note_waiting,
    .body_ends = on_body_ends,
    .serve = serve_target,
};
static const sio_http_route take_route = {
    .max_body = max_body, .refuse_body = refuse_body, .serve = serve_take};

static inline const sio_http_route *
find_route(const sio_env *env, const sio_http_request *head)
{
    (void)env;
    at.n_found++;
    if (sio_view_eq(head->target, SIO_VIEW("/later")))
        return &later_route;
    if (sio_view_eq(head->target, SIO_VIEW("/early")))
        return &early_route;
    if (sio_view_eq(head->target, SIO_VIEW("/meanwhile")))
        return &meanwhile_route;
    return sio_view_eq(head->target, SIO_VIEW("/take")) ? &take_route : &target_route;
}

static inline int
answer_other(const sio_env *env, sio_view bytes, sio_buf *answer)
{
    const sio_view other = SIO_VIEW("<other>");

    (void)env;
    if (memcmp(bytes.data, other.data, bytes.len < other.len ? bytes.len : other.len) != 0)
        return SIO_BAD;
    if (bytes.len < other.len)
        return SIO_PARTIAL;
    sio_buf_add_str(answer, "<answer>");
    return SIO_OK;
}

static const sio_http_service service = {
    .find_route = find_route, .answer_other = answer_other, .refuse = sio_response_refuse};

/* --- A connection. --- */

static inline bool
begin(void)
{
    const sio_address nobody = {.family = 0};
    int               fd;

    memset(&at, 0, sizeof at);
    sio_buf_init(&at.rest, SIZE_MAX);
    if (!world_begin(&sio_http_conn_owner) || !open_pair(&fd, &at.peer))
        return false;
    world.env.http = &at.http;
    if (sio_http_init(&world.env, &service) != SIO_OK)
        return false;
    world.cfg.max_body_bytes = SIZE_MAX;
    world.cfg.max_header_bytes = 200;
    world.cfg.max_headers = 4;
    world.cfg.max_url_bytes = 50;
    sio_net_accept(&world.env, NULL, fd, &nobody);
    return true;
}

static inline void
end(void)
{
    close(at.peer);
    turn();
    CHECK(at.waiting == NULL);
    CHECK_INT(at.n_ended, at.n_begun);
    world_end();
    sio_http_fini(&world.env);
    sio_buf_fini(&at.rest);
}

static inline void
say(const char *text)
{
    peer_say(at.peer, text);
    turn();
}

/* All that was answered, without what differs from day to day. */
static inline const char *
answers(void)
{
    static char text[PEER_TEXT_MAX];
    char       *date;

    peer_hear(at.peer, text);
    while ((date = strstr(text, "Date: ")) != NULL)
        memmove(date, strchr(date, '\n') + 1, strlen(strchr(date, '\n') + 1) + 1);
    return text;
}

static inline unsigned
status_of(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? (unsigned)atoi(answer + 9) : 0;
}

/* The server says no more: 0; else EAGAIN. */
static inline int
seen(void)
{
    return peer_sees(at.peer);
}

#define GET(target) "GET " target " HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK(text)    "HTTP/1.1 200 OK\r\n\r\n" text

#endif
