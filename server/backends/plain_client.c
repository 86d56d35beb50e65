#include "server/backends/plain_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/buf.h"
#include "protocol/http_reply.h"
#include "protocol/result.h"
#include "server/backends/plain_link.h"

enum { WHY_BYTES = 256 };

/* A slot; its buffers are kept for the next call. */
typedef struct {
    sio_http_call      base;
    sio_link           link; /* in one of the lists of the client */
    sio_plain_client  *client;
    sio_plain_link    *connection; /* NULL: it has ended */
    sio_endpoint_url   url;        /* views into the caller's */
    sio_view           body;
    sio_buf            head; /* of the request */
    sio_buf            answer_head;
    bool               is_sent; /* somebody may have read of it */
    bool               is_heard;
    sio_http_reply     reply;
    sio_buf            answer;
    sio_http_outcome   outcome;
    sio_timer          timer; /* for the whole call */
    sio_http_answer_fn fn;
    void              *arg;
    char               why[WHY_BYTES];
} plain_call;

struct sio_plain_client {
    sio_http_loop           loop;
    sio_http_client_options options;
    sio_address_cache       known;
    sio_task                ended_task;
    sio_link                idle, running, ended; /* calls */
    sio_link                connections;          /* without a call, the last one used is last */
    unsigned                n_calls, n_connections;
};

/* --- The end of a call. --- */

static void
close_connection(sio_plain_client *c, sio_plain_link *connection)
{
    if (connection == NULL)
        return;
    sio_timer_cancel(c->loop.timers, &connection->timer);
    sio_plain_link_free(connection);
    c->n_connections--;
}

static void
keep_connection(sio_plain_client *c, sio_plain_link *connection)
{
    connection->call = NULL;
    sio_link_append(&c->connections, &connection->in_idle);
    sio_timer_set(c->loop.timers, &connection->timer, 1000u * SIO_HTTP_CALL_MAX_IDLE_S);
}

/* It is told at the end of the turn. */
static void
end_call(plain_call *call, sio_http_outcome outcome, const char *why)
{
    sio_plain_client *c = call->client;

    close_connection(c, call->connection);
    call->connection = NULL;
    call->outcome = outcome;
    snprintf(call->why, sizeof call->why, "%s", why);
    sio_timer_cancel(c->loop.timers, &call->timer);
    sio_link_remove(&call->link);
    sio_link_append(&c->ended, &call->link);
    sio_deferred_add(c->loop.deferred, &c->ended_task);
}

/* A connection is kept if both sides have said all that they had to say. */
static void
end_answered(plain_call *call, bool has_more)
{
    sio_plain_client *c = call->client;
    sio_plain_link   *connection = call->connection;

    if (call->reply.is_kept && !has_more && !c->options.is_sent_once &&
        sio_plain_link_has_sent(connection)) {
        call->connection = NULL;
        keep_connection(c, connection);
    }
    end_call(call, SIO_HTTP_ANSWERED, "");
}

static void
end_without_answer(plain_call *call, const char *why)
{
    end_call(call, call->is_sent ? SIO_HTTP_LOST : SIO_HTTP_UNSENT, why);
}

static unsigned
retry_after_of(const sio_http_reply *reply)
{
    const int64_t s = reply->retry_at_s - (int64_t)time(NULL);

    if (reply->retry_at_s == 0)
        return reply->retry_after_s;
    if (s < 0)
        return 0;
    return s < SIO_HTTP_REPLY_MAX_RETRY_AFTER ? (unsigned)s : SIO_HTTP_REPLY_MAX_RETRY_AFTER;
}

