#include "protocol/http_reply.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

enum { MAX_BODY = 20 };

typedef struct {
    const char *name, *text;
    unsigned    status;
    bool        is_kept;
    const char *body;
    unsigned    retry_after_s;
} good_row;

static const good_row rows[] = {
    {"length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, true, "{}", 0},
    {"no reason, no blank", "HTTP/1.1 200\r\ncontent-length:2\r\n\r\n{}", 200, true, "{}", 0},
    {"empty", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, true, "", 0},
    {"204", "HTTP/1.1 204 No Content\r\n\r\n", 204, true, "", 0},
    {"204 with a length", "HTTP/1.1 204 No\r\nContent-Length: 7\r\n\r\n", 204, true, "", 0},
    {"304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, true, "", 0},
    {"closes", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\na", 200, false,
     "a", 0},
    {"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", 200, false, "a", 0},
    {"1.0, kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", 200,
     true, "a", 0},
    {"the same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
     200, true, "a", 0},
    {"chunks",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n2;x\r\nbc\r\n0\r\nT: "
     "x\r\n\r\n",
     200, true, "abc", 0},
    {"line feeds alone", "HTTP/1.1 200 OK\nContent-Length: 1\n\na", 200, true, "a", 0},
    {"interim answers",
     "HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
     "Content-Length: 9\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
     200, true, "a", 0},
    {"folded, of no concern", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 1\r\n\r\na", 200,
     true, "a", 0},
    {"blanks around a value", "HTTP/1.1 200 OK\r\nContent-Length: \t 1 \r\n\r\na", 200, true, "a",
     0},
    {"Retry-After", "HTTP/1.1 503 Away\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", 503, true,
     "", 7},
    {"a date", "HTTP/1.1 503 Away\r\nRetry-After: Fri, 31 Dec 1999\r\nContent-Length: 0\r\n\r\n",
     503, true, "", 0},
    {"a whole date",
     "HTTP/1.1 503 Away\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\nContent-Length: 0\r\n"
     "\r\n",
     503, true, "", 0},
    {"very long",
     "HTTP/1.1 503 Away\r\nRetry-After: 99999999999999999999999\r\nContent-Length: 0\r\n\r\n", 503,
     true, "", SIO_HTTP_REPLY_MAX_RETRY_AFTER},
    {"as much as is allowed", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789",
     200, true, "01234567890123456789", 0},
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* What the first n bytes of text come to, in pieces of that size. */
static ptrdiff_t
feed(sio_http_reply *r, sio_buf *body, const char *text, size_t n, size_t piece)
{
    size_t used = 0;

    sio_http_reply_init(r);
    sio_buf_init(body, MAX_BODY);
    while (used < n && !r->is_done) {
        const size_t    part = n - used < piece ? n - used : piece;
        const ptrdiff_t rc = sio_http_reply_feed(r, text + used, part, body);

        if (rc < 0)
            return rc;
        used += (size_t)rc;
    }
    return (ptrdiff_t)used;
}

static void
end(sio_http_reply *r, sio_buf *body)
{
    sio_http_reply_fini(r);
    sio_buf_fini(body);
}

static void
test_good_ones_in_pieces_of_any_size(void)
{
    for (size_t i = 0; i < N_ROWS; i++)
        for (size_t piece = 1; piece <= strlen(rows[i].text); piece++) {
            sio_http_reply r;
            sio_buf        body;

            check_row = rows[i].name;
            CHECK_INT(feed(&r, &body, rows[i].text, strlen(rows[i].text), piece),
                      (int)strlen(rows[i].text));
            CHECK(r.is_done);
            CHECK_INT(r.status, rows[i].status);
            CHECK_INT(r.is_kept, rows[i].is_kept);
            CHECK_INT(r.retry_after_s, rows[i].retry_after_s);
            CHECK_VIEW(sio_buf_view(&body), rows[i].body);
            end(&r, &body);
        }
}

static void
test_retry_after_as_a_date(void)
{
    static const struct {
        const char *value;
        int64_t     at_s;
    } dates[] = {{"Fri, 31 Dec 1999 23:59:59 GMT", 946684799}, {"Fri, 31 Dec 1999", 0}, {"7", 0}};

    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        char           text[120];
        sio_http_reply r;
        sio_buf        body;

        check_row = dates[i].value;
        snprintf(text, sizeof text, "HTTP/1.1 204 No\r\nRetry-After: %s\r\n\r\n", dates[i].value);
        CHECK_INT(feed(&r, &body, text, strlen(text), 7), (int)strlen(text));
        CHECK(r.is_done);
        CHECK(r.retry_at_s == dates[i].at_s);
        end(&r, &body);
    }
}

static void
test_every_prefix_is_partial_and_cut(void)
{
    for (size_t i = 0; i < N_ROWS; i++)
        for (size_t n = 0; n < strlen(rows[i].text); n++) {
            sio_http_reply r;
            sio_buf        body;

            check_row = rows[i].name;
            CHECK_INT(feed(&r, &body, rows[i].text, n, SIZE_MAX), (int)n);
            CHECK(!r.is_done);
            CHECK(!sio_http_reply_end(&r));
            end(&r, &body);
        }
}

static void
test_what_follows_is_left(void)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\n";
    sio_http_reply    r;
    sio_buf           body;

    CHECK_INT(feed(&r, &body, text, strlen(text), SIZE_MAX), (int)strlen(text) - 17);
    CHECK(r.is_done);
    CHECK_INT(sio_http_reply_feed(&r, "a", 1, &body), 0);
    end(&r, &body);
}

static void
test_a_body_may_end_with_the_connection(void)
{
    static const char text[] = "HTTP/1.1 200 OK\r\n\r\n{\"a\":1}";
    sio_http_reply    r;
    sio_buf           body;

    for (size_t piece = 1; piece <= strlen(text); piece++) {
        CHECK_INT(feed(&r, &body, text, strlen(text), piece), (int)strlen(text));
        CHECK(!r.is_done);
        CHECK(sio_http_reply_end(&r));
        CHECK(r.is_done && !r.is_kept);
        CHECK_VIEW(sio_buf_view(&body), "{\"a\":1}");
        end(&r, &body);
    }
}

static void
test_bad_ones(void)
{
    static const struct {
        const char *name, *text;
        int         rc;
        unsigned    status;
    } bad[] = {
        {"another protocol", "SSH-2.0-OpenSSH_9\r\n", SIO_BAD, 0},
        {"an empty line before", "\r\nHTTP/1.1 200 OK\r\n", SIO_BAD, 0},
        {"HTTP/2", "HTTP/2.0 200 OK\r\n", SIO_BAD, 0},
        {"two digits", "HTTP/1.1 20 OK\r\n", SIO_BAD, 0},
        {"four digits", "HTTP/1.1 2000 OK\r\n", SIO_BAD, 0},
        {"below 100", "HTTP/1.1 099 OK\r\n", SIO_BAD, 0},
        {"101", "HTTP/1.1 101 Switching Protocols\r\n", SIO_BAD, 101},
        {"no colon", "HTTP/1.1 200 OK\r\nhello\r\n", SIO_BAD, 200},
        {"no name", "HTTP/1.1 200 OK\r\n: x\r\n", SIO_BAD, 200},
        {"a blank before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n", SIO_BAD, 200},
        {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n", SIO_BAD,
         200},
        {"a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n", SIO_BAD, 200},
        {"no length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n", SIO_BAD, 200},
        {"a signed length", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n", SIO_BAD, 200},
        {"a folded length", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 0\r\n", SIO_BAD, 200},
        {"another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n", SIO_BAD, 200},
        {"chunked twice",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", SIO_BAD,
         200},
        {"chunks and a length",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", SIO_BAD,
         200},
        {"chunks in 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", SIO_BAD, 200},
        {"a bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", SIO_BAD, 200},
        {"too long", "HTTP/1.1 500 No\r\nContent-Length: 21\r\n\r\n", SIO_TOO_LARGE, 500},
        {"a length that no number holds",
         "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n", SIO_BAD, 200},
        {"a chunk too long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n",
         SIO_TOO_LARGE, 200},
        {"too long until it is closed", "HTTP/1.1 200 OK\r\n\r\n012345678901234567890",
         SIO_TOO_LARGE, 200},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        for (size_t piece = 1; piece <= strlen(bad[i].text); piece++) {
            sio_http_reply r;
            sio_buf        body;

            check_row = bad[i].name;
            CHECK_INT(feed(&r, &body, bad[i].text, strlen(bad[i].text), piece), bad[i].rc);
            CHECK_INT(r.status, bad[i].status);
            CHECK(!r.is_done);
            end(&r, &body);
        }
}

/* ... of the last answer, whatever has announced it, and in pieces of any size. */
static void
test_the_head_is_kept_for_who_wants_it(void)
{
    static const char text[] = "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 Fine so\r\n"
                               "A: b\nContent-Length: 1\r\n\r\na";

    for (size_t piece = 1; piece < sizeof text; piece++) {
        sio_http_reply r;
        sio_buf        head, body;

        sio_buf_init(&head, SIZE_MAX);
        sio_buf_init(&body, MAX_BODY);
        sio_http_reply_init(&r);
        r.head = &head;
        for (size_t at = 0; at < sizeof text - 1; at += piece) {
            const size_t rest = sizeof text - 1 - at, n = rest < piece ? rest : piece;

            CHECK_INT(sio_http_reply_feed(&r, text + at, n, &body), (int)n);
        }
        CHECK(r.is_done);
        CHECK_VIEW(sio_buf_view(&head), "HTTP/1.1 200 Fine so\r\nA: b\r\nContent-Length: 1\r\n");
        sio_http_reply_fini(&r);
        sio_buf_fini(&head);
        sio_buf_fini(&body);
    }
}

static void
test_head_was_asked_so_there_is_no_body(void)
{
    static const char text[] = "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\n"
                               "Content-Length: 1000\r\n\r\n";
    sio_http_reply    r;
    sio_buf           body;

    sio_buf_init(&body, MAX_BODY);
    sio_http_reply_init(&r);
    r.is_of_head = true;
    CHECK_INT(sio_http_reply_feed(&r, text, sizeof text - 1, &body), (int)(sizeof text - 1));
    CHECK(r.is_done && r.is_kept);
    CHECK_INT(body.len, 0);
    sio_http_reply_fini(&r);
    sio_buf_fini(&body);
}

static void
test_heads_are_bounded_with_those_of_interim_answers(void)
{
    static const char *const lines[] = {"HTTP/1.1 100 Continue\r\n\r\n", "X: y\r\n", "xxxxxxxxxx"};

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        static const char begin[] = "HTTP/1.1 200 OK\r\n";
        sio_http_reply    r;
        sio_buf           body;
        ptrdiff_t         rc = 0;
        size_t            n = 0;

        check_row = lines[i];
        sio_http_reply_init(&r);
        sio_buf_init(&body, MAX_BODY);
        if (i > 0)
            CHECK_INT(sio_http_reply_feed(&r, begin, strlen(begin), &body), (int)strlen(begin));
        for (; n < (size_t)2 * SIO_HTTP_REPLY_MAX_HEAD && rc >= 0; n += strlen(lines[i]))
            rc = sio_http_reply_feed(&r, lines[i], strlen(lines[i]), &body);
        CHECK_INT(rc, SIO_TOO_LARGE);
        CHECK(n <= SIO_HTTP_REPLY_MAX_HEAD + 100);
        CHECK(r.line.cap <= (size_t)2 * SIO_HTTP_REPLY_MAX_HEAD);
        end(&r, &body);
    }
}

int
main(void)
{
    RUN(test_good_ones_in_pieces_of_any_size);
    RUN(test_retry_after_as_a_date);
    RUN(test_every_prefix_is_partial_and_cut);
    RUN(test_what_follows_is_left);
    RUN(test_a_body_may_end_with_the_connection);
    RUN(test_bad_ones);
    RUN(test_the_head_is_kept_for_who_wants_it);
    RUN(test_head_was_asked_so_there_is_no_body);
    RUN(test_heads_are_bounded_with_those_of_interim_answers);
    return check_done();
}
