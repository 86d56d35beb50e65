#include "protocol/eio3_jsonp.h"

#include "protocol/text_cursor.h"

void
sio_eio3_jsonp_encode(sio_view j, sio_view payload, sio_buf *out)
{
    sio_buf_add_str(out, "___eio[");
    sio_buf_add_view(out, j);
    sio_buf_add_str(out, "](");
    sio_buf_add_json_string(out, payload, SIO_JSON_ESCAPE_LINE_SEPARATORS);
    sio_buf_add_str(out, ");");
}

/* Take the backslashes at the front. */
static sio_view
take_backslashes(sio_view *rest)
{
    size_t n = 0;

    while (n < rest->len && rest->data[n] == '\\')
        n++;
    return take_n(rest, n);
}

void
sio_eio3_jsonp_decode(sio_view field, sio_buf *out)
{
    while (field.len > 0) {
        const char *const at = memchr(field.data, '\\', field.len);
        sio_view          backslashes;

        sio_buf_add_view(out, take_n(&field, at == NULL ? field.len : (size_t)(at - field.data)));
        backslashes = take_backslashes(&field);
        if (backslashes.len == 0 || field.len == 0 || field.data[0] != 'n') {
            sio_buf_add_view(out, backslashes);
        } else if (backslashes.len == 1) {
            sio_buf_add_char(out, '\n');
            take_n(&field, 1); /* the n */
        } else {
            sio_buf_add(out, backslashes.data, backslashes.len - 1);
        }
    }
}
