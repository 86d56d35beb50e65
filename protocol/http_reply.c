#include "protocol/http_reply.h"

#include "protocol/http_date.h"
#include "protocol/http_token.h"

#include <string.h>

enum {
    STATUS_LINE,
    HEADERS,
    BODY,         /* with a length, or in chunks */
    BODY_TO_CLOSE /* it ends with the connection */
};

enum { SWITCHING_PROTOCOLS = 101, NO_CONTENT = 204, NOT_MODIFIED = 304 };

void
sio_http_reply_init(sio_http_reply *r)
{
    *r = (sio_http_reply){.state = STATUS_LINE};
    sio_buf_init(&r->line, SIO_HTTP_REPLY_MAX_HEAD);
    sio_http_chunked_init(&r->chunked);
}

void
sio_http_reply_fini(sio_http_reply *r)
{
    sio_buf_fini(&r->line);
}

/* --- Lines. --- */

/*
 * The next whole line of in[0..n), without its end, and in *used the bytes taken. SIO_PARTIAL: all
 * were taken, and there is none yet. A LF alone ends a line as well (RFC 9112, 2.2).
 */
static int
next_line(sio_http_reply *r, const char *in, size_t n, size_t *used, sio_view *line)
{
    const char *lf = memchr(in, '\n', n);

    *used = lf != NULL ? (size_t)(lf - in) + 1 : n;
    r->n_head += *used;
    if (r->n_head > SIO_HTTP_REPLY_MAX_HEAD)
        return SIO_TOO_LARGE;
    if (lf != NULL && r->line.len == 0) {
        *line = (sio_view){in, *used - 1};
    } else {
        sio_buf_add(&r->line, in, lf != NULL ? *used - 1 : n);
        if (r->line.failed)
            return SIO_ERR_NOMEM;
        *line = sio_buf_view(&r->line);
    }
    if (lf == NULL)
        return SIO_PARTIAL;
    if (line->len > 0 && line->data[line->len - 1] == '\r')
        line->len--;
    return SIO_OK;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* HTTP/1.x NNN [reason]; the blank behind the number is missing often enough. */
static int
read_status_line(sio_http_reply *r, sio_view line)
{
    const char *s = line.data;

    if (line.len < 12 || memcmp(s, "HTTP/1.", 7) != 0 || !is_digit(s[7]) || s[8] != ' ' ||
        s[9] < '1' || s[9] > '9' || !is_digit(s[10]) || !is_digit(s[11]) ||
        (line.len > 12 && s[12] != ' '))
        return SIO_BAD;
    r->is_version_1_0 = s[7] == '0';
    r->status =
        100 * (unsigned)(s[9] - '0') + 10 * (unsigned)(s[10] - '0') + (unsigned)(s[11] - '0');
    r->state = HEADERS;
    return r->status == SWITCHING_PROTOCOLS ? SIO_BAD : SIO_OK; /* nobody has asked for it */
}

/* --- Headers. --- */

/* Twice the same is allowed (RFC 9112, 6.3). */
static int
read_length(sio_http_reply *r, sio_view value)
{
    uint64_t length = 0;

    if (value.len == 0 || value.len > 18)
        return SIO_BAD;
    for (size_t i = 0; i < value.len; i++) {
        if (!is_digit(value.data[i]))
            return SIO_BAD;
        length = 10 * length + (unsigned)(value.data[i] - '0');
    }
    if (r->has_length && r->left != length)
        return SIO_BAD;
    r->has_length = true;
    r->left = length;
    return SIO_OK;
}

static int
read_coding(sio_http_reply *r, sio_view value)
{
    if (r->is_chunked || !sio_view_eq_nocase(value, SIO_VIEW("chunked")))
        return SIO_BAD;
    r->is_chunked = true;
    return SIO_OK;
}

/* A list of names. */
static int
read_connection(sio_http_reply *r, sio_view value)
{
    while (value.len > 0) {
        const char    *comma = memchr(value.data, ',', value.len);
        const size_t   len = comma != NULL ? (size_t)(comma - value.data) : value.len;
        const sio_view name = sio_view_trim((sio_view){value.data, len});

        r->closes = r->closes || sio_view_eq_nocase(name, SIO_VIEW("close"));
        r->keeps = r->keeps || sio_view_eq_nocase(name, SIO_VIEW("keep-alive"));
        value = comma != NULL ? (sio_view){comma + 1, value.len - len - 1} : SIO_VIEW("");
    }
    return SIO_OK;
}

/* False: it is no number. */
static bool
read_delay(sio_view value, unsigned *s)
{
    *s = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (!is_digit(value.data[i]))
            return false;
        if (*s <= SIO_HTTP_REPLY_MAX_RETRY_AFTER)
            *s = 10 * *s + (unsigned)(value.data[i] - '0');
    }
    if (*s > SIO_HTTP_REPLY_MAX_RETRY_AFTER)
        *s = SIO_HTTP_REPLY_MAX_RETRY_AFTER;
    return true;
}

static int
read_retry_after(sio_http_reply *r, sio_view value)
{
    unsigned s;

    if (read_delay(value, &s))
        r->retry_after_s = s;
    else
        r->retry_at_s = sio_http_date_read(value);
    return SIO_OK;
}

