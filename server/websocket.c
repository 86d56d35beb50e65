/*
 * server/websocket.c - the transports websocket and flashsocket: RFC 6455, one packet a message.
 *
 * Rules: spec/socketio-0.9.md section 2.2 with its "Better:" items.
 */
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/origin.h"
#include "protocol/utf8.h"
#include "protocol/ws_frame.h"
#include "server/answer.h"
#include "server/server.h"
#include "server/session.h"

enum { CLOSE_NORMAL = 1000, CLOSE_GOING_AWAY = 1001, CLOSE_PROTOCOL = 1002, CLOSE_TOO_BIG = 1009 };
enum { BATCH_BYTES = 64 * 1024, KEY_MAX = 128, ACCEPT_MAX = 32 };

typedef struct {
    sio_channel   channel;
    sio_conn     *conn; /* NULL once it was closed from here */
    sio_ws_reader reader;
    sio_task      release;
} websocket;

static websocket *
websocket_of(sio_channel *ch)
{
    return SIO_CONTAINER(ch, websocket, channel);
}

static void
release(sio_task *task)
{
    websocket *ws = SIO_CONTAINER(task, websocket, release);

    sio_ws_reader_fini(&ws->reader);
    free(ws);
}

/* --- Out. --- */

/* A frame of our own, with at most 125 bytes. */
static void
send_frame(websocket *ws, uint8_t opcode, sio_view payload)
{
    uint8_t bytes[SIO_WS_MAX_SERVER_HEADER + 125];
    size_t  len = sio_ws_header_encode(bytes, opcode, payload.len);

    memcpy(bytes + len, payload.data, payload.len);
    sio_conn_write(ws->conn, (sio_view){(const char *)bytes, len + payload.len});
}

/* Close with a status (0: none); the session has left this websocket already. */
static void
close_websocket(websocket *ws, unsigned status)
{
    const char code[2] = {(char)(status >> 8), (char)(status & 0xff)};

    if (ws->conn == NULL)
        return;
    send_frame(ws, SIO_WS_CLOSE, (sio_view){code, status != 0 ? 2 : 0});
    sio_conn_close(ws->conn);
    sio_turn_defer(&ws->conn->server->turn, &ws->release);
    ws->conn = NULL;
}

/* Frames that wait leave together, as many as one batch takes. Returns how many were written. */
static uint32_t
write_batch(websocket *ws, const sio_outq *queue)
{
    sio_buf *batch = &ws->conn->server->batch;
    uint32_t n = 0;

    if (queue->n_frames == 1) { /* the usual case: straight from the shared frame */
        sio_conn_write(ws->conn, sio_frame_websocket(sio_outq_at(queue, 0)));
        return 1;
    }
    sio_buf_clear(batch);
    while (n < queue->n_frames && (n == 0 || batch->len < BATCH_BYTES))
        sio_buf_add_view(batch, sio_frame_websocket(sio_outq_at(queue, n++)));
    sio_conn_write(ws->conn, sio_buf_view(batch));
    return n;
}

static void
flush(sio_channel *ch)
{
    websocket *ws = websocket_of(ch);
    sio_outq  *queue = &ch->session->queue;

    while (ws->conn != NULL && queue->n_frames > 0 && !sio_conn_blocked(ws->conn))
        sio_outq_drop(queue, write_batch(ws, queue));
}

static void
step_aside(sio_channel *ch)
{
    close_websocket(websocket_of(ch), CLOSE_NORMAL);
}

/* What waits is bounded, so it may all go to libwebsockets even while the socket is full. */
static void
finish(sio_channel *ch)
{
    websocket *ws = websocket_of(ch);
    sio_outq  *queue = &ch->session->queue;

    while (queue->n_frames > 0)
        sio_outq_drop(queue, write_batch(ws, queue));
    ch->session->channel = NULL;
    ch->session = NULL;
    close_websocket(ws, ws->conn->server->stopping ? CLOSE_GOING_AWAY : CLOSE_NORMAL);
}

/* --- In. --- */

static void
end_by_peer(websocket *ws, unsigned status, const char *reason)
{
    if (ws->channel.session != NULL)
        sio_session_lost(ws->channel.session, &ws->channel, reason);
    close_websocket(ws, status);
}

/* A close frame is answered with 1000, one that breaks the rules with 1002 (RFC 6455, 7.4). */
static unsigned
status_to_answer(sio_view payload)
{
    unsigned status;

    if (payload.len == 0)
        return CLOSE_NORMAL;
    if (payload.len == 1)
        return CLOSE_PROTOCOL;
    status = (unsigned)(unsigned char)payload.data[0] << 8 | (unsigned char)payload.data[1];
    return sio_ws_close_code_valid(status) ? CLOSE_NORMAL : CLOSE_PROTOCOL;
}

static void
receive_text(websocket *ws, sio_view text)
{
    sio_buf repaired;

    if (ws->channel.session == NULL)
        return; /* the session has moved on to another channel or is over */
    if (sio_utf8_valid(text)) {
        sio_session_receive(ws->channel.session, text);
        return;
    }
    sio_buf_init(&repaired, SIZE_MAX); /* the original decodes with U+FFFD and goes on */
    sio_utf8_repair(text, &repaired);
    if (!repaired.failed)
        sio_session_receive(ws->channel.session, sio_buf_view(&repaired));
    sio_buf_fini(&repaired);
}

static void
receive(websocket *ws, const sio_ws_message *m)
{
    switch (m->opcode) {
    case SIO_WS_TEXT:
        receive_text(ws, m->payload);
        break;
    case SIO_WS_PING:
        if (!sio_conn_blocked(ws->conn)) /* a peer that does not read gets no pongs piled up */
            send_frame(ws, SIO_WS_PONG, m->payload);
        break;
    case SIO_WS_CLOSE:
        end_by_peer(ws, status_to_answer(m->payload), "socket close");
        break;
    default: /* binary messages and pongs mean nothing here */
        break;
    }
}

