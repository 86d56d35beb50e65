/*
 * protocol/ws_deflate.c - compressed WebSocket messages: the extension permessage-deflate.
 */
#include "protocol/ws_deflate.h"

#include "protocol/text_cursor.h"

#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST /* what is read is const */
#include <zlib.h>

/* --- Offers. --- */

enum { LONGEST_NUMBER = 2 };

typedef struct {
    sio_view name;
    bool     has_value;
    char     value[LONGEST_NUMBER + 1]; /* its beginning, unquoted */
    size_t   value_len;
} param;

typedef enum { NO_VALUE, WINDOW_BITS, NO_VALUE_OR_WINDOW_BITS } value_kind;

enum { SERVER_MAX_WINDOW_BITS = 2 };
static const struct {
    const char *name;
    value_kind  value;
} known_params[] = {
    {"server_no_context_takeover", NO_VALUE},
    {"client_no_context_takeover", NO_VALUE},
    [SERVER_MAX_WINDOW_BITS] = {"server_max_window_bits", WINDOW_BITS},
    {"client_max_window_bits", NO_VALUE_OR_WINDOW_BITS},
};

typedef struct {
    bool     is_acceptable;
    unsigned seen; /* a bit for each of known_params */
    uint8_t  server_max_window_bits;
} offer;

/* Of a token (RFC 9110, 5.6.2). */
static bool
is_token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static sio_view
take_token(sio_view *rest)
{
    size_t n = 0;

    while (n < rest->len && is_token_char(rest->data[n]))
        n++;
    return take_n(rest, n);
}

static void
skip_blanks(sio_view *rest)
{
    while (take_char(rest, ' ') || take_char(rest, '\t'))
        ;
}

static void
add_to_value(param *p, char c)
{
    if (p->value_len < sizeof p->value)
        p->value[p->value_len++] = c;
}

/* A quoted value is a token too, once its quotes and backslashes are gone (RFC 6455, 9.1). */
static int
take_quoted(sio_view *rest, param *p)
{
    while (!take_char(rest, '"')) {
        (void)take_char(rest, '\\');
        if (rest->len == 0 || !is_token_char(rest->data[0]))
            return SIO_BAD;
        add_to_value(p, take_n(rest, 1).data[0]);
    }
    return p->value_len > 0 ? SIO_OK : SIO_BAD;
}

static int
take_value(sio_view *rest, param *p)
{
    sio_view token;

    p->has_value = true;
    skip_blanks(rest);
    if (take_char(rest, '"'))
        return take_quoted(rest, p);
    token = take_token(rest);
    for (size_t i = 0; i < token.len; i++)
        add_to_value(p, token.data[i]);
    return token.len > 0 ? SIO_OK : SIO_BAD;
}

static int
take_param(sio_view *rest, param *p)
{
    *p = (param){.has_value = false};
    skip_blanks(rest);
    p->name = take_token(rest);
    if (p->name.len == 0)
        return SIO_BAD;
    skip_blanks(rest);
    return take_char(rest, '=') ? take_value(rest, p) : SIO_OK;
}

/* A decimal number from 8 to 15 without leading zeros; 0: it is none. */
static uint8_t
window_bits_of(const param *p)
{
    const char *v = p->value;

    if (p->value_len == 1 && v[0] >= '8' && v[0] <= '9')
        return (uint8_t)(v[0] - '0');
    if (p->value_len == 2 && v[0] == '1' && v[1] >= '0' && v[1] <= '5')
        return (uint8_t)(10 + v[1] - '0');
    return 0;
}

static bool
value_fits(value_kind kind, const param *p)
{
    if (!p->has_value)
        return kind != WINDOW_BITS;
    return kind != NO_VALUE && window_bits_of(p) != 0;
}

static void
judge_param(offer *o, const param *p)
{
    for (unsigned i = 0; i < sizeof known_params / sizeof known_params[0]; i++) {
        if (!sio_view_eq(p->name, sio_view_of(known_params[i].name)))
            continue;
        if ((o->seen & 1U << i) != 0 || !value_fits(known_params[i].value, p))
            break;
        o->seen |= 1U << i;
        if (i == SERVER_MAX_WINDOW_BITS)
            o->server_max_window_bits = window_bits_of(p);
        return;
    }
    o->is_acceptable = false;
}

static int
take_extension(sio_view *rest, offer *o)
{
    const sio_view name = take_token(rest);
    param          p;

    *o = (offer){.is_acceptable = sio_view_eq(name, SIO_VIEW("permessage-deflate"))};
    if (name.len == 0)
        return SIO_BAD;
    skip_blanks(rest);
    while (take_char(rest, ';')) {
        if (take_param(rest, &p) != SIO_OK)
            return SIO_BAD;
        judge_param(o, &p);
        skip_blanks(rest);
    }
    return SIO_OK;
}

int
sio_ws_deflate_read_offers(sio_view header, sio_ws_deflate_terms *terms)
{
    sio_view rest = header;
    offer    o;

    for (;;) {
        skip_blanks(&rest);
        if (rest.len == 0)
            return SIO_OK;
        if (take_char(&rest, ','))
            continue; /* lists may have empty elements (RFC 9110, 5.6.1) */
        if (take_extension(&rest, &o) != SIO_OK || (rest.len > 0 && rest.data[0] != ','))
            return SIO_BAD;
        if (o.is_acceptable && !terms->is_accepted)
            *terms = (sio_ws_deflate_terms){true, o.server_max_window_bits};
    }
}