static int
read_header(sio_http_reply *r, sio_view line)
{
    static const struct {
        sio_view name;
        int (*read)(sio_http_reply *r, sio_view value);
    } rows[] = {
        {SIO_VIEW_INIT("content-length"), read_length},
        {SIO_VIEW_INIT("transfer-encoding"), read_coding},
        {SIO_VIEW_INIT("connection"), read_connection},
        {SIO_VIEW_INIT("retry-after"), read_retry_after},
    };
    const char *colon = memchr(line.data, ':', line.len);
    sio_view    name = {line.data, 0};

    if (line.data[0] == ' ' || line.data[0] == '\t') /* folded (RFC 9112, 5.2) */
        return r->frames || r->state != HEADERS ? SIO_BAD : SIO_OK;
    if (colon == NULL)
        return SIO_BAD;
    name.len = (size_t)(colon - line.data);
    if (!sio_http_token_is(name))
        return SIO_BAD;
    r->frames = false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (sio_view_eq_nocase(name, rows[i].name)) {
            r->frames = true;
            return rows[i].read(r, sio_view_trim((sio_view){colon + 1, line.len - name.len - 1}));
        }
    return SIO_OK;
}

static int
finish(sio_http_reply *r)
{
    r->is_done = true;
    r->is_kept = !r->closes && (!r->is_version_1_0 || r->keeps);
    return SIO_OK;
}

/* What follows an interim answer is another head; its bytes go on being counted. */
static int
skip_interim(sio_http_reply *r)
{
    const sio_http_reply was = *r;

    sio_http_reply_init(r);
    r->n_head = was.n_head;
    r->line = was.line;
    r->is_of_head = was.is_of_head;
    r->head = was.head;
    if (r->head != NULL)
        sio_buf_clear(r->head);
    return SIO_OK;
}

/* The empty line (RFC 9112, 6.3). A length beside chunks is what smuggling begins with. */
static int
end_head(sio_http_reply *r, const sio_buf *out)
{
    if (r->status < 200)
        return skip_interim(r);
    if (r->status == NO_CONTENT || r->status == NOT_MODIFIED || r->is_of_head)
        return finish(r);
    if (r->is_chunked && (r->has_length || r->is_version_1_0))
        return SIO_BAD;
    if (!r->is_chunked && !r->has_length) {
        r->closes = true;
        r->state = BODY_TO_CLOSE;
        return SIO_OK;
    }
    r->state = BODY;
    if (r->is_chunked)
        return SIO_OK;
    if (r->left > out->max - out->len)
        return SIO_TOO_LARGE;
    return r->left == 0 ? finish(r) : SIO_OK;
}

static int
keep_line(const sio_http_reply *r, sio_view line)
{
    if (r->head == NULL)
        return SIO_OK;
    sio_buf_add_view(r->head, line);
    sio_buf_add_str(r->head, "\r\n");
    return r->head->failed ? SIO_ERR_NOMEM : SIO_OK;
}

static int
read_head(sio_http_reply *r, const char *in, size_t n, size_t *used, const sio_buf *out)
{
    sio_view line;
    int      rc = next_line(r, in, n, used, &line);

    if (rc != SIO_OK)
        return rc == SIO_PARTIAL ? SIO_OK : rc;
    if (line.len == 0 && r->state == HEADERS)
        rc = end_head(r, out);
    else if ((rc = keep_line(r, line)) == SIO_OK)
        rc = r->state == STATUS_LINE ? read_status_line(r, line) : read_header(r, line);
    sio_buf_clear(&r->line);
    return rc;
}

/* --- The body. --- */

static int
read_to_close(const char *in, size_t n, size_t *used, sio_buf *out)
{
    *used = n;
    if (n > out->max - out->len)
        return SIO_TOO_LARGE;
    sio_buf_add(out, in, n);
    return out->failed ? SIO_ERR_NOMEM : SIO_OK;
}

static int
read_chunks(sio_http_reply *r, const char *in, size_t n, size_t *used, sio_buf *out)
{
    const ptrdiff_t part = sio_http_chunked_feed(&r->chunked, in, n, out);

    if (part < 0)
        return (int)part;
    *used = (size_t)part;
    return r->chunked.done ? finish(r) : SIO_OK;
}

/* Its length is known to be within the limit. */
static int
read_length_of_body(sio_http_reply *r, const char *in, size_t n, size_t *used, sio_buf *out)
{
    *used = n < r->left ? n : (size_t)r->left;
    sio_buf_add(out, in, *used);
    if (out->failed)
        return SIO_ERR_NOMEM;
    r->left -= *used;
    return r->left == 0 ? finish(r) : SIO_OK;
}

static int
read_some(sio_http_reply *r, const char *in, size_t n, size_t *used, sio_buf *out)
{
    if (r->state == STATUS_LINE || r->state == HEADERS)
        return read_head(r, in, n, used, out);
    if (r->state == BODY_TO_CLOSE)
        return read_to_close(in, n, used, out);
    return r->is_chunked ? read_chunks(r, in, n, used, out)
                         : read_length_of_body(r, in, n, used, out);
}

ptrdiff_t
sio_http_reply_feed(sio_http_reply *r, const char *in, size_t n, sio_buf *out)
{
    size_t used = 0;

    while (used < n && !r->is_done) {
        size_t    part = 0;
        const int rc = read_some(r, in + used, n - used, &part, out);

        if (rc != SIO_OK)
            return rc;
        used += part;
    }
    return (ptrdiff_t)used;
}

bool
sio_http_reply_end(sio_http_reply *r)
{
    if (r->state == BODY_TO_CLOSE)
        (void)finish(r);
    return r->is_done;
}
