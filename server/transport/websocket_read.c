#include "server/transport/websocket_read.h"

#include "protocol/utf8.h"
#include "server/base/env.h"
#include "server/config/config.h"

size_t
sio_websocket_read_max_bytes(const sio_env *env, const sio_channel_ops *channel)
{
    return channel->engine ? env->cfg->max_payload : env->cfg->destroy_buffer_size;
}

static int
inflate_message(sio_websocket *ws, sio_ws_message *m)
{
    const size_t n_compressed = m->payload.len;
    sio_env     *env = ws->conn->env;
    int          rc;

    sio_buf_clear(&env->websockets->inflated);
    env->websockets->inflated.max = sio_websocket_read_max_bytes(env, ws->channel.ops);
    rc = sio_ws_deflate_inflate_message(env->websockets->deflate, m->payload,
                                        &env->websockets->inflated);
    m->payload = sio_buf_view(&env->websockets->inflated);
    if (rc == SIO_OK)
        rc = sio_gate_count(&ws->gate, ws->conn, n_compressed, m->payload.len);
    return rc;
}

/* The status for a negative result, which is counted. */
static unsigned
status_of_failure(sio_env *env, int rc, unsigned status_of_bad)
{
    switch (rc) {
    case SIO_TOO_LARGE:
        env->stats.oversize_messages++;
        return SIO_WS_CLOSE_TOO_BIG;
    case SIO_BAD:
        env->stats.bad_packets++;
        return status_of_bad;
    default:
        return SIO_WS_CLOSE_INTERNAL;
    }
}

static int
check_message(sio_websocket *ws, sio_ws_message *m)
{
    const int rc = m->rsv != 0 ? inflate_message(ws, m) : SIO_OK;
    bool      is_valid;

    if (rc != SIO_OK || m->opcode != SIO_WS_TEXT || !sio_websocket_read_checks_text(ws))
        return rc;
    is_valid = sio_utf8_may_become_valid(m->payload, &ws->n_valid) && ws->n_valid == m->payload.len;
    ws->n_valid = 0; /* of the next */
    return is_valid ? SIO_OK : SIO_BAD;
}

/*
 * The rest of a text that can not become UTF-8 is not waited for. Compressed text is read at its
 * end.
 */
static int
check_unfinished(sio_websocket *ws)
{
    sio_view text;

    if (!sio_websocket_read_checks_text(ws))
        return SIO_OK;
    text = sio_ws_reader_open_text(&ws->reader.rfc6455);
    return text.len == 0 || sio_utf8_may_become_valid(text, &ws->n_valid) ? SIO_OK : SIO_BAD;
}

bool
sio_websocket_read_next(sio_websocket *ws, char **bytes, size_t *n, sio_ws_message *out,
                        unsigned *status)
{
    int taken, checked;

    *status = 0;
    if (ws->gate != NULL && sio_gate_keeps(ws->gate, *bytes, *n))
        return false;
    taken = ws->framing->reader_next(&ws->reader, bytes, n, out);
    if (taken < 0) {
        *status = status_of_failure(ws->conn->env, taken, SIO_WS_CLOSE_PROTOCOL);
        return false;
    }
    checked = taken > 0 ? check_message(ws, out) : check_unfinished(ws);
    if (checked != SIO_OK)
        *status = status_of_failure(ws->conn->env, checked, SIO_WS_CLOSE_BAD_DATA);
    return taken > 0 && checked == SIO_OK;
}

static unsigned
close_code(sio_view payload)
{
    return (unsigned)(unsigned char)payload.data[0] << 8 | (unsigned char)payload.data[1];
}

/* 0: the close frame is good (RFC 6455, 5.5.1, 7.4, 8.1). */
static unsigned
status_of_bad_close(sio_view payload)
{
    unsigned code;

    if (payload.len == 0)
        return 0;
    if (payload.len == 1)
        return SIO_WS_CLOSE_PROTOCOL;
    code = close_code(payload);
    if (!sio_ws_frame_close_code_valid(code))
        return SIO_WS_CLOSE_PROTOCOL;
    return sio_utf8_valid((sio_view){payload.data + 2, payload.len - 2}) ? 0
                                                                         : SIO_WS_CLOSE_BAD_DATA;
}

/* As it came, unless it breaks the rules. */
unsigned
sio_websocket_read_status_to_answer(sio_env *env, sio_view payload)
{
    const unsigned bad = status_of_bad_close(payload);

    env->stats.bad_packets += bad != 0;
    if (bad != 0)
        return bad;
    return payload.len == 0 ? SIO_WS_CLOSE_NO_STATUS : close_code(payload);
}