/* The slot is free before fn is told, as that may make the next call with it. */
static void
tell_plain_end(plain_call *call)
{
    sio_plain_client *c = call->client;
    sio_http_answer   answer = {.outcome = call->outcome};
    sio_buf           head = call->answer_head, body = call->answer;
    char              why[WHY_BYTES];

    memcpy(why, call->why, sizeof why);
    answer.why = why;
    if (call->outcome == SIO_HTTP_ANSWERED || call->outcome == SIO_HTTP_TOO_LARGE) {
        answer.status = call->reply.status;
        answer.retry_after_s = retry_after_of(&call->reply);
    }
    if (call->outcome == SIO_HTTP_ANSWERED) {
        answer.head = sio_buf_view(&head);
        answer.body = sio_buf_view(&body);
    }
    sio_buf_init(&call->answer_head, SIZE_MAX); /* its reader has a limit */
    sio_buf_init(&call->answer, c->options.max_answer_bytes);
    sio_http_reply_fini(&call->reply);
    sio_link_remove(&call->link);
    sio_link_append(&c->idle, &call->link);
    call->fn(call->arg, &answer);
    sio_buf_fini(&head);
    sio_buf_fini(&body);
}

static void
tell_plain_ends(sio_task *task)
{
    sio_plain_client *c = SIO_CONTAINER(task, sio_plain_client, ended_task);

    while (!sio_link_empty(&c->ended))
        tell_plain_end(SIO_CONTAINER(c->ended.next, plain_call, link));
}

/* --- A connection for a call. --- */

static void
send_call(plain_call *call)
{
    call->is_sent = true;
    sio_plain_link_send(call->connection, sio_buf_view(&call->head), call->body);
}

static void
on_connection_opened(sio_plain_link *connection)
{
    sio_plain_client *c = connection->client;

    sio_timer_cancel(c->loop.timers, &connection->timer);
    send_call(connection->call);
}

static void
on_connection_heard(sio_plain_link *connection, const char *bytes, size_t n)
{
    plain_call *call = connection->call;
    ptrdiff_t   used;

    if (call == NULL) { /* nobody has asked: "408 Request Timeout", say, before it is closed */
        close_connection(connection->client, connection);
        return;
    }
    call->is_heard = true;
    used = sio_http_reply_feed(&call->reply, bytes, n, &call->answer);
    if (used == SIO_TOO_LARGE)
        end_call(call, SIO_HTTP_TOO_LARGE, "the answer is too large");
    else if (used < 0)
        end_call(call, SIO_HTTP_LOST,
                 used == SIO_BAD ? "the answer is not one of HTTP/1.1" : "out of memory");
    else if (call->reply.is_done)
        end_answered(call, (size_t)used < n);
}

static void begin_on_new_connection(plain_call *call);

/*
 * A kept connection may be closed by the other side just when it is used again; then nobody knows
 * whether the call was read. Whoever minds has none that are kept.
 */
static void
on_connection_failed(sio_plain_link *connection, const char *why)
{
    sio_plain_client *c = connection->client;
    plain_call       *call = connection->call;

    if (call == NULL) {
        close_connection(c, connection);
    } else if (call->is_heard && sio_http_reply_end(&call->reply)) {
        end_answered(call, false);
    } else if (connection->n_calls > 1 && !call->is_heard) {
        close_connection(c, connection);
        call->connection = NULL;
        begin_on_new_connection(call);
    } else {
        end_without_answer(call, why);
    }
}

static const sio_plain_link_ops connection_ops = {
    .opened = on_connection_opened, .heard = on_connection_heard, .failed = on_connection_failed};

/* It takes too long to connect, or was not used for long. */
static void
on_connection_timer(sio_timer *timer)
{
    sio_plain_link *connection = SIO_CONTAINER(timer, sio_plain_link, timer);

    if (connection->call == NULL)
        close_connection(connection->client, connection);
    else
        end_without_answer(connection->call, "can not connect: it takes too long");
}

static void
give_connection(sio_plain_link *connection, plain_call *call)
{
    connection->call = call;
    connection->n_calls++;
    call->connection = connection;
}

/* NULL: none leads there. */
static sio_plain_link *
find_kept(const sio_plain_client *c, const sio_endpoint_url *url)
{
    for (sio_link *l = c->connections.prev; l != &c->connections; l = l->prev) {
        sio_plain_link *connection = SIO_CONTAINER(l, sio_plain_link, in_idle);

        if (sio_plain_link_leads_to(connection, url))
            return connection;
    }
    return NULL;
}

