/*
 * server/transport/websocket.c - the transports websocket and flashsocket, and websocket of
 * Engine.IO: one packet a message.
 */
#include "server/transport/websocket.h"

#include <stdlib.h>

#include "protocol/utf8.h"
#include "protocol/utf8_repair.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/mailbox.h"
#include "server/transport/websocket_read.h"
#include "server/transport/websocket_upgrade.h"

enum { BATCH_BYTES = 64 * 1024 };

static sio_websocket *
websocket_of(sio_channel *ch)
{
    return SIO_CONTAINER(ch, sio_websocket, channel);
}

static void
websocket_release(sio_task *task)
{
    sio_websocket *ws = SIO_CONTAINER(task, sio_websocket, release);

    ws->framing->reader_fini(&ws->reader);
    sio_gate_end(&ws->gate);
    sio_send_queue_free(ws->rest);
    free(ws);
}

/* --- Out. --- */

/* What is to be written at once; it begins with the 101 if that has not left. */
static sio_buf *
websocket_begin_batch(sio_websocket *ws)
{
    sio_buf *batch = &ws->conn->env->batch;

    sio_buf_clear(batch);
    sio_buf_add_view(batch, ws->answer);
    ws->answer = SIO_VIEW("");
    return batch;
}

/* Out of memory, what was to be written is lost, so nothing may follow it. */
static void
websocket_end_batch(sio_websocket *ws, const sio_buf *batch)
{
    if (batch->failed)
        sio_conn_fail(ws->conn);
    else
        sio_conn_write(ws->conn, sio_buf_view(batch));
}

void
sio_websocket_send(sio_websocket *ws, uint8_t opcode, sio_view payload)
{
    sio_buf *batch = websocket_begin_batch(ws);

    ws->framing->add(batch, opcode, payload);
    websocket_end_batch(ws, batch);
}

void
sio_websocket_close(sio_websocket *ws, unsigned status)
{
    const char code[2] = {(char)(status >> 8), (char)(status & 0xff)};

    if (ws->conn == NULL)
        return;
    sio_websocket_send(ws, SIO_WS_CLOSE, (sio_view){code, status != 0 ? 2 : 0});
    sio_gate_end(&ws->gate);
    sio_conn_close(ws->conn);
    sio_deferred_add(&ws->conn->env->deferred, &ws->release);
    ws->conn = NULL;
}

/* A packet whose bytes are shared: the draft has room for them in the frame. */
static sio_view
shared_bytes(const sio_websocket *ws, sio_frame *packet)
{
    const sio_env *env = ws->conn->env;
    const size_t   len = sio_frame_message(packet).len;

    if (len >= env->cfg->per_message_deflate_threshold && sio_ws_deflate_allows(&ws->deflate, len))
        return sio_frame_websocket_deflated(packet, env->websockets->deflate);
    return ws->framing->encoded(packet);
}

static void
websocket_add_packet(const sio_websocket *ws, sio_buf *batch, sio_frame *packet)
{
    if (ws->framing->encoded != NULL)
        sio_buf_add_view(batch, shared_bytes(ws, packet));
    else
        ws->framing->add(batch, sio_frame_is_binary(packet) ? SIO_WS_BINARY : SIO_WS_TEXT,
                         sio_frame_message(packet));
}

/* Frames that wait leave together, as many as one batch takes. Returns how many were written. */
static uint32_t
websocket_write_batch(sio_websocket *ws, const sio_send_queue *queue)
{
    sio_buf *batch;
    uint32_t n = 0;

    if (queue->n_frames == 1 && ws->framing->encoded != NULL && ws->answer.len == 0) {
        /* the usual case: straight from the shared frame */
        sio_conn_write(ws->conn, shared_bytes(ws, sio_send_queue_at(queue, 0)));
        return 1;
    }
    batch = websocket_begin_batch(ws);
    while (n < queue->n_frames && (n == 0 || batch->len < BATCH_BYTES))
        websocket_add_packet(ws, batch, sio_send_queue_at(queue, n++));
    websocket_end_batch(ws, batch);
    return n;
}

