#include "protocol/node4_cluster.h"

#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "protocol/node4_channel.h"
#include "protocol/placeholder.h"
#include "protocol/whole_number.h"

/* What `type` says; others are heartbeats, and what may come to be. */
enum {
    BROADCAST = 3,
    SOCKETS_JOIN = 4,
    SOCKETS_LEAVE = 5,
    DISCONNECT_SOCKETS = 6,
    FETCH_SOCKETS = 7,
    FETCH_SOCKETS_RESPONSE = 8,
    SERVER_SIDE_EMIT = 9,
    SERVER_SIDE_EMIT_RESPONSE = 10,
    BROADCAST_CLIENT_COUNT = 11,
    BROADCAST_ACK = 12,
};

/* What is picked out of a message, and out of its data. */
enum { TYPE, UID, NSP, DATA, N_PARTS };
enum { REQUEST_ID, PACKET, OPTS, ROOMS, CLOSE, SOCKETS, COUNT, N_MEMBERS };

enum { MAX_UID = 100 };

/* --- Reading. --- */

static bool
read_text(sio_view json, sio_buf *text)
{
    sio_buf_clear(text);
    return sio_json_read_string(json, text) == SIO_OK;
}

/* Without a number nobody waits. */
static bool
read_id(const sio_json_field *members, sio_node4_request *q)
{
    const sio_view id = members[REQUEST_ID].value;

    if (id.len > 0 && sio_json_read_kind_of(id) != SIO_JSON_NULL)
        q->request_id = id;
    return q->request_id.len == 0 || sio_node4_request_is_id(q->request_id);
}

static int
read_event(sio_node4_reader *r, const sio_json_field *members, sio_node4_cluster_message *m)
{
    const size_t nsp_len = m->q.event.nsp.len;
    const int    rc =
        sio_node4_event_read_packet(r, members[PACKET].value, members[OPTS].value, &m->q.event);

    /* Emitters name one in the packet, too, which is ignored; it stands behind that in r->nsp. */
    m->q.event.nsp = nsp_len > 0 ? (sio_view){r->nsp.data, nsp_len} : SIO_VIEW("");
    m->q.kind = SIO_NODE4_ASK;
    if (m->q.request_id.len == 0)
        m->kind = SIO_NODE4_CLUSTER_EVENT;
    return rc;
}

static int
read_move(sio_node4_reader *r, sio_node4_request_kind kind, const sio_json_field *members,
          sio_node4_request *q)
{
    q->kind = kind;
    q->close = sio_json_read_kind_of(members[CLOSE].value) == SIO_JSON_TRUE;
    if (kind != SIO_NODE4_DISCONNECT &&
        sio_node4_event_read_rooms(members[ROOMS].value, &r->moved) != SIO_OK)
        return SIO_BAD;
    q->moved = sio_buf_view(&r->moved);
    if (kind != SIO_NODE4_DISCONNECT && q->moved.len == 0)
        return SIO_BAD;
    return sio_node4_event_read_opts(r, members[OPTS].value, &q->event);
}

static int
read_fetch(sio_node4_reader *r, const sio_json_field *members, sio_node4_request *q)
{
    q->kind = SIO_NODE4_FETCH;
    if (q->request_id.len == 0)
        return SIO_BAD;
    return sio_node4_event_read_opts(r, members[OPTS].value, &q->event);
}

/* Applications hear JSON: bytes in it become texts. */
static int
read_server_side(sio_node4_reader *r, const sio_json_field *members, sio_node4_request *q)
{
    const unsigned n = r->message.n_attachments;
    const int      rc = sio_node4_request_read_server_side(r, members[PACKET].value, q);

    q->kind = SIO_NODE4_SERVER_SIDE;
    if (rc != SIO_OK || n == 0)
        return rc;
    if (sio_placeholder_check(q->event.args, n) != SIO_OK)
        return SIO_BAD;
    sio_placeholder_to_base64(q->event.args, r->message.attachments, n, &r->except);
    q->event.args = sio_buf_view(&r->except);
    return SIO_OK;
}

