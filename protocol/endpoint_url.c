#include "protocol/endpoint_url.h"

enum { HTTP_PORT = 80, HTTPS_PORT = 443 };

static bool
is_clean(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~' || text.data[i] == '#' ||
            text.data[i] == '\\' || text.data[i] == '"')
            return false;
    return text.len <= SIO_ENDPOINT_URL_MAX;
}

/* Take a beginning off; upper and lower case are the same in a scheme (RFC 3986, 3.1). */
static bool
skip(sio_view *text, sio_view beginning)
{
    if (text->len < beginning.len ||
        !sio_view_eq_nocase((sio_view){text->data, beginning.len}, beginning))
        return false;
    *text = (sio_view){text->data + beginning.len, text->len - beginning.len};
    return true;
}

/* The index of c in text; its length: there is none. */
static size_t
index_of(sio_view text, char c)
{
    const char *found = text.len > 0 ? memchr(text.data, c, text.len) : NULL;

    return found != NULL ? (size_t)(found - text.data) : text.len;
}

/* 0: it is none. */
static unsigned
port_of(sio_view text)
{
    unsigned port = 0;

    if (text.len == 0 || text.len > 5)
        return 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return 0;
        port = 10 * port + (unsigned)(text.data[i] - '0');
    }
    return port <= 65535 ? port : 0;
}

static bool
is_host(sio_view text, const char *chars)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.data[i];
        const bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

        if (!is_letter && (c < '0' || c > '9') && strchr(chars, c) == NULL)
            return false;
    }
    return text.len > 0;
}

/* host, host:port, [IPv6], [IPv6]:port */
static bool
read_authority(sio_view text, sio_endpoint_url *out)
{
    const bool   is_ipv6 = text.len > 0 && text.data[0] == '[';
    const size_t end = index_of(text, is_ipv6 ? ']' : ':');
    sio_view     port;

    if (is_ipv6 && end == text.len)
        return false;
    out->authority = text;
    out->host = is_ipv6 ? (sio_view){text.data + 1, end - 1} : (sio_view){text.data, end};
    port = (sio_view){text.data + end + is_ipv6, text.len - end - is_ipv6};
    if (!is_host(out->host, is_ipv6 ? ":." : "-._"))
        return false;
    if (port.len == 0)
        out->port = out->is_tls ? HTTPS_PORT : HTTP_PORT;
    else if (port.data[0] == ':')
        out->port = port_of((sio_view){port.data + 1, port.len - 1});
    return out->port != 0;
}

static bool
read_tcp(sio_view rest, sio_endpoint_url *out)
{
    const size_t slash = index_of(rest, '/'), mark = index_of(rest, '?');
    const size_t end = slash < mark ? slash : mark;

    out->path = (sio_view){rest.data + end, rest.len - end};
    return read_authority((sio_view){rest.data, end}, out);
}

static bool
read_unix(sio_view rest, sio_endpoint_url *out)
{
    const size_t colon = index_of(rest, ':');

    out->socket = (sio_view){rest.data, colon};
    if (colon == rest.len || colon == 0 || colon > SIO_ENDPOINT_URL_MAX_SOCKET ||
        rest.data[0] != '/')
        return false;
    out->path = (sio_view){rest.data + colon + 1, rest.len - colon - 1};
    return out->path.len > 0 && out->path.data[0] == '/';
}

bool
sio_endpoint_url_read(sio_view text, sio_endpoint_url *out)
{
    *out = (sio_endpoint_url){.is_tls = false};
    if (!is_clean(text))
        return false;
    if (skip(&text, SIO_VIEW("unix:")))
        return read_unix(text, out);
    if (skip(&text, SIO_VIEW("http://")))
        return read_tcp(text, out);
    out->is_tls = skip(&text, SIO_VIEW("https://"));
    return out->is_tls && read_tcp(text, out);
}