static void
websocket_flush(sio_channel *ch)
{
    sio_websocket *ws = websocket_of(ch);
    sio_mailbox   *m = ch->mailbox;

    while (ws->conn != NULL && m->queue.n_frames > 0 && !sio_conn_blocked(ws->conn))
        sio_mailbox_drop(m, websocket_write_batch(ws, &m->queue));
}

static void
websocket_step_aside(sio_channel *ch)
{
    sio_websocket_close(websocket_of(ch),
                        ch->ops->engine ? SIO_WS_CLOSE_NO_STATUS : SIO_WS_CLOSE_NORMAL);
}

static void
websocket_pause(sio_channel *ch, bool paused)
{
    sio_websocket *ws = websocket_of(ch);

    if (ws->conn != NULL && sio_gate_pause(&ws->gate, ws->conn, paused) != SIO_OK)
        sio_conn_fail(ws->conn);
}

/* The client believes that it has moved here: the end of this makes it connect anew. */
static void
websocket_refuse(sio_channel *ch, sio_eio_verdict verdict)
{
    (void)verdict;
    sio_websocket_close(websocket_of(ch), SIO_WS_CLOSE_NO_STATUS);
}

/* Clients of Engine.IO are told nothing by the status: they look whether it was clean. */
static unsigned
status_of_end(const sio_websocket *ws)
{
    if (ws->violation != 0)
        return ws->violation;
    if (ws->channel.ops->engine)
        return SIO_WS_CLOSE_NO_STATUS;
    return ws->conn->env->phase >= SIO_SPREADING ? SIO_WS_CLOSE_GOING_AWAY : SIO_WS_CLOSE_NORMAL;
}

/* The session is over; its last packets leave as the socket takes them, shared as they are. */
static void
websocket_send_rest(sio_websocket *ws)
{
    while (ws->rest->n_frames > 0 && !sio_conn_blocked(ws->conn))
        sio_send_queue_drop(ws->rest, websocket_write_batch(ws, ws->rest));
    if (ws->rest->n_frames == 0)
        sio_websocket_close(ws, status_of_end(ws));
}

static bool
websocket_finish(sio_channel *ch)
{
    sio_websocket *ws = websocket_of(ch);

    websocket_flush(ch);
    if (ch->mailbox->queue.n_frames > 0)
        ws->rest = sio_send_queue_take(&ch->mailbox->queue);
    sio_mailbox_leave(ch->mailbox);
    if (ws->rest != NULL)
        sio_conn_set_timeout(ws->conn, ws->conn->env->cfg->slow_consumer_timeout_ms);
    else
        sio_websocket_close(ws, status_of_end(ws));
    return true;
}

/* --- In. --- */

/* The answers to what has been read leave now, and not at the end of all that came with it. */
static void
answer_so_far(sio_websocket *ws)
{
    if (ws->channel.mailbox != NULL)
        sio_mailbox_flush(ws->channel.mailbox);
}

/*
 * The messages before it were good: their answers leave first, as the socket takes them, but not
 * for ever. (The session may be over already, and its rest on the way.)
 */
static void
end_by_violation(sio_websocket *ws, unsigned status)
{
    if (ws->channel.mailbox == NULL && ws->rest == NULL) {
        sio_websocket_close(ws, status);
        return;
    }
    ws->violation = status;
    sio_gate_end(&ws->gate);
    sio_conn_pause(ws->conn, true);
    sio_conn_set_timeout(ws->conn, ws->conn->env->cfg->slow_consumer_timeout_ms);
    if (ws->channel.mailbox != NULL)
        sio_mailbox_violated(&ws->channel, "protocol error");
}

/* It has closed, or has left. */
static void
end_by_peer(sio_websocket *ws, unsigned status, const char *reason)
{
    answer_so_far(ws);
    if (ws->channel.mailbox != NULL)
        sio_mailbox_lost(&ws->channel, reason);
    sio_websocket_close(ws, status);
}

