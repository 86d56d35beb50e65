#include "protocol/node4_request.h"

#include "protocol/cluster_message.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/whole_number.h"

/* --- Reading requests. --- */

/* What is picked out of a request. */
enum { UID, REQUEST_ID, OLD_ID, TYPE, OPTS, ROOMS, SID, ROOM, CLOSE, DATA, PACKET, N_FIELDS };

static bool
is_true(sio_view json)
{
    return sio_json_read_kind_of(json) == SIO_JSON_TRUE;
}

/* By their numbers; those of 5.4 and before are others. */
static bool
read_kind(sio_view type, sio_node4_request *q)
{
    static const sio_node4_request_kind kinds[] = {
        SIO_NODE4_SOCKETS,    SIO_NODE4_ALL_ROOMS, SIO_NODE4_JOIN,        SIO_NODE4_LEAVE,
        SIO_NODE4_DISCONNECT, SIO_NODE4_FETCH,     SIO_NODE4_SERVER_SIDE, SIO_NODE4_ASK};
    static const sio_node4_request_kind old_kinds[] = {
        SIO_NODE4_SOCKETS, SIO_NODE4_CLIENT_ROOMS, SIO_NODE4_ALL_ROOMS, SIO_NODE4_JOIN,
        SIO_NODE4_LEAVE,   SIO_NODE4_CUSTOM,       SIO_NODE4_DISCONNECT};
    const size_t n =
        q->is_old ? sizeof old_kinds / sizeof *old_kinds : sizeof kinds / sizeof *kinds;
    size_t number;

    if (sio_whole_number(type, n - 1, &number) != SIO_OK)
        return false;
    q->kind = q->is_old ? old_kinds[number] : kinds[number];
    return true;
}

/* Node ends over an event of these names: its servers keep them for themselves, or wait for one. */
static bool
is_reserved_for_servers(sio_view name)
{
    static const sio_view names[] = {SIO_VIEW_INIT("error"), SIO_VIEW_INIT("connect"),
                                     SIO_VIEW_INIT("connection"), SIO_VIEW_INIT("new_namespace")};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sio_view_eq(name, names[i]))
            return true;
    return false;
}

int
sio_node4_request_read_server_side(sio_node4_reader *r, sio_view data, sio_node4_request *q)
{
    if (sio_node4_event_read_data(data, &q->event) != SIO_OK ||
        sio_json_read_string(q->event.name, &r->sid) != SIO_OK ||
        is_reserved_for_servers(sio_buf_view(&r->sid)))
        return SIO_BAD;
    q->name = sio_buf_view(&r->sid);
    return SIO_OK;
}

/* A socket of 6.x and older is named by its id, and one room. */
static int
read_moved(sio_node4_reader *r, const sio_json_field *fields, sio_node4_request *q)
{
    const bool is_disconnect = q->kind == SIO_NODE4_DISCONNECT;
    int        rc = SIO_OK;

    if (q->has_sid && !is_disconnect)
        rc = sio_node4_event_read_rooms(fields[ROOM].value, &r->moved);
    else if (!is_disconnect)
        rc = sio_node4_event_read_rooms(fields[ROOMS].value, &r->moved);
    if (rc == SIO_OK && !q->has_sid)
        rc = sio_node4_event_read_opts(r, fields[OPTS].value, &q->event);
    q->moved = sio_buf_view(&r->moved);
    q->close = is_true(fields[CLOSE].value);
    return rc == SIO_OK && (is_disconnect || q->moved.len > 0) ? SIO_OK : SIO_BAD;
}

/* Who asks has to say under which number it waits. */
static int
read_question(sio_node4_reader *r, const sio_json_field *fields, sio_node4_request *q)
{
    if (q->request_id.len == 0)
        return SIO_BAD;
    switch (q->kind) {
    case SIO_NODE4_SOCKETS:
        if (sio_json_read_kind_of(fields[ROOMS].value) != SIO_JSON_ARRAY ||
            sio_node4_event_read_rooms(fields[ROOMS].value, &r->rooms) != SIO_OK)
            return SIO_BAD;
        q->event.rooms = sio_buf_view(&r->rooms);
        return SIO_OK;
    case SIO_NODE4_CLIENT_ROOMS:
        return q->has_sid ? SIO_OK : SIO_BAD;
    case SIO_NODE4_FETCH:
        return sio_node4_event_read_opts(r, fields[OPTS].value, &q->event);
    case SIO_NODE4_ASK:
        return sio_node4_event_read_packet(r, fields[PACKET].value, fields[OPTS].value, &q->event);
    default:
        return SIO_OK;
    }
}

