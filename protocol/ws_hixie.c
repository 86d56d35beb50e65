/*
 * protocol/ws_hixie.c - WebSocket as it was before it had a version.
 */
#include "protocol/ws_hixie.h"

#include <string.h>

enum { TEXT_BEGIN = 0x00, TEXT_END = 0xff, CLOSE_BEGIN = 0xff, CLOSE_END = 0x00 };

int
sio_ws_hixie_key_number(sio_view key, uint32_t *out)
{
    uint64_t number = 0;
    uint32_t n_spaces = 0;
    bool     has_digits = false;

    for (size_t i = 0; i < key.len; i++) {
        const char c = key.data[i];

        if (c == ' ')
            n_spaces++;
        if (c < '0' || c > '9')
            continue;
        has_digits = true;
        number = number * 10 + (uint64_t)(c - '0');
        if (number > UINT32_MAX)
            return SIO_BAD;
    }
    if (!has_digits || n_spaces == 0 || number % n_spaces != 0)
        return SIO_BAD;
    *out = (uint32_t)(number / n_spaces);
    return SIO_OK;
}

void
sio_ws_hixie_challenge(const uint32_t numbers[2], const uint8_t nonce[SIO_HIXIE_NONCE_BYTES],
                       uint8_t out[SIO_HIXIE_CHALLENGE_BYTES])
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(numbers[i / 4] >> (24 - 8 * (i % 4)));
    memcpy(out + 8, nonce, SIO_HIXIE_NONCE_BYTES);
}

void
sio_ws_hixie_add_frame(sio_buf *out, uint8_t opcode, sio_view payload)
{
    const size_t start = out->len;

    if (opcode == SIO_WS_CLOSE) {
        sio_buf_add_view(out, SIO_VIEW("\xff\x00"));
        return;
    }
    sio_buf_add_char(out, (char)TEXT_BEGIN);
    sio_buf_add_view(out, payload);
    sio_buf_add_char(out, (char)TEXT_END);
    if (out->failed)
        out->len = start;
}

void
sio_ws_hixie_reader_init(sio_ws_hixie_reader *r, size_t max_message_bytes)
{
    sio_buf_init(&r->partial, max_message_bytes);
    r->state = SIO_HIXIE_BETWEEN;
}

void
sio_ws_hixie_reader_fini(sio_ws_hixie_reader *r)
{
    sio_buf_fini(&r->partial);
}

static int
begin_frame(sio_ws_hixie_reader *r, char type)
{
    if ((uint8_t)type == TEXT_BEGIN)
        r->state = SIO_HIXIE_IN_TEXT;
    else if ((uint8_t)type == CLOSE_BEGIN)
        r->state = SIO_HIXIE_IN_CLOSE;
    else
        return SIO_BAD;
    return 0;
}

static int
end_close(sio_ws_hixie_reader *r, char length, sio_ws_message *out)
{
    if ((uint8_t)length != CLOSE_END)
        return SIO_BAD;
    r->state = SIO_HIXIE_BETWEEN;
    *out = (sio_ws_message){.opcode = SIO_WS_CLOSE};
    return 1;
}

/* Take text up to its end or that of the input. */
static int
take_text(sio_ws_hixie_reader *r, char **buf, size_t *len, sio_ws_message *out)
{
    char *const       data = *buf;
    const char *const end = memchr(data, TEXT_END, *len);
    const size_t      n = end != NULL ? (size_t)(end - data) : *len;
    const size_t      used = end != NULL ? n + 1 : n;
    const bool        whole = end != NULL && r->partial.len == 0;

    if (n > r->partial.max - r->partial.len)
        return SIO_TOO_LARGE;
    if (!whole)
        sio_buf_add(&r->partial, data, n);
    if (r->partial.failed)
        return SIO_ERR_NOMEM;
    *buf += used;
    *len -= used;
    if (end == NULL)
        return 0;
    r->state = SIO_HIXIE_BETWEEN;
    *out = (sio_ws_message){.opcode = SIO_WS_TEXT};
    out->payload = whole ? (sio_view){data, n} : sio_buf_view(&r->partial);
    return 1;
}

int
sio_ws_hixie_reader_next(sio_ws_hixie_reader *r, char **buf, size_t *len, sio_ws_message *out)
{
    int rc = 0;

    if (r->state == SIO_HIXIE_BETWEEN)
        sio_buf_fini(&r->partial); /* what the last message left */
    while (rc == 0 && *len > 0) {
        if (r->state == SIO_HIXIE_IN_TEXT) {
            rc = take_text(r, buf, len, out);
            continue;
        }
        rc = r->state == SIO_HIXIE_BETWEEN ? begin_frame(r, **buf) : end_close(r, **buf, out);
        ++*buf;
        --*len;
    }
    return rc;
}