static void
websocket_receive_text(sio_websocket *ws, sio_view text)
{
    sio_buf repaired;

    if (ws->channel.mailbox == NULL)
        return; /* it has moved on to another channel, or the session is over */
    if (sio_websocket_read_checks_text(ws) || sio_utf8_valid(text)) {
        sio_mailbox_receive(ws->channel.mailbox, text, false);
        return;
    }
    sio_buf_init(&repaired, SIZE_MAX); /* the original decodes with U+FFFD and goes on */
    sio_utf8_repair(text, &repaired);
    if (repaired.failed)
        sio_mailbox_fail(ws->channel.mailbox, "out of memory");
    else
        sio_mailbox_receive(ws->channel.mailbox, sio_buf_view(&repaired), false);
    sio_buf_fini(&repaired);
}

/*
 * A pong tells that what came before the ping is done. A peer that does not read gets none piled
 * up.
 */
static void
answer_ping(sio_websocket *ws, sio_view payload)
{
    answer_so_far(ws);
    if (ws->conn != NULL && !sio_conn_blocked(ws->conn))
        sio_websocket_send(ws, SIO_WS_PONG, payload);
}

static void
websocket_receive(sio_websocket *ws, const sio_ws_message *m)
{
    switch (m->opcode) {
    case SIO_WS_TEXT:
        websocket_receive_text(ws, m->payload);
        break;
    case SIO_WS_BINARY:
        if (ws->channel.mailbox != NULL)
            sio_mailbox_receive(ws->channel.mailbox, m->payload, true);
        break;
    case SIO_WS_PING:
        answer_ping(ws, m->payload);
        break;
    case SIO_WS_CLOSE:
        end_by_peer(ws, sio_websocket_read_status_to_answer(ws->conn->env, m->payload),
                    "socket close");
        break;
    default: /* pongs mean nothing here */
        break;
    }
}

static void
on_websocket_readable(sio_conn *c, char *bytes, size_t n)
{
    sio_websocket *ws = c->owner;
    sio_ws_message message;
    unsigned       status = 0;

    while (ws->conn != NULL && sio_websocket_read_next(ws, &bytes, &n, &message, &status))
        websocket_receive(ws, &message);
    if (ws->conn == NULL)
        return;
    sio_conn_keep(ws->conn, ws->framing->reader_kept(&ws->reader));
    if (status != 0)
        end_by_violation(ws, status);
    else if (ws->channel.mailbox != NULL)
        sio_mailbox_flush(ws->channel.mailbox); /* now, while all of it is in the cache */
}

static void
on_websocket_writable(sio_conn *c)
{
    sio_websocket *ws = c->owner;

    if (ws->rest != NULL)
        websocket_send_rest(ws);
    else if (ws->channel.mailbox != NULL)
        sio_mailbox_flush(ws->channel.mailbox);
}

/*
 * Heartbeats watch over an open websocket; this is for the rest of a session, or of what a client
 * has said that has left.
 */
static void
on_websocket_timeout(sio_conn *c)
{
    sio_websocket *ws = c->owner;

    c->env->stats.overloaded += ws->channel.mailbox != NULL && ws->violation == 0;
    end_by_peer(ws, status_of_end(ws), "socket end");
}

/* The session is not over before its last words are heard, unless that takes too long. */
static bool
websocket_hears_out(sio_conn *c, bool has_unread)
{
    const sio_websocket *ws = c->owner;

    if (ws->channel.mailbox == NULL || ws->violation != 0 ||
        (!has_unread && !sio_gate_has_kept(ws->gate)))
        return false;
    if (!sio_timer_armed(&c->timer))
        sio_conn_set_timeout(c, c->env->cfg->slow_consumer_timeout_ms);
    return true;
}

