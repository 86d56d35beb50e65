/*
 * protocol/ws_frame.c - WebSocket framing for a server.
 */
#include "protocol/ws_frame.h"

#include <string.h>

#include "protocol/simd.h"

enum { FIN_BIT = 0x80, OPCODE_BITS = 0x0f, MASK_BIT = 0x80, LENGTH_BITS = 0x7f };
enum { LENGTH_IN_16_BITS = 126, LENGTH_IN_64_BITS = 127 };

static bool
is_control(uint8_t opcode)
{
    return opcode >= SIO_WS_CLOSE;
}

/* The first two bytes decide all that can be wrong with a header but the top bit of its length. */
static bool
opening_is_bad(const uint8_t *b)
{
    const uint8_t opcode = b[0] & OPCODE_BITS;

    if (is_control(opcode))
        return opcode > SIO_WS_PONG || (b[0] & FIN_BIT) == 0 ||
               (b[1] & LENGTH_BITS) > SIO_WS_MAX_CONTROL;
    return opcode > SIO_WS_BINARY;
}

/* Would no form with fewer bytes behind the first two have done? */
static bool
is_shortest(uint64_t payload_len, size_t n_length)
{
    return n_length == 0 || payload_len > (n_length == 2 ? LENGTH_IN_16_BITS - 1 : UINT16_MAX);
}

static uint64_t
read_big_endian(const uint8_t *p, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return value;
}

ptrdiff_t
sio_ws_frame_parse_header(const char *buf, size_t len, sio_ws_header *out)
{
    const uint8_t *b = (const uint8_t *)buf;
    sio_ws_header  h = {0};
    size_t         n_length, used;
    uint8_t        short_length;

    if (len < 2)
        return SIO_PARTIAL;
    if (opening_is_bad(b))
        return SIO_BAD;
    h.fin = (b[0] & FIN_BIT) != 0;
    h.rsv = b[0] >> SIO_WS_RSV_SHIFT & 7;
    h.opcode = b[0] & OPCODE_BITS;
    h.masked = (b[1] & MASK_BIT) != 0;
    short_length = b[1] & LENGTH_BITS;
    n_length = short_length == LENGTH_IN_64_BITS ? 8 : short_length == LENGTH_IN_16_BITS ? 2 : 0;
    used = 2 + n_length + (h.masked ? sizeof h.mask : 0);
    if (len < used)
        return SIO_PARTIAL;
    h.payload_len = n_length == 0 ? short_length : read_big_endian(b + 2, n_length);
    if (h.payload_len > INT64_MAX)
        return SIO_BAD;
    h.shortest = is_shortest(h.payload_len, n_length);
    if (h.masked)
        memcpy(h.mask, b + 2 + n_length, sizeof h.mask);
    *out = h;
    return (ptrdiff_t)used;
}

void
sio_ws_frame_unmask(char *data, size_t len, const uint8_t mask[4], size_t offset)
{
    char   key[LANES]; /* the mask again and again, turned so that key[0] belongs to data[0] */
    lanes  key_lanes;
    size_t i = 0;

    for (size_t k = 0; k < LANES; k++)
        key[k] = (char)mask[(offset + k) & 3];
    key_lanes = lanes_at(key);
    for (; len - i >= LANES; i += LANES) {
        const lanes plain = lanes_at(data + i) ^ key_lanes;

        memcpy(data + i, &plain, sizeof plain);
    }
    for (; i < len; i++)
        data[i] = (char)(data[i] ^ key[i % LANES]);
}

static void
write_big_endian(uint8_t *p, size_t n, uint64_t value)
{
    for (size_t i = n; i > 0; i--, value >>= 8)
        p[i - 1] = (uint8_t)value;
}

size_t
sio_ws_frame_encode_header(uint8_t out[SIO_WS_MAX_SERVER_HEADER], uint8_t opcode,
                           uint64_t payload_len)
{
    out[0] = (uint8_t)(FIN_BIT | opcode);
    if (payload_len < LENGTH_IN_16_BITS) {
        out[1] = (uint8_t)payload_len;
        return 2;
    }
    if (payload_len <= UINT16_MAX) {
        out[1] = LENGTH_IN_16_BITS;
        write_big_endian(out + 2, 2, payload_len);
        return 4;
    }
    out[1] = LENGTH_IN_64_BITS;
    write_big_endian(out + 2, 8, payload_len);
    return 10;
}

