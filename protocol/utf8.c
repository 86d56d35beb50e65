#include "protocol/utf8.h"

#include "protocol/simd.h"

/* Are the LANES bytes at p all ASCII? */
static bool
all_ascii(const char *p)
{
    return lanes_none(lanes_at(p) < lanes_of(0));
}

/* Are the LANES_BLOCK bytes at p? */
static bool
all_ascii_block(const char *p)
{
    const char *const half = p + LANES_BLOCK / 2;

    return lanes_none((lanes_at(p) | lanes_at(p + LANES) | lanes_at(half) |
                       lanes_at(half + LANES)) < lanes_of(0));
}

/* The first byte of [p, end) that is not ASCII, or end. Most runs are short. */
static const char *
ascii_run_end(const char *p, const char *end)
{
    while (end - p >= LANES) {
        const lanes above = lanes_at(p) < lanes_of(0);

        if (!lanes_none(above))
            return p + lanes_first(above);
        p += LANES;
        while (end - p >= LANES_BLOCK && all_ascii_block(p))
            p += LANES_BLOCK;
    }
    while (p != end && (unsigned char)*p < 0x80)
        p++;
    return p;
}

/* The first invalid byte of [p, end), or end. */
static const char *
valid_run_end(const char *p, const char *end)
{
    while (p != end) {
        int step;

        if ((unsigned char)*p < 0x80) {
            p = ascii_run_end(p, end);
            continue;
        }
        step = sio_utf8_step(p, end);
        if (step < 0)
            break;
        p += step;
    }
    return p;
}

size_t
sio_utf8_valid_len(sio_view text)
{
    return text.len == 0 ? 0 : (size_t)(valid_run_end(text.data, text.data + text.len) - text.data);
}

bool
sio_utf8_valid(sio_view text)
{
    return sio_utf8_valid_len(text) == text.len;
}

bool
sio_utf8_may_become_valid(sio_view text, size_t *n_valid)
{
    const char *const end = sio_view_end(text);
    const char       *p;

    if (*n_valid == text.len)
        return true;
    p = valid_run_end(text.data + *n_valid, end);
    *n_valid = (size_t)(p - text.data);
    /* what is left may be the beginning of one character */
    return p == end ||
           (sio_utf8_lead_of((unsigned char)*p).len > 0 && sio_utf8_step(p, end) == (int)(p - end));
}

size_t
sio_utf8_put(uint32_t scalar, char out[SIO_UTF8_MAX_BYTES])
{
    static const unsigned char lead_bits[] = {0, 0, 0xC0, 0xE0, 0xF0};
    const size_t len = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;

    for (size_t i = len; i-- > 1; scalar >>= 6)
        out[i] = (char)(0x80 | (scalar & 0x3F));
    out[0] = (char)(lead_bits[len] | scalar);
    return len;
}

/* Units of the character that the lead byte begins; 0 for a continuation byte. */
static size_t
units_of(char byte)
{
    const unsigned char c = (unsigned char)byte;

    return (size_t)((c & 0xC0) != 0x80) + (size_t)(c >= 0xF0);
}

size_t
sio_utf8_utf16_units(sio_view valid_utf8)
{
    size_t units = 0;

    for (size_t i = 0; i < valid_utf8.len; i++)
        units += units_of(valid_utf8.data[i]);
    return units;
}

size_t
sio_utf8_skip_units(sio_view valid_utf8, size_t units)
{
    const char *const p = valid_utf8.data;
    size_t            i = 0;

    while (i < valid_utf8.len) {
        const size_t n = units_of(p[i]);

        if (units >= LANES && valid_utf8.len - i >= LANES && all_ascii(p + i)) {
            i += LANES;
            units -= LANES;
        } else if (n == 0) {
            i++; /* the rest of a character that is already counted */
        } else if (units == 0) {
            break;
        } else {
            i++;
            units -= n < units ? n : units;
        }
    }
    return i;
}
