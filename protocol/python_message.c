#include "protocol/python_message.h"

#include <string.h>

#include "protocol/base64.h"
#include "protocol/cluster_message.h"
#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "protocol/node4_channel.h"
#include "protocol/node4_event.h"
#include "protocol/placeholder.h"

/* --- The reader. --- */

void
sio_python_message_reader_init(sio_python_reader *r, size_t max_bytes)
{
    sio_buf_init(&r->nsp, max_bytes);
    sio_buf_init(&r->sid, max_bytes);
    sio_buf_init(&r->rooms, max_bytes);
    sio_buf_init(&r->except, max_bytes);
    sio_buf_init(&r->args, max_bytes);
    sio_buf_init(&r->bytes, max_bytes);
}

void
sio_python_message_reader_fini(sio_python_reader *r)
{
    sio_buf_fini(&r->nsp);
    sio_buf_fini(&r->sid);
    sio_buf_fini(&r->rooms);
    sio_buf_fini(&r->except);
    sio_buf_fini(&r->args);
    sio_buf_fini(&r->bytes);
}

static void
reader_clear(sio_python_reader *r)
{
    sio_buf_clear(&r->nsp);
    sio_buf_clear(&r->sid);
    sio_buf_clear(&r->rooms);
    sio_buf_clear(&r->except);
    sio_buf_clear(&r->args);
    sio_buf_clear(&r->bytes);
}

static bool
reader_has_failed(const sio_python_reader *r)
{
    return r->nsp.failed || r->sid.failed || r->rooms.failed || r->except.failed ||
           r->args.failed || r->bytes.failed;
}

/* --- Whose it is. --- */

/* PROTO, and a number from 2 on: what every pickler of Python 3 begins with. */
bool
sio_python_message_is_pickle(sio_view bytes)
{
    return bytes.len > 2 && (unsigned char)bytes.data[0] == 0x80 && bytes.data[1] >= 2 &&
           bytes.data[1] <= 9;
}

/* An instance hears all that it says, and what the others say: that is not read any further. */
static bool
is_of_cluster(sio_view bytes, sio_view cluster)
{
    const sio_view key = SIO_VIEW("{\"siobroker\":\"");

    return bytes.len > key.len + cluster.len && memcmp(bytes.data, key.data, key.len) == 0 &&
           memcmp(bytes.data + key.len, cluster.data, cluster.len) == 0 &&
           bytes.data[key.len + cluster.len] == '"';
}

/* --- Parts of messages. --- */

enum { METHOD, NAMESPACE, ROOM, SID, SKIP_SID, EVENT, DATA, BINARY, CALLBACK, HOST_ID, N_FIELDS };

static bool
is_absent(sio_view json)
{
    const sio_json_kind kind = sio_json_read_kind_of(json);

    return kind == SIO_JSON_NONE || kind == SIO_JSON_NULL;
}

static int
read_nsp(sio_python_reader *r, sio_view json, sio_python_message *m)
{
    m->nsp = SIO_VIEW("");
    if (is_absent(json))
        return SIO_OK;
    if (sio_json_read_string(json, &r->nsp) != SIO_OK)
        return SIO_BAD;
    if (!sio_view_eq(sio_buf_view(&r->nsp), SIO_VIEW("/")))
        m->nsp = sio_buf_view(&r->nsp);
    return SIO_OK;
}

/* A list without rooms reaches nobody in Python, where none at all is everyone. */
static int
read_rooms(sio_python_reader *r, sio_view json, sio_python_message *m)
{
    if (is_absent(json))
        return SIO_OK;
    if (sio_node4_event_read_rooms(json, &r->rooms) != SIO_OK)
        return SIO_BAD;
    m->rooms = sio_buf_view(&r->rooms);
    return m->rooms.len > 0 ? SIO_OK : SIO_DROPPED;
}

static int
read_sid(sio_python_reader *r, sio_view json, sio_python_message *m)
{
    if (sio_json_read_string(json, &r->sid) != SIO_OK)
        return SIO_BAD;
    m->sid = sio_buf_view(&r->sid);
    return SIO_OK;
}

