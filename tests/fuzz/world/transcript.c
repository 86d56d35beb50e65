#include "tests/fuzz/world/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/http_chunked.h"
#include "protocol/utf8.h"
#include "protocol/ws_frame.h"
#include "tests/fuzz/must.h"

void
transcript_init(transcript *t, sio_http_limits limits, size_t max_body)
{
    *t = (transcript){.limits = limits, .max_body = max_body};
    sio_buf_init(&t->sent, SIZE_MAX);
    sio_buf_init(&t->got, SIZE_MAX);
}

void
transcript_fini(transcript *t)
{
    sio_buf_fini(&t->sent);
    sio_buf_fini(&t->got);
    sio_ws_deflate_free(t->inflater);
}

static void
transcript_drop(sio_buf *b, size_t n)
{
    must(n <= b->len);
    if (n > 0)
        memmove(b->data, b->data + n, b->len - n);
    b->len -= n;
}

/* --- What was asked. --- */

static ptrdiff_t
chunked_len(const transcript *t, size_t head_len)
{
    sio_http_chunked decoder;
    sio_buf          body;
    ptrdiff_t        n;

    sio_buf_init(&body, t->max_body);
    sio_http_chunked_init(&decoder);
    n = sio_http_chunked_feed(&decoder, t->sent.data + head_len, t->sent.len - head_len, &body);
    sio_buf_fini(&body);
    if (n < 0)
        return SIO_BAD;
    return decoder.done ? (ptrdiff_t)head_len + n : SIO_PARTIAL;
}

ptrdiff_t
transcript_request(const transcript *t, sio_http_request *r)
{
    const ptrdiff_t head_len = sio_http_request_parse(t->sent.data, t->sent.len, &t->limits, r);

    if (head_len < 0)
        return head_len;
    if (r->chunked)
        return chunked_len(t, (size_t)head_len);
    if (r->content_length > t->max_body)
        return SIO_BAD;
    if (t->sent.len - (size_t)head_len < r->content_length)
        return SIO_PARTIAL;
    return head_len + (ptrdiff_t)r->content_length;
}

void
transcript_sent(transcript *t, sio_view bytes)
{
    if (t->phase < IN_FRAMES)
        sio_buf_add_view(&t->sent, bytes);
}

/* --- What was answered. --- */

static const char *
find_line(sio_view head, const char *start)
{
    return memmem(head.data, head.len, start, strlen(start));
}

static void
end_answer(transcript *t)
{
    transcript_drop(&t->sent, t->request_len);
    t->n_answers++;
    t->phase = t->last ? OVER : IN_HEAD;
}

/* What stands between `before` and the next '"' of part, if it is short enough to be that. */
static void
note_quoted(char noted[RECOVERY_MAX + 1], sio_view part, const char *before)
{
    const char *start = memmem(part.data, part.len, before, strlen(before)), *end;

    if (start == NULL)
        return;
    start += strlen(before);
    end = memchr(start, '"', (size_t)(part.data + part.len - start));
    if (end == NULL || end - start > RECOVERY_MAX)
        return;
    memcpy(noted, start, (size_t)(end - start));
    noted[end - start] = '\0';
}

/* An offset is the last argument of an event: what is quoted at its end. */
static void
note_offset(transcript *t, sio_view part)
{
    size_t start;

    if (part.len < 3 || memcmp(part.data + part.len - 2, "\"]", 2) != 0)
        return;
    for (start = part.len - 2; start > 0 && part.data[start - 1] != '"'; start--)
        ;
    note_quoted(t->offset, (sio_view){part.data + start, part.len - start}, "");
}

static void
tell(transcript *t, sio_view part)
{
    note_quoted(t->private_id, part, "\"pid\":\"");
    note_offset(t, part);
    if (t->heard != NULL)
        t->heard(t->heard_arg, part);
}

/*
 * The session id in an open packet of Engine.IO, or NULL; not one that a namespace was joined with.
 */
