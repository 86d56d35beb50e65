#include "protocol/buf.h"

#include "protocol/json_scan.h"
#include "protocol/utf8.h"

#include <stdlib.h>

#define FIRST_CAPACITY 64u /* bytes; most control packets fit */

void
sio_buf_init(sio_buf *b, size_t max_bytes)
{
    *b = (sio_buf){.max = max_bytes};
}

void
sio_buf_fini(sio_buf *b)
{
    free(b->data);
    sio_buf_init(b, b->max);
}

void
sio_buf_clear(sio_buf *b)
{
    b->len = 0;
    b->failed = false;
}

bool
sio_buf_grow(sio_buf *b, size_t n)
{
    size_t cap;
    char  *data;

    if (b->failed || n > b->max - b->len) {
        b->failed = true;
        return false;
    }
    cap = b->cap <= b->max / 2 ? b->cap * 2 : b->max;
    if (cap < FIRST_CAPACITY)
        cap = b->max < FIRST_CAPACITY ? b->max : FIRST_CAPACITY;
    if (cap < b->len + n)
        cap = b->len + n;
    data = realloc(b->data, cap);
    if (data == NULL) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

void
sio_buf_add_u64(sio_buf *b, uint64_t n)
{
    char   digits[20]; /* 2^64 - 1 has twenty */
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    sio_buf_add(b, digits + at, sizeof digits - at);
}

/* The escape of an ASCII character that may not stand for itself, or 0 when only \u00XX will do. */
static char
short_escape(char c)
{
    switch (c) {
    case '\b':
        return 'b';
    case '\t':
        return 't';
    case '\n':
        return 'n';
    case '\f':
        return 'f';
    case '\r':
        return 'r';
    case '"':
    case '\\':
    case '/':
        return c;
    default:
        return 0;
    }
}

static void
add_escaped(sio_buf *b, char c)
{
    static const char hex[] = "0123456789abcdef";
    const char        letter = short_escape(c);

    if (letter != 0) {
        sio_buf_add_char(b, '\\');
        sio_buf_add_char(b, letter);
    } else {
        const unsigned char u = (unsigned char)c;

        sio_buf_add(b, (char[]){'\\', 'u', '0', '0', hex[u >> 4], hex[u & 15]}, 6);
    }
}

/* U+2028 or U+2029, at the lead byte of a character of three bytes? */
static bool
is_line_separator(const char *p)
{
    return memcmp(p, "\xE2\x80\xA8", 3) == 0 || memcmp(p, "\xE2\x80\xA9", 3) == 0;
}

/* The bytes of the character above ASCII at s->p; 0: it is not valid, or has to be escaped. */
static int
verbatim_step(const scan *s, unsigned flags)
{
    const int step = sio_utf8_step(s->p, s->end);

    if ((flags & SIO_JSON_ESCAPE_LINE_SEPARATORS) != 0 && step == 3 && is_line_separator(s->p))
        return 0;
    return step < 0 ? 0 : step;
}

/* Pass what stands for itself: plain bytes, and characters above ASCII. */
static void
skip_verbatim(scan *s, unsigned flags)
{
    int step = 1;

    for (skip_plain(s); peek(s) >= 0x80 && step > 0; skip_plain(s))
        while (peek(s) >= 0x80 && (step = verbatim_step(s, flags)) > 0)
            s->p += step;
}

/* Is there more, and does it not stand for itself? */
static bool
must_replace(const scan *s, unsigned flags)
{
    const int c = peek(s);

    return c >= 0x80 ? verbatim_step(s, flags) == 0 : c != END && !is_plain((signed char)c);
}

/* Append what stands for the bytes at s->p that do not stand for themselves, and pass them. */
static void
add_replaced(sio_buf *b, scan *s)
{
    int step;

    if (peek(s) < 0x80) {
        add_escaped(b, *s->p++);
        return;
    }
    step = sio_utf8_step(s->p, s->end);
    if (step < 0)
        sio_buf_add_view(b, SIO_UTF8_REPLACEMENT);
    else
        sio_buf_add_str(b, s->p[2] == '\xA8' ? "\\u2028" : "\\u2029");
    s->p += step < 0 ? -step : step;
}

/* Text without anything that must be escaped, except for slashes, which may have to be. */
static void
add_plain(sio_buf *b, sio_view text, bool escape_slash)
{
    const char *slash;

    while (escape_slash && text.len > 0 && (slash = memchr(text.data, '/', text.len)) != NULL) {
        const size_t n = (size_t)(slash - text.data);

        sio_buf_add(b, text.data, n);
        add_escaped(b, '/');
        text = (sio_view){slash + 1, text.len - n - 1};
    }
    sio_buf_add_view(b, text);
}

void
sio_buf_add_json_string(sio_buf *b, sio_view utf8, unsigned flags)
{
    scan s = scan_of(utf8);

    sio_buf_add_char(b, '"');
    for (;;) {
        const char *const run = s.p;

        skip_verbatim(&s, flags);
        add_plain(b, (sio_view){run, (size_t)(s.p - run)}, (flags & SIO_JSON_ESCAPE_SLASH) != 0);
        if (s.p == s.end)
            break;
        while (must_replace(&s, flags))
            add_replaced(b, &s);
    }
    sio_buf_add_char(b, '"');
}

sio_view
sio_buf_view(const sio_buf *b)
{
    return (sio_view){b->data, b->len};
}

char *
sio_buf_take_c_string(sio_buf *b)
{
    const bool has_nul = sio_view_has_nul(sio_buf_view(b));
    char      *text = NULL;

    sio_buf_add_char(b, '\0');
    if (!b->failed && !has_nul) {
        text = b->data;
        b->data = NULL;
    }
    sio_buf_fini(b);
    return text;
}