/* There are never more than calls: one of those that lead elsewhere makes room. */
static sio_plain_link *
new_connection(sio_plain_client *c, const sio_endpoint_url *url)
{
    sio_plain_link *connection;

    if (c->n_connections >= c->options.max_calls && !sio_link_empty(&c->connections))
        close_connection(c, SIO_CONTAINER(c->connections.next, sio_plain_link, in_idle));
    connection =
        sio_plain_link_new(&connection_ops, c->loop.base, c->loop.deferred, &c->known, url);
    if (connection == NULL)
        return NULL;
    c->n_connections++;
    connection->client = c;
    connection->timer.fire = on_connection_timer;
    return connection;
}

static void
begin_on_new_connection(plain_call *call)
{
    sio_plain_client *c = call->client;
    sio_plain_link   *connection = new_connection(c, &call->url);
    char              why[WHY_BYTES];

    if (connection == NULL) {
        end_without_answer(call, "out of memory");
        return;
    }
    give_connection(connection, call);
    sio_timer_set(c->loop.timers, &connection->timer, c->options.connect_timeout_ms);
    if (!sio_plain_link_connect(connection, why, sizeof why))
        end_without_answer(call, why);
}

static void
begin_call(plain_call *call)
{
    sio_plain_client *c = call->client;
    sio_plain_link   *kept = find_kept(c, &call->url);

    sio_link_remove(&call->link);
    sio_link_append(&c->running, &call->link);
    sio_timer_set(c->loop.timers, &call->timer, c->options.timeout_ms);
    if (kept == NULL) {
        begin_on_new_connection(call);
        return;
    }
    sio_timer_cancel(c->loop.timers, &kept->timer);
    sio_link_remove(&kept->in_idle);
    give_connection(kept, call);
    send_call(call);
}

/* --- A call. --- */

static void
on_call_timer(sio_timer *timer)
{
    end_without_answer(SIO_CONTAINER(timer, plain_call, timer), "it takes too long");
}

/* Not told, wherever it is. */
static void
cancel_plain_call(sio_http_call *base)
{
    plain_call       *call = SIO_CONTAINER(base, plain_call, base);
    sio_plain_client *c = call->client;

    close_connection(c, call->connection);
    call->connection = NULL;
    sio_timer_cancel(c->loop.timers, &call->timer);
    sio_link_remove(&call->link);
    sio_link_append(&c->idle, &call->link);
}

static plain_call *
new_plain_call(sio_plain_client *c)
{
    plain_call *call = calloc(1, sizeof *call);

    if (call == NULL)
        return NULL;
    call->base.cancel = cancel_plain_call;
    call->client = c;
    call->timer.fire = on_call_timer;
    sio_buf_init(&call->head, SIZE_MAX);
    sio_buf_init(&call->answer_head, SIZE_MAX); /* its reader has a limit */
    sio_buf_init(&call->answer, c->options.max_answer_bytes);
    sio_http_reply_init(&call->reply);
    sio_link_init(&call->link);
    sio_link_append(&c->idle, &call->link);
    c->n_calls++;
    return call;
}

/* The last one used, which is in the cache; or a new one. NULL: no room, or no memory. */
static plain_call *
take_plain_call(sio_plain_client *c)
{
    if (!sio_link_empty(&c->idle))
        return SIO_CONTAINER(c->idle.prev, plain_call, link);
    return c->n_calls < c->options.max_calls ? new_plain_call(c) : NULL;
}

/* Does the caller say it? */
static bool
has_header(const sio_http_post *post, sio_view name)
{
    for (size_t i = 0; i < post->n_headers; i++)
        if (strlen(post->headers[i]) > name.len && post->headers[i][name.len] == ':' &&
            sio_view_eq_nocase((sio_view){post->headers[i], name.len}, name))
            return true;
    return false;
}

static void
add_unless_said(sio_buf *head, const sio_http_post *post, const char *name, sio_view value)
{
    if (has_header(post, sio_view_of(name)))
        return;
    sio_buf_add_str(head, name);
    sio_buf_add_str(head, ": ");
    sio_buf_add_view(head, value);
    sio_buf_add_str(head, "\r\n");
}

