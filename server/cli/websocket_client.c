#include "server/cli/websocket_client.h"

#include <string.h>

#include "protocol/base64.h"
#include "protocol/result.h"
#include "server/base/random.h"
#include "server/base/websocket_accept.h"

enum { KEY_BYTES = 16, MASK_BIT = 0x80 };

/* --- The handshake. --- */

/* Does the answer show that the server has read our key? */
static bool
is_accept_right(sio_view key, sio_view accept)
{
    sio_buf wanted;
    bool    is_right;

    sio_buf_init(&wanted, SIZE_MAX);
    sio_websocket_accept_add(key, &wanted);
    is_right = !wanted.failed && sio_view_eq(sio_buf_view(&wanted), accept);
    sio_buf_fini(&wanted);
    return is_right;
}

/* A refusal is told with the beginning of its body, which says more than the number. */
static int
tell_refusal(const sio_web_answer *answer, sio_buf *error)
{
    const size_t len = answer->rest.len < 200 ? answer->rest.len : 200;

    sio_buf_add_str(error, "refused with ");
    sio_buf_add_u64(error, answer->status);
    sio_buf_add_char(error, ' ');
    sio_buf_add_json_string(error, (sio_view){answer->rest.data, len}, SIO_JSON_PLAIN);
    sio_web_request_hint(answer, error);
    return SIO_BAD;
}

static void
add_headers(sio_view headers, sio_view key, sio_buf *out)
{
    sio_buf_add_view(out, headers);
    sio_buf_add_str(out, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
    sio_buf_add_view(out, key);
    sio_buf_add_str(out, "\r\n");
}

static int
shake_hands(sio_websocket_client *w, sio_view target, sio_view headers, sio_view key,
            sio_buf *error)
{
    sio_web_answer answer;
    sio_buf        all;
    int            rc;

    sio_buf_init(&all, SIZE_MAX);
    add_headers(headers, key, &all);
    rc =
        sio_web_request_begin(w->stream, "GET", target, sio_buf_view(&all), &w->in, &answer, error);
    sio_buf_fini(&all);
    if (rc != SIO_OK)
        return rc;
    if (answer.status != 101)
        return tell_refusal(&answer, error);
    if (!is_accept_right(key, sio_web_request_header(&answer, SIO_VIEW("sec-websocket-accept"))))
        return sio_web_request_fail(error, SIO_BAD,
                                    "the answer to the upgrade is not that of a WebSocket server");
    w->rest = w->in.data + answer.head.len;
    w->rest_len = answer.rest.len;
    return SIO_OK;
}

int
sio_websocket_client_init(sio_websocket_client *w, sio_stream *s, sio_view target, sio_view headers,
                          sio_buf *error)
{
    char    secret[KEY_BYTES + 1];
    sio_buf key;
    int     rc;

    *w = (sio_websocket_client){.stream = s};
    sio_ws_reader_init(&w->reader, SIO_WEBSOCKET_CLIENT_MAX_BYTES);
    sio_buf_init(&w->in, SIO_WEB_REQUEST_MAX_BYTES);
    sio_buf_init(&key, SIZE_MAX);
    if ((rc = sio_random_text(secret, KEY_BYTES)) != SIO_OK)
        return sio_web_request_fail(error, rc, "the system has no random numbers");
    sio_base64_encode((sio_view){secret, KEY_BYTES}, &key);
    rc = shake_hands(w, target, headers, sio_buf_view(&key), error);
    sio_buf_fini(&key);
    return rc;
}

void
sio_websocket_client_fini(sio_websocket_client *w)
{
    sio_ws_reader_fini(&w->reader);
    sio_buf_fini(&w->in);
}

/* --- Messages. --- */

/* What a client sends is masked, so that no page can make it look like something else. */
static void
add_frame(sio_buf *frame, uint8_t opcode, sio_view payload, const uint8_t mask[4])
{
    uint8_t      header[SIO_WS_MAX_SERVER_HEADER];
    const size_t n = sio_ws_frame_encode_header(header, opcode, payload.len);

    header[1] |= MASK_BIT;
    sio_buf_add(frame, header, n);
    sio_buf_add(frame, mask, 4);
    sio_buf_add_view(frame, payload);
    if (!frame->failed)
        sio_ws_frame_unmask(frame->data + n + 4, payload.len, mask, 0);
}

int
sio_websocket_client_send(sio_websocket_client *w, uint8_t opcode, sio_view payload, sio_buf *error)
{
    uint32_t random;
    uint8_t  mask[4];
    sio_buf  frame;
    int      rc = sio_random_u32(&random);

    if (rc != SIO_OK)
        return sio_web_request_fail(error, rc, "the system has no random numbers");
    memcpy(mask, &random, sizeof mask);
    sio_buf_init(&frame, SIZE_MAX);
    add_frame(&frame, opcode, payload, mask);
    rc = frame.failed ? sio_web_request_fail(error, SIO_ERR_NOMEM, "out of memory")
                      : sio_stream_write(w->stream, sio_buf_view(&frame), error);
    sio_buf_fini(&frame);
    return rc;
}

static int
read_on(sio_websocket_client *w, sio_buf *error)
{
    int rc;

    sio_buf_clear(&w->in);
    rc = sio_stream_read(w->stream, &w->in, error);
    w->rest = w->in.data;
    w->rest_len = w->in.len;
    return rc;
}

static int
tell_bad_frame(int rc, sio_buf *error)
{
    if (rc == SIO_TOO_LARGE)
        return sio_web_request_fail(error, rc, "a message of more than 64 MiB");
    return sio_web_request_fail(error, rc,
                                rc == SIO_BAD ? "what came is no WebSocket" : "out of memory");
}

int
sio_websocket_client_next(sio_websocket_client *w, sio_ws_message *out, sio_buf *error)
{
    for (int rc = SIO_OK; rc == SIO_OK;) {
        const int n = sio_ws_reader_next(&w->reader, &w->rest, &w->rest_len, out);

        if (n < 0)
            return tell_bad_frame(n, error);
        if (n > 0 && out->opcode != SIO_WS_PING && out->opcode != SIO_WS_PONG)
            return SIO_OK;
        if (n > 0 && out->opcode == SIO_WS_PING)
            rc = sio_websocket_client_send(w, SIO_WS_PONG, out->payload, error);
        else if (n == 0)
            rc = read_on(w, error);
        if (rc != SIO_OK)
            return rc;
    }
    return SIO_OK;
}
