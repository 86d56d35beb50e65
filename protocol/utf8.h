/*
 * protocol/utf8.h - UTF-8 as the wire has it, and the UTF-16 units JavaScript counts in.
 *
 * Called by the codecs, and by the transports that must check text from a
 * network; utf8_repair.h repairs it. Pure.
 * "Valid" is the strict sense of Unicode: shortest form, no surrogates, nothing
 * above U+10FFFF.
 */
#ifndef SIO_PROTOCOL_UTF8_H
#define SIO_PROTOCOL_UTF8_H

#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* U+FFFD: stands for what could not be decoded, and frames the packets of a 0.9 payload. */
#define SIO_UTF8_REPLACEMENT SIO_VIEW("\xEF\xBF\xBD")

#define SIO_UTF8_MAX_BYTES 4 /* of one character */

bool sio_utf8_valid(sio_view text);

/* The bytes at the start of text that are valid. */
size_t sio_utf8_valid_len(sio_view text);

/*
 * Text of which more is to come: may it become valid? The *n_valid bytes at its
 * beginning are known to be whole characters, and are not looked at again; those
 * found now are added. So a text that grows is read once; *n_valid is 0 at first.
 */
bool sio_utf8_may_become_valid(sio_view text, size_t *n_valid);

/*
 * What may follow a lead byte. Only the second byte has a range of its own: it
 * excludes overlong forms (E0, F0), surrogates (ED) and values past U+10FFFF (F4).
 */
typedef struct {
    int           len; /* of the whole character; 0: not a lead byte */
    unsigned char low, high;
} sio_utf8_lead;

static inline sio_utf8_lead
sio_utf8_lead_of(unsigned char c)
{
    if (c < 0x80)
        return (sio_utf8_lead){1, 0, 0};
    if (c < 0xC2 || c > 0xF4)
        return (sio_utf8_lead){0, 0, 0};
    if (c < 0xE0)
        return (sio_utf8_lead){2, 0x80, 0xBF};
    if (c < 0xF0)
        return (sio_utf8_lead){3, c == 0xE0 ? 0xA0 : 0x80, c == 0xED ? 0x9F : 0xBF};
    return (sio_utf8_lead){4, c == 0xF0 ? 0x90 : 0x80, c == 0xF4 ? 0x8F : 0xBF};
}

/*
 * Look at one character at p (p < end). Returns its length in bytes (1 to 4), or
 * -n when the n bytes (1 to 3) at p are a maximal invalid part: the longest
 * beginning of a valid character, or else one byte. Rule: "U+FFFD substitution
 * of maximal subparts" of the Unicode standard, which is what the WHATWG decoder
 * and Node do. Inline, as it is called for every character above ASCII.
 */
static inline int
sio_utf8_step(const char *p, const char *end)
{
    sio_utf8_lead l = sio_utf8_lead_of((unsigned char)*p);

    if (l.len == 0)
        return -1;
    for (int i = 1; i < l.len; i++) {
        const unsigned char c = p + i == end ? 0 : (unsigned char)p[i];

        if (c < l.low || c > l.high)
            return -i;
        l.low = 0x80;
        l.high = 0xBF;
    }
    return l.len;
}

/* Write the character of a scalar value (no surrogate, at most 0x10FFFF); returns its bytes. */
size_t sio_utf8_put(uint32_t scalar, char out[SIO_UTF8_MAX_BYTES]);

/* The length of valid text in UTF-16 units: a character above U+FFFF counts two. */
size_t sio_utf8_utf16_units(sio_view valid_utf8);

/*
 * The bytes at the start of valid text that are covered by that many UTF-16
 * units; all of it when it is shorter. A count that ends between the two halves
 * of a character takes the whole character: a sender that counts characters
 * instead of units is then still understood. Text that is not valid gives some
 * length within it.
 */
size_t sio_utf8_skip_units(sio_view valid_utf8, size_t units);

#endif
