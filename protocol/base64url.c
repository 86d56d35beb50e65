#include "protocol/base64url.h"

#include <stdint.h>

#include "protocol/result.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Characters of a group that stands for n bytes. */
static size_t
chars_of(size_t n)
{
    return n < 3 ? n + 1 : 4;
}

void
sio_base64url_encode(sio_view bytes, sio_buf *out)
{
    const unsigned char *p = (const unsigned char *)bytes.data;

    for (size_t i = 0; i < bytes.len; i += 3) {
        const size_t   n = bytes.len - i < 3 ? bytes.len - i : 3;
        const uint32_t bits = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
                              (n > 2 ? (uint32_t)p[i + 2] : 0);
        const char group[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
                               alphabet[bits >> 6 & 63], alphabet[bits & 63]};

        sio_buf_add(out, group, chars_of(n));
    }
}

/* The six bits of a character; -1: it is none. */
static int
bits_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* n characters, two to four. False: they are none, or have bits that belong to no byte. */
static bool
decode_group(const char *p, size_t n, sio_buf *out)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < n; i++) {
        const int six = bits_of(p[i]);

        if (six < 0)
            return false;
        bits = bits << 6 | (uint32_t)six;
    }
    bits <<= 6 * (4 - n);
    const char bytes[3] = {(char)(bits >> 16), (char)(bits >> 8 & 255), (char)(bits & 255)};

    if (n < 4 && (bits & (n == 3 ? 0xffu : 0xffffu)) != 0)
        return false;
    sio_buf_add(out, bytes, n - 1);
    return true;
}

int
sio_base64url_decode(sio_view text, sio_buf *out)
{
    const size_t before = out->len;

    if (text.len % 4 == 1)
        return SIO_BAD;
    for (size_t i = 0; i < text.len; i += 4) {
        if (decode_group(text.data + i, text.len - i < 4 ? text.len - i : 4, out))
            continue;
        out->len = before;
        return SIO_BAD;
    }
    return SIO_OK;
}
