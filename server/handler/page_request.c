#include <stdlib.h>
#include <string.h>

#include "protocol/query.h"
#include "server/handler/page.h"
#include "server/http/client_address.h"

const char *
sio_page_method(const sio_page *page)
{
    return page->method;
}

const char *
sio_page_path(const sio_page *page, size_t *len)
{
    sio_view       query;
    const sio_view path = sio_query_cut(page->request->head->target, &query);

    *len = path.len;
    return path.data;
}

const char *
sio_page_target(const sio_page *page, size_t *len)
{
    *len = page->request->head->target.len;
    return page->request->head->target.data;
}

unsigned
sio_page_http_minor(const sio_page *page)
{
    return page->request->head->minor;
}

bool
sio_page_is_secure(const sio_page *page)
{
    return sio_client_address_is_secure(page->x, page->request->head);
}

static char *
page_decode(sio_view raw)
{
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    sio_query_decode(raw, &text);
    return sio_buf_take_c_string(&text);
}

char *
sio_page_query(const sio_page *page, const char *name)
{
    sio_view query, raw;

    (void)sio_query_cut(page->request->head->target, &query);
    return sio_query_find(query, name, &raw) ? page_decode(raw) : NULL;
}

char *
sio_page_field(const sio_page *page, const char *name)
{
    sio_view raw;

    return sio_query_find(page->request->body, name, &raw) ? page_decode(raw) : NULL;
}

const char *
sio_page_header(const sio_page *page, const char *name, size_t *len)
{
    sio_view value;

    if (!sio_http_header_get(page->request->head, name, &value))
        return NULL;
    *len = value.len;
    return value.data;
}

bool
sio_page_header_at(const sio_page *page, size_t i, sio_bytes *name, sio_bytes *value)
{
    const sio_http_request *head = page->request->head;

    if (i >= head->n_headers)
        return false;
    *name = (sio_bytes){head->headers[i].name.data, head->headers[i].name.len};
    *value = (sio_bytes){head->headers[i].value.data, head->headers[i].value.len};
    return true;
}

const char *
sio_page_body(const sio_page *page, size_t *len)
{
    *len = page->request->body.len;
    return *len > 0 ? page->request->body.data : "";
}

char *
sio_page_address(const sio_page *page)
{
    char text[SIO_ADDRESS_TEXT_MAX];

    return strdup(sio_address_text(&page->address, text));
}
