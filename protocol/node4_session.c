#include "protocol/node4_session.h"

#include "protocol/base64.h"
#include "protocol/cluster_message.h"
#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "protocol/node4_request.h"

int
sio_node4_session_read(sio_node4_reader *r, sio_view record, sio_view private_id, sio_buf *message,
                       sio_node4_session *s)
{
    sio_json_field fields[] = {{.name = SIO_VIEW("sid")},
                               {.name = SIO_VIEW("pid")},
                               {.name = SIO_VIEW("rooms")},
                               {.name = SIO_VIEW("data")}};
    int            rc;

    sio_buf_clear(message);
    sio_base64_decode(record, message);
    if (message->failed)
        return SIO_TOO_LARGE;
    if ((rc = sio_node4_event_read_message(r, sio_buf_view(message), '{')) != SIO_OK)
        return rc;
    if (sio_json_pick(sio_buf_view(&r->message.text), SIO_MSGPACK_MAX_DEPTH, fields, 4) != SIO_OK ||
        sio_json_read_string(fields[0].value, &r->sid) != SIO_OK ||
        !sio_json_read_string_equals(fields[1].value, private_id) ||
        sio_json_read_kind_of(fields[2].value) != SIO_JSON_ARRAY ||
        sio_node4_event_read_rooms(fields[2].value, &r->rooms) != SIO_OK)
        return SIO_BAD;
    if (sio_node4_reader_has_failed(r))
        return SIO_TOO_LARGE;
    if (r->message.n_attachments > 0)
        return SIO_DROPPED;
    *s = (sio_node4_session){
        .sid = sio_buf_view(&r->sid), .rooms = sio_buf_view(&r->rooms), .data = fields[3].value};
    return SIO_OK;
}

static void
add_json(sio_buf *out, const sio_node4_session *s, sio_view private_id)
{
    sio_buf_add_char(out, '{');
    sio_json_member_text(out, "sid", s->sid);
    sio_json_member_text(out, "pid", private_id);
    sio_buf_add_char(out, ',');
    sio_node4_request_add_rooms(out, "rooms", s->rooms);
    sio_json_member_json(out, "data", s->data.len > 0 ? s->data : SIO_VIEW("{}"));
    sio_buf_add_char(out, '}');
}

int
sio_node4_session_add(sio_buf *out, const sio_node4_session *s, sio_view private_id)
{
    sio_buf json, packed;
    int     rc = SIO_TOO_LARGE;

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_init(&packed, SIZE_MAX);
    add_json(&json, s, private_id);
    if (!json.failed)
        rc = sio_msgpack_json_write(sio_buf_view(&json), NULL, 0, &packed);
    if (rc == SIO_OK)
        sio_base64_encode(sio_buf_view(&packed), out);
    sio_buf_fini(&packed);
    sio_buf_fini(&json);
    return rc == SIO_OK && out->failed ? SIO_TOO_LARGE : rc;
}
