/*
 * server/socketio/dialect_sio5.c - socket.io 1.x to 4.x between the bytes of protocol/ and the
 * sessions: the way out. The way in is sio5_receive.c.
 *
 * Frames hold what a websocket of Engine.IO sends: text begins with '4'; an attachment is a binary
 * frame behind its packet, bytes alone in revision 4 of the engine, behind a byte 4 in revision 3.
 * JSON for revision 3 is in ASCII: with anything else its oldest clients lose the connection.
 * Rules: spec/socketio-modern.md section 2.
 */
#include <string.h>

#include "protocol/json_read.h"
#include "protocol/sio5_packet.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/socketio/connect.h"
#include "server/socketio/dialects.h"
#include "server/socketio/io.h"
#include "server/socketio/sio5_receive.h"

/* --- Packets. --- */

/* A refusal as JSON: an Error in protocol 5, before that only its data or its message. */
static void
add_refusal(const sio_packet *p, sio5_revision revision, sio_buf *json)
{
    sio_view text = p->text;

    if (text.len == 0)
        text =
            p->type == SIO_PACKET_REFUSED ? SIO_VIEW("unauthorized") : SIO_VIEW("internal error");
    if (revision < SIO5_REVISION_5 && p->data.len > 0) {
        sio_buf_add_view(json, p->data);
    } else if (revision < SIO5_REVISION_5) {
        sio_buf_add_json_string(json, text, SIO_JSON_PLAIN);
    } else {
        sio_buf_add_str(json, "{\"message\":");
        sio_buf_add_json_string(json, text, SIO_JSON_PLAIN);
        if (p->data.len > 0) {
            sio_buf_add_str(json, ",\"data\":");
            sio_buf_add_view(json, p->data);
        }
        sio_buf_add_char(json, '}');
    }
}

/* The offset becomes the last argument, where clients look for it. */
static void
add_offset(sio5_packet *wire, sio_view offset, sio_buf *json)
{
    if (json->len == 0)
        sio_buf_add_view(json, wire->args);
    if (json->len > 0)
        sio_buf_add_char(json, ',');
    sio_buf_add_json_string(json, offset, SIO_JSON_PLAIN);
    wire->args = sio_buf_view(json);
}

/* The packet that says what p does. json keeps what has to be written for it. */
static sio5_packet
wire_packet(const sio_packet *p, sio5_revision revision, sio_buf *json)
{
    sio5_packet wire = {.type = SIO5_EVENT, .nsp = p->nsp, .name = SIO_VIEW("\"message\"")};

    switch (p->type) {
    case SIO_PACKET_CONNECT:
        wire.type = SIO5_CONNECT;
        if (revision == SIO5_REVISION_5)
            wire.data = p->data;
        break;
    case SIO_PACKET_DISCONNECT:
        wire.type = SIO5_DISCONNECT;
        break;
    case SIO_PACKET_MESSAGE:
        sio_buf_add_json_string(json, p->data, SIO_JSON_PLAIN);
        wire.args = sio_buf_view(json);
        break;
    case SIO_PACKET_JSON:
        wire.args = p->data;
        break;
    case SIO_PACKET_ACK:
        wire.type = SIO5_ACK;
        wire.id = p->ack_id;
        wire.args = sio_json_read_elements(p->args);
        break;
    case SIO_PACKET_EVENT:
        wire.name = p->name;
        wire.args = sio_json_read_elements(p->args);
        break;
    case SIO_PACKET_REFUSED:
    case SIO_PACKET_FAILED:
        add_refusal(p, revision, json);
        wire.type = SIO5_CONNECT_ERROR;
        wire.data = sio_buf_view(json);
        break;
    }
    if (wire.type == SIO5_EVENT && p->offset.len > 0 && revision == SIO5_REVISION_5)
        add_offset(&wire, p->offset, json);
    wire.attachments = p->attachments;
    wire.n_attachments = p->n_attachments;
    return wire;
}

/* --- Frames. --- */

static sio_frame *
text_frame(const sio_packet *p, sio5_revision revision, sio_buf *scratch)
{
    const unsigned flags = revision == SIO5_REVISION_5 ? SIO5_PLAIN : SIO5_ASCII;
    char           digits[24];
    sio_buf        id = {.data = digits, .cap = sizeof digits, .max = sizeof digits};
    sio_buf        json;
    sio5_packet    wire;
    sio_frame     *frame = NULL;

    sio_buf_init(&json, SIZE_MAX);
    wire = wire_packet(p, revision, &json);
    if (p->has_id) {
        sio_buf_add_u64(&id, p->id);
        wire.id = sio_buf_view(&id);
    }
    sio_buf_add_char(scratch, '4');
    sio5_packet_encode(&wire, revision, flags, scratch);
    if (!scratch->failed && !json.failed)
        frame = sio_frame_new(sio_buf_view(scratch), false);
    sio_buf_fini(&json);
    return frame;
}

