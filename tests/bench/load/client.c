/*
 * tests/bench/load/client.c - see client.h. The websockets are here, polling is in polling09.c.
 */
#include "tests/bench/load/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/load/http.h"
#include "tests/bench/load/polling.h"
#include "tests/bench/load/websocket.h"

/* --- Ends. --- */

void
client_close(client *c)
{
    stream_close(&c->main);
    stream_close(&c->side);
    buffer_free(&c->outbox);
    c->n_outbox = 0;
    c->is_posting = false;
    c->step = CLIENT_CLOSED;
}

void
client_fail(client *c, const char *why)
{
    client_close(c);
    c->group->handlers.failed(c, why, c->group->arg);
}

static void
on_closed(stream *s, const char *why)
{
    client_fail(s->owner, why);
}

/* --- Packets, whatever carries them. --- */

static void
take_open(client *c, const packet *p)
{
    static const char label[] = "\"pingInterval\":";
    const char       *at = memmem(p->rest, p->rest_len, label, sizeof label - 1);

    if (c->dialect == DIALECT_EIO4)
        client_write(c, "40", 2);
    else if (at != NULL)
        c->ping_ns = strtoull(at + sizeof label - 1, NULL, 10) * 1000000;
}

void
client_take(client *c, const char *text, size_t len)
{
    packet p;

    packet_read(c->dialect, text, len, &p);
    switch (p.type) {
    case PACKET_OPEN:
        take_open(c, &p);
        break;
    case PACKET_HEARTBEAT:
        client_write(c, packet_heartbeat(c->dialect), strlen(packet_heartbeat(c->dialect)));
        break;
    case PACKET_REFUSED:
        snprintf(c->group->why, sizeof c->group->why, "refused: %.*s", (int)len, text);
        client_fail(c, c->group->why);
        break;
    case PACKET_END:
        client_fail(c, "disconnected by the server");
        break;
    case PACKET_EVENT:
        if (c->step == CLIENT_GREETING && packet_is_event(&p, "server")) {
            c->step = CLIENT_OPEN;
            c->group->handlers.greeted(c, c->group->arg);
            break;
        }
        /* fall through */
    case PACKET_ACK:
        c->group->handlers.arrived(c, &p, c->group->arg);
        break;
    default:
        break;
    }
}

static void
make_dirty(client *c)
{
    if (c->is_dirty)
        return;
    c->is_dirty = true;
    c->next_dirty = c->group->dirty;
    c->group->dirty = c;
}

void
client_write(client *c, const char *text, size_t len)
{
    if (c->dialect == DIALECT_09_POLLING)
        polling_write(c, text, len);
    else
        websocket_write(&c->main.out, WEBSOCKET_TEXT, text, len);
    make_dirty(c);
}

void
client_emit(client *c, const char *name, uint32_t ack_id, const char *args)
{
    buffer *text = &c->group->scratch;

    buffer_clear(text);
    packet_write_event(text, c->dialect, name, ack_id, args);
    if (!text->failed)
        client_write(c, text->data, text->len);
}

/* It stays in the list, where flushing once more does nothing. */
void
client_flush(client *c)
{
    if (c->step == CLIENT_CLOSED)
        return;
    if (c->dialect == DIALECT_09_POLLING)
        polling_flush(c);
    else
        stream_flush(&c->main);
}

void
client_flush_all(client_group *group)
{
    client *c;

    while ((c = group->dirty) != NULL) {
        group->dirty = c->next_dirty;
        c->is_dirty = false;
        client_flush(c);
    }
}

void
client_tick(client *c, uint64_t now_ns)
{
    if (c->dialect != DIALECT_EIO3 || c->step != CLIENT_OPEN || c->ping_ns == 0 ||
        now_ns - c->pinged_ns < c->ping_ns)
        return;
    c->pinged_ns = now_ns;
    client_write(c, "2", 1);
}

/* --- Websockets. --- */

