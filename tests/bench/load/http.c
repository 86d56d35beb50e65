/*
 * tests/bench/load/http.c - see http_conn.h.
 */
#include "tests/bench/load/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static const char HEAD_END[] = "\r\n\r\n";

void
http_write_get(buffer *b, const char *target, bool keep_alive)
{
    buffer_addf(b, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\n\r\n", target,
                keep_alive ? "keep-alive" : "close");
}

void
http_write_post(buffer *b, const char *target, const char *body, size_t len)
{
    buffer_addf(b,
                "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n"
                "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: %zu\r\n\r\n",
                target, len);
    buffer_add(b, body, len);
}

void
http_write_upgrade(buffer *b, const char *target)
{
    buffer_addf(b,
                "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: " KEY "\r\n\r\n",
                target);
}

/* The value of a header, up to its end of line, or NULL. */
static const char *
header(const http_response *r, const char *name, size_t *len)
{
    const size_t name_len = strlen(name);
    const char  *end = r->head + r->head_len;
    const char  *value, *stop;

    for (const char *at = r->head; at < end; at = stop + 1) {
        stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            return NULL;
        if ((size_t)(stop - at) <= name_len || strncasecmp(at, name, name_len) != 0 ||
            at[name_len] != ':')
            continue;
        for (value = at + name_len + 1; *value == ' '; value++)
            ;
        *len = (size_t)(stop - value) - (stop > value && stop[-1] == '\r');
        return value;
    }
    return NULL;
}

static bool
header_is(const http_response *r, const char *name, const char *text)
{
    size_t      len;
    const char *value = header(r, name, &len);

    return value != NULL && len == strlen(text) && strncasecmp(value, text, len) == 0;
}

/*
 * The bytes of a chunked body, 0 when there are more to come, -1 when it is none. With `to`, the
 * chunks are moved together there and *total becomes their length.
 */
static ssize_t
chunks(char *data, size_t len, char *to, size_t *total)
{
    size_t at = 0, size;
    char  *line_end, *digits_end;

    *total = 0;
    do {
        if ((line_end = memmem(data + at, len - at, "\r\n", 2)) == NULL)
            return 0;
        size = strtoul(data + at, &digits_end, 16);
        if (digits_end == data + at || size > len)
            return digits_end == data + at ? -1 : 0;
        at = (size_t)(line_end - data) + 2;
        if (len - at < size + 2)
            return 0;
        if (to != NULL)
            memmove(to + *total, data + at, size);
        *total += size;
        at += size + 2;
    } while (size > 0);
    return (ssize_t)at;
}

/*
 * The body, which begins at data; the result is that of http_read() for it, except -2 for "not
 * yet".
 */
static ssize_t
read_body(char *data, size_t len, http_response *r)
{
    size_t      value_len, total;
    const char *length = header(r, "Content-Length", &value_len);
    ssize_t     n;

    r->body = data;
    r->body_len = 0;
    if (r->status == 101 || r->status == 204)
        return 0;
    if (header_is(r, "Transfer-Encoding", "chunked")) {
        if ((n = chunks(data, len, NULL, &total)) <= 0)
            return n == 0 ? -2 : -1;
        chunks(data, len, data, &r->body_len);
        return n;
    }
    if (length == NULL)
        return -1;
    r->body_len = strtoul(length, NULL, 10);
    return r->body_len <= len ? (ssize_t)r->body_len : -2;
}

ssize_t
http_read(char *data, size_t len, http_response *out)
{
    static const char line[] = "HTTP/1.1 ";
    const char       *end = memmem(data, len, HEAD_END, sizeof HEAD_END - 1);
    ssize_t           n;

    if (end == NULL)
        return 0;
    if (len < sizeof line + 3 || memcmp(data, line, sizeof line - 1) != 0)
        return -1;
    *out = (http_response){.status = (int)strtol(data + sizeof line - 1, NULL, 10), .head = data};
    out->head_len = (size_t)(end - data) + 2;
    out->closes = header_is(out, "Connection", "close");
    n = read_body(data + out->head_len + 2, len - out->head_len - 2, out);
    if (n < 0)
        return n == -2 ? 0 : -1;
    return (ssize_t)out->head_len + 2 + n;
}

bool
http_is_upgraded(const http_response *response)
{
    size_t      len;
    const char *accept = header(response, "Sec-WebSocket-Accept", &len);

    return response->status == 101 && header_is(response, "Upgrade", "websocket") &&
           accept != NULL && len == sizeof ACCEPT - 1 && memcmp(accept, ACCEPT, len) == 0;
}