static sio_frame *
binary_frame(sio_view bytes, sio5_revision revision, sio_buf *scratch)
{
    if (revision == SIO5_REVISION_5)
        return sio_frame_new(bytes, true);
    sio_buf_clear(scratch);
    sio_buf_add_char(scratch, SIO_EIO_MESSAGE);
    sio_buf_add_view(scratch, bytes);
    return scratch->failed ? NULL : sio_frame_new(sio_buf_view(scratch), true);
}

static sio_frame *
dialect_sio5_encode(const sio_packet *p, sio5_revision revision, sio_buf *scratch)
{
    sio_frame *first = text_frame(p, revision, scratch);
    sio_frame *next;

    for (unsigned i = 0; first != NULL && i < p->n_attachments; i++) {
        next = binary_frame(p->attachments[i], revision, scratch);
        if (next != NULL) {
            sio_frame_append(first, next);
        } else {
            sio_frame_unref(first);
            first = NULL;
        }
    }
    return first;
}

static sio_frame *
encode_sio5(const sio_packet *p, sio_buf *scratch)
{
    return dialect_sio5_encode(p, SIO5_REVISION_5, scratch);
}

static sio_frame *
encode_sio4(const sio_packet *p, sio_buf *scratch)
{
    return dialect_sio5_encode(p, SIO5_REVISION_4, scratch);
}

static sio_frame *
encode_sio3(const sio_packet *p, sio_buf *scratch)
{
    return dialect_sio5_encode(p, SIO5_REVISION_3, scratch);
}

/* --- Identity. --- */

/* One of its own: that of the engine is a secret between a client and the server. */
static int
add_id_sio5(const sio_session *s, sio_view nsp, sio_buf *id)
{
    char      text[SIO_SESSION_ID_MAX + 1];
    const int rc = sio_session_make_id(s->env, text);

    (void)nsp;
    if (rc == SIO_OK)
        sio_buf_add_str(id, text);
    return rc;
}

/* Nobody tells these clients: they make it themselves of what they know (section 2.4). */
static int
add_id_sio4(const sio_session *s, sio_view nsp, sio_buf *id)
{
    if (nsp.len == 0)
        return SIO_OK;
    sio_buf_add_view(id, nsp);
    sio_buf_add_char(id, '#');
    sio_buf_add_view(id, s->node.key);
    return SIO_OK;
}

static const char *
reason_of(const char *reason)
{
    if (strcmp(reason, "booted") == 0)
        return "server namespace disconnect";
    return strcmp(reason, "packet") == 0 ? "client namespace disconnect" : reason;
}

/* --- The rest. --- */

static int
init_sio5(sio_session *s, sio_view handshake)
{
    return sio5_client_init(s, handshake, SIO5_REVISION_5);
}

static int
init_sio4(sio_session *s, sio_view handshake)
{
    return sio5_client_init(s, handshake, SIO5_REVISION_4);
}

/* The client is in the default namespace without asking. */
static void
opened_sio4(sio_session *s)
{
    sio5_client_opened(s);
    sio_connect_join(s->env->io->default_namespace, s, SIO_VIEW(""), SIO_VIEW(""));
}

#define SESSION(revision, eio, heart, begin, open)                                               \
    {                                                                                            \
        .name = (revision), .speaks = (eio), .kind = &sio_engine_io_kind, .heartbeat = &(heart), \
        .session_size = sizeof(sio5_client), .opened = (open),                                   \
        .receive = sio_engine_io_receive_message, .message = sio5_receive, .init = (begin),      \
        .is_awaited = sio_client_is_awaited, .ended = sio5_client_ended,                         \
        .release = sio5_client_release,                                                          \
    }

const sio_packet_dialect sio_dialect_sio5 = {
    .session = SESSION("5", SIO_SPEAKS_EIO4, sio_heartbeat_eio4, init_sio5, sio5_client_opened),
    .index = 2,
    .encode = encode_sio5,
    .disconnects_each = true,
    .recovers = true,
    .add_socket_id = add_id_sio5,
    .settled = sio5_receive_settled,
    .reason = reason_of,
};

const sio_packet_dialect sio_dialect_sio4 = {
    .session = SESSION("4", SIO_SPEAKS_EIO3, sio_heartbeat_eio3, init_sio4, opened_sio4),
    .index = 1,
    .encode = encode_sio4,
    .disconnects_each = true,
    .add_socket_id = add_id_sio4,
    .settled = sio5_receive_settled,
    .reason = reason_of,
};

/* What a session of the one above becomes as soon as it shows that it is older. */
const sio_packet_dialect sio_dialect_sio3 = {
    .session = SESSION("3", SIO_SPEAKS_EIO3, sio_heartbeat_eio3, init_sio4, opened_sio4),
    .index = 1,
    .encode = encode_sio3,
    .disconnects_each = true,
    .add_socket_id = add_id_sio4,
    .settled = sio5_receive_settled,
    .reason = reason_of,
};