static void
take_frame(client *c, const websocket_frame *frame)
{
    if (frame->opcode == WEBSOCKET_TEXT) {
        client_take(c, frame->data, frame->len);
    } else if (frame->opcode == WEBSOCKET_PING) {
        websocket_write(&c->main.out, WEBSOCKET_PONG, frame->data, frame->len);
        make_dirty(c);
    } else if (frame->opcode == WEBSOCKET_CLOSE) {
        client_fail(c, "websocket closed by the server");
    }
}

static size_t
take_frames(client *c, const char *data, size_t len)
{
    const uint32_t  generation = c->main.generation;
    websocket_frame frame;
    ssize_t         n;
    size_t          used = 0;

    while ((n = websocket_read(data + used, len - used, &frame)) > 0) {
        used += (size_t)n;
        take_frame(c, &frame);
        if (c->main.generation != generation)
            return 0;
    }
    if (n < 0)
        client_fail(c, "not a frame that a server may send");
    else if (c->is_dirty)
        client_flush(c);
    return used;
}

static size_t
on_websocket_data(stream *s, char *data, size_t len)
{
    client       *c = s->owner;
    http_response response;
    ssize_t       n = 0;

    if (c->step == CLIENT_UPGRADE) {
        if ((n = http_read(data, len, &response)) == 0)
            return 0;
        if (n < 0 || !http_is_upgraded(&response)) {
            snprintf(c->group->why, sizeof c->group->why, "upgrade refused: %.*s",
                     (int)strcspn(data, "\r\n"), data);
            client_fail(c, c->group->why);
            return 0;
        }
        c->step = CLIENT_GREETING;
    }
    return (size_t)n + take_frames(c, data + n, len - (size_t)n);
}

/* Ask for a websocket at c->target. */
static int
open_websocket(client *c)
{
    c->step = CLIENT_UPGRADE;
    c->main.on_data = on_websocket_data;
    if (stream_open(&c->main, c->group->loop, c->server) != 0)
        return -1;
    http_write_upgrade(&c->main.out, c->target);
    return 0;
}

/* The session's id, up to the first colon, is all that matters. */
static size_t
on_handshake_data(stream *s, char *data, size_t len)
{
    client       *c = s->owner;
    http_response response;
    const ssize_t n = http_read(data, len, &response);
    const char   *colon;

    if (n == 0)
        return 0;
    colon = n > 0 ? memchr(response.body, ':', response.body_len) : NULL;
    if (colon == NULL || response.status != 200 || colon - response.body > 64) {
        snprintf(c->group->why, sizeof c->group->why, "handshake refused: %.*s",
                 (int)strcspn(data, "\r\n"), data);
        client_fail(c, c->group->why);
        return 0;
    }
    snprintf(c->target, sizeof c->target, "/socket.io/1/websocket/%.*s",
             (int)(colon - response.body), response.body);
    stream_close(&c->side);
    if (open_websocket(c) != 0)
        client_fail(c, "cannot connect again for the websocket");
    return 0;
}

static int
open_handshake(client *c)
{
    c->step = CLIENT_HANDSHAKE;
    c->side.on_data = on_handshake_data;
    if (stream_open(&c->side, c->group->loop, c->server) != 0)
        return -1;
    http_write_get(&c->side.out, "/socket.io/1/", false);
    return 0;
}

/* --- Beginnings. --- */

void
client_init(client *c, client_group *group, dialect d, const struct sockaddr_in *server)
{
    *c = (client){.group = group, .server = server, .dialect = d};
    c->main = (stream){.fd = -1, .owner = c, .on_closed = on_closed};
    c->side = c->main;
}

void
client_set_source(client *c, struct in_addr from)
{
    c->main.from = c->side.from = from;
}

int
client_open(client *c)
{
    switch (c->dialect) {
    case DIALECT_09_WEBSOCKET:
        return open_handshake(c);
    case DIALECT_09_POLLING:
        return polling_open(c);
    default:
        snprintf(c->target, sizeof c->target, "/socket.io/?EIO=%c&transport=websocket",
                 c->dialect == DIALECT_EIO3 ? '3' : '4');
        return open_websocket(c);
    }
}
