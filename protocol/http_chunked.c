/*
 * protocol/http_chunked.c - decoder of a chunked request body.
 *
 * Framing goes through a state machine byte by byte; chunk data is copied in one piece.
 */
#include "protocol/http_chunked.h"

#include "protocol/hex.h"
#include "protocol/http_token.h"

enum {
    SIZE_FIRST,    /* the first digit of a chunk size */
    SIZE,          /* more digits, or what ends them */
    SIZE_BLANK,    /* blanks after the size: an extension must follow */
    EXTENSION,     /* skipped up to CR */
    SIZE_LF,       /* LF of the size line */
    DATA,          /* `left` bytes */
    DATA_CR,       /* CR behind the data */
    DATA_LF,       /* LF behind the data */
    TRAILER_FIRST, /* first byte of a trailer line; CR begins the empty one */
    TRAILER_NAME,  /* up to the colon */
    TRAILER,       /* skipped up to CR */
    TRAILER_LF,    /* LF of a trailer line */
    LAST_LF        /* LF of the empty line */
};

void
sio_http_chunked_init(sio_http_chunked *c)
{
    *c = (sio_http_chunked){.state = SIZE_FIRST};
}

static int
go(sio_http_chunked *c, unsigned state)
{
    c->state = (uint8_t)state;
    return SIO_OK;
}

/* The only byte allowed here is `want`. */
static int
expect(sio_http_chunked *c, char ch, char want, unsigned next_state)
{
    return ch == want ? go(c, next_state) : SIO_BAD;
}

static int
count_extra(sio_http_chunked *c)
{
    return ++c->n_extra > SIO_HTTP_CHUNKED_MAX_EXTRA ? SIO_TOO_LARGE : SIO_OK;
}

/* A byte of an extension or trailer: skipped until CR, which leads to at_cr. */
static int
skip_text(sio_http_chunked *c, char ch, unsigned at_cr)
{
    const unsigned char u = (unsigned char)ch;

    if (ch == '\r')
        return go(c, at_cr);
    if ((u < ' ' && ch != '\t') || u == 0x7f)
        return SIO_BAD;
    return count_extra(c);
}

/* A trailer is a header line, if nobody reads it: what is none is how a request is hidden. */
static int
trailer_name(sio_http_chunked *c, char ch, bool is_first)
{
    if (!sio_http_token_char(ch) && (is_first || ch != ':'))
        return SIO_BAD;
    c->state = ch == ':' ? TRAILER : TRAILER_NAME;
    return count_extra(c);
}

static int
size_digit(sio_http_chunked *c, int digit)
{
    const bool leading_zero = c->left == 0 && c->state == SIZE;

    if (c->left > UINT64_MAX >> 4)
        return SIO_TOO_LARGE;
    c->left = c->left << 4 | (unsigned)digit;
    c->state = SIZE;
    return leading_zero ? count_extra(c) : SIO_OK;
}

/* What may follow the digits, or the blanks after them, which only an extension has before it. */
static int
end_of_size(sio_http_chunked *c, char ch)
{
    if (ch == '\r' && c->state == SIZE)
        return go(c, SIZE_LF);
    if (ch != ' ' && ch != '\t' && ch != ';')
        return SIO_BAD;
    c->state = ch == ';' ? EXTENSION : SIZE_BLANK;
    return count_extra(c);
}

static int
size_known(sio_http_chunked *c, char ch, const sio_buf *out)
{
    if (ch != '\n')
        return SIO_BAD;
    if (c->left > out->max - out->len)
        return SIO_TOO_LARGE;
    return go(c, c->left == 0 ? TRAILER_FIRST : DATA);
}

/* One byte outside chunk data. */
static int
step(sio_http_chunked *c, char ch, const sio_buf *out)
{
    const int digit = sio_hex_value(ch);

    switch (c->state) {
    case SIZE_FIRST:
        return digit < 0 ? SIO_BAD : size_digit(c, digit);
    case SIZE:
        return digit < 0 ? end_of_size(c, ch) : size_digit(c, digit);
    case SIZE_BLANK:
        return end_of_size(c, ch);
    case EXTENSION:
        return skip_text(c, ch, SIZE_LF);
    case SIZE_LF:
        return size_known(c, ch, out);
    case DATA_CR:
        return expect(c, ch, '\r', DATA_LF);
    case DATA_LF:
        return expect(c, ch, '\n', SIZE_FIRST);
    case TRAILER_FIRST:
        return ch == '\r' ? go(c, LAST_LF) : trailer_name(c, ch, true);
    case TRAILER_NAME:
        return trailer_name(c, ch, false);
    case TRAILER:
        return skip_text(c, ch, TRAILER_LF);
    case TRAILER_LF:
        return expect(c, ch, '\n', TRAILER_FIRST);
    default: /* LAST_LF */
        c->done = ch == '\n';
        return c->done ? SIO_OK : SIO_BAD;
    }
}

static int
copy_data(sio_http_chunked *c, const char *in, size_t n, sio_buf *out)
{
    sio_buf_add(out, in, n);
    if (out->failed)
        return SIO_ERR_NOMEM; /* not the limit: that was checked with the size */
    c->left -= n;
    if (c->left == 0)
        c->state = DATA_CR;
    return SIO_OK;
}

ptrdiff_t
sio_http_chunked_feed(sio_http_chunked *c, const char *in, size_t n, sio_buf *out)
{
    size_t used = 0;

    while (used < n && !c->done) {
        size_t part = 1;
        int    rc;

        if (c->state == DATA) {
            part = n - used < c->left ? n - used : (size_t)c->left;
            rc = copy_data(c, in + used, part, out);
        } else {
            rc = step(c, in[used], out);
        }
        if (rc != SIO_OK)
            return rc;
        used += part;
    }
    return (ptrdiff_t)used;
}