static const char *
find_sid(sio_view body)
{
    static const char key[] = "0{\"sid\":\"";
    const char       *open = memmem(body.data, body.len, key, strlen(key));

    if (open == NULL || (open > body.data && open[-1] == '4') ||
        (size_t)(body.data + body.len - open) < strlen(key) + SESSION_ID_LEN)
        return NULL;
    return open + strlen(key);
}

/*
 * A session id in the answer to a handshake: alone, in a JSONP script, or in the JSON of Engine.IO.
 */
static void
note_id(transcript *t, sio_view body)
{
    const char *colon = memchr(body.data, ':', body.len);
    const char *sid = find_sid(body);

    if (sid != NULL)
        memcpy(t->id, sid, SESSION_ID_LEN);
    else if (colon != NULL && colon - body.data >= SESSION_ID_LEN && colon - body.data <= 40)
        memcpy(t->id, colon - SESSION_ID_LEN, SESSION_ID_LEN);
}

static void
begin_body(transcript *t, sio_view head, unsigned status, bool head_only)
{
    const char *length = find_line(head, "\r\nContent-Length: ");

    if (head_only || status == 204 || status == 304)
        end_answer(t);
    else if (t->streamed)
        t->phase = IN_CHUNKS;
    else if (length != NULL) {
        t->body_len = strtoul(length + strlen("\r\nContent-Length: "), NULL, 10);
        t->phase = IN_SIZED_BODY;
        if (t->body_len == 0)
            end_answer(t);
    } else {
        must(t->last);
        t->phase = IN_ENDLESS_BODY;
    }
}

static void
switch_protocols(transcript *t, sio_view head)
{
    const bool is_rfc = find_line(head, "\r\nSec-WebSocket-Accept: ") != NULL;

    t->sent.len = 0;
    t->is_deflated = find_line(head, "\r\nSec-WebSocket-Extensions: permessage-deflate") != NULL;
    t->phase = is_rfc ? IN_FRAMES : IN_OLD_FRAMES;
}

static void
read_head(transcript *t, sio_view head)
{
    sio_http_request r;
    const ptrdiff_t  request_len = transcript_request(t, &r);
    const unsigned   status = (unsigned)strtoul(head.data + strlen("HTTP/1.1 "), NULL, 10);

    must(head.len > 16 && memcmp(head.data, "HTTP/1.1 ", 9) == 0 && status >= 100 && status < 600);
    if (status == 100) {
        must(t->sent.len > 0);
        return;
    }
    must(t->sent.len > 0 && (request_len != SIO_PARTIAL || status >= 400));
    if (status == 101) {
        must(request_len > 0);
        switch_protocols(t, head);
        return;
    }
    t->last = find_line(head, "\r\nConnection: close\r\n") != NULL;
    t->streamed = find_line(head, "\r\nTransfer-Encoding: chunked\r\n") != NULL;
    must(request_len > 0 || t->last);
    t->request_len = request_len > 0 ? (size_t)request_len : t->sent.len;
    begin_body(t, head, status, request_len > 0 && r.method == SIO_HTTP_HEAD);
}

/* Each read_ function returns the bytes that it used of got; 0: more must come. */
static size_t
read_answer(transcript *t)
{
    static const char policy[] = "<policy-file-request/>";
    const char       *end = memmem(t->got.data, t->got.len, "\r\n\r\n", 4);
    size_t            len;

    if (t->got.data[0] == '<') {
        must(t->sent.len >= sizeof policy && memcmp(t->sent.data, policy, sizeof policy) == 0);
        t->phase = IN_ENDLESS_BODY;
        return t->got.len;
    }
    if (end == NULL)
        return 0;
    len = (size_t)(end - t->got.data) + 4;
    read_head(t, (sio_view){t->got.data, len});
    return len;
}

static size_t
read_sized(transcript *t)
{
    if (t->got.len < t->body_len)
        return 0;
    note_id(t, (sio_view){t->got.data, t->body_len});
    tell(t, (sio_view){t->got.data, t->body_len});
    end_answer(t);
    return t->body_len;
}