void
sio_ws_deflate_add_answer(const sio_ws_deflate_terms *terms, sio_buf *out)
{
    sio_buf_add_str(out,
                    "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    if (terms->server_max_window_bits != 0) {
        sio_buf_add_str(out, "; server_max_window_bits=");
        sio_buf_add_u64(out, terms->server_max_window_bits);
    }
}

bool
sio_ws_deflate_allows(const sio_ws_deflate_terms *terms, size_t len)
{
    const uint8_t bits = terms->server_max_window_bits;

    if (!terms->is_accepted)
        return false;
    return bits == 0 || bits == SIO_WS_DEFLATE_MAX_WINDOW_BITS || len <= (size_t)1 << bits;
}

/* --- Messages. --- */

/*
 * A flush ends the blocks with an empty one, whose last four bytes are always these. They are not
 * sent (RFC 7692, 7.2.1 and 7.2.2).
 */
static const char tail[] = {0, 0, '\xff', '\xff'};

enum {
    RAW_WINDOW = -SIO_WS_DEFLATE_MAX_WINDOW_BITS, /* negative: without header and check value */
    MEMORY_LEVEL = 8,
    CHUNK_BYTES = 16 * 1024,
    AT_END_OF_BLOCK = 128 /* in data_type: zlib.h, inflate() */
};

struct sio_ws_deflate {
    z_stream deflater, inflater;
};

sio_ws_deflate *
sio_ws_deflate_new(void)
{
    sio_ws_deflate *z = calloc(1, sizeof *z);

    if (z != NULL &&
        deflateInit2(&z->deflater, Z_DEFAULT_COMPRESSION, Z_DEFLATED, RAW_WINDOW, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) == Z_OK &&
        inflateInit2(&z->inflater, RAW_WINDOW) == Z_OK)
        return z;
    sio_ws_deflate_free(z);
    return NULL;
}

void
sio_ws_deflate_free(sio_ws_deflate *z)
{
    if (z == NULL)
        return;
    deflateEnd(&z->deflater);
    inflateEnd(&z->inflater);
    free(z);
}

/*
 * Room for a payload as long as the message and its tail: when all of that is used, nothing is won,
 * whether there would be more to come or not.
 */
bool
sio_ws_deflate_message(sio_ws_deflate *z, sio_view message, sio_buf *out)
{
    z_stream    *d = &z->deflater;
    const size_t room = message.len + sizeof tail;

    if (message.len > UINT_MAX - sizeof tail || !sio_buf_reserve(out, room))
        return false;
    if (deflateReset(d) != Z_OK)
        return false;
    d->next_in = (const Bytef *)message.data;
    d->avail_in = (uInt)message.len;
    d->next_out = (Bytef *)out->data + out->len;
    d->avail_out = (uInt)room;
    if (deflate(d, Z_SYNC_FLUSH) != Z_OK || d->avail_out == 0)
        return false;
    out->len += room - d->avail_out - sizeof tail;
    return true;
}

/* What zlib said, as one of ours. To have had nothing to do is no mistake. */
static int
result_of(int rc)
{
    switch (rc) {
    case Z_OK:
    case Z_STREAM_END:
    case Z_BUF_ERROR:
        return SIO_OK;
    case Z_MEM_ERROR:
        return SIO_ERR_NOMEM;
    default:
        return SIO_BAD;
    }
}

/*
 * A peer may end its stream and begin another inside a message (7.2.1, BFINAL). What it refers back
 * to is still there: hence a reset that keeps the window.
 */
static int
inflate_part(z_stream *i, sio_view part, sio_buf *out, bool *at_end)
{
    Bytef  chunk[CHUNK_BYTES];
    size_t n;
    int    rc;

    i->next_in = (const Bytef *)part.data;
    i->avail_in = (uInt)part.len;
    do {
        i->next_out = chunk;
        i->avail_out = sizeof chunk;
        rc = inflate(i, Z_SYNC_FLUSH);
        n = sizeof chunk - i->avail_out;
        if (result_of(rc) != SIO_OK)
            return result_of(rc);
        if (n > out->max - out->len)
            return SIO_TOO_LARGE;
        sio_buf_add(out, chunk, n);
        *at_end = rc == Z_STREAM_END || (i->data_type & AT_END_OF_BLOCK) != 0;
        if (rc == Z_STREAM_END && inflateResetKeep(i) != Z_OK)
            return SIO_BAD;
    } while (i->avail_in > 0 || i->avail_out == 0);
    return out->failed ? SIO_ERR_NOMEM : SIO_OK;
}

int
sio_ws_deflate_inflate_message(sio_ws_deflate *z, sio_view payload, sio_buf *out)
{
    bool at_end = false;
    int  rc;

    if (payload.len > UINT_MAX)
        return SIO_TOO_LARGE;
    if (inflateReset(&z->inflater) != Z_OK)
        return SIO_BAD;
    rc = inflate_part(&z->inflater, payload, out, &at_end);
    if (rc == SIO_OK)
        rc = inflate_part(&z->inflater, (sio_view){tail, sizeof tail}, out, &at_end);
    return rc == SIO_OK && !at_end ? SIO_BAD : rc;
}