/* --- Data of an event. --- */

/* The texts behind the first element of the list, each of which is an attachment. */
static int
read_attachments(sio_python_reader *r, sio_json_iter *it, size_t max_bytes, sio_python_message *m)
{
    sio_buf  text;
    sio_view element;
    int      rc = SIO_OK;

    sio_buf_init(&text, max_bytes);
    (void)sio_buf_reserve(&r->bytes, max_bytes); /* views of it are kept, so it may not move */
    while (rc == SIO_OK && !r->bytes.failed && sio_json_read_array_next(it, &element)) {
        const size_t begin = r->bytes.len;

        sio_buf_clear(&text);
        rc = sio_json_read_string(element, &text);
        if (rc != SIO_OK)
            break;
        if (m->n_attachments == SIO_MSGPACK_MAX_ATTACHMENTS) {
            rc = SIO_TOO_LARGE;
            break;
        }
        sio_base64_decode(sio_buf_view(&text), &r->bytes);
        r->attachments[m->n_attachments++] =
            (sio_view){r->bytes.data + begin, r->bytes.len - begin};
    }
    m->attachments = r->attachments;
    r->bytes.failed |= text.failed;
    sio_buf_fini(&text);
    return rc;
}

static bool
is_list_of_null(sio_view array)
{
    sio_json_iter it;
    sio_view      element;

    sio_json_read_array_begin(&it, array);
    return sio_json_read_array_next(&it, &element) &&
           sio_json_read_kind_of(element) == SIO_JSON_NULL &&
           !sio_json_read_array_next(&it, &element);
}

/* Since 5.15.1 a list of all arguments; before that one, or a list of several. */
static void
read_args(sio_python_reader *r, sio_view json, sio_python_message *m)
{
    sio_json_iter it;
    sio_view      element;

    if (sio_json_read_kind_of(json) == SIO_JSON_ARRAY) {
        sio_json_read_array_begin(&it, json);
        if (sio_json_read_array_next(&it, &element) && !is_list_of_null(json))
            m->args = json;
        return;
    }
    if (sio_json_read_kind_of(json) == SIO_JSON_NULL)
        return;
    sio_buf_add_char(&r->args, '[');
    sio_buf_add_view(&r->args, json);
    sio_buf_add_char(&r->args, ']');
    m->args = sio_buf_view(&r->args);
}

static int
read_data(sio_python_reader *r, const sio_json_field *fields, sio_python_message *m)
{
    sio_view      data = fields[DATA].value;
    sio_json_iter it;
    int           rc;

    if (data.len == 0)
        return SIO_BAD;
    if (sio_json_read_kind_of(fields[BINARY].value) != SIO_JSON_TRUE) {
        read_args(r, data, m);
        return SIO_OK;
    }
    sio_json_read_array_begin(&it, data);
    if (!sio_json_read_array_next(&it, &data))
        return SIO_BAD;
    if ((rc = read_attachments(r, &it, fields[DATA].value.len, m)) != SIO_OK)
        return rc;
    read_args(r, data, m);
    return m->n_attachments == 0 || sio_placeholder_check(m->args, m->n_attachments) == SIO_OK
               ? SIO_OK
               : SIO_BAD;
}

/* [room, namespace, id], which come back with each acknowledgement. */
static int
read_asker(const sio_json_field *fields, sio_python_message *m)
{
    sio_json_iter it;
    sio_view      more;

    if (is_absent(fields[CALLBACK].value))
        return SIO_OK;
    sio_json_read_array_begin(&it, fields[CALLBACK].value);
    if (!sio_json_read_array_next(&it, &m->asker.sid) ||
        !sio_json_read_array_next(&it, &m->asker.nsp) ||
        !sio_json_read_array_next(&it, &m->asker.id) || sio_json_read_array_next(&it, &more) ||
        sio_json_read_kind_of(fields[HOST_ID].value) != SIO_JSON_STRING ||
        fields[CALLBACK].value.len + fields[HOST_ID].value.len > SIO_PYTHON_MAX_ASKER)
        return SIO_BAD;
    m->asker.host_id = fields[HOST_ID].value;
    return SIO_OK;
}