static void
write_head(sio_buf *head, const sio_endpoint_url *url, const sio_http_post *post, bool is_last)
{
    sio_buf_add_str(head, post->method != NULL ? post->method : "POST");
    sio_buf_add_char(head, ' ');
    if (url->path.len == 0 || url->path.data[0] != '/')
        sio_buf_add_char(head, '/');
    sio_buf_add_view(head, url->path);
    sio_buf_add_str(head, " HTTP/1.1\r\n");
    add_unless_said(head, post, "Host",
                    url->socket.len > 0 ? SIO_VIEW("localhost") : url->authority);
    add_unless_said(head, post, "User-Agent", SIO_VIEW("siobroker/" SIO_VERSION));
    add_unless_said(head, post, "Accept", SIO_VIEW("*/*"));
    for (size_t i = 0; i < post->n_headers; i++) {
        sio_buf_add_str(head, post->headers[i]);
        sio_buf_add_str(head, "\r\n");
    }
    if (is_last)
        sio_buf_add_str(head, "Connection: close\r\n");
    if (!sio_http_call_is_bodiless(post->method)) {
        sio_buf_add_str(head, "Content-Length: ");
        sio_buf_add_u64(head, post->body.len);
        sio_buf_add_str(head, "\r\n");
    }
    sio_buf_add_str(head, "\r\n");
}

sio_http_call *
sio_plain_client_post(sio_plain_client *c, const sio_endpoint_url *url, const sio_http_post *post,
                      sio_http_answer_fn fn, void *arg)
{
    plain_call *call = take_plain_call(c);

    if (call == NULL)
        return NULL;
    sio_buf_clear(&call->head);
    write_head(&call->head, url, post, c->options.is_sent_once);
    if (call->head.failed)
        return NULL;
    sio_buf_clear(&call->answer_head);
    sio_buf_clear(&call->answer);
    sio_http_reply_fini(&call->reply);
    sio_http_reply_init(&call->reply);
    call->reply.is_of_head = post->method != NULL && strcmp(post->method, "HEAD") == 0;
    call->reply.head = c->options.keeps_head ? &call->answer_head : NULL;
    call->url = *url;
    call->body = sio_http_call_is_bodiless(post->method) ? SIO_VIEW("") : post->body;
    call->is_sent = call->is_heard = false;
    call->fn = fn;
    call->arg = arg;
    begin_call(call);
    return &call->base;
}

/* --- The client. --- */

sio_plain_client *
sio_plain_client_new(const sio_http_loop *loop, const sio_http_client_options *options)
{
    sio_plain_client *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->loop = *loop;
    c->options = *options;
    sio_task_init(&c->ended_task, tell_plain_ends);
    sio_link_init(&c->idle);
    sio_link_init(&c->running);
    sio_link_init(&c->ended);
    sio_link_init(&c->connections);
    return c;
}

static void
cancel_all(sio_link *calls)
{
    while (!sio_link_empty(calls))
        cancel_plain_call(&SIO_CONTAINER(calls->next, plain_call, link)->base);
}

static void
free_plain_call(plain_call *call)
{
    sio_link_remove(&call->link);
    sio_buf_fini(&call->head);
    sio_buf_fini(&call->answer_head);
    sio_buf_fini(&call->answer);
    sio_http_reply_fini(&call->reply);
    free(call);
}

void
sio_plain_client_free(sio_plain_client *c)
{
    if (c == NULL)
        return;
    cancel_all(&c->running);
    cancel_all(&c->ended);
    while (!sio_link_empty(&c->idle))
        free_plain_call(SIO_CONTAINER(c->idle.next, plain_call, link));
    while (!sio_link_empty(&c->connections))
        close_connection(c, SIO_CONTAINER(c->connections.next, sio_plain_link, in_idle));
    sio_task_cancel(&c->ended_task);
    sio_address_cache_fini(&c->known);
    free(c);
}
