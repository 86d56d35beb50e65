#include "protocol/node4_event.h"

#include <string.h>

#include "protocol/cluster_message.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/node4_channel.h"
#include "protocol/placeholder.h"
#include "protocol/whole_number.h"

/* JavaScript counts no further. */
#define MAX_PACKET_ID (((size_t)1 << 53) - 1)

/* --- The reader. --- */

void
sio_node4_reader_init(sio_node4_reader *r, size_t max_bytes)
{
    sio_buf_init(&r->message.text, max_bytes);
    sio_buf_init(&r->nsp, max_bytes);
    sio_buf_init(&r->rooms, max_bytes);
    sio_buf_init(&r->except, max_bytes);
    sio_buf_init(&r->moved, max_bytes);
    sio_buf_init(&r->sid, max_bytes);
    r->message.n_attachments = 0;
}

void
sio_node4_reader_fini(sio_node4_reader *r)
{
    sio_buf_fini(&r->message.text);
    sio_buf_fini(&r->nsp);
    sio_buf_fini(&r->rooms);
    sio_buf_fini(&r->except);
    sio_buf_fini(&r->moved);
    sio_buf_fini(&r->sid);
}

static void
reader_clear(sio_node4_reader *r)
{
    r->message.n_attachments = 0;
    sio_buf_clear(&r->message.text);
    sio_buf_clear(&r->nsp);
    sio_buf_clear(&r->rooms);
    sio_buf_clear(&r->except);
    sio_buf_clear(&r->moved);
    sio_buf_clear(&r->sid);
}

bool
sio_node4_reader_has_failed(const sio_node4_reader *r)
{
    return r->message.text.failed || r->nsp.failed || r->rooms.failed || r->except.failed ||
           r->moved.failed || r->sid.failed;
}

/* Any message as JSON: it is that already if it begins as an array or an object of JSON does. */
int
sio_node4_event_read_message(sio_node4_reader *r, sio_view bytes, char json_begins)
{
    reader_clear(r);
    if (bytes.len == 0 || bytes.data[0] != json_begins)
        return sio_msgpack_json_read(bytes, &r->message);
    sio_buf_add_view(&r->message.text, bytes); /* as name and arguments are cut apart in place */
    if (r->message.text.failed)
        return SIO_TOO_LARGE;
    return sio_json_validate(bytes, SIO_MSGPACK_MAX_DEPTH);
}

/* --- Parts of messages. --- */

/* One that PHP has made of an empty list may be an object, or nothing, or an empty text. */
int
sio_node4_event_read_rooms(sio_view json, sio_buf *list)
{
    const sio_json_kind kind = sio_json_read_kind_of(json);
    sio_json_iter       it;
    sio_view            key, value;
    sio_buf             name;
    int                 rc = SIO_OK;

    if (kind == SIO_JSON_NONE || kind == SIO_JSON_NULL || sio_view_eq(json, SIO_VIEW("\"\"")))
        return SIO_OK;
    sio_json_read_object_begin(&it, json);
    if (kind == SIO_JSON_OBJECT)
        return sio_json_read_object_next(&it, &key, &value) ? SIO_BAD : SIO_OK;
    if (kind != SIO_JSON_ARRAY && kind != SIO_JSON_STRING)
        return SIO_BAD;
    sio_buf_init(&name, list->max);
    sio_json_read_array_begin(&it, json);
    value = json;
    while (rc == SIO_OK && (kind == SIO_JSON_STRING || sio_json_read_array_next(&it, &value))) {
        const bool is_number = sio_json_read_kind_of(value) == SIO_JSON_NUMBER;

        sio_buf_clear(&name);
        if (is_number)
            sio_buf_add_view(&name, value);
        else
            rc = sio_json_read_string(value, &name);
        sio_cluster_message_add_packet(list, sio_buf_view(&name), false);
        if (kind == SIO_JSON_STRING)
            break;
    }
    list->failed |= name.failed;
    sio_buf_fini(&name);
    return rc;
}

