/*
 * protocol/buf.h - a growable byte buffer with a hard limit.
 *
 * Every encoder writes into one of these; it is the only thing in protocol/
 * that allocates. Adding never fails on the spot: the first addition that would
 * pass `max`, or that finds no memory, sets `failed` and leaves the contents as
 * they were; later additions then do nothing. So an encoder adds everything and
 * its caller checks `failed` once at the end.
 */
#ifndef SIO_PROTOCOL_BUF_H
#define SIO_PROTOCOL_BUF_H

#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    char  *data; /* owned; NULL until the first byte; not NUL-terminated */
    size_t len;  /* bytes in use */
    size_t cap;  /* bytes allocated */
    size_t max;  /* bytes that len may reach */
    bool   failed;
} sio_buf;

/* Make *b empty with the given limit (SIZE_MAX for none). Allocates nothing. */
void sio_buf_init(sio_buf *b, size_t max_bytes);

/* Free the memory. *b is empty afterwards, keeps its limit and may be used again. */
void sio_buf_fini(sio_buf *b);

/* Forget the contents and the failure; keep the memory for the next use. */
void sio_buf_clear(sio_buf *b);

/* Private to sio_buf_reserve, for when there is no room. */
bool sio_buf_grow(sio_buf *b, size_t n);

/*
 * Make room for n more bytes, for a caller that writes at data + len itself and then raises len.
 * False, and failed, when that may not or cannot be.
 */
static inline bool
sio_buf_reserve(sio_buf *b, size_t n)
{
    if (b->data != NULL && !b->failed && n <= b->cap - b->len && n <= b->max - b->len)
        return true;
    return sio_buf_grow(b, n);
}

/*
 * Append n bytes, copied. p may be NULL when n is 0; p may not point into b. Inline, as a packet is
 * made of a dozen short pieces for which there is room.
 */
static inline void
sio_buf_add(sio_buf *b, const void *p, size_t n)
{
    if (n == 0 || !sio_buf_reserve(b, n))
        return;
    memcpy(b->data + b->len, p, n);
    b->len += n;
}

static inline void
sio_buf_add_view(sio_buf *b, sio_view v)
{
    sio_buf_add(b, v.data, v.len);
}

static inline void
sio_buf_add_str(sio_buf *b, const char *z) /* without its NUL */
{
    sio_buf_add(b, z, strlen(z));
}

static inline void
sio_buf_add_char(sio_buf *b, char c)
{
    sio_buf_add(b, &c, 1);
}

void sio_buf_add_u64(sio_buf *b, uint64_t n); /* in decimal */

enum {
    SIO_JSON_PLAIN = 0,
    SIO_JSON_ESCAPE_LINE_SEPARATORS = 1, /* U+2028 and U+2029, which end a line in old JavaScript */
    SIO_JSON_ESCAPE_SLASH = 2            /* "\/", so that "</script>" cannot end an inline script */
};

/*
 * Append text as a JSON string with its quotes, escaped exactly as
 * JSON.stringify does: the short escapes for \b \t \n \f \r \" \\, four lower
 * case hex digits for the other control characters, everything else as it is.
 * Invalid UTF-8 becomes U+FFFD (see sio_utf8_repair). flags: SIO_JSON_ESCAPE_*.
 */
void sio_buf_add_json_string(sio_buf *b, sio_view utf8, unsigned flags);

/* The contents. Valid until the next call that changes b. */
sio_view sio_buf_view(const sio_buf *b);

/*
 * The contents as a C string, which the caller frees; b is empty afterwards. NULL: b has failed,
 * U+0000 is in it, or there is no memory.
 */
char *sio_buf_take_c_string(sio_buf *b);

#endif
