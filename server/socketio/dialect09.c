/*
 * server/socketio/dialect09.c - socket.io 0.9 between the bytes of protocol/ and the sessions.
 *
 * Rules: spec/socketio-0.9.md sections 3 and 6.
 */
#include "protocol/placeholder.h"
#include "protocol/sio09_packet.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/socketio/acks.h"
#include "server/socketio/client.h"
#include "server/socketio/connect.h"
#include "server/socketio/dynamic.h"
#include "server/socketio/dialects.h"
#include "server/socketio/events.h"
#include "server/socketio/io.h"
#include "server/socketio/socket.h"

static sio09_type
wire_type(sio_packet_type type)
{
    static const sio09_type types[] = {
        [SIO_PACKET_CONNECT] = SIO09_CONNECT, [SIO_PACKET_DISCONNECT] = SIO09_DISCONNECT,
        [SIO_PACKET_MESSAGE] = SIO09_MESSAGE, [SIO_PACKET_JSON] = SIO09_JSON,
        [SIO_PACKET_EVENT] = SIO09_EVENT,     [SIO_PACKET_ACK] = SIO09_ACK,
        [SIO_PACKET_REFUSED] = SIO09_ERROR,   [SIO_PACKET_FAILED] = SIO09_ERROR,
    };

    return types[type];
}

static sio_frame *
encode_args(const sio_packet *p, sio_view args, sio_buf *out)
{
    sio09_packet wire = sio09_packet_of(wire_type(p->type));
    char         digits[24];
    sio_buf      id = {.data = digits, .cap = sizeof digits, .max = sizeof digits};

    wire.endpoint = p->nsp;
    wire.name = p->name;
    wire.args = args;
    wire.args_is_array = args.len > 0;
    if (p->type == SIO_PACKET_MESSAGE || p->type == SIO_PACKET_JSON)
        wire.data = p->data; /* that of the others is not of 0.9 */
    wire.data_ok = wire.data.len > 0;
    wire.ack_id = p->ack_id;
    if (p->has_id) {
        /* Always "id+": clients never answer an event with a bare id when nobody reads it (Q18). */
        sio_buf_add_u64(&id, p->id);
        wire.id = sio_buf_view(&id);
        wire.ack = p->type == SIO_PACKET_EVENT ? SIO_ACK_DATA : SIO_ACK_AUTO;
    }
    if (p->type == SIO_PACKET_REFUSED)
        wire.reason = SIO09_UNAUTHORIZED;
    sio09_packet_encode(&wire, out);
    return out->failed ? NULL : sio_frame_new(sio_buf_view(out), false);
}

/*
 * 0.9 has no attachments: they come in base64, in their places. Nothing is lost, all can read it.
 */
static sio_frame *
dialect09_encode(const sio_packet *p, sio_buf *out)
{
    sio_buf    args;
    sio_frame *frame;

    if (p->n_attachments == 0)
        return encode_args(p, p->args, out);
    sio_buf_init(&args, SIZE_MAX);
    sio_placeholder_to_base64(p->args, p->attachments, p->n_attachments, &args);
    frame = args.failed ? NULL : encode_args(p, sio_buf_view(&args), out);
    sio_buf_fini(&args);
    return frame;
}

/* An id without '+' is acknowledged by the library, even for a namespace nobody made (3.2, 6.4). */
static void
dialect09_acknowledge_arrival(sio_session *s, const sio09_packet *p)
{
    const sio_packet ack = {.type = SIO_PACKET_ACK, .nsp = p->endpoint, .ack_id = p->id};

    if (p->ack == SIO_ACK_AUTO)
        sio_packet_send(s, &ack, false);
}

/* Arguments that are no array count as the only one (3.2). */
static sio_view
args_as_array(const sio09_packet *p, sio_buf *array)
{
    if (p->args_is_array || p->args.len == 0)
        return p->args;
    sio_buf_add_char(array, '[');
    sio_buf_add_view(array, p->args);
    sio_buf_add_char(array, ']');
    return sio_buf_view(array);
}

