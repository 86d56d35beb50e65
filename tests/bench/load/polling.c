/*
 * tests/bench/load/polling.c - see polling09.h.
 */
#include "tests/bench/load/polling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/load/http.h"

#define MARK "\xef\xbf\xbd" /* U+FFFD, before and after each length */

enum { MARK_LEN = sizeof MARK - 1 };

/* --- Polls. --- */

static size_t on_poll_data(stream *s, char *data, size_t len);

/* The next one, on the same connection if the server has kept it. */
static void
poll_again(client *c)
{
    c->main.on_data = on_poll_data;
    if (c->main.fd < 0 && stream_open(&c->main, c->group->loop, c->server) != 0) {
        client_fail(c, "cannot connect again for a poll");
        return;
    }
    http_write_get(&c->main.out, c->target, true);
    stream_flush(&c->main);
}

/*
 * The first packet of a payload, and how many bytes it takes with its frame; a body that does not
 * begin with a mark is a packet. 0 when the rest is no payload.
 */
static size_t
next_packet(const char *body, size_t len, const char **text, size_t *text_len)
{
    const char *end = body + len;
    const char *second;

    *text = body;
    *text_len = len;
    if (len < MARK_LEN || memcmp(body, MARK, MARK_LEN) != 0)
        return len;
    second = memmem(body + MARK_LEN, len - MARK_LEN, MARK, MARK_LEN);
    if (second == NULL)
        return 0;
    *text = second + MARK_LEN;
    *text_len = strtoul(body + MARK_LEN, NULL, 10);
    return *text_len <= (size_t)(end - *text) ? (size_t)(*text - body) + *text_len : 0;
}

/* False when the client has failed over it. */
static bool
take_payload(client *c, const char *body, size_t len)
{
    const uint32_t generation = c->main.generation;
    const char    *text;
    size_t         text_len, used;

    for (; len > 0; body += used, len -= used) {
        if ((used = next_packet(body, len, &text, &text_len)) == 0) {
            client_fail(c, "not a payload");
            return false;
        }
        client_take(c, text, text_len);
        if (c->main.generation != generation)
            return false;
    }
    return true;
}

/* A whole response with status 200, or false; then *n tells what on_data is to return. */
static bool
read_response(client *c, char *data, size_t len, http_response *response, ssize_t *n)
{
    *n = http_read(data, len, response);
    if (*n > 0 && response->status == 200)
        return true;
    if (*n != 0) {
        snprintf(c->group->why, sizeof c->group->why, "request refused: %.*s",
                 (int)strcspn(data, "\r\n"), data);
        client_fail(c, c->group->why);
    }
    *n = 0;
    return false;
}

static size_t
on_poll_data(stream *s, char *data, size_t len)
{
    client       *c = s->owner;
    http_response response;
    ssize_t       n;

    if (!read_response(c, data, len, &response, &n))
        return 0;
    if (!take_payload(c, response.body, response.body_len))
        return 0;
    if (response.closes)
        stream_close(s);
    poll_again(c);
    if (c->is_dirty)
        polling_flush(c);
    return (size_t)n;
}

/* --- The handshake. --- */

static size_t
on_handshake_data(stream *s, char *data, size_t len)
{
    client       *c = s->owner;
    http_response response;
    ssize_t       n;
    const char   *colon;

    if (!read_response(c, data, len, &response, &n))
        return 0;
    colon = memchr(response.body, ':', response.body_len);
    if (colon == NULL || colon - response.body > 64) {
        client_fail(c, "not a handshake");
        return 0;
    }
    snprintf(c->target, sizeof c->target, "/socket.io/1/xhr-polling/%.*s",
             (int)(colon - response.body), response.body);
    c->step = CLIENT_GREETING;
    if (response.closes)
        stream_close(s);
    poll_again(c);
    return (size_t)n;
}

int
polling_open(client *c)
{
    c->step = CLIENT_HANDSHAKE;
    c->main.on_data = on_handshake_data;
    if (stream_open(&c->main, c->group->loop, c->server) != 0)
        return -1;
    http_write_get(&c->main.out, "/socket.io/1/", true);
    return 0;
}

/* --- Posts. --- */

void
polling_write(client *c, const char *text, size_t len)
{
    buffer_addf(&c->outbox, MARK "%zu" MARK, len);
    buffer_add(&c->outbox, text, len);
    c->n_outbox++;
}

/* A kept connection that the server ends between two posts is nothing to complain of. */
static void
on_post_closed(stream *s, const char *why)
{
    client *c = s->owner;

    if (c->is_posting)
        client_fail(c, why);
}

static size_t
on_post_data(stream *s, char *data, size_t len)
{
    client       *c = s->owner;
    http_response response;
    ssize_t       n;

    if (!read_response(c, data, len, &response, &n))
        return 0;
    c->is_posting = false;
    if (response.closes)
        stream_close(s);
    polling_flush(c);
    return (size_t)n;
}

void
polling_flush(client *c)
{
    const char *body = c->outbox.data;
    size_t      len = c->outbox.len;

    if (c->n_outbox == 0 || c->is_posting || c->step < CLIENT_GREETING)
        return;
    c->side.on_data = on_post_data;
    c->side.on_closed = on_post_closed;
    if (c->side.fd < 0 && stream_open(&c->side, c->group->loop, c->server) != 0) {
        client_fail(c, "cannot connect for a post");
        return;
    }
    if (c->n_outbox == 1) /* alone it goes without a frame */
        next_packet(c->outbox.data, c->outbox.len, &body, &len);
    http_write_post(&c->side.out, c->target, body, len);
    buffer_clear(&c->outbox);
    c->n_outbox = 0;
    c->is_posting = true;
    stream_flush(&c->side);
}