static size_t
read_chunk(transcript *t)
{
    const char *eol = memmem(t->got.data, t->got.len, "\r\n", 2);
    char       *after_size;
    size_t      len, total;

    if (eol == NULL)
        return 0;
    len = strtoul(t->got.data, &after_size, 16);
    must(after_size == eol);
    total = (size_t)(eol - t->got.data) + 2 + len + 2;
    if (t->got.len < total)
        return 0;
    must(memcmp(t->got.data + total - 2, "\r\n", 2) == 0);
    note_id(t, (sio_view){eol + 2, len});
    tell(t, (sio_view){eol + 2, len});
    if (len == 0)
        end_answer(t);
    return total;
}

/* The session id in the first message of an Engine.IO websocket. */
static void
note_open(transcript *t, sio_view text)
{
    if (text.len > 1 && memcmp(text.data, "0{", 2) == 0)
        note_id(t, text);
}

static void
hear_text(transcript *t, sio_view text)
{
    must(sio_utf8_valid(text));
    note_open(t, text);
    tell(t, text);
}

static void
hear_compressed(transcript *t, sio_view payload, bool is_text)
{
    sio_buf message;

    if (t->inflater == NULL)
        t->inflater = sio_ws_deflate_new();
    must(t->inflater != NULL);
    sio_buf_init(&message, SIZE_MAX);
    must(sio_ws_deflate_inflate_message(t->inflater, payload, &message) == SIO_OK);
    must(message.len > payload.len); /* or it had better been left as it was */
    if (is_text)
        hear_text(t, sio_buf_view(&message));
    sio_buf_fini(&message);
}

static size_t
read_frame(transcript *t)
{
    sio_ws_header   h;
    uint8_t         shortest[SIO_WS_MAX_SERVER_HEADER];
    const ptrdiff_t len = sio_ws_frame_parse_header(t->got.data, t->got.len, &h);
    sio_view        payload;

    must(len != SIO_BAD);
    if (len < 0 || t->got.len - (size_t)len < h.payload_len)
        return 0;
    must(h.fin && !h.masked);
    must(h.rsv == 0 || (h.rsv == SIO_WS_RSV1 && t->is_deflated && h.opcode <= SIO_WS_BINARY));
    must(sio_ws_frame_encode_header(shortest, h.opcode, h.payload_len) == (size_t)len);
    must(h.opcode == SIO_WS_TEXT || h.opcode == SIO_WS_BINARY || h.opcode == SIO_WS_PONG ||
         h.opcode == SIO_WS_CLOSE);
    payload = (sio_view){t->got.data + len, (size_t)h.payload_len};
    if (h.opcode == SIO_WS_CLOSE) {
        t->phase = OVER;
    } else if (h.rsv != 0) {
        hear_compressed(t, payload, h.opcode == SIO_WS_TEXT);
    } else if (h.opcode == SIO_WS_TEXT) {
        hear_text(t, payload);
    }
    return (size_t)len + payload.len;
}

static size_t
read_part(transcript *t)
{
    switch (t->phase) {
    case IN_HEAD:
        return read_answer(t);
    case IN_SIZED_BODY:
        return read_sized(t);
    case IN_CHUNKS:
        return read_chunk(t);
    case IN_FRAMES:
        return read_frame(t);
    case IN_ENDLESS_BODY:
    case IN_OLD_FRAMES:
        tell(t, sio_buf_view(&t->got));
        return t->got.len;
    case OVER:
        break;
    }
    abort();
}

void
transcript_got(transcript *t, sio_view bytes)
{
    size_t used;

    sio_buf_add_view(&t->got, bytes);
    must(!t->got.failed);
    while (t->got.len > 0 && (used = read_part(t)) > 0)
        transcript_drop(&t->got, used);
}

void
transcript_closed(const transcript *t, bool stopping)
{
    must(t->got.len == 0);
    must(t->phase == OVER || t->phase == IN_ENDLESS_BODY || t->phase == IN_OLD_FRAMES ||
         (t->phase == IN_HEAD && (stopping || t->may_be_cut || t->streamed || t->sent.len == 0)));
}