static int
read_answer(sio_node4_reader *r, size_t type, const sio_json_field *members,
            sio_node4_cluster_message *m)
{
    sio_node4_response *a = &m->answer;

    m->kind = SIO_NODE4_CLUSTER_ANSWER;
    if (!read_text(members[REQUEST_ID].value, &r->sid))
        return SIO_BAD;
    a->request_id = sio_buf_view(&r->sid);
    a->value = members[type == FETCH_SOCKETS_RESPONSE ? SOCKETS : PACKET].value;
    a->attachments = r->message.attachments;
    a->n_attachments = r->message.n_attachments;
    if (a->n_attachments > 0 && sio_placeholder_check(a->value, a->n_attachments) != SIO_OK)
        return SIO_BAD;
    switch (type) {
    case FETCH_SOCKETS_RESPONSE:
        a->kind = SIO_NODE4_SOCKET_LIST;
        return sio_json_read_kind_of(a->value) == SIO_JSON_ARRAY ? SIO_OK : SIO_BAD;
    case BROADCAST_CLIENT_COUNT:
        a->kind = SIO_NODE4_CLIENT_COUNT;
        return sio_whole_number(members[COUNT].value, UINT32_MAX, &a->count) == SIO_OK ? SIO_OK
                                                                                       : SIO_BAD;
    case BROADCAST_ACK:
        a->kind = SIO_NODE4_CLIENT_ACK;
        return SIO_OK;
    default:
        a->kind = SIO_NODE4_VALUE;
        return SIO_OK;
    }
}

static int
read_data(sio_node4_reader *r, size_t type, const sio_json_field *members,
          sio_node4_cluster_message *m)
{
    if (!read_id(members, &m->q))
        return SIO_BAD;
    switch (type) {
    case BROADCAST:
        return read_event(r, members, m);
    case SOCKETS_JOIN:
        return read_move(r, SIO_NODE4_JOIN, members, &m->q);
    case SOCKETS_LEAVE:
        return read_move(r, SIO_NODE4_LEAVE, members, &m->q);
    case DISCONNECT_SOCKETS:
        return read_move(r, SIO_NODE4_DISCONNECT, members, &m->q);
    case FETCH_SOCKETS:
        return read_fetch(r, members, &m->q);
    case SERVER_SIDE_EMIT:
        return read_server_side(r, members, &m->q);
    default:
        return read_answer(r, type, members, m);
    }
}

/* Who says it, and about which namespace. */
static bool
read_envelope(sio_node4_reader *r, const sio_json_field *parts, sio_node4_cluster_message *m)
{
    if (sio_json_read_kind_of(parts[UID].value) != SIO_JSON_STRING ||
        parts[UID].value.len > MAX_UID || !read_text(parts[NSP].value, &r->nsp))
        return false;
    m->q.asker = parts[UID].value;
    if (!sio_view_eq(sio_buf_view(&r->nsp), SIO_VIEW("/")))
        m->q.event.nsp = sio_buf_view(&r->nsp);
    return true;
}

int
sio_node4_cluster_read(sio_node4_reader *r, sio_view bytes, sio_view uid,
                       sio_node4_cluster_message *m)
{
    sio_json_field parts[N_PARTS] = {[TYPE] = {.name = SIO_VIEW("type")},
                                     [UID] = {.name = SIO_VIEW("uid")},
                                     [NSP] = {.name = SIO_VIEW("nsp")},
                                     [DATA] = {.name = SIO_VIEW("data")}};
    sio_json_field members[N_MEMBERS] = {[REQUEST_ID] = {.name = SIO_VIEW("requestId")},
                                         [PACKET] = {.name = SIO_VIEW("packet")},
                                         [OPTS] = {.name = SIO_VIEW("opts")},
                                         [ROOMS] = {.name = SIO_VIEW("rooms")},
                                         [CLOSE] = {.name = SIO_VIEW("close")},
                                         [SOCKETS] = {.name = SIO_VIEW("sockets")},
                                         [COUNT] = {.name = SIO_VIEW("clientCount")}};
    size_t         type;
    int            rc = sio_node4_event_read_message(r, bytes, '{');

    *m = (sio_node4_cluster_message){.kind = SIO_NODE4_CLUSTER_REQUEST};
    m->q.event.nsp = SIO_VIEW("");
    if (rc != SIO_OK)
        return rc;
    if (sio_json_read_kind_of(sio_buf_view(&r->message.text)) != SIO_JSON_OBJECT ||
        sio_json_pick(sio_buf_view(&r->message.text), SIO_MSGPACK_MAX_DEPTH, parts, N_PARTS) !=
            SIO_OK)
        return SIO_BAD;
    if (sio_json_read_string_equals(parts[UID].value, uid))
        return SIO_DROPPED;
    if (sio_whole_number(parts[TYPE].value, BROADCAST_ACK, &type) != SIO_OK || type < BROADCAST)
        return SIO_DROPPED;
    if (!read_envelope(r, parts, m) ||
        sio_json_read_kind_of(parts[DATA].value) != SIO_JSON_OBJECT ||
        sio_json_pick(parts[DATA].value, SIO_MSGPACK_MAX_DEPTH, members, N_MEMBERS) != SIO_OK)
        return SIO_BAD;
    rc = read_data(r, type, members, m);
    return rc == SIO_OK && sio_node4_reader_has_failed(r) ? SIO_TOO_LARGE : rc;
}

/* --- Writing JSON. --- */