static void
receive_data(sio_session *s, const sio09_packet *p)
{
    sio_buf      array;
    sio_incoming in = {
        .type = p->type == SIO09_EVENT     ? SIO_PACKET_EVENT
                : p->type == SIO09_MESSAGE ? SIO_PACKET_MESSAGE
                                           : SIO_PACKET_JSON,
        .name = p->name,
        .data = p->data,
        .ack_id = p->ack == SIO_ACK_DATA ? p->id : SIO_VIEW(""),
    };
    sio_socket *socket;

    dialect09_acknowledge_arrival(s, p);
    if (p->type == SIO09_JSON && !p->data_ok)
        in.data = SIO_VIEW("false"); /* what the original makes of broken JSON (vectors D26, D27) */
    if ((socket = sio_socket_of_session(s, p->endpoint)) == NULL ||
        (p->type == SIO09_EVENT && p->name.len == 0))
        return;
    sio_buf_init(&array, SIZE_MAX);
    in.args = args_as_array(p, &array);
    if (array.failed)
        sio_mailbox_fail(&s->mailbox, "out of memory");
    else
        sio_events_receive(socket, &in);
    sio_buf_fini(&array);
}

/* One that nobody made is ignored (6.1); the default one is joined already (5.1). */
static void
receive_connect(sio_session *s, sio_view endpoint)
{
    sio_namespace *nsp = sio_dynamic_find(s->env, endpoint, SIO_VIEW(""));

    if (nsp != NULL && endpoint.len > 0)
        sio_connect_join(nsp, s, SIO_VIEW(""), SIO_VIEW(""));
}

static void
receive_disconnect(sio_session *s, sio_view endpoint)
{
    sio_socket *socket;

    if (endpoint.len == 0)
        sio_session_end(s, "booted", true);
    else if ((socket = sio_socket_of_session(s, endpoint)) != NULL)
        sio_socket_leave(socket, "packet");
}

static void
dialect09_receive(sio_session *s, sio_view text, bool is_binary)
{
    sio_env     *env = s->env;
    sio09_packet p;
    sio_socket  *socket;

    if (is_binary)
        return; /* means nothing here (2.2) */
    if (sio09_packet_decode(text, env->cfg->max_json_depth, &p) != SIO_OK) {
        env->stats.bad_packets++;
        sio_log_limit_write(&env->log_limits, SIO_LOG_BAD_PACKET, s->id,
                            "dropped a packet that is not one (%zu bytes)", text.len);
        return;
    }
    switch (p.type) {
    case SIO09_DISCONNECT:
        receive_disconnect(s, p.endpoint);
        break;
    case SIO09_CONNECT:
        receive_connect(s, p.endpoint);
        break;
    case SIO09_HEARTBEAT:
        sio_heartbeat_answered(s);
        break;
    case SIO09_MESSAGE:
    case SIO09_JSON:
    case SIO09_EVENT:
        receive_data(s, &p);
        break;
    case SIO09_ACK:
        if (p.ack_id.len > 0 && (socket = sio_socket_of_session(s, p.endpoint)) != NULL)
            sio_acks_receive(socket, &(sio_incoming){.ack_id = p.ack_id, .args = p.args});
        break;
    case SIO09_ERROR: /* clients do not send these; section 3.2 */
    case SIO09_NOOP:
        break;
    }
}

/* Nobody asks for the default namespace (5.1). */
static void
dialect09_opened(sio_session *s)
{
    sio_connect_join(s->env->io->default_namespace, s, SIO_VIEW(""), SIO_VIEW(""));
}

const sio_packet_dialect sio_dialect09 = {
    .session =
        {
            .name = "0.9",
            .speaks = SIO_SPEAKS_09,
            .kind = &sio_session_kind_09,
            .heartbeat = &sio_heartbeat_09,
            .session_size = sizeof(sio_client),
            .opened = dialect09_opened,
            .receive = dialect09_receive,
            .init = sio_client_init,
            .is_awaited = sio_client_is_awaited,
            .ended = sio_client_ended,
            .release = sio_client_release,
        },
    .index = 0,
    .encode = dialect09_encode,
    .returns_once_connected = true,
};
