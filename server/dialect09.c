/*
 * server/dialect09.c - socket.io 0.9 between the bytes of protocol/ and the sessions.
 *
 * Rules: spec/socketio-0.9.md sections 3 and 6.
 */
#include "protocol/sio09_packet.h"
#include "server/server.h"
#include "server/session.h"

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

static void
encode(const sio_packet *p, sio_buf *out)
{
    sio09_packet wire = sio09_packet_of(wire_type(p->type));
    char         digits[24];
    sio_buf      id = {.data = digits, .cap = sizeof digits, .max = sizeof digits};

    wire.endpoint = p->nsp;
    wire.name = p->name;
    wire.args = p->args;
    wire.args_is_array = p->args.len > 0;
    wire.data = p->data;
    wire.data_ok = p->data.len > 0;
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
}

/* An id without '+' is acknowledged by the library, even for a namespace nobody made (3.2, 6.4). */
static void
acknowledge_arrival(sio_session *s, const sio09_packet *p)
{
    const sio_packet ack = {.type = SIO_PACKET_ACK, .nsp = p->endpoint, .ack_id = p->id};

    if (p->ack == SIO_ACK_AUTO)
        sio_session_send(s, &ack);
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
    return array->failed ? SIO_VIEW("") : sio_buf_view(array);
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

    acknowledge_arrival(s, p);
    if (p->type == SIO09_JSON && !p->data_ok)
        in.data = SIO_VIEW("false"); /* what the original makes of broken JSON (vectors D26, D27) */
    if ((socket = sio_session_socket(s, p->endpoint)) == NULL ||
        (p->type == SIO09_EVENT && p->name.len == 0))
        return;
    sio_buf_init(&array, SIZE_MAX);
    in.args = args_as_array(p, &array);
    sio_socket_receive(socket, &in);
    sio_buf_fini(&array);
}

static void
receive_disconnect(sio_session *s, sio_view endpoint)
{
    sio_socket *socket;

    if (endpoint.len == 0)
        sio_session_end(s, "booted", true);
    else if ((socket = sio_session_socket(s, endpoint)) != NULL)
        sio_socket_leave(socket, "packet");
}

static void
receive(sio_session *s, sio_view text)
{
    sio_server  *server = s->server;
    sio09_packet p;
    sio_socket  *socket;

    if (sio09_packet_decode(text, server->cfg.max_json_depth, &p) != SIO_OK) {
        server->stats.bad_packets++;
        sio_log_debug(&server->log, s->id, "dropped a packet that is not one (%zu bytes)",
                      text.len);
        return;
    }
    switch (p.type) {
    case SIO09_DISCONNECT:
        receive_disconnect(s, p.endpoint);
        break;
    case SIO09_CONNECT:
        sio_session_join(s, p.endpoint);
        break;
    case SIO09_HEARTBEAT:
        sio_session_beat(s);
        break;
    case SIO09_MESSAGE:
    case SIO09_JSON:
    case SIO09_EVENT:
        receive_data(s, &p);
        break;
    case SIO09_ACK:
        if (p.ack_id.len > 0 && (socket = sio_session_socket(s, p.endpoint)) != NULL)
            sio_socket_receive_ack(socket, p.ack_id, p.args);
        break;
    case SIO09_ERROR: /* clients do not send these; section 3.2 */
    case SIO09_NOOP:
        break;
    }
}

const sio_dialect sio_dialect_09 = {
    .name = "0.9",
    .index = 0,
    .encode = encode,
    .receive = receive,
    .heartbeat = {"2::", 3},
    .goodbye = {"0::", 3},
};
