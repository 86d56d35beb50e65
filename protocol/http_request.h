/*
 * protocol/http_request.h - the head of an HTTP/1.x request.
 *
 * Called by server/ for each request on a connection, and by tests/fuzz/.
 * The server reads raw byte streams itself because Socket.IO 0.9 is decided on
 * the raw request target (no percent-decoding, "//" kept) and because a bad
 * request deserves a complete HTTP answer rather than a silent close.
 *
 * Pure: no I/O, no allocation, no globals. Everything in sio_http_request is a
 * view into the caller's buffer: when the buffer moves, parse again or rebase.
 */
#ifndef SIO_PROTOCOL_HTTP_REQUEST_H
#define SIO_PROTOCOL_HTTP_REQUEST_H

#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIO_HTTP_MAX_HEADERS = 1000 };

typedef struct {
    size_t max_head_bytes; /* request line and headers, with the empty line */
    size_t max_headers;    /* at most SIO_HTTP_MAX_HEADERS */
} sio_http_limits;

typedef enum {
    SIO_HTTP_OTHER,
    SIO_HTTP_GET,
    SIO_HTTP_HEAD,
    SIO_HTTP_POST,
    SIO_HTTP_PUT,
    SIO_HTTP_DELETE,
    SIO_HTTP_OPTIONS,
    SIO_HTTP_PATCH,
    SIO_HTTP_TRACE,
    SIO_HTTP_CONNECT /* never accepted */
} sio_http_method;

typedef struct {
    sio_view name;  /* as sent; never empty */
    sio_view value; /* without the blanks around it; may be empty */
} sio_http_header;

typedef struct {
    sio_http_method method;
    sio_view        method_text;
    sio_view        target; /* see sio_http_request_parse */
    unsigned        minor;  /* HTTP/1.<minor> */
    bool            has_host;
    bool            has_content_length; /* never together with chunked */
    uint64_t        content_length;     /* bytes; 0 when absent */
    bool            chunked;            /* the body is for protocol/http_chunked.h */
    bool            keep_alive;         /* another request may follow on the connection */
    bool            upgrade;            /* Connection names upgrade, Upgrade is there; 1.0 too */
    bool            expect_continue;    /* the client waits for "100 Continue" */
    unsigned        error_status;       /* SIO_BAD: 400, 414, 417, 431, 501 or 505 */
    const char     *error_text;         /* SIO_BAD: what was wrong; static */
    size_t          n_headers;
    sio_http_header headers[SIO_HTTP_MAX_HEADERS]; /* in the order sent */
} sio_http_request;

/*
 * Parse the head of a request from buf[0..len).
 *
 * Returns the bytes of the head including its empty line (> 0), SIO_PARTIAL
 * when more input is needed, or SIO_BAD. On SIO_BAD answer with error_status
 * and error_text, then close, as where the next request would start is not
 * known. On both, nothing else means anything but the headers, which are those
 * that were whole and good before.
 *
 * The head may be limits->max_head_bytes long. Longer is SIO_BAD with 431, or
 * with 414 when even the request line does not fit; so SIO_PARTIAL is never
 * returned for len >= max_head_bytes.
 *
 * target is "/path?query", or "*" (OPTIONS only). The absolute form
 * "http://host/path" is cut down to "/path"; with no path it is "/" when there
 * is no query either, else "?query". A fragment is left out: it belongs to the
 * client alone (RFC 9110, 7.1), but some send it.
 *
 * Cost: each call starts again at buf[0], so a head that comes in k pieces
 * costs at most k * max_head_bytes; nothing is kept between calls. A head is
 * nearly always one piece, and the limit bounds the rest.
 *
 * Accepted beyond the letter: empty lines before the request line, bytes >= 0x80 in
 * the target and in values.
 * Refused with 400: lines that end in a bare LF, blanks in or before header names,
 * folded values, control bytes, a Host that is missing (HTTP/1.1), repeated or none,
 * a Content-Length that is not one plain decimal number, that is repeated or that
 * comes with Transfer-Encoding. With 417: anything expected but 100-continue. With
 * 431: more than limits->max_headers headers. With 501: any coding but "chunked", and
 * CONNECT. With 505: HTTP/2 and all versions but 1.x.
 * Rule: RFC 9112 sections 2, 3, 5, 6 and 9; RFC 9110 sections 7.8 and 10.1.1
 * (Upgrade and Expect mean nothing in HTTP/1.0).
 */
ptrdiff_t sio_http_request_parse(const char *buf, size_t len, const sio_http_limits *limits,
                                 sio_http_request *out);

/*
 * The first header of that name, whatever the case of its letters. False, with
 * *value untouched, when there is none.
 */
bool sio_http_header_get(const sio_http_request *r, const char *name, sio_view *value);

/* The same; empty when there is none. */
static inline sio_view
sio_http_header_value(const sio_http_request *r, const char *name)
{
    sio_view value = SIO_VIEW("");

    (void)sio_http_header_get(r, name, &value);
    return value;
}

/*
 * Is token, whatever its case, in the comma-separated list that all headers of
 * that name form together? Rule: RFC 9110 section 5.6.1.
 */
bool sio_http_header_has_token(const sio_http_request *r, const char *name, const char *token);

/*
 * The first item of a header that is a comma-separated list. False, with *token untouched, when
 * there is no such header, or the item is no token (RFC 9110, 5.6.2).
 */
bool sio_http_header_first_token(const sio_http_request *r, const char *name, sio_view *token);

#endif