static void
begin(sio_buf *out, unsigned type)
{
    sio_buf_add_char(out, '{');
    sio_json_member_number(out, "type", type);
    sio_json_member_name(out, "data");
    sio_buf_add_char(out, '{');
}

void
sio_node4_cluster_end_answer(sio_buf *out, sio_view uid, sio_view nsp)
{
    sio_buf_add_char(out, '}');
    sio_json_member_text(out, "uid", uid);
    sio_json_member_text(out, "nsp", sio_node4_channel_name_of(nsp));
    sio_buf_add_char(out, '}');
}

static void
add_request_id(sio_buf *out, sio_view request_id)
{
    if (request_id.len > 0)
        sio_json_member_text(out, "requestId", request_id);
}

static void
add_flags(sio_buf *out, const sio_node4_event *e)
{
    sio_json_member_name(out, "flags");
    sio_buf_add_char(out, '{');
    if (e->is_volatile)
        sio_json_member_json(out, "volatile", SIO_VIEW("true"));
    if (e->no_compress)
        sio_json_member_json(out, "compress", SIO_VIEW("false"));
    if (e->timeout_ms > 0)
        sio_json_member_number(out, "timeout", e->timeout_ms);
    sio_buf_add_char(out, '}');
}

static void
add_opts(sio_buf *out, const sio_node4_event *e)
{
    sio_json_member_name(out, "opts");
    sio_buf_add_char(out, '{');
    sio_node4_request_add_rooms(out, "rooms", e->rooms);
    sio_buf_add_char(out, ',');
    sio_node4_request_add_rooms(out, "except", e->except);
    add_flags(out, e);
    sio_buf_add_char(out, '}');
}

/* [name, arguments...] */
static void
add_words(sio_buf *out, sio_view name, sio_view args)
{
    const sio_view more = sio_json_read_elements(args);

    sio_buf_add_char(out, '[');
    sio_buf_add_view(out, name);
    if (sio_json_read_trim(more).len > 0)
        sio_buf_add_char(out, ',');
    sio_buf_add_view(out, more);
    sio_buf_add_char(out, ']');
}

static void
add_json_members(sio_buf *out, sio_view request_id, const sio_node4_event *e)
{
    sio_json_member_name(out, "packet");
    sio_buf_add_str(out, "{\"type\":2,\"data\":");
    add_words(out, e->name, e->args);
    if (e->has_id)
        sio_json_member_number(out, "id", e->id);
    sio_buf_add_char(out, '}');
    add_request_id(out, request_id);
    add_opts(out, e);
}

static void
add_json_event(sio_buf *out, sio_view uid, sio_view request_id, const sio_node4_event *e)
{
    begin(out, BROADCAST);
    add_json_members(out, request_id, e);
    sio_node4_cluster_end_answer(out, uid, e->nsp);
}

/* --- Writing MessagePack, for bytes. --- */

static void
begin_packed(sio_buf *out, unsigned type)
{
    sio_msgpack_add_map(out, 4);
    sio_msgpack_add_text(out, SIO_VIEW("type"));
    sio_msgpack_add_whole(out, type);
    sio_msgpack_add_text(out, SIO_VIEW("data"));
}

static void
end_packed(sio_buf *out, sio_view uid, sio_view nsp)
{
    sio_msgpack_add_text(out, SIO_VIEW("uid"));
    sio_msgpack_add_text(out, uid);
    sio_msgpack_add_text(out, SIO_VIEW("nsp"));
    sio_msgpack_add_text(out, sio_node4_channel_name_of(nsp));
}

static void
add_packed_data(sio_buf *out, sio_view request_id, const sio_node4_event *e)
{
    sio_msgpack_add_map(out, request_id.len > 0 ? 3 : 2);
    sio_msgpack_add_text(out, SIO_VIEW("packet"));
    sio_node4_event_add_packet(out, e);
    if (request_id.len > 0) {
        sio_msgpack_add_text(out, SIO_VIEW("requestId"));
        sio_msgpack_add_text(out, request_id);
    }
    sio_msgpack_add_text(out, SIO_VIEW("opts"));
    sio_node4_event_add_opts(out, e);
}

static void
add_packed_event(sio_buf *out, sio_view uid, sio_view request_id, const sio_node4_event *e)
{
    begin_packed(out, BROADCAST);
    add_packed_data(out, request_id, e);
    end_packed(out, uid, e->nsp);
}

/* --- Events and requests. --- */

void
sio_node4_cluster_add_event(sio_buf *out, sio_view uid, sio_view request_id,
                            const sio_node4_event *e)
{
    if (e->n_attachments > 0)
        add_packed_event(out, uid, request_id, e);
    else
        add_json_event(out, uid, request_id, e);
}