static bool
is_true(sio_view json)
{
    return sio_json_read_kind_of(json) == SIO_JSON_TRUE;
}

/* Some write an empty list instead of no flags: then there are none. */
static void
read_flags(sio_view flags, sio_node4_event *e)
{
    sio_json_field fields[] = {{.name = SIO_VIEW("volatile")},
                               {.name = SIO_VIEW("compress")},
                               {.name = SIO_VIEW("timeout")}};
    size_t         timeout_ms;

    if (sio_json_read_kind_of(flags) != SIO_JSON_OBJECT ||
        sio_json_pick(flags, SIO_MSGPACK_MAX_DEPTH, fields, 3) != SIO_OK)
        return;
    e->is_volatile = is_true(fields[0].value);
    e->no_compress = sio_json_read_kind_of(fields[1].value) == SIO_JSON_FALSE;
    if (sio_whole_number(fields[2].value, INT32_MAX, &timeout_ms) == SIO_OK)
        e->timeout_ms = (unsigned)timeout_ms;
}

int
sio_node4_event_read_opts(sio_node4_reader *r, sio_view opts, sio_node4_event *e)
{
    sio_json_field fields[] = {
        {.name = SIO_VIEW("rooms")}, {.name = SIO_VIEW("except")}, {.name = SIO_VIEW("flags")}};

    if (sio_view_eq(opts, SIO_VIEW("[]")))
        return SIO_OK;
    if (sio_json_read_kind_of(opts) != SIO_JSON_OBJECT ||
        sio_json_pick(opts, SIO_MSGPACK_MAX_DEPTH, fields, 3) != SIO_OK ||
        sio_node4_event_read_rooms(fields[0].value, &r->rooms) != SIO_OK ||
        sio_node4_event_read_rooms(fields[1].value, &r->except) != SIO_OK)
        return SIO_BAD;
    read_flags(fields[2].value, e);
    e->rooms = sio_buf_view(&r->rooms);
    e->except = sio_buf_view(&r->except);
    return SIO_OK;
}

static int
read_nsp(sio_node4_reader *r, sio_view json, sio_node4_event *e)
{
    const sio_json_kind kind = sio_json_read_kind_of(json);

    e->nsp = SIO_VIEW("");
    if (kind == SIO_JSON_NONE || kind == SIO_JSON_NULL)
        return SIO_OK;
    if (sio_json_read_string(json, &r->nsp) != SIO_OK)
        return SIO_BAD;
    if (!sio_view_eq(sio_buf_view(&r->nsp), SIO_VIEW("/")))
        e->nsp = sio_buf_view(&r->nsp);
    return SIO_OK;
}

/*
 * [name, arguments...], of which the arguments become an array of their own: where the comma
 * between them was, in the text of the reader. Done last, as the text is no JSON then.
 */
int
sio_node4_event_read_data(sio_view data, sio_node4_event *e)
{
    const sio_view array = sio_json_read_trim(data);
    sio_json_iter  it;
    sio_view       rest;
    size_t         at;

    sio_json_read_array_begin(&it, array);
    if (sio_json_read_kind_of(array) != SIO_JSON_ARRAY ||
        !sio_json_read_array_next(&it, &e->name) ||
        sio_json_read_kind_of(e->name) != SIO_JSON_STRING)
        return SIO_BAD;
    at = (size_t)(e->name.data - array.data) + e->name.len;
    rest = sio_json_read_trim((sio_view){array.data + at, array.len - at});
    if (rest.data[0] == ']')
        return SIO_OK;
    *(char *)(uintptr_t)rest.data = '[';
    e->args = rest;
    return SIO_OK;
}

/* The names that clients of socket.io keep for themselves: an event called so ends a connection. */
bool
sio_node4_event_is_reserved(sio_view name)
{
    static const sio_view names[] = {
        SIO_VIEW_INIT("connect"),     SIO_VIEW_INIT("connect_error"),
        SIO_VIEW_INIT("disconnect"),  SIO_VIEW_INIT("disconnecting"),
        SIO_VIEW_INIT("newListener"), SIO_VIEW_INIT("removeListener"),
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sio_json_read_string_equals(name, names[i]))
            return true;
    return false;
}

