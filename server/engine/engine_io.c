#include "server/engine/engine_io.h"

#include <string.h>

#include "protocol/eio3_payload.h"
#include "protocol/eio4_payload.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/engine.h"
#include "server/engine/session.h"
#include "server/engine/throttle.h"

enum {
    GOODBYE_MS = 30000,    /* for the poll that takes the news that the session is over */
    CLIENT_LATE_MS = 5000, /* for one that crossed the client's own word that it is */
};

void
sio_engine_io_begin(sio_session *s, sio_eio_revision revision, sio_eio3_client client,
                    sio_eio3_way way, unsigned fresh_weight)
{
    s->engine = (sio_engine_io){.revision = revision,
                                .fresh_weight = fresh_weight,
                                .client = client,
                                .encoding = sio_eio3_text_encoding_of(client, way)};
    s->env->engine->n_fresh += fresh_weight;
}

/* Its client has come back after the handshake, or never will. */
static void
settle(sio_session *s)
{
    s->env->engine->n_fresh -= s->engine.fresh_weight;
    s->engine.fresh_weight = 0;
    sio_charge_use(&s->charge);
}

/* --- Packets. --- */

/* In revision 4 only the server pings (section 1.6). */
static void
receive_ping(sio_session *s)
{
    if (s->engine.revision != SIO_EIO3) {
        s->env->stats.bad_packets++;
        sio_session_end(s, "transport error", false);
        return;
    }
    sio_session_send_text(s, SIO_VIEW("3"));
}

static void
engine_io_receive(sio_session *s, const sio_eio_packet *p)
{
    switch (p->type) {
    case SIO_EIO_CLOSE:
        s->engine.closed_by_client = true;
        sio_mailbox_end_probe(&s->mailbox); /* who knows that it is over need not be told there */
        sio_session_end(s, "transport close", true);
        break;
    case SIO_EIO_PING:
        receive_ping(s);
        break;
    case SIO_EIO_PONG:
        if (s->engine.revision == SIO_EIO4)
            sio_heartbeat_ponged(s);
        break;
    case SIO_EIO_MESSAGE:
        s->dialect->message(s, p);
        break;
    case SIO_EIO_OPEN: /* clients do not send these, or at the upgrade only: see websocket_probe.c
                        */
    case SIO_EIO_UPGRADE:
    case SIO_EIO_NOOP:
        break;
    }
}

static void
receive_undoubled(sio_session *s, const sio_eio_packet *p)
{
    sio_eio_packet meant = *p;
    sio_buf        text;

    sio_buf_init(&text, SIZE_MAX);
    if (sio_eio3_text_undouble(&s->engine.encoding, p->data, &text))
        meant.data = sio_buf_view(&text);
    if (!text.failed)
        engine_io_receive(s, &meant);
    else
        sio_session_end(s, "out of memory", false);
    sio_buf_fini(&text);
}

/* A packet that came as text, which clients of 1.x may have encoded twice. */
static void
engine_io_receive_text(sio_session *s, const sio_eio_packet *p)
{
    const sio_engine_io *e = &s->engine;

    if (e->revision == SIO_EIO3 && p->form == SIO_EIO_TEXT && e->encoding != SIO_EIO3_TEXT_ONCE)
        receive_undoubled(s, p);
    else
        engine_io_receive(s, p);
}

static void
end_bad(sio_session *s)
{
    s->env->stats.bad_packets++;
    sio_session_end(s, "parse error", false);
}

void
sio_engine_io_receive_message(sio_session *s, sio_view message, bool is_binary)
{
    sio_eio_packet p;
    const int      rc = is_binary ? sio_eio_packet_decode_bytes(s->engine.revision, message, &p)
                                  : sio_eio_packet_decode_text(s->engine.revision, message, &p);

    if (rc != SIO_OK)
        end_bad(s);
    else if (is_binary)
        engine_io_receive(s, &p);
    else
        engine_io_receive_text(s, &p);
}

/* --- Payloads. --- */

typedef union {
    sio_eio3_payload_iter eio3;
    sio_eio4_payload_iter eio4;
} payload_iter;

/* Bytes begin with the form of their first packet, 0 or 1, text with a digit. */
static sio_eio3_form
engine_io_form_of(sio_view body)
{
    return body.len > 0 && (unsigned char)body.data[0] <= 1 ? SIO_EIO3_BYTES : SIO_EIO3_TEXT;
}

static void
payload_begin(payload_iter *it, const sio_session *s, sio_view body)
{
    const unsigned max_packets = s->env->cfg->max_payload_packets;

    if (s->engine.revision == SIO_EIO4)
        sio_eio4_payload_begin(&it->eio4, body, max_packets);
    else
        sio_eio3_payload_begin(&it->eio3, engine_io_form_of(body), body, max_packets);
}

static int
payload_next(payload_iter *it, sio_eio_revision revision, sio_eio_packet *p)
{
    return revision == SIO_EIO4 ? sio_eio4_payload_next(&it->eio4, p)
                                : sio_eio3_payload_next(&it->eio3, p);
}

/* What there is to know of a packet beside its data, in one number: its type, and from bit... */
enum { HELD_TYPE = 0xff, HELD_FORM = 8, HELD_IS_TEXT = 16 };

