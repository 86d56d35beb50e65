/*
 * protocol/http_request.c - the head of an HTTP/1.x request.
 *
 * Two passes: lines are cut and checked one by one as they are found; what
 * the headers mean together is decided once the empty line is there.
 */
#include "protocol/http_request.h"

#include "protocol/http_token.h"

#include <string.h>

static size_t
token_length(sio_view v)
{
    size_t n = 0;

    while (n < v.len && sio_http_token_char(v.data[n]))
        n++;
    return n;
}

static bool
starts_with_nocase(sio_view v, sio_view prefix)
{
    return v.len >= prefix.len && sio_view_eq_nocase((sio_view){v.data, prefix.len}, prefix);
}

static int
request_refuse(sio_http_request *r, unsigned status, const char *text)
{
    r->error_status = status;
    r->error_text = text;
    return SIO_BAD;
}

/*
 * Cut the first line off *rest, without its line end. SIO_PARTIAL: no line end has arrived.
 * SIO_BAD: it is a bare LF, where a proxy may have read on.
 */
static int
take_line(sio_http_request *r, sio_view *rest, sio_view *line)
{
    const char *lf = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
    size_t      n;

    if (lf == NULL)
        return SIO_PARTIAL;
    n = (size_t)(lf - rest->data);
    if (n == 0 || lf[-1] != '\r')
        return request_refuse(r, 400, "a line that does not end in CR LF");
    *line = (sio_view){rest->data, n - 1};
    *rest = (sio_view){lf + 1, rest->len - n - 1};
    return SIO_OK;
}

static sio_http_method
method_of(sio_view text)
{
    static const char *const names[] = {
        [SIO_HTTP_GET] = "GET",     [SIO_HTTP_HEAD] = "HEAD",     [SIO_HTTP_POST] = "POST",
        [SIO_HTTP_PUT] = "PUT",     [SIO_HTTP_DELETE] = "DELETE", [SIO_HTTP_OPTIONS] = "OPTIONS",
        [SIO_HTTP_PATCH] = "PATCH", [SIO_HTTP_TRACE] = "TRACE",   [SIO_HTTP_CONNECT] = "CONNECT",
    };

    for (size_t i = SIO_HTTP_GET; i < sizeof names / sizeof names[0]; i++) {
        if (sio_view_eq(text, sio_view_of(names[i])))
            return (sio_http_method)i;
    }
    return SIO_HTTP_OTHER;
}

/* Reduce "http://host/path?query" to what a client without a proxy would have sent. */
static bool
cut_absolute_form(sio_view *target)
{
    const char *const end = target->data + target->len;
    const char       *host, *p;

    if (starts_with_nocase(*target, SIO_VIEW("http://")))
        host = target->data + 7;
    else if (starts_with_nocase(*target, SIO_VIEW("https://")))
        host = target->data + 8;
    else
        return false;
    for (p = host; p < end && *p != '/' && *p != '?';)
        p++;
    if (p == host)
        return false;
    if (p == end)
        *target = (sio_view){host - 1, 1}; /* no path: the last slash of "://" stands in for it */
    else
        *target = (sio_view){p, (size_t)(end - p)};
    return true;
}

static void
cut_fragment(sio_view *target)
{
    const char *const hash = target->len == 0 ? NULL : memchr(target->data, '#', target->len);

    if (hash != NULL)
        target->len = (size_t)(hash - target->data);
}

static int
check_target(sio_http_request *r)
{
    sio_view t;

    cut_fragment(&r->target);
    t = r->target;
    for (size_t i = 0; i < t.len; i++) {
        if ((unsigned char)t.data[i] <= ' ' || t.data[i] == 0x7f)
            return request_refuse(r, 400, "bad character in the request target");
    }
    if (t.len > 0 && t.data[0] == '/')
        return SIO_OK;
    if (r->method == SIO_HTTP_OPTIONS && sio_view_eq(t, SIO_VIEW("*")))
        return SIO_OK;
    if (r->method == SIO_HTTP_CONNECT) /* what follows may be for the tunnel */
        return request_refuse(r, 501, "no tunnels here");
    return cut_absolute_form(&r->target) ? SIO_OK : request_refuse(r, 400, "bad request target");
}

/* "HTTP/" DIGIT "." DIGIT, and nothing else. */
static int
parse_version(sio_http_request *r, sio_view v)
{
    if (v.len != 8 || memcmp(v.data, "HTTP/", 5) != 0 || v.data[5] < '0' || v.data[5] > '9' ||
        v.data[6] != '.' || v.data[7] < '0' || v.data[7] > '9')
        return request_refuse(r, 400, "bad HTTP version");
    if (v.data[5] != '1')
        return request_refuse(r, 505, "HTTP version not supported");
    r->minor = (unsigned)(v.data[7] - '0');
    return SIO_OK;
}

