/*
 * protocol/json_ascii.c - JSON without a byte above 7F, for peers that disagree about text.
 */
#include "protocol/json_ascii.h"

#include "protocol/utf8.h"

/* The character at p, which has that many bytes. */
static uint32_t
scalar_at(const char *p, int n_bytes)
{
    static const unsigned char lead_masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t                   scalar = (unsigned char)p[0] & lead_masks[n_bytes];

    for (int i = 1; i < n_bytes; i++)
        scalar = scalar << 6 | ((unsigned char)p[i] & 0x3F);
    return scalar;
}

static void
add_unit(uint32_t unit, sio_buf *out)
{
    static const char hex[] = "0123456789abcdef";

    sio_buf_add(out,
                (char[]){'\\', 'u', hex[unit >> 12], hex[unit >> 8 & 15], hex[unit >> 4 & 15],
                         hex[unit & 15]},
                6);
}

static void
add_scalar(uint32_t scalar, sio_buf *out)
{
    if (scalar < 0x10000) {
        add_unit(scalar, out);
    } else {
        add_unit(0xD800 + ((scalar - 0x10000) >> 10), out);
        add_unit(0xDC00 + (scalar & 0x3FF), out);
    }
}

void
sio_json_ascii_add(sio_view json, sio_buf *out)
{
    const char *p = json.data, *end = json.len == 0 ? p : p + json.len;
    const char *run = p; /* first byte not yet appended; all up to p are ASCII */

    while (p != end) {
        int step;

        if ((unsigned char)*p < 0x80) {
            p++;
            continue;
        }
        sio_buf_add(out, run, (size_t)(p - run));
        step = sio_utf8_step(p, end);
        add_scalar(step < 0 ? 0xFFFD : scalar_at(p, step), out);
        p += step < 0 ? -step : step;
        run = p;
    }
    sio_buf_add(out, run, (size_t)(p - run));
}