static void
receive_of_payload(sio_session *s, sio_view data, unsigned form)
{
    const sio_eio_packet p = {.type = (sio_eio_type)(form & HELD_TYPE),
                              .form = (sio_eio_form)(form >> HELD_FORM & 0xff),
                              .data = data};

    s->env->stats.packets_in++;
    sio_throttle_count(s, data.len);
    s->dialect->heartbeat->alive(s);
    if (form >> HELD_IS_TEXT != 0)
        engine_io_receive_text(s, &p);
    else
        engine_io_receive(s, &p);
}

void
sio_engine_io_receive_payload(sio_session *s, sio_view body)
{
    const sio_eio_revision revision = s->engine.revision;
    const bool     is_text = revision == SIO_EIO4 || engine_io_form_of(body) == SIO_EIO3_TEXT;
    payload_iter   it;
    sio_eio_packet p;
    int            rc = 0;

    if (s->ended)
        return;
    settle(s);
    if (revision == SIO_EIO3 && is_text)
        sio_eio3_text_learn(&s->engine.encoding, body);
    payload_begin(&it, s, body);
    while (!s->ended && (rc = payload_next(&it, revision, &p)) > 0) {
        const unsigned form =
            (unsigned)p.type | (unsigned)p.form << HELD_FORM | (unsigned)is_text << HELD_IS_TEXT;

        if (s->mailbox.is_paused)
            sio_session_hold(s, receive_of_payload, form, p.data);
        else
            receive_of_payload(s, p.data, form);
    }
    if (rc < 0 && !s->ended)
        end_bad(s);
}

/* --- Channels. --- */

/* The client waits for its poll to end: with what there is to send, or with nothing. */
static void
release_poll(sio_session *s)
{
    sio_mailbox_flush(&s->mailbox);
    sio_mailbox_dismiss(&s->mailbox);
}

static void
note_websocket(sio_session *s)
{
    sio_engine_io *e = &s->engine;

    e->is_upgrading = false;
    if (s->mailbox.n_channels > 1)
        e->encoding = sio_eio3_text_encoding_of(e->client, SIO_EIO3_BY_UPGRADE);
}

static void
engine_io_attached(sio_session *s)
{
    sio_engine_io *e = &s->engine;

    if (s->mailbox.n_channels > 1 || s->is_on_websocket)
        settle(s);
    if (s->is_on_websocket)
        note_websocket(s);
    else if (e->is_upgrading)
        release_poll(s);
}

static void
engine_io_upgrading(sio_session *s, bool begins)
{
    s->engine.is_upgrading = begins;
    if (begins && !s->is_on_websocket)
        release_poll(s);
}

/* --- The end. --- */

/* For the poll that is here; a late one comes when nobody waited for the news any more. */
static void
engine_io_queue_goodbye(sio_session *s, bool is_late)
{
    const bool by_client = s->engine.closed_by_client;

    if (is_late || by_client)
        sio_session_queue_last(s, SIO_VIEW("6"));
    if (!by_client)
        sio_session_queue_last(s, SIO_VIEW("1"));
}

/*
 * Clients act on a close packet before those in front of it in a payload: one that is disconnected
 * would take it for an accident, and come back. So what waits goes first, with a poll of its own.
 */
static void
engine_io_goodbye(sio_session *s)
{
    if (s->is_on_websocket)
        return;
    sio_mailbox_flush(&s->mailbox);
    if (s->mailbox.channel != NULL)
        engine_io_queue_goodbye(s, false);
    else
        s->engine.has_goodbye = true;
}

/*
 * An answer takes only so much, the first of a session one packet: some may be left for the next.
 * Should a websocket come instead, which was being probed, its end says all.
 */
static bool
engine_io_put_off_goodbye(sio_session *s)
{
    if (!s->engine.has_goodbye || s->is_on_websocket)
        return false;
    sio_mailbox_flush(&s->mailbox);
    if (s->mailbox.channel == NULL)
        return true;
    s->engine.has_goodbye = false;
    engine_io_queue_goodbye(s, true);
    return false;
}

static void
engine_io_ended(sio_session *s)
{
    settle(s);
    s->engine.posting = NULL; /* nobody waits for it any more */
}

static unsigned
engine_io_patience_ms(const sio_session *s)
{
    if (!s->ended)
        return 0;
    return s->engine.closed_by_client ? CLIENT_LATE_MS : GOODBYE_MS;
}

static const char *
engine_io_reason(const char *reason)
{
    static const struct {
        const char *reason, *word;
    } words[] = {
        {"socket close", "transport close"}, /* by a close frame */
        {"socket end", "transport close"},
        {"socket error", "transport error"},
        {"protocol error", "transport error"},
        {"connection lost", "transport error"}, /* with the instance that held it */
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].reason, reason) == 0)
            return words[i].word;
    return reason;
}

const sio_session_kind sio_engine_io_kind = {
    .attached = engine_io_attached,
    .upgrading = engine_io_upgrading,
    .goodbye = engine_io_goodbye,
    .put_off_goodbye = engine_io_put_off_goodbye,
    .ended = engine_io_ended,
    .patience_ms = engine_io_patience_ms,
    .reason = engine_io_reason,
};