static void
on_readable(sio_conn *c, char *bytes, size_t n)
{
    websocket     *ws = c->owner;
    sio_ws_message message;
    int            rc = 0;

    while (ws->conn != NULL && (rc = sio_ws_reader_next(&ws->reader, &bytes, &n, &message)) > 0)
        receive(ws, &message);
    if (ws->conn == NULL || rc == 0)
        return;
    if (rc == SIO_TOO_LARGE)
        c->server->stats.oversize_messages++;
    else
        c->server->stats.bad_packets++;
    end_by_peer(ws, rc == SIO_TOO_LARGE ? CLOSE_TOO_BIG : CLOSE_PROTOCOL, "protocol error");
}

static void
on_writable(sio_conn *c)
{
    websocket *ws = c->owner;

    if (ws->channel.session != NULL)
        flush(&ws->channel);
}

static void
on_timeout(sio_conn *c)
{
    (void)c; /* none is set: heartbeats watch over an open websocket */
}

static void
on_closed(sio_conn *c, const char *reason)
{
    websocket *ws = c->owner;

    ws->conn = NULL;
    if (ws->channel.session != NULL)
        sio_session_lost(ws->channel.session, &ws->channel, reason);
    sio_turn_defer(&c->server->turn, &ws->release);
}

static const sio_conn_handler handler = {
    .readable = on_readable,
    .writable = on_writable,
    .timeout = on_timeout,
    .closed = on_closed,
};

/* --- Opening. --- */

/* Sec-WebSocket-Accept (RFC 6455, 4.2.2): base64 of SHA-1 of the key and a fixed text. */
static void
accept_value(const char *key, char out[ACCEPT_MAX])
{
    unsigned char hash[20];
    char          text[KEY_MAX + 40];

    snprintf(text, sizeof text, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", KEY_MAX, key);
    lws_SHA1((unsigned char *)text, strlen(text), hash);
    lws_b64_encode_string((const char *)hash, sizeof hash, out, ACCEPT_MAX);
}

static bool
may_upgrade(sio_exchange *x, const sio_request *r)
{
    const sio_cfg *cfg = &x->server->cfg;
    sio_view       key = SIO_VIEW(""), version = SIO_VIEW(""), origin = SIO_VIEW("");
    const bool     has_origin = sio_http_header_get(r->head, "origin", &origin) ||
                            sio_http_header_get(r->head, "sec-websocket-origin", &origin);

    (void)sio_http_header_get(r->head, "sec-websocket-key", &key);
    (void)sio_http_header_get(r->head, "sec-websocket-version", &version);
    if (!sio_origin_allowed(cfg->origins.items, cfg->origins.n, has_origin, origin))
        sio_answer_refuse(x, 403, "Origin not allowed.");
    else if (key.len == 0 || key.len > KEY_MAX)
        sio_answer_refuse(x, 400, "Sec-WebSocket-Key missing or too long.");
    else if (!sio_view_eq(version, SIO_VIEW("13")) && !sio_view_eq(version, SIO_VIEW("8")) &&
             !sio_view_eq(version, SIO_VIEW("7")))
        sio_answer_refuse(x, 400, "Sec-WebSocket-Version not supported.");
    else
        return true;
    return false;
}

static void
send_switching_protocols(sio_exchange *x, const char *key)
{
    char     value[ACCEPT_MAX];
    sio_buf *head = sio_answer_begin(x, 101);

    accept_value(key, value);
    sio_answer_header(head, "Upgrade", SIO_VIEW("websocket"));
    sio_answer_header(head, "Connection", SIO_VIEW("Upgrade"));
    sio_answer_header(head, "Sec-WebSocket-Accept", sio_view_of(value));
    sio_answer_end_head(x);
}

/* Messages that came right behind the request, before there was a websocket to take them. */
static void
receive_rest(websocket *ws, sio_buf *rest)
{
    if (rest->len > 0 && ws->conn != NULL)
        on_readable(ws->conn, rest->data, rest->len);
    sio_buf_fini(rest);
}

static void
open_channel(sio_exchange *x, const sio_opening *o, sio_session *session)
{
    websocket *ws = calloc(1, sizeof *ws);
    sio_buf    rest;

    if (ws == NULL) {
        sio_answer_refuse(x, 503, "Out of memory.");
        return;
    }
    send_switching_protocols(x, o->websocket_key);
    sio_buf_init(&rest, SIZE_MAX);
    ws->conn = sio_http_detach(x, &rest);
    ws->conn->handler = &handler;
    ws->conn->owner = ws;
    ws->channel.transport = o->transport;
    sio_ws_reader_init(&ws->reader, ws->conn->server->cfg.destroy_buffer_size);
    sio_task_init(&ws->release, release);
    if (session != NULL) {
        sio_session_attach(session, &ws->channel);
    } else {
        send_frame(ws, SIO_WS_TEXT, SIO_VIEW("7:::1+0")); /* client not handshaken, reconnect */
        close_websocket(ws, CLOSE_NORMAL);
    }
    receive_rest(ws, &rest);
}

#define WEBSOCKET(transport_name)                                                                  \
    {                                                                                              \
        .name = (transport_name), .upgrade = true, .lasting = true, .beats = true,                 \
        .accept = may_upgrade, .open = open_channel, .flush = flush, .step_aside = step_aside,                  \
        .finish = finish,                                                                          \
    }

const sio_transport sio_transport_websocket = WEBSOCKET("websocket");
const sio_transport sio_transport_flashsocket = WEBSOCKET("flashsocket");
