#include "protocol/sio09_payload.h"

#include "protocol/utf8.h"

#include <stdint.h>

#define MARK SIO_UTF8_REPLACEMENT

static bool
starts_with_mark(const char *p, const char *end)
{
    return (size_t)(end - p) >= MARK.len && memcmp(p, MARK.data, MARK.len) == 0;
}

void
sio09_payload_begin(sio09_payload_iter *it, sio_view body)
{
    const char *const end = sio_view_end(body);

    *it = (sio09_payload_iter){.p = body.data, .end = end};
    if (body.len > 0 && starts_with_mark(it->p, end)) {
        it->framed = true;
        it->p += MARK.len;
    }
}

/* --- The length, by the rules of Number(). --- */

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static sio_view
trim_spaces(sio_view v)
{
    while (v.len > 0 && is_space(v.data[v.len - 1]))
        v.len--;
    while (v.len > 0 && is_space(v.data[0]))
        v = (sio_view){v.data + 1, v.len - 1};
    return v;
}

static unsigned
digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (unsigned)((c | 0x20) - 'a' + 10);
    return UINT32_MAX;
}

/* Read digits from v, as many as there are. Too large a number stays at SIZE_MAX. */
static size_t
take_digits(sio_view *v, unsigned base, size_t *value)
{
    size_t n = 0;

    for (*value = 0; n < v->len && digit_value(v->data[n]) < base; n++) {
        const unsigned digit = digit_value(v->data[n]);

        *value = *value > (SIZE_MAX - digit) / base ? SIZE_MAX : *value * base + digit;
    }
    *v = (sio_view){v->data + n, v->len - n};
    return n;
}

/* False when text is not a whole number >= 0; text has no white space around it. */
static bool
parse_length(sio_view text, size_t *units)
{
    size_t exponent;

    *units = 0;
    if (text.len == 0)
        return true;
    if (text.len > 2 && text.data[0] == '0' && (text.data[1] | 0x20) == 'x') {
        text = (sio_view){text.data + 2, text.len - 2};
        return take_digits(&text, 16, units) > 0 && text.len == 0;
    }
    if (take_digits(&text, 10, units) == 0)
        return false;
    if (text.len == 0)
        return true;
    if ((text.data[0] | 0x20) != 'e')
        return false;
    text = (sio_view){text.data + 1, text.len - 1};
    if (take_digits(&text, 10, &exponent) == 0 || text.len > 0)
        return false;
    for (; exponent > 0 && *units > 0 && *units < SIZE_MAX; exponent--)
        *units = *units > SIZE_MAX / 10 ? SIZE_MAX : *units * 10;
    return true;
}

/* --- Decoding. --- */

/* Behind a packet: pass one character, which should be the mark of the next frame. */
static const char *
skip_mark(const char *p, const char *end)
{
    return p + sio_utf8_skip_units((sio_view){p, (size_t)(end - p)}, 1);
}

static bool
next_frame(sio09_payload_iter *it, sio_view *packet)
{
    const size_t      left = (size_t)(it->end - it->p);
    const char *const mark = left == 0 ? NULL : memmem(it->p, left, MARK.data, MARK.len);
    const char       *begin;
    size_t            units;

    if (mark == NULL)
        return false;
    begin = mark + MARK.len;
    if (!parse_length(trim_spaces((sio_view){it->p, (size_t)(mark - it->p)}), &units)) {
        *packet = (sio_view){begin, 0};
        it->done = true;
        return true;
    }
    *packet = (sio_view){begin, (size_t)(it->end - begin)};
    packet->len = sio_utf8_skip_units(*packet, units);
    it->p = skip_mark(begin + packet->len, it->end);
    return true;
}

bool
sio09_payload_next(sio09_payload_iter *it, sio_view *packet)
{
    if (it->done)
        return false;
    if (it->framed)
        return next_frame(it, packet);
    *packet = (sio_view){it->p, (size_t)(it->end - it->p)};
    it->done = true;
    return true;
}

/* --- Encoding. --- */

void
sio09_payload_add(sio_buf *out, sio_view packet)
{
    sio_buf_add_view(out, MARK);
    sio_buf_add_u64(out, sio_utf8_utf16_units(packet));
    sio_buf_add_view(out, MARK);
    sio_buf_add_view(out, packet);
}

void
sio09_payload_encode(const sio_view *packets, size_t n, sio_buf *out)
{
    if (n == 1 && !(packets[0].len > 0 &&
                    starts_with_mark(packets[0].data, packets[0].data + packets[0].len))) {
        sio_buf_add_view(out, packets[0]);
        return;
    }
    for (size_t i = 0; i < n; i++)
        sio09_payload_add(out, packets[i]);
}
