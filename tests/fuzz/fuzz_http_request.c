/*
 * tests/fuzz/fuzz_http_request.c - protocol/http_request.h and http_chunked.h: the parts of
 * a head lie inside it and every shorter piece of it is "partial"; a refusal has a
 * status and stands when more bytes come; a chunked body decodes alike in one piece
 * and byte by byte.
 */
#include "tests/fuzz/must.h"
#include "protocol/http_chunked.h"
#include "protocol/http_request.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_HEAD = 1024, MAX_HEADERS = 64, MAX_BODY = 256, LONG_ENOUGH = 300 };

static const sio_http_limits limits = {MAX_HEAD, MAX_HEADERS};

static void
check_good(const sio_http_request *r, sio_view head)
{
    sio_view value;

    must_be_inside(r->method_text, head);
    must_be_inside(r->target, head);
    must(r->target.len > 0 && memchr("/?*", r->target.data[0], 3) != NULL);
    must(r->n_headers <= MAX_HEADERS && r->minor <= 9);
    must(!(r->chunked && r->has_content_length));
    must(r->has_content_length || r->content_length == 0);
    must(r->minor == 0 || sio_http_header_get(r, "host", &value));
    must(!r->upgrade || sio_http_header_has_token(r, "connection", "UPGRADE"));
    for (size_t i = 0; i < r->n_headers; i++) {
        must(r->headers[i].name.len > 0);
        must_be_inside(r->headers[i].name, head);
        must_be_inside(r->headers[i].value, head);
    }
}

/* Before the verdict on all of text there was only "partial", or the same refusal. */
static void
check_prefixes(sio_view text, ptrdiff_t verdict, unsigned error_status)
{
    const size_t     all = verdict > 0 ? (size_t)verdict : text.len;
    sio_http_request r;

    for (size_t n = 0; n < all && n < LONG_ENOUGH; n++) {
        const ptrdiff_t rc = sio_http_request_parse(text.data, n, &limits, &r);

        must(rc == SIO_PARTIAL || (rc == SIO_BAD && verdict == SIO_BAD));
        must(rc == SIO_PARTIAL || r.error_status == error_status);
    }
}

/* Feed in pieces. Returns what was consumed, or the error. */
static ptrdiff_t
decode_body(sio_view body, size_t piece, sio_buf *out)
{
    sio_http_chunked c;
    size_t           used = 0;

    sio_http_chunked_init(&c);
    while (used < body.len && !c.done) {
        const size_t    n = body.len - used < piece ? body.len - used : piece;
        const ptrdiff_t rc = sio_http_chunked_feed(&c, body.data + used, n, out);

        if (rc < 0)
            return rc;
        must((size_t)rc <= n && (c.done || (size_t)rc == n));
        used += (size_t)rc;
    }
    return (ptrdiff_t)used;
}

static void
check_body(sio_view body)
{
    sio_buf at_once, bytewise;

    sio_buf_init(&at_once, MAX_BODY);
    sio_buf_init(&bytewise, MAX_BODY);
    must(decode_body(body, SIZE_MAX, &at_once) == decode_body(body, 1, &bytewise));
    must(sio_view_eq(sio_buf_view(&at_once), sio_buf_view(&bytewise)));
    must(at_once.len <= body.len);
    sio_buf_fini(&bytewise);
    sio_buf_fini(&at_once);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view   text = {(const char *)data, size};
    sio_http_request r;
    const ptrdiff_t  n = sio_http_request_parse(text.data, text.len, &limits, &r);

    if (n > 0) {
        must((size_t)n <= size && n <= MAX_HEAD);
        check_good(&r, (sio_view){text.data, (size_t)n});
        if (r.chunked)
            check_body((sio_view){text.data + n, size - (size_t)n});
    } else if (n == SIO_BAD) {
        must(r.error_text != NULL && r.n_headers <= MAX_HEADERS);
        for (size_t i = 0; i < r.n_headers; i++)
            must_be_inside(r.headers[i].value, text);
        must(r.error_status == 400 || r.error_status == 414 || r.error_status == 417 ||
             r.error_status == 431 || r.error_status == 501 || r.error_status == 505);
    } else {
        must(n == SIO_PARTIAL && size < MAX_HEAD);
    }
    check_prefixes(text, n, n == SIO_BAD ? r.error_status : 0);
    return 0;
}