static int
read_parts(sio_node4_reader *r, const sio_json_field *fields, sio_node4_request *q)
{
    if (!read_kind(fields[TYPE].value, q))
        return SIO_BAD;
    if (fields[SID].value.len > 0) {
        q->has_sid = sio_json_read_string(fields[SID].value, &r->sid) == SIO_OK;
        q->sid = sio_buf_view(&r->sid);
    }
    switch (q->kind) {
    case SIO_NODE4_JOIN:
    case SIO_NODE4_LEAVE:
    case SIO_NODE4_DISCONNECT:
        return read_moved(r, fields, q);
    case SIO_NODE4_SERVER_SIDE:
        sio_buf_clear(&r->sid);
        return sio_node4_request_read_server_side(r, fields[DATA].value, q);
    default:
        return read_question(r, fields, q);
    }
}

/* Longer than any that is made; it comes back with each answer. */
enum { MAX_REQUEST_ID = 200 };

bool
sio_node4_request_is_id(sio_view json)
{
    return sio_json_read_kind_of(json) == SIO_JSON_STRING && json.len <= MAX_REQUEST_ID;
}

static bool
read_request_id(const sio_json_field *fields, sio_node4_request *q)
{
    q->is_old = fields[OLD_ID].value.len > 0;
    q->request_id = fields[q->is_old ? OLD_ID : REQUEST_ID].value;
    if (sio_json_read_kind_of(q->request_id) == SIO_JSON_NULL)
        q->request_id = SIO_VIEW("");
    return q->request_id.len == 0 || sio_node4_request_is_id(q->request_id);
}

int
sio_node4_request_read(sio_node4_reader *r, sio_view bytes, sio_view uid, sio_node4_request *q)
{
    sio_json_field fields[N_FIELDS] = {
        [UID] = {.name = SIO_VIEW("uid")},      [REQUEST_ID] = {.name = SIO_VIEW("requestId")},
        [TYPE] = {.name = SIO_VIEW("type")},    [OLD_ID] = {.name = SIO_VIEW("requestid")},
        [OPTS] = {.name = SIO_VIEW("opts")},    [ROOMS] = {.name = SIO_VIEW("rooms")},
        [SID] = {.name = SIO_VIEW("sid")},      [ROOM] = {.name = SIO_VIEW("room")},
        [CLOSE] = {.name = SIO_VIEW("close")},  [DATA] = {.name = SIO_VIEW("data")},
        [PACKET] = {.name = SIO_VIEW("packet")}};
    int rc = sio_node4_event_read_message(r, bytes, '{');

    *q = (sio_node4_request){.kind = SIO_NODE4_SOCKETS};
    if (rc != SIO_OK)
        return rc;
    if (sio_json_read_kind_of(sio_buf_view(&r->message.text)) != SIO_JSON_OBJECT ||
        sio_json_pick(sio_buf_view(&r->message.text), SIO_MSGPACK_MAX_DEPTH, fields, N_FIELDS) !=
            SIO_OK)
        return SIO_BAD;
    if (fields[UID].value.len > 0 && sio_json_read_string_equals(fields[UID].value, uid))
        return SIO_DROPPED;
    if (!read_request_id(fields, q))
        return SIO_BAD;
    rc = read_parts(r, fields, q);
    return rc == SIO_OK && sio_node4_reader_has_failed(r) ? SIO_TOO_LARGE : rc;
}

/* --- Writing requests. --- */

const char *
sio_node4_request_server_side_obstacle(sio_view event)
{
    return is_reserved_for_servers(event)
               ? "processes of Node take no event of that name from others"
               : NULL;
}

void
sio_node4_request_add_rooms(sio_buf *out, const char *key, sio_view list)
{
    const char *between = "";
    sio_view    room;

    sio_buf_add_char(out, '"');
    sio_buf_add_str(out, key);
    sio_buf_add_str(out, "\":[");
    while (sio_cluster_message_next_packet(&list, &room, NULL)) {
        sio_buf_add_str(out, between);
        sio_buf_add_json_string(out, room, SIO_JSON_PLAIN);
        between = ",";
    }
    sio_buf_add_char(out, ']');
}

void
sio_node4_request_add_opts(sio_buf *out, const sio_node4_event *e)
{
    sio_buf_add_str(out, "\"opts\":{");
    sio_node4_request_add_rooms(out, "rooms", e->rooms);
    sio_buf_add_char(out, ',');
    sio_node4_request_add_rooms(out, "except", e->except);
    sio_buf_add_char(out, '}');
}

