#include "server/handler/handshake_data.h"

#include <string.h>
#include <time.h>

#include "protocol/json.h"
#include "protocol/query.h"
#include "server/base/env.h"
#include "server/handler/handshake_headers.h"
#include "server/http/client_address.h"

enum { MAX_QUERY_PAIRS = 100 };

/* --- The record. --- */

static void
add_address(sio_buf *data, const sio_exchange *x, const sio_http_request *head)
{
    const sio_address address = sio_client_address(x, head);
    char              text[SIO_ADDRESS_TEXT_MAX];

    sio_buf_add_str(data, ",\"address\":{\"address\":\"");
    sio_buf_add_str(data, sio_address_text(&address, text));
    sio_buf_add_str(data, "\",\"port\":");
    sio_buf_add_u64(data, address.port);
    sio_buf_add_char(data, '}');
}

/* "Sun Nov 22 2026 12:50:56 GMT+0000 (UTC)", as JavaScript prints a date. */
static void
add_time(sio_buf *data, const struct timespec *now)
{
    struct tm local;
    char      text[96];

    localtime_r(&now->tv_sec, &local);
    sio_buf_add_str(data, ",\"time\":");
    if (strftime(text, sizeof text, "%a %b %d %Y %H:%M:%S GMT%z (%Z)", &local) == 0)
        text[0] = '\0';
    sio_buf_add_json_string(data, sio_view_of(text), SIO_JSON_PLAIN);
}

void
sio_handshake_data(sio_buf *data, const sio_exchange *x, const sio_request *r, sio_view query)
{
    struct timespec now;
    sio_view        origin;

    clock_gettime(CLOCK_REALTIME, &now);
    sio_buf_add_str(data, "{\"headers\":");
    sio_handshake_headers(r->head, data);
    add_address(data, x, r->head);
    add_time(data, &now);
    sio_buf_add_str(data, ",\"query\":");
    sio_query_to_json(query, MAX_QUERY_PAIRS, data);
    sio_buf_add_str(data, ",\"url\":");
    sio_buf_add_json_string(data, r->head->target, SIO_JSON_PLAIN);
    sio_buf_add_str(data, ",\"xdomain\":");
    sio_buf_add_str(data, sio_http_header_get(r->head, "origin", &origin) ? "true" : "false");
    sio_buf_add_str(data, ",\"secure\":");
    sio_buf_add_str(data, sio_client_address_is_secure(x, r->head) ? "true" : "false");
    sio_buf_add_str(data, ",\"issued\":");
    sio_buf_add_u64(data, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
    sio_buf_add_char(data, '}');
}

/* --- The query of a namespace. --- */

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
sio_handshake_data_requery(sio_view record, sio_view query, sio_buf *data)
{
    sio_json_iter it;
    sio_view      key, value;
    sio_buf       pairs, merged;

    sio_buf_init(&pairs, SIZE_MAX);
    sio_buf_init(&merged, SIZE_MAX);
    sio_query_to_json(query, MAX_QUERY_PAIRS, &pairs);
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

/* --- Reading it. --- */

char *
sio_handshake_query(const char *handshake_json, const char *name)
{
    const sio_view query = member(sio_view_of(handshake_json), SIO_VIEW("\"query\""));
    sio_view       value;
    sio_buf        text;

    sio_buf_init(&text, SIZE_MAX);
    sio_buf_add_json_string(&text, sio_view_of(name), SIO_JSON_PLAIN);
    value = text.failed ? SIO_VIEW("") : member(query, sio_buf_view(&text));
    sio_buf_clear(&text);
    if (sio_json_read_string(value, &text) == SIO_BAD) /* an array of several, or nothing */
        sio_buf_add_view(&text, value);
    sio_buf_add_char(&text, '\0');
    if (value.len > 0 && !text.failed && strlen(text.data) + 1 == text.len)
        return text.data;
    sio_buf_fini(&text);
    return NULL;
}
