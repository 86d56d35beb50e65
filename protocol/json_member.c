#include "protocol/json_member.h"

void
sio_json_member_name(sio_buf *out, const char *name)
{
    if (out->len == 0 || out->data[out->len - 1] != '{')
        sio_buf_add_char(out, ',');
    sio_buf_add_char(out, '"');
    sio_buf_add_str(out, name);
    sio_buf_add_str(out, "\":");
}

void
sio_json_member_text(sio_buf *out, const char *name, sio_view text)
{
    sio_json_member_name(out, name);
    sio_buf_add_json_string(out, text, SIO_JSON_PLAIN);
}

void
sio_json_member_json(sio_buf *out, const char *name, sio_view json)
{
    if (json.len == 0)
        return;
    sio_json_member_name(out, name);
    sio_buf_add_view(out, json);
}

void
sio_json_member_number(sio_buf *out, const char *name, uint64_t n)
{
    sio_json_member_name(out, name);
    sio_buf_add_u64(out, n);
}