/* method SP target SP version; the target itself is checked after the version. */
static int
parse_request_line(sio_http_request *r, sio_view line)
{
    const size_t n = token_length(line);
    const char  *sp;
    sio_view     rest;

    if (n == 0 || n == line.len || line.data[n] != ' ')
        return request_refuse(r, 400, "bad request line");
    r->method_text = (sio_view){line.data, n};
    r->method = method_of(r->method_text);
    rest = (sio_view){line.data + n + 1, line.len - n - 1};
    sp = rest.len == 0 ? NULL : memchr(rest.data, ' ', rest.len);
    if (sp == NULL)
        return request_refuse(r, 400, "bad request line");
    r->target = (sio_view){rest.data, (size_t)(sp - rest.data)};
    if (parse_version(r, (sio_view){sp + 1, rest.len - r->target.len - 1}) != SIO_OK)
        return SIO_BAD;
    return check_target(r);
}

static bool
has_control_byte(sio_view v)
{
    bool found = false;

    /* No early exit: values are nearly always good, and this form vectorises. */
    for (size_t i = 0; i < v.len; i++) {
        const unsigned char c = (unsigned char)v.data[i];

        found |= (c < ' ' && c != '\t') || c == 0x7f;
    }
    return found;
}

/* A folded value has no case of its own: a line that begins with a blank has no name. */
static int
parse_header_line(sio_http_request *r, size_t max_headers, sio_view line)
{
    const size_t n = token_length(line);
    sio_view     value;

    if (r->n_headers == max_headers)
        return request_refuse(r, 431, "too many headers");
    if (n == 0 || n == line.len || line.data[n] != ':')
        return request_refuse(r, 400, "bad header line");
    value = sio_view_trim((sio_view){line.data + n + 1, line.len - n - 1});
    if (has_control_byte(value))
        return request_refuse(r, 400, "control character in a header");
    r->headers[r->n_headers++] = (sio_http_header){{line.data, n}, value};
    return SIO_OK;
}

