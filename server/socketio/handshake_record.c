#include "server/socketio/handshake_record.h"

#include <string.h>

#include "protocol/json_read.h"
#include "protocol/query.h"
#include "server/siobroker.h"

/* The value of a key, or empty. Keys are the same text, as sio_query_to_json() writes them. */
static sio_view
member(sio_view object, sio_view key_literal)
{
    sio_json_iter it;
    sio_view      key, value;

    sio_json_read_object_begin(&it, object);
    while (sio_json_read_object_next(&it, &key, &value))
        if (sio_view_eq(key, key_literal))
            return value;
    return SIO_VIEW("");
}

static void
add_member(sio_buf *object, sio_view key, sio_view value)
{
    if (object->len > 0 && object->data[object->len - 1] != '{')
        sio_buf_add_char(object, ',');
    sio_buf_add_view(object, key);
    sio_buf_add_char(object, ':');
    sio_buf_add_view(object, value);
}

/* The members of `first`, and those of `second` with other keys. */
static void
add_merged(sio_buf *data, sio_view first, sio_view second)
{
    sio_json_iter it;
    sio_view      key, value;

    sio_buf_add_char(data, '{');
    sio_json_read_object_begin(&it, first);
    while (sio_json_read_object_next(&it, &key, &value))
        add_member(data, key, value);
    sio_json_read_object_begin(&it, second);
    while (sio_json_read_object_next(&it, &key, &value))
        if (member(first, key).len == 0)
            add_member(data, key, value);
    sio_buf_add_char(data, '}');
}

void
sio_handshake_record_requery(sio_view record, sio_view query, sio_buf *data)
{
    sio_json_iter it;
    sio_view      key, value;
    sio_buf       pairs, merged;

    sio_buf_init(&pairs, SIZE_MAX);
    sio_buf_init(&merged, SIZE_MAX);
    sio_query_to_json(query, SIO_HANDSHAKE_RECORD_MAX_PAIRS, &pairs);
    sio_buf_add_char(data, '{');
    sio_json_read_object_begin(&it, record);
    while (sio_json_read_object_next(&it, &key, &value)) {
        if (sio_view_eq(key, SIO_VIEW("\"query\""))) {
            add_merged(&merged, sio_buf_view(&pairs), value);
            value = sio_buf_view(&merged);
        }
        add_member(data, key, value);
    }
    sio_buf_add_char(data, '}');
    data->failed |= pairs.failed || merged.failed;
    sio_buf_fini(&pairs);
    sio_buf_fini(&merged);
}

/* --- For applications. --- */

/*
 * The member called name of an object, as a text of its own: a string without its quotes, other
 * values if `any` as they are. NULL: it is not there, holds a NUL byte, or there is no memory.
 */
static char *
text_of_member(sio_view object, const char *name, bool any)
{
    sio_view value;
    sio_buf  text;

    sio_buf_init(&text, SIZE_MAX);
    sio_buf_add_json_string(&text, sio_view_of(name), SIO_JSON_PLAIN);
    value = text.failed ? SIO_VIEW("") : member(object, sio_buf_view(&text));
    sio_buf_clear(&text);
    if (sio_json_read_string(value, &text) == SIO_BAD && any) /* an array of several, or nothing */
        sio_buf_add_view(&text, value);
    else if (sio_json_read_kind_of(value) != SIO_JSON_STRING && !any)
        value = SIO_VIEW("");
    text.failed = text.failed || value.len == 0;
    return sio_buf_take_c_string(&text);
}

static sio_view
part(const char *handshake_json, sio_view key)
{
    return member(sio_view_of(handshake_json), key);
}

char *
sio_handshake_query(const char *handshake_json, const char *name)
{
    return text_of_member(part(handshake_json, SIO_VIEW("\"query\"")), name, true);
}

char *
sio_handshake_header(const char *handshake_json, const char *name)
{
    return text_of_member(part(handshake_json, SIO_VIEW("\"headers\"")), name, true);
}

char *
sio_handshake_address(const char *handshake_json)
{
    return text_of_member(part(handshake_json, SIO_VIEW("\"address\"")), "address", false);
}

/* What a client says may be written in any way: "a" may come as "\u0061". */
char *
sio_auth_text(const char *auth_json, const char *name)
{
    sio_json_iter it;
    sio_view      key, value;

    sio_json_read_object_begin(&it, sio_view_of(auth_json));
    while (sio_json_read_object_next(&it, &key, &value)) {
        if (!sio_json_read_string_equals(key, sio_view_of(name)) ||
            sio_json_read_kind_of(value) != SIO_JSON_STRING)
            continue;
        return sio_json_read_c_string(value);
    }
    return NULL;
}