/* 2 is an event, and 5 one with bytes; Go writes it as a text. */
static bool
is_event_type(sio_view type)
{
    return sio_view_eq(type, SIO_VIEW("2")) || sio_view_eq(type, SIO_VIEW("5")) ||
           sio_view_eq(type, SIO_VIEW("\"2\"")) || sio_view_eq(type, SIO_VIEW("\"5\""));
}

/* Servers with recovery say even those to all, though one socket alone is meant. */
static void
read_packet_id(sio_view id, sio_node4_event *e)
{
    size_t number;

    e->has_id = id.len > 0 && sio_json_read_kind_of(id) != SIO_JSON_NULL;
    if (e->has_id && sio_whole_number(id, MAX_PACKET_ID, &number) == SIO_OK)
        e->id = number;
}

/* opts: whom it is for. */
int
sio_node4_event_read_packet(sio_node4_reader *r, sio_view packet, sio_view opts, sio_node4_event *e)
{
    sio_json_field fields[] = {{.name = SIO_VIEW("type")},
                               {.name = SIO_VIEW("data")},
                               {.name = SIO_VIEW("nsp")},
                               {.name = SIO_VIEW("id")}};

    if (sio_json_read_kind_of(packet) != SIO_JSON_OBJECT ||
        sio_json_pick(packet, SIO_MSGPACK_MAX_DEPTH, fields, 4) != SIO_OK ||
        !is_event_type(fields[0].value) || read_nsp(r, fields[2].value, e) != SIO_OK ||
        sio_node4_event_read_opts(r, opts, e) != SIO_OK ||
        sio_node4_event_read_data(fields[1].value, e) != SIO_OK ||
        sio_node4_event_is_reserved(e->name))
        return SIO_BAD;
    read_packet_id(fields[3].value, e);
    e->attachments = r->message.attachments;
    e->n_attachments = r->message.n_attachments;
    if (e->n_attachments > 0 && sio_placeholder_check(e->args, e->n_attachments) != SIO_OK)
        return SIO_BAD;
    return sio_node4_reader_has_failed(r) ? SIO_TOO_LARGE : SIO_OK;
}

/* --- Events. --- */

/* An instance hears all that it says: that is not read further than who says it. */
static bool
is_said_by(sio_view bytes, sio_view uid)
{
    sio_msgpack_reader r = {bytes.data, sio_view_end(bytes), SIO_MSGPACK_STANDARD};
    sio_msgpack_value  v;

    return sio_msgpack_read(&r, &v) && v.kind == SIO_MSGPACK_ARRAY && v.n > 2 &&
           sio_msgpack_read(&r, &v) && v.kind == SIO_MSGPACK_TEXT && sio_view_eq(v.bytes, uid);
}

int
sio_node4_event_read(sio_node4_reader *r, sio_view bytes, sio_view uid, sio_node4_event *e)
{
    enum { UID, PACKET, OPTS, N_PARTS };
    sio_view      parts[N_PARTS] = {SIO_VIEW("")}, text;
    size_t        n = 0;
    sio_json_iter it;
    int           rc;

    *e = (sio_node4_event){.is_bare = false};
    if (is_said_by(bytes, uid))
        return SIO_DROPPED;
    rc = sio_node4_event_read_message(r, bytes, '[');
    if (rc != SIO_OK)
        return rc;
    text = sio_buf_view(&r->message.text);
    if (sio_json_read_kind_of(text) != SIO_JSON_ARRAY)
        return SIO_BAD;
    sio_json_read_array_begin(&it, text);
    while (n < N_PARTS && sio_json_read_array_next(&it, &parts[n]))
        n++;
    if (n < 2)
        return SIO_DROPPED;
    e->is_bare = n == 2;
    if (e->is_bare)
        return sio_node4_event_read_packet(r, parts[0], parts[1], e);
    if (sio_json_read_string_equals(parts[UID], uid) ||
        sio_json_read_kind_of(parts[PACKET]) == SIO_JSON_NULL)
        return SIO_DROPPED;
    return sio_node4_event_read_packet(r, parts[PACKET], parts[OPTS], e);
}