static void
on_websocket_closed(sio_conn *c, const char *reason)
{
    sio_websocket *ws = c->owner;

    sio_gate_end(&ws->gate);
    ws->conn = NULL;
    if (ws->channel.mailbox != NULL)
        sio_mailbox_lost(&ws->channel, reason);
    sio_deferred_add(&c->env->deferred, &ws->release);
}

static const sio_conn_handler handler = {
    .readable = on_websocket_readable,
    .writable = on_websocket_writable,
    .timeout = on_websocket_timeout,
    .closed = on_websocket_closed,
    .hears_out = websocket_hears_out,
};

/* --- Opening. --- */

sio_websocket *
sio_websocket_new(const sio_env *env, const sio_channel_ops *channel,
                  const sio_websocket_framing *framing)
{
    sio_websocket *ws = calloc(1, sizeof *ws);

    if (ws == NULL)
        return NULL;
    ws->channel.ops = channel;
    ws->framing = framing;
    framing->reader_init(&ws->reader, sio_websocket_read_max_bytes(env, channel));
    sio_task_init(&ws->release, websocket_release);
    return ws;
}

void
sio_websocket_free(sio_websocket *ws)
{
    websocket_release(&ws->release);
}

/* The 101 leaves with the greeting, if there is one. */
static void
websocket_begin(sio_websocket *ws)
{
    if (ws->answer.len > 0 && ws->channel.mailbox != NULL)
        sio_mailbox_flush(ws->channel.mailbox);
    if (ws->conn != NULL)
        sio_conn_write(ws->conn, ws->answer);
    ws->answer = SIO_VIEW("");
}

void
sio_websocket_start(sio_websocket *ws, sio_conn *conn, sio_view answer, sio_mailbox *mailbox,
                    char *bytes, size_t n)
{
    ws->conn = conn;
    ws->answer = answer;
    conn->handler = &handler;
    conn->owner = ws;
    if (mailbox != NULL) {
        sio_mailbox_attach(mailbox, &ws->channel);
        websocket_begin(ws);
    } else {
        sio_websocket_send(ws, SIO_WS_TEXT,
                           SIO_VIEW("7:::1+0")); /* client not handshaken, reconnect */
        sio_websocket_close(ws, SIO_WS_CLOSE_NORMAL);
    }
    if (n > 0 && ws->conn != NULL)
        on_websocket_readable(conn, bytes, n);
}

#define CHANNEL(transport_name, number, of_engine)                                        \
    {                                                                                     \
        .name = (transport_name), .carried_by = (number), .lasting = true, .beats = true, \
        .engine = (of_engine), .is_websocket = true, .flush = websocket_flush,            \
        .step_aside = websocket_step_aside, .finish = websocket_finish,                   \
        .refuse = (of_engine) ? websocket_refuse : NULL, .pause = websocket_pause,        \
    }

static const sio_channel_ops websocket = CHANNEL("websocket", SIO_CARRIED_BY_WEBSOCKET, false);
static const sio_channel_ops flashsocket =
    CHANNEL("flashsocket", SIO_CARRIED_BY_FLASHSOCKET, false);
static const sio_channel_ops eio_websocket = CHANNEL("websocket", SIO_CARRIED_BY_WEBSOCKET, true);

#define TRANSPORT(opens)                                                              \
    {                                                                                 \
        .channel = &(opens), .upgrade = true, .accept = sio_websocket_upgrade_accept, \
        .open = sio_websocket_upgrade_open,                                           \
    }

const sio_transport sio_transport_websocket = TRANSPORT(websocket);
const sio_transport sio_transport_flashsocket = TRANSPORT(flashsocket);
const sio_transport sio_transport_eio_websocket = TRANSPORT(eio_websocket);

/* --- What they share. --- */

void
sio_websockets_init(sio_env *env)
{
    sio_buf_init(&env->websockets->inflated, SIZE_MAX);
}

void
sio_websockets_fini(sio_env *env)
{
    sio_buf_fini(&env->websockets->inflated);
    sio_ws_deflate_free(env->websockets->deflate);
}