static int
read_emit(sio_python_reader *r, const sio_json_field *fields, sio_python_message *m)
{
    int rc;

    m->name = fields[EVENT].value;
    if (sio_json_read_kind_of(m->name) != SIO_JSON_STRING || sio_node4_event_is_reserved(m->name) ||
        read_asker(fields, m) != SIO_OK ||
        (!is_absent(fields[SKIP_SID].value) &&
         sio_node4_event_read_rooms(fields[SKIP_SID].value, &r->except) != SIO_OK))
        return SIO_BAD;
    m->except = sio_buf_view(&r->except);
    if ((rc = read_data(r, fields, m)) != SIO_OK)
        return rc;
    return read_rooms(r, fields[ROOM].value, m);
}

static int
read_move(sio_python_reader *r, const sio_json_field *fields, sio_python_message *m)
{
    if (m->method != SIO_PYTHON_CLOSE && read_sid(r, fields[SID].value, m) != SIO_OK)
        return SIO_BAD;
    if (m->method == SIO_PYTHON_DISCONNECT)
        return SIO_OK;
    if (read_rooms(r, fields[ROOM].value, m) != SIO_OK || m->rooms.len == 0)
        return SIO_BAD;
    return SIO_OK;
}

/* --- Messages. --- */

static const sio_view methods[] = {
    [SIO_PYTHON_EMIT] = SIO_VIEW_INIT("emit"),
    [SIO_PYTHON_DISCONNECT] = SIO_VIEW_INIT("disconnect"),
    [SIO_PYTHON_ENTER] = SIO_VIEW_INIT("enter_room"),
    [SIO_PYTHON_LEAVE] = SIO_VIEW_INIT("leave_room"),
    [SIO_PYTHON_CLOSE] = SIO_VIEW_INIT("close_room"),
};

static bool
read_method(sio_view json, sio_python_method *method)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (sio_json_read_string_equals(json, methods[i])) {
            *method = (sio_python_method)i;
            return true;
        }
    return false;
}

int
sio_python_message_read(sio_python_reader *r, sio_view bytes, sio_view cluster,
                        sio_python_message *m)
{
    sio_json_field fields[N_FIELDS] = {
        [METHOD] = {.name = SIO_VIEW("method")},     [NAMESPACE] = {.name = SIO_VIEW("namespace")},
        [ROOM] = {.name = SIO_VIEW("room")},         [SID] = {.name = SIO_VIEW("sid")},
        [SKIP_SID] = {.name = SIO_VIEW("skip_sid")}, [EVENT] = {.name = SIO_VIEW("event")},
        [DATA] = {.name = SIO_VIEW("data")},         [BINARY] = {.name = SIO_VIEW("binary")},
        [CALLBACK] = {.name = SIO_VIEW("callback")}, [HOST_ID] = {.name = SIO_VIEW("host_id")}};
    int rc;

    *m = (sio_python_message){.n_attachments = 0};
    reader_clear(r);
    if (is_of_cluster(bytes, cluster))
        return SIO_DROPPED;
    if (bytes.len > r->args.max)
        return SIO_TOO_LARGE;
    if (sio_json_pick(bytes, SIO_JSON_MAX_DEPTH, fields, N_FIELDS) != SIO_OK)
        return SIO_BAD;
    if (sio_json_read_string_equals(fields[METHOD].value, SIO_VIEW("callback")))
        return SIO_DROPPED; /* for whoever has asked; nobody does here */
    if (!read_method(fields[METHOD].value, &m->method) ||
        read_nsp(r, fields[NAMESPACE].value, m) != SIO_OK)
        return SIO_BAD;
    rc = m->method == SIO_PYTHON_EMIT ? read_emit(r, fields, m) : read_move(r, fields, m);
    return rc == SIO_OK && reader_has_failed(r) ? SIO_TOO_LARGE : rc;
}

