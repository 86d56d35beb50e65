/*
 * protocol/json_scan.h - how json.c, json_read.c and placeholder.c move through a JSON text.
 *
 * Private to those three. The byte at the end of the text reads as END, which
 * begins nothing, so that a caller of peek() need not ask where the text ends.
 */
#ifndef SIO_PROTOCOL_JSON_SCAN_H
#define SIO_PROTOCOL_JSON_SCAN_H

#include "protocol/lanes.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stdint.h>

#define END (-1)

typedef struct {
    const char *p, *end;
} scan;

static inline scan
scan_of(sio_view text)
{
    return (scan){text.data, text.len == 0 ? text.data : text.data + text.len};
}

static inline int
peek(const scan *s)
{
    return s->p == s->end ? END : (unsigned char)*s->p;
}

static inline bool
take(scan *s, char c)
{
    const bool here = peek(s) == c;

    if (here)
        s->p++;
    return here;
}

static inline bool
is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline void
skip_space(scan *s)
{
    while (is_space(peek(s)))
        s->p++;
}

/* Does that byte stand for itself inside a string? One above ASCII, below zero here, is looked at. */
static inline bool
is_plain(signed char c)
{
    return c >= ' ' && c != '"' && c != '\\';
}

/* Pass plain bytes. */
static inline void
skip_plain(scan *s)
{
    const char *p = s->p;

    for (; s->end - p >= LANES; p += LANES) {
        const lanes c = lanes_at(p);

        if (!lanes_none((c < lanes_of(' ')) | (c == lanes_of('"')) | (c == lanes_of('\\'))))
            break;
    }
    while (p != s->end && is_plain((signed char)*p))
        p++;
    s->p = p;
}

/* Pass a string literal of valid text: the first quote that no backslash protects ends it. */
static inline void
skip_string(scan *s)
{
    s->p++;
    for (skip_plain(s); s->p != s->end; skip_plain(s)) {
        const char c = *s->p++;

        if (c == '"')
            return;
        if (c == '\\' && s->p != s->end)
            s->p++;
    }
}

/* The value of a hexadecimal digit, or -1. */
static inline int
hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

#endif
