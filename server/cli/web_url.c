#include "server/cli/web_url.h"

#include <string.h>

#include "protocol/result.h"

static int
url_refuse(sio_buf *error, const char *why)
{
    sio_buf_add_str(error, why);
    return SIO_BAD;
}

/* Take a prefix off. */
static bool
take_prefix(sio_view *text, sio_view prefix)
{
    if (text->len < prefix.len || memcmp(text->data, prefix.data, prefix.len) != 0)
        return false;
    *text = (sio_view){text->data + prefix.len, text->len - prefix.len};
    return true;
}

/* Split at the first byte of `of`: what was before; *text is what is from there on. */
static sio_view
take_until(sio_view *text, const char *of)
{
    size_t n = 0;

    while (n < text->len && strchr(of, text->data[n]) == NULL)
        n++;
    const sio_view before = {text->data, n};

    *text = (sio_view){text->data + n, text->len - n};
    return before;
}

static bool
is_printable(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f)
            return false;
    return true;
}

/* A host without a port has that of the scheme. */
static int
parse_host(sio_view text, unsigned usual_port, sio_listen_address *at)
{
    if (sio_listen_address_parse(text, at) == SIO_OK)
        return at->is_unix || at->host.len == 0 ? SIO_BAD : SIO_OK;
    if (text.len == 0 || memchr(text.data, ':', text.len) != NULL)
        return SIO_BAD;
    *at = (sio_listen_address){.host = text, .port = usual_port};
    return SIO_OK;
}

int
sio_web_url_parse(sio_view text, sio_web_url *out, sio_buf *error)
{
    out->is_tls =
        take_prefix(&text, SIO_VIEW("https://")) || take_prefix(&text, SIO_VIEW("wss://"));
    if (!out->is_tls && !take_prefix(&text, SIO_VIEW("http://")))
        (void)take_prefix(&text, SIO_VIEW("ws://"));
    if (!is_printable(text))
        return url_refuse(error, "blanks, control bytes and bytes above ASCII have to be escaped");
    out->host_and_port = take_until(&text, "/?#");
    out->resource = take_until(&text, "?#");
    (void)take_prefix(&text, SIO_VIEW("?"));
    out->query = take_until(&text, "#");
    out->origin = SIO_VIEW("");
    while (out->resource.len > 0 && out->resource.data[out->resource.len - 1] == '/')
        out->resource.len--;
    if (out->resource.len == 0)
        out->resource = SIO_VIEW("/socket.io");
    if (parse_host(out->host_and_port, out->is_tls ? 443 : 80, &out->at) != SIO_OK)
        return url_refuse(error, "it must be like http://127.0.0.1:3100 or https://example.org");
    return SIO_OK;
}

void
sio_web_url_add_target(const sio_web_url *url, const char *transport, sio_buf *out)
{
    sio_buf_add_view(out, url->resource);
    sio_buf_add_str(out, "/?EIO=4&transport=");
    sio_buf_add_str(out, transport);
    if (url->query.len > 0)
        sio_buf_add_char(out, '&');
    sio_buf_add_view(out, url->query);
}

void
sio_web_url_add_headers(const sio_web_url *url, sio_buf *out)
{
    sio_buf_add_str(out, "Host: ");
    sio_buf_add_view(out, url->host_and_port);
    sio_buf_add_str(out, "\r\n");
    if (url->origin.len == 0)
        return;
    sio_buf_add_str(out, "Origin: ");
    sio_buf_add_view(out, url->origin);
    sio_buf_add_str(out, "\r\n");
}

int
sio_web_url_set_origin(sio_web_url *out, const char *origin, sio_buf *error)
{
    const sio_view text = sio_view_of(origin);

    if (origin != NULL && (!is_printable(text) || memmem(text.data, text.len, "://", 3) == NULL))
        return url_refuse(error, "--origin must be like https://example.org");
    out->origin = text;
    return SIO_OK;
}