static void
begin_request(sio_buf *out, sio_view uid, sio_view request_id, char type)
{
    sio_buf_add_str(out, "{\"uid\":");
    sio_buf_add_json_string(out, uid, SIO_JSON_PLAIN);
    if (request_id.len > 0) {
        sio_buf_add_str(out, ",\"requestId\":");
        sio_buf_add_json_string(out, request_id, SIO_JSON_PLAIN);
    }
    sio_buf_add_str(out, ",\"type\":");
    sio_buf_add_char(out, type);
    sio_buf_add_char(out, ',');
}

void
sio_node4_request_add_move(sio_buf *out, sio_view uid, sio_node4_request_kind kind,
                           const sio_node4_event *e, sio_view moved, bool close)
{
    const char type = kind == SIO_NODE4_JOIN ? '2' : kind == SIO_NODE4_LEAVE ? '3' : '4';

    begin_request(out, uid, SIO_VIEW(""), type);
    sio_node4_request_add_opts(out, e);
    sio_buf_add_char(out, ',');
    if (kind == SIO_NODE4_DISCONNECT)
        sio_buf_add_str(out, close ? "\"close\":true" : "\"close\":false");
    else
        sio_node4_request_add_rooms(out, "rooms", moved);
    sio_buf_add_char(out, '}');
}

void
sio_node4_request_add_server_side(sio_buf *out, sio_view uid, sio_view request_id, sio_view event,
                                  sio_view args)
{
    const sio_view more = sio_json_read_elements(args);

    begin_request(out, uid, request_id, '6');
    sio_buf_add_str(out, "\"data\":[");
    sio_buf_add_json_string(out, event, SIO_JSON_PLAIN);
    if (more.len > 0)
        sio_buf_add_char(out, ',');
    sio_buf_add_view(out, more);
    sio_buf_add_str(out, "]}");
}

void
sio_node4_request_add_fetch(sio_buf *out, sio_view uid, sio_view request_id,
                            const sio_node4_event *to)
{
    begin_request(out, uid, request_id, '5');
    sio_node4_request_add_opts(out, to);
    sio_buf_add_char(out, '}');
}

void
sio_node4_request_add_ask(sio_buf *out, sio_view uid, sio_view request_id, const sio_node4_event *e)
{
    sio_msgpack_add_map(out, 5);
    sio_msgpack_add_text(out, SIO_VIEW("uid"));
    sio_msgpack_add_text(out, uid);
    sio_msgpack_add_text(out, SIO_VIEW("requestId"));
    sio_msgpack_add_text(out, request_id);
    sio_msgpack_add_text(out, SIO_VIEW("type"));
    sio_msgpack_add_whole(out, 7);
    sio_msgpack_add_text(out, SIO_VIEW("packet"));
    sio_node4_event_add_packet(out, e);
    sio_msgpack_add_text(out, SIO_VIEW("opts"));
    sio_node4_event_add_opts(out, e);
}

/* --- Answers. --- */

void
sio_node4_request_begin_answer(sio_buf *out, const sio_node4_request *q)
{
    sio_buf_add_str(out, q->is_old ? "{\"requestid\":" : "{\"requestId\":");
    sio_buf_add_view(out, q->request_id);
}

void
sio_node4_request_add_count(sio_buf *out, sio_view request_id, size_t n)
{
    sio_buf_add_str(out, "{\"type\":8,\"requestId\":");
    sio_buf_add_view(out, request_id);
    sio_buf_add_str(out, ",\"clientCount\":");
    sio_buf_add_u64(out, n);
    sio_buf_add_char(out, '}');
}

bool
sio_node4_request_add_ack(sio_buf *out, sio_view request_id, sio_view value,
                          const sio_view *attachments, unsigned n_attachments)
{
    const size_t before = out->len;

    sio_msgpack_add_map(out, value.len > 0 ? 3 : 2);
    sio_msgpack_add_text(out, SIO_VIEW("type"));
    sio_msgpack_add_whole(out, 9);
    sio_msgpack_add_text(out, SIO_VIEW("requestId"));
    (void)sio_msgpack_json_write(request_id, NULL, 0, out);
    if (value.len == 0)
        return true;
    sio_msgpack_add_text(out, SIO_VIEW("packet"));
    if (sio_msgpack_json_write(value, attachments, n_attachments, out) != SIO_TOO_DEEP)
        return true;
    out->len = before;
    return false;
}