/* 1*DIGIT below 2^64. */
static bool
parse_decimal(sio_view v, uint64_t *out)
{
    uint64_t n = 0;

    for (size_t i = 0; i < v.len; i++) {
        const unsigned digit = (unsigned)(unsigned char)v.data[i] - '0';

        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return v.len > 0;
}

/* A length twice, even the same, is nothing that a client makes. */
static int
apply_content_length(sio_http_request *r, sio_view value)
{
    if (r->has_content_length)
        return request_refuse(r, 400, "repeated Content-Length");
    if (!parse_decimal(value, &r->content_length))
        return request_refuse(r, 400, "bad Content-Length");
    r->has_content_length = true;
    return SIO_OK;
}

/* In HTTP/1.0 the header is either an attack or a mistake (RFC 9112, 6.1). */
static int
apply_transfer_encoding(sio_http_request *r, sio_view value)
{
    if (r->minor == 0)
        return request_refuse(r, 400, "Transfer-Encoding in HTTP/1.0");
    if (r->chunked)
        return request_refuse(r, 400, "repeated Transfer-Encoding");
    if (!sio_view_eq_nocase(value, SIO_VIEW("chunked")))
        return request_refuse(r, 501, "transfer coding not supported");
    r->chunked = true;
    return SIO_OK;
}

/* A host and a port; may be empty (RFC 9112, 3.2). Bytes of other languages pass. */
static int
apply_host(sio_http_request *r, sio_view value)
{
    static const char bad[] = " \t\"#,/<>?@\\^`{|}";

    if (r->has_host)
        return request_refuse(r, 400, "more than one Host");
    r->has_host = true;
    for (size_t i = 0; i < value.len; i++)
        if (memchr(bad, value.data[i], sizeof bad - 1) != NULL)
            return request_refuse(r, 400, "bad Host");
    return SIO_OK;
}

/* Nothing else is defined; and in HTTP/1.0 not even that (RFC 9110, 10.1.1). */
static int
apply_expect(sio_http_request *r, sio_view value)
{
    if (r->minor == 0)
        return SIO_OK;
    if (!sio_view_eq_nocase(value, SIO_VIEW("100-continue")))
        return request_refuse(r, 417, "nothing but 100-continue can be expected");
    r->expect_continue = true;
    return SIO_OK;
}

/* The headers that decide whether this is a request at all, and how long its body is. */
static int
apply_header(sio_http_request *r, const sio_http_header *h)
{
    static const struct {
        sio_view name;
        int (*apply)(sio_http_request *r, sio_view value);
    } rules[] = {
        {{"host", 4}, apply_host},
        {{"content-length", 14}, apply_content_length},
        {{"transfer-encoding", 17}, apply_transfer_encoding},
        {{"expect", 6}, apply_expect},
    };

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (sio_view_eq_nocase(h->name, rules[i].name))
            return rules[i].apply(r, h->value);
    return SIO_OK;
}

/* Doubt is refused: a proxy may have decided the other way. */
static int
apply_headers(sio_http_request *r)
{
    for (size_t i = 0; i < r->n_headers; i++)
        if (apply_header(r, &r->headers[i]) != SIO_OK)
            return SIO_BAD;
    if (!r->has_host && r->minor > 0)
        return request_refuse(r, 400, "missing Host");
    return r->chunked && r->has_content_length
               ? request_refuse(r, 400, "Content-Length with Transfer-Encoding")
               : SIO_OK;
}

/*
 * An upgrade is taken in HTTP/1.0 too, against RFC 9110, 7.8: nginx speaks 1.0 to its upstreams
 * unless told, passes the headers of an upgrade on when told so, and serves the 101 (so does Node).
 */
static void
decide_connection(sio_http_request *r)
{
    const bool is_11 = r->minor > 0;
    sio_view   ignored;

    r->keep_alive = !sio_http_header_has_token(r, "connection", "close") &&
                    (is_11 || sio_http_header_has_token(r, "connection", "keep-alive"));
    r->upgrade = sio_http_header_get(r, "upgrade", &ignored) &&
                 sio_http_header_has_token(r, "connection", "upgrade");
}

/* Everything after the request line. SIO_OK: *rest begins behind the empty line. */
static int
parse_headers(sio_http_request *r, size_t max_headers, sio_view *rest)
{
    sio_view line;
    int      rc;

    while ((rc = take_line(r, rest, &line)) == SIO_OK && line.len > 0)
        if (parse_header_line(r, max_headers, line) != SIO_OK)
            return SIO_BAD;
    if (rc != SIO_OK)
        return rc;
    if (apply_headers(r) != SIO_OK)
        return SIO_BAD;
    decide_connection(r);
    return SIO_OK;
}

/* A request line has begun. What no method begins with (TLS, say) is refused before a line end. */
static int
begun(sio_http_request *out, sio_view line)
{
    if (line.len > 0 && line.data[0] != '\r' && !sio_http_token_char(line.data[0]))
        return request_refuse(out, 400, "not an HTTP request");
    return SIO_PARTIAL;
}

ptrdiff_t
sio_http_request_parse(const char *buf, size_t len, const sio_http_limits *limits,
                       sio_http_request *out)
{
    const bool full = len >= limits->max_head_bytes;
    sio_view   rest = {buf, full ? limits->max_head_bytes : len};
    sio_view   line;
    int        rc;

    /* The headers are left as they are: they are many, and n_headers says how many are valid. */
    memset(out, 0, offsetof(sio_http_request, headers));
    do
        rc = take_line(out, &rest, &line);
    while (rc == SIO_OK && line.len == 0);
    if (rc == SIO_PARTIAL && (rc = begun(out, rest)) == SIO_PARTIAL && full)
        return request_refuse(out, 414, "request line too long");
    if (rc != SIO_OK)
        return rc;
    if (parse_request_line(out, line) != SIO_OK)
        return SIO_BAD;
    rc = parse_headers(out, limits->max_headers, &rest);
    if (rc == SIO_PARTIAL && full)
        return request_refuse(out, 431, "request head too large");
    return rc == SIO_OK ? rest.data - buf : rc;
}

bool
sio_http_header_get(const sio_http_request *r, const char *name, sio_view *value)
{
    const sio_view wanted = sio_view_of(name);

    for (size_t i = 0; i < r->n_headers; i++) {
        if (sio_view_eq_nocase(r->headers[i].name, wanted)) {
            *value = r->headers[i].value;
            return true;
        }
    }
    return false;
}

static bool
list_has_token(sio_view list, sio_view token)
{
    while (list.len > 0) {
        const char  *comma = memchr(list.data, ',', list.len);
        const size_t n = comma == NULL ? list.len : (size_t)(comma - list.data);
        const size_t used = comma == NULL ? n : n + 1;

        if (sio_view_eq_nocase(sio_view_trim((sio_view){list.data, n}), token))
            return true;
        list = (sio_view){list.data + used, list.len - used};
    }
    return false;
}

bool
sio_http_header_has_token(const sio_http_request *r, const char *name, const char *token)
{
    const sio_view wanted = sio_view_of(name);

    for (size_t i = 0; i < r->n_headers; i++) {
        if (sio_view_eq_nocase(r->headers[i].name, wanted) &&
            list_has_token(r->headers[i].value, sio_view_of(token)))
            return true;
    }
    return false;
}

bool
sio_http_header_first_token(const sio_http_request *r, const char *name, sio_view *token)
{
    sio_view    value = SIO_VIEW(""), item;
    const char *comma;

    (void)sio_http_header_get(r, name, &value);
    comma = memchr(value.data, ',', value.len);
    item = comma == NULL ? value : (sio_view){value.data, (size_t)(comma - value.data)};
    item = sio_view_trim(item);
    if (item.len == 0 || token_length(item) < item.len)
        return false;
    *token = item;
    return true;
}
