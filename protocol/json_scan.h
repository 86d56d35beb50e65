/*
 * protocol/json_scan.h - how json.c, json_read.c, json_tree.c and placeholder.c move through a JSON
 * text, and buf.c through one that becomes JSON.
 *
 * Private to those five. The byte at the end of the text reads as END, which
 * begins nothing, so that a caller of peek() need not ask where the text ends.
 */
#ifndef SIO_PROTOCOL_JSON_SCAN_H
#define SIO_PROTOCOL_JSON_SCAN_H

#include "protocol/simd.h"
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
    return (scan){text.data, sio_view_end(text)};
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

/*
 * Does that byte stand for itself inside a string? One above ASCII, below zero here, is looked at.
 */
static inline bool
is_plain(signed char c)
{
    return c >= ' ' && c != '"' && c != '\\';
}

/* As is_plain() of the LANES bytes at p, the other way round. */
static inline lanes
special_lanes(const char *p)
{
    const lanes c = lanes_at(p);

    return (c < lanes_of(' ')) | (c == lanes_of('"')) | (c == lanes_of('\\'));
}

static inline lanes
special_block(const char *p)
{
    const char *const half = p + LANES_BLOCK / 2;

    return special_lanes(p) | special_lanes(p + LANES) | special_lanes(half) |
           special_lanes(half + LANES);
}

/*
 * Pass the LANES bytes at s->p. False: one of them is not plain, and only those before it are
 * passed.
 */
static inline bool
skip_plain_lanes(scan *s)
{
    const lanes special = special_lanes(s->p);
    const bool  all = lanes_none(special);

    s->p += all ? LANES : lanes_first(special);
    return all;
}

/* Pass plain bytes. Most runs are short; long ones go by many, by some, one by one. */
static inline void
skip_plain(scan *s)
{
    if (s->end - s->p >= LANES && !skip_plain_lanes(s))
        return;
    while (s->end - s->p >= LANES_BLOCK && lanes_none(special_block(s->p)))
        s->p += LANES_BLOCK;
    while (s->end - s->p >= LANES)
        if (!skip_plain_lanes(s))
            return;
    while (s->p != s->end && is_plain((signed char)*s->p))
        s->p++;
}

/* In valid text these two are all that matters inside a string. */
static inline lanes
quotes_and_backslashes(const char *p)
{
    const lanes c = lanes_at(p);

    return (c == lanes_of('"')) | (c == lanes_of('\\'));
}

/* Pass everything up to the next quote or backslash, of whatever language it is. */
static inline void
skip_to_quote(scan *s)
{
    while (s->end - s->p >= LANES) {
        const lanes found = quotes_and_backslashes(s->p);

        if (!lanes_none(found)) {
            s->p += lanes_first(found);
            return;
        }
        s->p += LANES;
    }
    while (s->p != s->end && *s->p != '"' && *s->p != '\\')
        s->p++;
}

/* Pass a string literal of valid text: the first quote that no backslash protects ends it. */
static inline void
skip_string(scan *s)
{
    s->p++;
    do {
        skip_to_quote(s);
        while (s->end - s->p >= 2 && *s->p == '\\')
            s->p += 2;
    } while (s->end - s->p >= 2 && *s->p != '"');
    s->p += s->p != s->end;
}

#endif