void
sio_node4_cluster_add_event_data(sio_buf *out, const sio_node4_event *e)
{
    if (e->n_attachments > 0) {
        add_packed_data(out, SIO_VIEW(""), e);
        return;
    }
    sio_buf_add_char(out, '{');
    add_json_members(out, SIO_VIEW(""), e);
    sio_buf_add_char(out, '}');
}

static void
add_move_members(sio_buf *out, sio_node4_request_kind kind, const sio_node4_event *e,
                 sio_view moved, bool close)
{
    add_opts(out, e);
    if (kind == SIO_NODE4_DISCONNECT) {
        sio_json_member_json(out, "close", close ? SIO_VIEW("true") : SIO_VIEW("false"));
    } else {
        sio_buf_add_char(out, ',');
        sio_node4_request_add_rooms(out, "rooms", moved);
    }
}

void
sio_node4_cluster_add_move(sio_buf *out, sio_view uid, sio_node4_request_kind kind,
                           const sio_node4_event *e, sio_view moved, bool close)
{
    begin(out, kind == SIO_NODE4_JOIN    ? SOCKETS_JOIN
               : kind == SIO_NODE4_LEAVE ? SOCKETS_LEAVE
                                         : DISCONNECT_SOCKETS);
    add_move_members(out, kind, e, moved, close);
    sio_node4_cluster_end_answer(out, uid, e->nsp);
}

void
sio_node4_cluster_add_move_data(sio_buf *out, sio_node4_request_kind kind, const sio_node4_event *e,
                                sio_view moved, bool close)
{
    sio_buf_add_char(out, '{');
    add_move_members(out, kind, e, moved, close);
    sio_buf_add_char(out, '}');
}

void
sio_node4_cluster_add_fetch(sio_buf *out, sio_view uid, sio_view request_id,
                            const sio_node4_event *to)
{
    begin(out, FETCH_SOCKETS);
    add_opts(out, to);
    add_request_id(out, request_id);
    sio_node4_cluster_end_answer(out, uid, to->nsp);
}

void
sio_node4_cluster_add_server_side(sio_buf *out, sio_view uid, sio_view nsp, sio_view request_id,
                                  sio_view event, sio_view args)
{
    sio_buf name;

    sio_buf_init(&name, SIZE_MAX);
    sio_buf_add_json_string(&name, event, SIO_JSON_PLAIN);
    begin(out, SERVER_SIDE_EMIT);
    add_request_id(out, request_id);
    sio_json_member_name(out, "packet");
    add_words(out, sio_buf_view(&name), args);
    sio_node4_cluster_end_answer(out, uid, nsp);
    out->failed |= name.failed;
    sio_buf_fini(&name);
}

/* --- Answers. --- */

void
sio_node4_cluster_begin_answer(sio_buf *out, const sio_node4_request *q)
{
    begin(out,
          q->kind == SIO_NODE4_SERVER_SIDE ? SERVER_SIDE_EMIT_RESPONSE : FETCH_SOCKETS_RESPONSE);
    sio_json_member_json(out, "requestId", q->request_id);
}

void
sio_node4_cluster_add_count(sio_buf *out, sio_view uid, sio_view nsp, sio_view request_id, size_t n)
{
    begin(out, BROADCAST_CLIENT_COUNT);
    sio_json_member_json(out, "requestId", request_id);
    sio_json_member_number(out, "clientCount", n);
    sio_node4_cluster_end_answer(out, uid, nsp);
}

static bool
add_packed_ack(sio_buf *out, sio_view uid, sio_view nsp, sio_view request_id, sio_view value,
               const sio_view *attachments, unsigned n_attachments)
{
    const size_t before = out->len;

    begin_packed(out, BROADCAST_ACK);
    sio_msgpack_add_map(out, 2);
    sio_msgpack_add_text(out, SIO_VIEW("requestId"));
    (void)sio_msgpack_json_write(request_id, NULL, 0, out);
    sio_msgpack_add_text(out, SIO_VIEW("packet"));
    if (sio_msgpack_json_write(value, attachments, n_attachments, out) == SIO_TOO_DEEP) {
        out->len = before;
        return false;
    }
    end_packed(out, uid, nsp);
    return true;
}

bool
sio_node4_cluster_add_ack(sio_buf *out, sio_view uid, sio_view nsp, sio_view request_id,
                          sio_view value, const sio_view *attachments, unsigned n_attachments)
{
    if (n_attachments > 0)
        return add_packed_ack(out, uid, nsp, request_id, value, attachments, n_attachments);
    if (sio_json_validate(value, SIO_MSGPACK_MAX_VALUE_DEPTH) == SIO_TOO_LARGE)
        return false;
    begin(out, BROADCAST_ACK);
    sio_json_member_json(out, "requestId", request_id);
    sio_json_member_json(out, "packet", value);
    sio_node4_cluster_end_answer(out, uid, nsp);
    return true;
}