/* --- Writing. --- */

static void
begin(sio_buf *out, const sio_python_writer *w, sio_view method)
{
    sio_buf_add_str(out, "{\"siobroker\":\""); /* is_of_cluster() */
    sio_buf_add_view(out, w->cluster);
    sio_buf_add_char(out, '"');
    sio_json_member_text(out, "method", method);
}

static void
add_list(sio_buf *out, const char *name, sio_view list)
{
    const char *between = "";
    sio_view    room;

    sio_json_member_name(out, name);
    if (list.len == 0) {
        sio_buf_add_str(out, "null");
        return;
    }
    sio_buf_add_char(out, '[');
    for (; sio_cluster_message_next_packet(&list, &room, NULL); between = ",") {
        sio_buf_add_str(out, between);
        sio_buf_add_json_string(out, room, SIO_JSON_PLAIN);
    }
    sio_buf_add_char(out, ']');
}

/* All versions take an only argument as it is, but a list is one of several for those of today. */
static sio_view
data_of(sio_view args)
{
    sio_json_iter it;
    sio_view      first, second;

    sio_json_read_array_begin(&it, args);
    if (!sio_json_read_array_next(&it, &first))
        return SIO_VIEW("null");
    if (sio_json_read_array_next(&it, &second) || sio_json_read_kind_of(first) == SIO_JSON_ARRAY)
        return args;
    return first;
}

static void
add_data(sio_buf *out, const sio_python_message *m)
{
    sio_json_member_json(out, "binary",
                         m->n_attachments > 0 ? SIO_VIEW("true") : SIO_VIEW("false"));
    if (m->n_attachments == 0) {
        sio_json_member_json(out, "data", data_of(m->args));
        return;
    }
    sio_json_member_name(out, "data");
    sio_buf_add_char(out, '[');
    sio_buf_add_view(out, data_of(m->args));
    for (unsigned i = 0; i < m->n_attachments; i++) {
        sio_buf_add_str(out, ",\"");
        sio_base64_encode(m->attachments[i], out);
        sio_buf_add_char(out, '"');
    }
    sio_buf_add_char(out, ']');
}

static void
add_emit(sio_buf *out, const sio_python_message *m)
{
    sio_json_member_json(out, "event", m->name);
    add_data(out, m);
    add_list(out, "room", m->rooms);
    add_list(out, "skip_sid", m->except);
    sio_json_member_json(out, "callback", SIO_VIEW("null"));
}

static void
add_move(sio_buf *out, const sio_python_message *m)
{
    sio_view rest = m->rooms, room;

    if (m->method != SIO_PYTHON_CLOSE)
        sio_json_member_text(out, "sid", m->sid);
    if (sio_cluster_message_next_packet(&rest, &room, NULL))
        sio_json_member_text(out, "room", room);
}

void
sio_python_message_add(sio_buf *out, const sio_python_writer *w, const sio_python_message *m)
{
    begin(out, w, methods[m->method]);
    sio_json_member_text(out, "namespace", sio_node4_channel_name_of(m->nsp));
    if (m->method == SIO_PYTHON_EMIT)
        add_emit(out, m);
    else
        add_move(out, m);
    sio_json_member_text(out, "host_id", w->host_id);
    sio_buf_add_char(out, '}');
}

void
sio_python_message_add_answer(sio_buf *out, const sio_python_writer *w,
                              const sio_python_asker *asker, sio_view args)
{
    begin(out, w, SIO_VIEW("callback"));
    sio_json_member_json(out, "host_id", asker->host_id);
    sio_json_member_json(out, "sid", asker->sid);
    sio_json_member_json(out, "namespace", asker->nsp);
    sio_json_member_json(out, "id", asker->id);
    sio_json_member_json(out, "args", args);
    sio_buf_add_char(out, '}');
}