const char *
sio_node4_event_obstacle(const sio_node4_event *e)
{
    if (sio_node4_event_is_reserved(e->name))
        return "processes of Node take no event of that name, which is reserved";
    if (e->n_attachments > SIO_MSGPACK_MAX_ATTACHMENTS)
        return "clients of socket.io 4 take no event with more than 10 attachments";
    if (sio_json_validate(e->args, SIO_MSGPACK_MAX_VALUE_DEPTH) == SIO_TOO_LARGE)
        return "the arguments are nested deeper than processes of Node may be sent";
    return NULL;
}

static void
add_key(sio_buf *out, const char *key)
{
    sio_msgpack_add_text(out, sio_view_of(key));
}

static uint32_t
count_rooms(sio_view list)
{
    uint32_t n = 0;
    sio_view room;

    while (sio_cluster_message_next_packet(&list, &room, NULL))
        n++;
    return n;
}

static void
add_rooms(sio_buf *out, const char *key, sio_view list)
{
    sio_view room;

    add_key(out, key);
    sio_msgpack_add_array(out, count_rooms(list));
    while (sio_cluster_message_next_packet(&list, &room, NULL))
        sio_msgpack_add_text(out, room);
}

static void
add_flags(sio_buf *out, const sio_node4_event *e)
{
    add_key(out, "flags");
    sio_msgpack_add_map(out, (uint32_t)e->is_volatile + e->no_compress + (e->timeout_ms > 0));
    if (e->is_volatile) {
        add_key(out, "volatile");
        sio_msgpack_add_bool(out, true);
    }
    if (e->no_compress) {
        add_key(out, "compress");
        sio_msgpack_add_bool(out, false);
    }
    if (e->timeout_ms > 0) {
        add_key(out, "timeout");
        sio_msgpack_add_whole(out, e->timeout_ms);
    }
}

void
sio_node4_event_add_opts(sio_buf *out, const sio_node4_event *e)
{
    sio_msgpack_add_map(out, 3);
    add_rooms(out, "rooms", e->rooms);
    add_rooms(out, "except", e->except);
    add_flags(out, e);
}

static void
add_value(sio_buf *out, sio_view json, const sio_node4_event *e)
{
    if (sio_msgpack_json_write(json, e->attachments, e->n_attachments, out) != SIO_OK)
        out->failed = true;
}

void
sio_node4_event_add_packet(sio_buf *out, const sio_node4_event *e)
{
    uint32_t      n_args = 0;
    sio_json_iter it;
    sio_view      arg;

    sio_msgpack_add_map(out, e->has_id ? 4 : 3);
    add_key(out, "type");
    sio_msgpack_add_whole(out, 2);
    add_key(out, "data");
    for (sio_json_read_array_begin(&it, e->args); sio_json_read_array_next(&it, &arg);)
        n_args++;
    sio_msgpack_add_array(out, n_args + 1);
    add_value(out, e->name, e);
    for (sio_json_read_array_begin(&it, e->args); sio_json_read_array_next(&it, &arg);)
        add_value(out, arg, e);
    add_key(out, "nsp");
    sio_msgpack_add_text(out, sio_node4_channel_name_of(e->nsp));
    if (e->has_id) {
        add_key(out, "id");
        sio_msgpack_add_whole(out, e->id);
    }
}

void
sio_node4_event_add(sio_buf *out, sio_view uid, const sio_node4_event *e)
{
    sio_msgpack_add_array(out, 3);
    sio_msgpack_add_text(out, uid);
    sio_node4_event_add_packet(out, e);
    sio_node4_event_add_opts(out, e);
}
