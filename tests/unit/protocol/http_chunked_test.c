#include "protocol/http_chunked.h"
#include "tests/unit/check.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

enum { MAX_BODY = 64 };

/* Feed text in pieces of at most `piece` bytes. Returns the bytes consumed, or the error. */
static ptrdiff_t
feed_all(sio_http_chunked *c, sio_view text, size_t piece, sio_buf *out)
{
    size_t used = 0;

    sio_http_chunked_init(c);
    sio_buf_clear(out);
    while (used < text.len && !c->done) {
        const size_t    n = text.len - used < piece ? text.len - used : piece;
        const ptrdiff_t rc = sio_http_chunked_feed(c, text.data + used, n, out);

        if (rc < 0)
            return rc;
        CHECK(c->done || (size_t)rc == n);
        used += (size_t)rc;
    }
    return (ptrdiff_t)used;
}

static const struct {
    const char *text, *body;
} good[] = {
    {"0\r\n\r\n", ""},
    {"5\r\nhello\r\n0\r\n\r\n", "hello"},
    {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"},
    {"a\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
    {"A\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
    {"0005\r\nhello\r\n000\r\n\r\n", "hello"},
    {"4\r\n\r\n0\r\r\n0\r\n\r\n", "\r\n0\r"},
    {"5;a=b;c=\"d e\"\r\nhello\r\n0;z\r\n\r\n", "hello"},
    {"5 \t;a\r\nhello\r\n0 ;z\r\n\r\n", "hello"},
    {"5\r\nhello\r\n0\r\nTrailer: x\r\nOther:\ty\r\nEmpty:\r\n\r\n", "hello"},
};

static void
test_bodies_in_every_split(void)
{
    sio_http_chunked c;
    sio_buf          out;

    sio_buf_init(&out, MAX_BODY);
    for (size_t i = 0; i < N_ROWS(good); i++) {
        const sio_view text = sio_view_of(good[i].text);

        check_row = good[i].text;
        for (size_t piece = 1; piece <= text.len; piece++) {
            CHECK_INT(feed_all(&c, text, piece, &out), text.len);
            CHECK(c.done);
            CHECK_VIEW(sio_buf_view(&out), good[i].body);
        }
    }
    sio_buf_fini(&out);
}

static void
test_every_prefix_is_unfinished(void)
{
    sio_http_chunked c;
    sio_buf          out;

    sio_buf_init(&out, MAX_BODY);
    for (size_t i = 0; i < N_ROWS(good); i++) {
        check_row = good[i].text;
        for (size_t n = 0; n < strlen(good[i].text); n++) {
            CHECK_INT(feed_all(&c, (sio_view){good[i].text, n}, n + 1, &out), n);
            CHECK(!c.done);
        }
    }
    sio_buf_fini(&out);
}

static void
test_next_request_is_left_alone(void)
{
    static const char text[] = "1\r\nx\r\n0\r\n\r\nGET /";
    sio_http_chunked  c;
    sio_buf           out;

    sio_buf_init(&out, MAX_BODY);
    sio_http_chunked_init(&c);
    CHECK_INT(sio_http_chunked_feed(&c, text, sizeof text - 1, &out), sizeof text - 6);
    CHECK(c.done);
    CHECK_INT(sio_http_chunked_feed(&c, "GET /", 5, &out), 0);
    CHECK_VIEW(sio_buf_view(&out), "x");
    sio_buf_fini(&out);
}

static void
test_bad_framing(void)
{
    static const char *const rows[] = {
        "\r\n",
        "g\r\n",
        " 5\r\nhello\r\n",
        "-1\r\n",
        "+5\r\n",
        "0x5\r\nhello\r\n",
        ";a\r\n",
        "5\nhello\r\n",
        "5\rhello\r\n",
        "5;a\nhello\r\n",
        "5 5\r\nhello\r\n",
        "5;a\x01\r\nhello\r\n",
        "5\r\nhelloX\r\n",
        "5\r\nhello\n",
        "5\r\nhello\rX",
        "0\r\n\n",
        "0\r\n\rX",
        "0\r\nTrailer: x\n\r\n",
        "0\r\nTrailer: x\rX",
        "0\r\n\x7F: x\r\n\r\n",
        "0\r\nTrailer\r\n\r\n",
        "0\r\nTrailer x: y\r\n\r\n",
        "0\r\nTrailer : y\r\n\r\n",
        "0\r\n: y\r\n\r\n",
        "0\r\nA: b\r\n folded\r\n\r\n",
        "0\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "5 \r\nhello\r\n",
    };
    sio_http_chunked c;
    sio_buf          out;

    sio_buf_init(&out, MAX_BODY);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i];
        for (size_t piece = 1; piece <= strlen(rows[i]); piece++)
            CHECK_INT(feed_all(&c, sio_view_of(rows[i]), piece, &out), SIO_BAD);
    }
    sio_buf_fini(&out);
}

static void
test_limit_is_checked_when_a_chunk_is_announced(void)
{
    static const char *const rows[] = {
        "6\r\n",
        "2\r\nab\r\n4\r\n",
        "ffffffffffffffff\r\n",
        "10000000000000000",
        "fffffffffffffffffffffffff",
    };
    sio_http_chunked c;
    sio_buf          out;

    sio_buf_init(&out, 5);
    CHECK(feed_all(&c, SIO_VIEW("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"), 1, &out) > 0 && c.done);
    CHECK_VIEW(sio_buf_view(&out), "abcde");
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i];
        CHECK_INT(feed_all(&c, sio_view_of(rows[i]), 1, &out), SIO_TOO_LARGE);
    }
    sio_buf_fini(&out);
}

/* begin, then `filler` for ever: refused near the limit, however the bytes are labelled. */
static void
test_bytes_beside_the_body_are_bounded(void)
{
    static const struct {
        const char *begin, *filler;
    } rows[] = {
        {"1;", "x"},    {"1", " "},          {"0", "0"},
        {"0\r\n", "a"}, {"0\r\n", "a:\r\n"}, {"", "1;xxxxxxx\r\na\r\n"},
    };
    sio_http_chunked c;
    sio_buf          out;

    sio_buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        ptrdiff_t rc;
        size_t    n = 0;

        check_row = rows[i].filler;
        feed_all(&c, sio_view_of(rows[i].begin), 1, &out);
        do {
            rc = sio_http_chunked_feed(&c, rows[i].filler, strlen(rows[i].filler), &out);
        } while (rc >= 0 && n++ <= SIO_HTTP_CHUNKED_MAX_EXTRA);
        CHECK_INT(rc, SIO_TOO_LARGE);
    }
    sio_buf_fini(&out);
}

/* Within the limit but not stored: that is not the client's fault, and not its 413. */
static void
test_no_memory_is_reported(void)
{
    sio_http_chunked c;
    sio_buf          out;

    sio_buf_init(&out, 5);
    out.failed = true;
    sio_http_chunked_init(&c);
    CHECK_INT(sio_http_chunked_feed(&c, "1\r\na", 4, &out), SIO_ERR_NOMEM);
    sio_buf_fini(&out);
}

int
main(void)
{
    RUN(test_bodies_in_every_split);
    RUN(test_every_prefix_is_unfinished);
    RUN(test_next_request_is_left_alone);
    RUN(test_bad_framing);
    RUN(test_limit_is_checked_when_a_chunk_is_announced);
    RUN(test_bytes_beside_the_body_are_bounded);
    RUN(test_no_memory_is_reported);
    return check_done();
}