bool
sio_ws_frame_close_code_valid(unsigned code)
{
    /* 1004 means nothing; 1005, 1006 and 1015 describe the absence of a close frame. */
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

void
sio_ws_reader_init(sio_ws_reader *r, size_t max_message_bytes)
{
    const size_t beside = SIO_WS_MAX_HEADER + SIO_WS_MAX_CONTROL; /* kept behind the fragments */
    const size_t most = SIZE_MAX - beside;

    memset(r, 0, sizeof *r);
    r->max_message_bytes = max_message_bytes < most ? max_message_bytes : most;
    sio_buf_init(&r->partial, r->max_message_bytes + beside);
}

void
sio_ws_reader_fini(sio_ws_reader *r)
{
    sio_buf_fini(&r->partial);
}

static void
advance(char **buf, size_t *len, size_t n)
{
    *buf += n;
    *len -= n;
}

/*
 * Parse the header of the next frame and consume it. Returns 1, or 0 when it is
 * not complete (what there is of it is kept), or a negative code.
 */
static int
take_header(sio_ws_reader *r, char **buf, size_t *len, sio_ws_header *h)
{
    const size_t kept = r->partial.len - r->joined_len;
    ptrdiff_t    n = kept == 0 ? sio_ws_frame_parse_header(*buf, *len, h) : SIO_PARTIAL;
    size_t       more = SIO_WS_MAX_HEADER - kept;

    if (n == SIO_PARTIAL) {
        more = more < *len ? more : *len;
        sio_buf_add(&r->partial, *buf, more);
        if (r->partial.failed)
            return SIO_ERR_NOMEM;
        n = sio_ws_frame_parse_header(r->partial.data + r->joined_len, kept + more, h);
    }
    if (n == SIO_PARTIAL) {
        advance(buf, len, more);
        return 0;
    }
    if (n < 0)
        return (int)n;
    r->partial.len = r->joined_len; /* the header has done its work */
    advance(buf, len, (size_t)n - kept);
    return 1;
}

/* Judge the frame by what came before it, and make it the current one. */
static int
begin_frame(sio_ws_reader *r, const sio_ws_header *h)
{
    const bool starts_message = h->opcode == SIO_WS_TEXT || h->opcode == SIO_WS_BINARY;
    const bool continues = h->opcode == SIO_WS_CONTINUATION;

    if ((h->rsv & ~(starts_message ? r->allowed_rsv : 0U)) != 0)
        return SIO_BAD;
    if ((r->needs_mask && !h->masked) || (r->needs_shortest && !h->shortest))
        return SIO_BAD;
    if ((starts_message && r->message_opcode != 0) || (continues && r->message_opcode == 0))
        return SIO_BAD;
    if (!is_control(h->opcode) && h->payload_len > r->max_message_bytes - r->joined_len)
        return SIO_TOO_LARGE;
    if (starts_message) {
        r->message_opcode = h->opcode;
        r->message_rsv = h->rsv & 7;
    }
    r->in_frame = true;
    r->fin = h->fin;
    r->masked = h->masked;
    r->opcode = h->opcode;
    r->frame_len = (size_t)h->payload_len;
    memcpy(r->mask, h->mask, sizeof r->mask);
    return SIO_OK;
}

/*
 * Hand out a complete message. Its bytes may be in `partial`, beyond the length
 * that is set here: they stay until the next call adds to `partial` or frees it.
 */
static int
deliver(sio_ws_reader *r, sio_view payload, sio_ws_message *out)
{
    const bool control = is_control(r->opcode);

    out->opcode = control ? r->opcode : r->message_opcode;
    out->rsv = control ? 0 : r->message_rsv;
    out->payload = payload;
    if (!control) {
        r->message_opcode = 0;
        r->joined_len = 0;
    }
    r->partial.len = r->joined_len;
    return 1;
}

/*
 * The whole payload of the current frame is in `partial`. Returns 1 when that completes a message.
 */
static int
end_kept_frame(sio_ws_reader *r, sio_ws_message *out)
{
    const bool   control = is_control(r->opcode);
    const size_t from = control ? r->joined_len : 0;

    if (!control) {
        r->joined_len = r->partial.len;
        if (!r->fin)
            return 0;
    }
    return deliver(r, (sio_view){r->partial.data + from, r->partial.len - from}, out);
}

/* Consume payload of the current frame. Returns 1 with a message, 0 without, or SIO_ERR_NOMEM. */
static int
take_payload(sio_ws_reader *r, char **buf, size_t *len, sio_ws_message *out)
{
    char *const  data = *buf;
    const size_t got = r->partial.len - r->joined_len;
    const size_t left = r->frame_len - got;
    const bool   whole = left <= *len;
    const size_t n = whole ? left : *len;
    const bool   alone = is_control(r->opcode) || (r->fin && r->joined_len == 0);

    if (r->masked)
        sio_ws_frame_unmask(data, n, r->mask, got);
    advance(buf, len, n);
    r->in_frame = !whole;
    if (whole && got == 0 && alone)
        return deliver(r, (sio_view){data, n}, out);
    sio_buf_add(&r->partial, data, n);
    if (r->partial.failed)
        return SIO_ERR_NOMEM;
    return whole ? end_kept_frame(r, out) : 0;
}

int
sio_ws_reader_next(sio_ws_reader *r, char **buf, size_t *len, sio_ws_message *out)
{
    sio_ws_header h;
    int           rc;

    if (r->partial.len == 0)
        sio_buf_fini(&r->partial); /* what the last message left */
    while (*len > 0) {
        if (!r->in_frame) {
            rc = take_header(r, buf, len, &h);
            if (rc == 1)
                rc = begin_frame(r, &h);
            else if (rc == 0)
                return 0;
            if (rc != SIO_OK)
                return rc;
        }
        rc = take_payload(r, buf, len, out);
        if (rc != 0 || r->in_frame)
            return rc;
    }
    return 0;
}
