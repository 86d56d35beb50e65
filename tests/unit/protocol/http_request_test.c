#include "protocol/http_request.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])
#define HOST         "Host: h\r\n"

enum { MAX_HEAD = 4096, MAX_HEADERS = 64 };

static const sio_http_limits limits = {MAX_HEAD, MAX_HEADERS};

static ptrdiff_t
parse(const char *text, sio_http_request *r)
{
    return sio_http_request_parse(text, strlen(text), &limits, r);
}

/* From a heap block of exactly that size, so that AddressSanitizer sees each byte too far. */
static ptrdiff_t
parse_exact(const char *text, size_t len, sio_http_request *r)
{
    char     *copy = malloc(len + 1);
    ptrdiff_t n = SIO_ERR_NOMEM;

    if (copy != NULL) /* the spare byte stands in front: malloc(0) may give NULL */
        n = sio_http_request_parse(memcpy(copy + 1, text, len), len, &limits, r);
    free(copy);
    return n;
}

static void
test_request_line_and_target(void)
{
    static const struct {
        const char     *text;
        sio_http_method method;
        const char     *target;
        unsigned        minor;
    } rows[] = {
        {"GET / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "/", 1},
        {"GET / HTTP/1.0\r\n\r\n", SIO_HTTP_GET, "/", 0},
        {"GET / HTTP/1.9\r\n" HOST "\r\n", SIO_HTTP_GET, "/", 9},
        {"\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "/", 1},
        {"HEAD / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_HEAD, "/", 1},
        {"POST / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_POST, "/", 1},
        {"PUT / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_PUT, "/", 1},
        {"DELETE / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_DELETE, "/", 1},
        {"OPTIONS / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_OPTIONS, "/", 1},
        {"PATCH / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_PATCH, "/", 1},
        {"TRACE / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_TRACE, "/", 1},
        {"get / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_OTHER, "/", 1},
        {"PROPFIND / HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_OTHER, "/", 1},
        {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_OPTIONS, "*", 1},
        /* Nothing is decoded or normalised. */
        {"GET /socket.io/%31//x/../?a=%20&b=+ HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET,
         "/socket.io/%31//x/../?a=%20&b=+", 1},
        {"GET //a HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "//a", 1},
        {"GET /\xC3\xA9\xFF HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "/\xC3\xA9\xFF", 1},
        {"GET http://h/x?y HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "/x?y", 1},
        {"GET HTTPS://h:1/x HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "/x", 1},
        {"GET http://h HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "/", 1},
        {"GET http://h?y/z HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "?y/z", 1},
        {"GET /a?b#c HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "/a?b", 1},
        {"GET /#a?b HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "/", 1},
        {"GET /a?b#c#d HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "/a?b", 1},
        {"GET http://h#c HTTP/1.1\r\n" HOST "\r\n", SIO_HTTP_GET, "/", 1},
    };
    sio_http_request r;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].text;
        if (!CHECK_INT(parse(rows[i].text, &r), strlen(rows[i].text)))
            continue;
        CHECK_INT(r.method, rows[i].method);
        CHECK_VIEW(r.target, rows[i].target);
        CHECK_INT(r.minor, rows[i].minor);
    }
}

typedef struct {
    const char *text;
    unsigned    status;
} bad_row;

static void
check_bad(const bad_row *rows, size_t n_rows)
{
    sio_http_request r;

    for (size_t i = 0; i < n_rows; i++) {
        check_row = rows[i].text;
        CHECK_INT(parse(rows[i].text, &r), SIO_BAD);
        CHECK_INT(r.error_status, rows[i].status);
        CHECK(r.error_text != NULL);
    }
}

static void
test_bad_request_lines(void)
{
    static const bad_row rows[] = {
        {"GET\r\n", 400},
        {"GET /\r\n", 400},
        {"GET  / HTTP/1.1\r\n", 400},
        {" GET / HTTP/1.1\r\n", 400},
        {"G@T / HTTP/1.1\r\n", 400},
        {"GET / x HTTP/1.1\r\n", 400},
        {"GET / HTTP/1.1 \r\n", 400},
        {"GET / HTTP/1.1\r\r\n", 400},
        {"GET / http/1.1\r\n", 400},
        {"GET / HTTP/1.\r\n", 400},
        {"GET / HTTP/1.10\r\n", 400},
        {"GET / HTTP/11\r\n", 400},
        {"GET /\t HTTP/1.1\r\n", 400},
        {"GET /\x7F HTTP/1.1\r\n", 400},
        {"GET  HTTP/1.1\r\n", 400},
        {"GET x HTTP/1.1\r\n", 400},
        {"GET * HTTP/1.1\r\n", 400},
        {"GET http:///x HTTP/1.1\r\n", 400},
        {"GET http:// HTTP/1.1\r\n", 400},
        {"GET ftp://h/x HTTP/1.1\r\n", 400},
        {"CONNECT h:80 HTTP/1.1\r\n", 501},
        {"CONNECT * HTTP/1.1\r\n", 501},
        {"GET h:80 HTTP/1.1\r\n", 400},
        {"GET / HTTP/1.1\n", 400},
        {"\nGET / HTTP/1.1\r\n", 400},
        {"\r\n\nGET / HTTP/1.1\r\n", 400},
        {"GET  /  HTTP/1.1\r\n", 400},
        {"GET\t/ HTTP/1.1\r\n", 400},
        {"PRI * HTTP/2.0\r\n", 505},
        {"GET / HTTP/0.9\r\n", 505},
        {"GET / HTTP/3.0\r\n", 505},
    };

    check_bad(rows, N_ROWS(rows));
}

static void
test_bad_headers(void)
{
    static const bad_row rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
        {"GET / HTTP/1.0\r\nHost: a#b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "A: b\nC: d\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "Expect: 200-ok\r\n\r\n", 417},
        {"GET / HTTP/1.1\r\n" HOST "Expect:\r\n\r\n", 417},
        {"GET / HTTP/1.1\r\n" HOST "Expect: 100-continue, x\r\n\r\n", 417},
        {"GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nExpect: x\r\n\r\n", 417},
        {"GET / HTTP/1.1\r\n" HOST "A : b\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "A\x01: b\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "A b: c\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST " A: b\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "A: b\r\n\tc\r\n", 400},
        {"GET / HTTP/1.1\r\n A: b\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "A\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST ": b\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "A: b\rc\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "A: b\x01\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "A: b\x7F\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "A\xC3\xA9: b\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "\r\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1 1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551616\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n", 501},
    };

    check_bad(rows, N_ROWS(rows));
}

static void
test_nul_bytes_are_refused(void)
{
    sio_http_request r;

    check_row = "NUL in a value";
    CHECK_INT(sio_http_request_parse("GET / HTTP/1.1\r\nA: \0\r\n", 22, &limits, &r), SIO_BAD);
    check_row = "NUL in the target";
    CHECK_INT(sio_http_request_parse("GET /\0 HTTP/1.1\r\n", 17, &limits, &r), SIO_BAD);
}

static void
test_body_framing(void)
{
    static const struct {
        const char *headers;
        bool        has_length, chunked;
        uint64_t    length;
    } rows[] = {
        {"", false, false, 0},
        {"Content-Length: 0\r\n", true, false, 0},
        {"content-length:\t 42 \t\r\n", true, false, 42},
        {"Content-Length: 007\r\n", true, false, 7},
        {"Content-Length: 18446744073709551615\r\n", true, false, UINT64_MAX},
        {"TRANSFER-ENCODING: Chunked\r\n", false, true, 0},
    };
    sio_http_request r;
    char             text[256];

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].headers;
        snprintf(text, sizeof text, "POST / HTTP/1.1\r\n" HOST "%s\r\n", rows[i].headers);
        if (!CHECK_INT(parse(text, &r), strlen(text)))
            continue;
        CHECK_INT(r.has_content_length, rows[i].has_length);
        CHECK_INT(r.chunked, rows[i].chunked);
        CHECK(r.content_length == rows[i].length);
    }
}

static void
test_connection_options(void)
{
    static const struct {
        unsigned    minor;
        const char *headers;
        bool        keep_alive, upgrade, expect_continue;
    } rows[] = {
        {1, "", true, false, false},
        {0, "", false, false, false},
        {1, "Connection: Close\r\n", false, false, false},
        {1, "Connection: closed\r\n", true, false, false},
        {0, "Connection: Keep-Alive\r\n", true, false, false},
        {0, "Connection: keep-alive, close\r\n", false, false, false},
        {1, "Connection: Upgrade\r\nUpgrade: websocket\r\n", true, true, false},
        {1, "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n", true, true, false},
        {1, "Connection: a\r\nConnection: b ,upgrade\r\nUpgrade: x\r\n", true, true, false},
        {1, "Connection: Upgrade\r\n", true, false, false},
        {1, "Upgrade: websocket\r\n", true, false, false},
        {0, "Connection: Upgrade\r\nUpgrade: websocket\r\n", false, true, false},
        {0, "Upgrade: websocket\r\n", false, false, false},
        {1, "Expect: 100-Continue\r\n", true, false, true},
        {0, "Expect: 100-continue\r\n", false, false, false},
        {0, "Expect: anything\r\n", false, false, false},
        {1, "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n", true, true, false},
    };
    sio_http_request r;
    char             text[256];

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].headers;
        snprintf(text, sizeof text, "GET / HTTP/1.%u\r\n" HOST "%s\r\n", rows[i].minor,
                 rows[i].headers);
        if (!CHECK_INT(parse(text, &r), strlen(text)))
            continue;
        CHECK_INT(r.keep_alive, rows[i].keep_alive);
        CHECK_INT(r.upgrade, rows[i].upgrade);
        CHECK_INT(r.expect_continue, rows[i].expect_continue);
    }
}

static void
test_headers_are_found_by_name(void)
{
    sio_http_request r;
    sio_view         v = SIO_VIEW("untouched");

    if (!CHECK(parse("GET / HTTP/1.1\r\nHOST: h\r\nX-A:  one two \r\nx-a: second\r\n"
                     "Empty:\r\nNoBlank:v\r\nUtf: \xC3\xA9\t!\r\nList: a,,B , \"c,d\r\n\r\n",
                     &r) > 0))
        return;
    CHECK_INT(r.n_headers, 7);
    CHECK(!sio_http_header_get(&r, "missing", &v));
    CHECK_VIEW(v, "untouched");
    CHECK(sio_http_header_get(&r, "x-a", &v));
    CHECK_VIEW(v, "one two");
    CHECK(sio_http_header_get(&r, "empty", &v));
    CHECK_VIEW(v, "");
    CHECK(sio_http_header_get(&r, "noblank", &v));
    CHECK_VIEW(v, "v");
    CHECK(sio_http_header_get(&r, "utf", &v));
    CHECK_VIEW(v, "\xC3\xA9\t!");
    CHECK_VIEW(r.headers[2].name, "x-a");
    CHECK_VIEW(r.headers[2].value, "second");
    CHECK(sio_http_header_has_token(&r, "list", "b"));
    CHECK(!sio_http_header_has_token(&r, "list", "c"));
    CHECK(!sio_http_header_has_token(&r, "missing", "b"));
    CHECK(sio_http_header_has_token(&r, "x-a", "second"));
}

static void
test_the_first_token_of_a_list(void)
{
    static const struct {
        const char *value, *want; /* want NULL: none */
    } rows[] = {
        {"x", "x"},           {"x, y", "x"},   {" x\t,y", "x"}, {"x,", "x"},
        {"v1.a+b", "v1.a+b"}, {"a b", NULL},   {"", NULL},      {",x", NULL},
        {"x/y, z", NULL},     {"\"x\"", NULL}, {"x;q=1", NULL}, {"\xC3\xA9", NULL},
    };
    char             head[200];
    sio_http_request r;
    sio_view         v;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].value;
        v = SIO_VIEW("untouched");
        snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: h\r\nList: %s\r\nList: second\r\n\r\n",
                 rows[i].value);
        if (!CHECK(parse(head, &r) > 0))
            return;
        CHECK_INT(sio_http_header_first_token(&r, "list", &v), rows[i].want != NULL);
        CHECK_VIEW(v, rows[i].want != NULL ? rows[i].want : "untouched");
        CHECK(!sio_http_header_first_token(&r, "missing", &v));
    }
}

static void
test_every_prefix_is_partial(void)
{
    static const char head[] = "\r\nPOST /socket.io/1/xhr-polling/ID?t=1 HTTP/1.1\r\n" HOST
                               "Content-Length: 10\r\nConnection: close\r\n\r\nbody follows";
    const size_t     head_len = sizeof head - sizeof "body follows";
    sio_http_request r;

    for (size_t n = 0; n < head_len; n++)
        CHECK_INT(parse_exact(head, n, &r), SIO_PARTIAL);
    for (size_t n = head_len; n < sizeof head; n++)
        CHECK_INT(parse_exact(head, n, &r), head_len);
}

static void
test_a_bad_line_is_refused_as_soon_as_it_is_complete(void)
{
    static const char text[] = "GET / HTTP/2.0\r\n";
    sio_http_request  r;

    for (size_t n = 0; n < sizeof text - 1; n++)
        CHECK_INT(parse_exact(text, n, &r), SIO_PARTIAL);
    CHECK_INT(parse_exact(text, sizeof text - 1, &r), SIO_BAD);
}

static void
test_head_limit_is_exact(void)
{
    static const char head[] = "GET /abc HTTP/1.1\r\n" HOST "\r\n";
    const size_t      len = sizeof head - 1, line = sizeof "GET /abc HTTP/1.1\r\n" - 1;
    sio_http_request  r;

    CHECK_INT(sio_http_request_parse(head, len, &(sio_http_limits){len, 1}, &r), len);
    for (size_t max = 0; max < len; max++) {
        const sio_http_limits less = {max, 1};

        CHECK_INT(sio_http_request_parse(head, len, &less, &r), SIO_BAD);
        CHECK_INT(r.error_status, max < line ? 414 : 431);
        /* The verdict does not wait for more bytes, nor change with them. */
        CHECK_INT(sio_http_request_parse(head, max, &less, &r), SIO_BAD);
        CHECK_INT(r.error_status, max < line ? 414 : 431);
        if (max > 0)
            CHECK_INT(sio_http_request_parse(head, max - 1, &less, &r), SIO_PARTIAL);
    }
}

static void
test_header_count_limit(void)
{
    char             text[MAX_HEAD];
    size_t           len;
    sio_http_request r;

    for (int extra = 0; extra <= 1; extra++) {
        len = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\n" HOST);
        for (int i = 1; i < MAX_HEADERS + extra; i++)
            len += (size_t)snprintf(text + len, sizeof text - len, "X-%d: %d\r\n", i, i);
        len += (size_t)snprintf(text + len, sizeof text - len, "\r\n");
        if (extra == 0) {
            CHECK_INT(parse(text, &r), len);
            CHECK_INT(r.n_headers, MAX_HEADERS);
        } else {
            CHECK_INT(parse(text, &r), SIO_BAD);
            CHECK_INT(r.error_status, 431);
        }
    }
}

/* For those who answer: what the client has said before. */
static void
test_good_headers_before_what_is_wrong(void)
{
    static const char *const rows[] = {
        "GET / HTTP/1.1\r\nOrigin: o\r\nbad\r\n\r\n",
        "GET / HTTP/1.1\r\nOrigin: o\r\nX: \x01\r\n\r\n",
        "GET / HTTP/1.1\r\nOrigin: o\r\nX : y\r\n\r\n",
        "GET / HTTP/1.1\r\nOrigin: o\r\nX: endless",
    };
    sio_http_request r;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i];
        CHECK(parse(rows[i], &r) < 0);
        CHECK_INT(r.n_headers, 1);
        CHECK_VIEW(r.headers[0].value, SIO_VIEW("o"));
    }
    check_row = NULL;
}

static void
test_pipelined_requests_follow_each_other(void)
{
    static const char text[] = "GET /1 HTTP/1.1\r\n" HOST "\r\nGET /2 HTTP/1.1\r\n" HOST "\r\n";
    const size_t      one = (sizeof text - 1) / 2;
    sio_http_request  r;

    CHECK_INT(parse(text, &r), one);
    CHECK_VIEW(r.target, "/1");
    CHECK_INT(parse(text + one, &r), one);
    CHECK_VIEW(r.target, "/2");
}

int
main(void)
{
    RUN(test_request_line_and_target);
    RUN(test_bad_request_lines);
    RUN(test_bad_headers);
    RUN(test_nul_bytes_are_refused);
    RUN(test_body_framing);
    RUN(test_connection_options);
    RUN(test_headers_are_found_by_name);
    RUN(test_the_first_token_of_a_list);
    RUN(test_every_prefix_is_partial);
    RUN(test_a_bad_line_is_refused_as_soon_as_it_is_complete);
    RUN(test_head_limit_is_exact);
    RUN(test_header_count_limit);
    RUN(test_good_headers_before_what_is_wrong);
    RUN(test_pipelined_requests_follow_each_other);
    return check_done();
}
