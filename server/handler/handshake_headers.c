#include "server/handler/handshake_headers.h"

#include <ctype.h>

enum { N_BUCKETS = 256 };

/* Of each header, by its place in the request. */
typedef struct {
    uint16_t first[SIO_HTTP_MAX_HEADERS];       /* the place of the first one of its name */
    bool     is_repeated[SIO_HTTP_MAX_HEADERS]; /* it is the first one of several */
} same_names;

/* FNV-1a of the name in lower case. */
static size_t
header_bucket_of(sio_view name)
{
    uint32_t h = 2166136261U;

    for (size_t i = 0; i < name.len; i++)
        h = (h ^ ((unsigned char)name.data[i] | 0x20U)) * 16777619U;
    return h % N_BUCKETS;
}

/* By a table of the names seen so far, since they may be many. Places in the table count from 1. */
static void
find_same_names(const sio_http_request *head, same_names *names)
{
    uint16_t newest[N_BUCKETS] = {0}, older[SIO_HTTP_MAX_HEADERS];

    for (size_t i = 0; i < head->n_headers; i++) {
        const sio_view  name = head->headers[i].name;
        uint16_t *const bucket = &newest[header_bucket_of(name)];
        uint16_t        at = *bucket;

        while (at != 0 && !sio_view_eq_nocase(head->headers[at - 1].name, name))
            at = older[at - 1];
        names->first[i] = (uint16_t)(at != 0 ? at - 1U : i);
        names->is_repeated[names->first[i]] = at != 0;
        if (at == 0) {
            older[i] = *bucket;
            *bucket = (uint16_t)(i + 1);
        }
    }
}

static void
add_header_name(sio_view name, sio_buf *out)
{
    sio_buf_add_char(out, '"');
    for (size_t i = 0; i < name.len; i++) /* a header name is a token: nothing to escape */
        sio_buf_add_char(out, (char)tolower((unsigned char)name.data[i]));
    sio_buf_add_str(out, "\":");
}

static void
add_joined_value(const sio_http_request *head, const same_names *names, size_t first, sio_buf *out)
{
    sio_buf joined;

    sio_buf_init(&joined, SIZE_MAX);
    for (size_t i = first; i < head->n_headers; i++) {
        if (names->first[i] != first)
            continue;
        if (i != first)
            sio_buf_add_str(&joined, ", ");
        sio_buf_add_view(&joined, head->headers[i].value);
    }
    sio_buf_add_json_string(out, sio_buf_view(&joined), SIO_JSON_PLAIN);
    out->failed |= joined.failed;
    sio_buf_fini(&joined);
}

void
sio_handshake_headers(const sio_http_request *head, sio_buf *out)
{
    same_names names;

    find_same_names(head, &names);
    sio_buf_add_char(out, '{');
    for (size_t i = 0; i < head->n_headers; i++) {
        if (names.first[i] != i)
            continue;
        if (i > 0)
            sio_buf_add_char(out, ',');
        add_header_name(head->headers[i].name, out);
        if (names.is_repeated[i])
            add_joined_value(head, &names, i, out);
        else
            sio_buf_add_json_string(out, head->headers[i].value, SIO_JSON_PLAIN);
    }
    sio_buf_add_char(out, '}');
}
