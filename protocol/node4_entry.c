#include "protocol/node4_entry.h"

#include "protocol/base64.h"
#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "protocol/utf8.h"

enum { MAX_TYPE_DIGITS = 2 };

/* --- Reading. --- */

void
sio_node4_entry_set(sio_node4_entry *e, sio_view name, sio_view value)
{
    if (sio_view_eq(name, SIO_VIEW("uid")))
        e->uid = value;
    else if (sio_view_eq(name, SIO_VIEW("nsp")))
        e->nsp = value;
    else if (sio_view_eq(name, SIO_VIEW("type")))
        e->type = value;
    else if (sio_view_eq(name, SIO_VIEW("data")))
        e->data = value;
}

/* False: no server of Node knows it. */
static bool
read_type(sio_view digits, unsigned *type)
{
    *type = 0;
    if (digits.len == 0 || digits.len > MAX_TYPE_DIGITS)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        *type = *type * 10 + (unsigned)(digits.data[i] - '0');
    }
    return true;
}

static void
put_together_json(const sio_node4_entry *e, unsigned type, sio_buf *out)
{
    sio_buf_add_char(out, '{');
    sio_json_member_number(out, "type", type);
    sio_json_member_json(out, "data", e->data);
    sio_json_member_text(out, "uid", e->uid);
    sio_json_member_text(out, "nsp", e->nsp);
    sio_buf_add_char(out, '}');
}

static void
put_together_packed(const sio_node4_entry *e, unsigned type, sio_buf *out)
{
    sio_msgpack_add_map(out, 4);
    sio_msgpack_add_text(out, SIO_VIEW("type"));
    sio_msgpack_add_whole(out, type);
    sio_msgpack_add_text(out, SIO_VIEW("data"));
    sio_base64_decode(e->data, out);
    sio_msgpack_add_text(out, SIO_VIEW("uid"));
    sio_msgpack_add_text(out, e->uid);
    sio_msgpack_add_text(out, SIO_VIEW("nsp"));
    sio_msgpack_add_text(out, e->nsp);
}

int
sio_node4_entry_read(sio_node4_reader *r, const sio_node4_entry *e, sio_view uid, sio_buf *message,
                     sio_node4_cluster_message *m)
{
    unsigned type;
    int      rc;

    if (sio_view_eq(e->uid, uid) || !read_type(e->type, &type))
        return SIO_DROPPED;
    if (!sio_utf8_valid(e->uid) || !sio_utf8_valid(e->nsp))
        return SIO_BAD;
    sio_buf_clear(message);
    if (e->data.len == 0 || e->data.data[0] == '{') {
        /* By itself, so that what is behind it can not be taken for members of the message. */
        rc = e->data.len > 0 ? sio_json_validate(e->data, SIO_MSGPACK_MAX_DEPTH) : SIO_OK;
        if (rc != SIO_OK)
            return rc;
        put_together_json(e, type, message);
    } else {
        put_together_packed(e, type, message);
    }
    return message->failed ? SIO_TOO_LARGE
                           : sio_node4_cluster_read(r, sio_buf_view(message), uid, m);
}

/* --- Writing. --- */

sio_view
sio_node4_entry_type(sio_node4_request_kind kind)
{
    switch (kind) {
    case SIO_NODE4_JOIN:
        return SIO_VIEW("4");
    case SIO_NODE4_LEAVE:
        return SIO_VIEW("5");
    case SIO_NODE4_DISCONNECT:
        return SIO_VIEW("6");
    default:
        return SIO_VIEW("3");
    }
}

void
sio_node4_entry_add_event(sio_buf *out, const sio_node4_event *e)
{
    sio_buf packed;

    if (e->n_attachments == 0) {
        sio_node4_cluster_add_event_data(out, e);
        return;
    }
    sio_buf_init(&packed, SIZE_MAX);
    sio_node4_cluster_add_event_data(&packed, e);
    sio_base64_encode(sio_buf_view(&packed), out);
    out->failed |= packed.failed;
    sio_buf_fini(&packed);
}

int
sio_node4_entry_pack(sio_view message, sio_buf *out)
{
    const size_t before = out->len;
    int          rc;

    if (message.len > 0 && message.data[0] == '{') {
        rc = sio_msgpack_json_write(message, NULL, 0, out);
    } else {
        sio_buf_add_view(out, message);
        rc = out->failed ? SIO_TOO_LARGE : SIO_OK;
    }
    if (rc == SIO_TOO_DEEP)
        out->len = before;
    return rc;
}
