#include "server/cli/web_request.h"

#include <string.h>

#include "protocol/result.h"
#include "protocol/whole_number.h"

int
sio_web_request_fail(sio_buf *error, int rc, const char *what)
{
    sio_buf_add_str(error, what);
    return rc;
}

int
sio_web_request_connect(sio_stream *s, const sio_web_url *url, const sio_tls_client *tls,
                        unsigned patience_ms, sio_buf *error)
{
    const int rc = sio_stream_open(s, &url->at, patience_ms, error);

    return rc == SIO_OK && url->is_tls ? sio_stream_secure(s, tls, url->at.host, error) : rc;
}

/* One more piece of the answer. */
static int
read_more(sio_stream *s, sio_buf *in, sio_buf *error)
{
    const int rc = sio_stream_read(s, in, error);

    return rc == SIO_TOO_LARGE ? sio_web_request_fail(error, rc, "the answer is too large") : rc;
}

int
sio_web_request_send(sio_stream *s, const char *method, sio_view target, sio_view headers,
                     sio_view body, sio_buf *error)
{
    sio_buf request;
    int     rc;

    sio_buf_init(&request, SIZE_MAX);
    sio_buf_add_str(&request, method);
    sio_buf_add_char(&request, ' ');
    sio_buf_add_view(&request, target);
    sio_buf_add_str(&request, " HTTP/1.1\r\n");
    sio_buf_add_view(&request, headers);
    sio_buf_add_str(&request, "\r\n");
    sio_buf_add_view(&request, body);
    rc = request.failed ? sio_web_request_fail(error, SIO_ERR_NOMEM, "out of memory")
                        : sio_stream_write(s, sio_buf_view(&request), error);
    sio_buf_fini(&request);
    return rc;
}

/* "HTTP/1.1 200 OK". SIO_BAD: it is no HTTP. */
static int
parse_status(sio_view head, unsigned *status)
{
    const sio_view version = SIO_VIEW("HTTP/1.");
    size_t         n;

    if (head.len < version.len + 5 || memcmp(head.data, version.data, version.len) != 0 ||
        sio_whole_number((sio_view){head.data + version.len + 2, 3}, 599, &n) != SIO_OK || n < 100)
        return SIO_BAD;
    *status = (unsigned)n;
    return SIO_OK;
}

static const char end_of_head[] = "\r\n\r\n";
enum { END_LEN = sizeof end_of_head - 1 };

/* Interim answers (1xx) are not asked for, so 101 is the only one that may come. */
int
sio_web_request_head(sio_stream *s, sio_buf *in, sio_web_answer *out, sio_buf *error)
{
    const char *end = NULL;
    int         rc = SIO_OK;

    while (rc == SIO_OK && end == NULL) {
        rc = read_more(s, in, error);
        if (rc == SIO_ERR_NOT_FOUND)
            sio_web_request_fail(error, rc, "the connection was closed without an answer");
        if (rc == SIO_OK)
            end = memmem(in->data, in->len, end_of_head, END_LEN);
    }
    if (rc != SIO_OK)
        return rc;
    const size_t head_len = (size_t)(end - in->data) + END_LEN;

    out->head = (sio_view){in->data, head_len};
    out->rest = (sio_view){in->data + head_len, in->len - head_len};
    if (parse_status(out->head, &out->status) != SIO_OK)
        return sio_web_request_fail(error, SIO_BAD, "that is no HTTP");
    return SIO_OK;
}

int
sio_web_request_begin(sio_stream *s, const char *method, sio_view target, sio_view headers,
                      sio_buf *in, sio_web_answer *out, sio_buf *error)
{
    const int rc = sio_web_request_send(s, method, target, headers, SIO_VIEW(""), error);

    return rc == SIO_OK ? sio_web_request_head(s, in, out, error) : rc;
}

int
sio_web_request_finish(sio_stream *s, sio_buf *in, sio_web_answer *out, sio_buf *error)
{
    const size_t   head_len = out->head.len;
    const sio_view length = sio_web_request_header(out, SIO_VIEW("content-length"));
    size_t         wanted = SIZE_MAX;
    int            rc = SIO_OK;

    (void)sio_whole_number(length, SIO_WEB_REQUEST_MAX_BYTES, &wanted);
    while (rc == SIO_OK && in->len - head_len < wanted)
        rc = read_more(s, in, error);
    if (rc == SIO_ERR_NOT_FOUND && wanted != SIZE_MAX && in->len - head_len < wanted)
        return sio_web_request_fail(error, SIO_BAD, "the answer is not whole");
    if (rc != SIO_OK && rc != SIO_ERR_NOT_FOUND)
        return rc;
    const size_t body_len = in->len - head_len;

    out->head.data = in->data; /* which may have moved */
    out->rest = (sio_view){in->data + head_len, body_len < wanted ? body_len : wanted};
    return SIO_OK;
}

/* The next line of a head, without its end; *rest moves behind it. */
static sio_view
next_line(sio_view *rest)
{
    const char    *end = rest->len > 0 ? memmem(rest->data, rest->len, "\r\n", 2) : NULL;
    const size_t   len = end != NULL ? (size_t)(end - rest->data) : rest->len;
    const sio_view line = {rest->data, len};

    *rest = end != NULL ? (sio_view){end + 2, rest->len - len - 2} : (sio_view){NULL, 0};
    return line;
}

sio_view
sio_web_request_header(const sio_web_answer *answer, sio_view name)
{
    sio_view rest = answer->head, line;

    while (rest.len > 0) {
        line = next_line(&rest);
        if (line.len > name.len && line.data[name.len] == ':' &&
            sio_view_eq_nocase((sio_view){line.data, name.len}, name))
            return sio_view_trim((sio_view){line.data + name.len + 1, line.len - name.len - 1});
    }
    return SIO_VIEW("");
}

void
sio_web_request_hint(const sio_web_answer *answer, sio_buf *error)
{
    if (answer->status == 403)
        sio_buf_add_str(error, "; where \"origins\" names pages, --origin says one of them");
}
