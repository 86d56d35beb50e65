#include "protocol/base64.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { BLOCK_GROUPS = 32 }; /* of three bytes or four characters, appended together */

size_t
sio_base64_len(size_t n)
{
    return (n + 2) / 3 * 4;
}

/* One group: one to three bytes as four characters. */
static void
encode_group(const unsigned char *p, size_t n, char out[4])
{
    const uint32_t bits =
        (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? (uint32_t)p[2] : 0);

    out[0] = alphabet[bits >> 18];
    out[1] = alphabet[bits >> 12 & 63];
    out[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
    out[3] = n > 2 ? alphabet[bits & 63] : '=';
}

void
sio_base64_encode(sio_view bytes, sio_buf *out)
{
    const unsigned char *p = (const unsigned char *)bytes.data;
    size_t               left = bytes.len;

    while (left > 0) {
        char   block[BLOCK_GROUPS * 4];
        size_t n_chars = 0;

        while (left > 0 && n_chars < sizeof block) {
            const size_t n = left < 3 ? left : 3;

            encode_group(p, n, block + n_chars);
            n_chars += 4;
            p += n;
            left -= n;
        }
        sio_buf_add(out, block, n_chars);
    }
}

/* The six bits of a character, or -1. */
static int
value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Take off the padding; false when there is more of it than the length asks for. */
static bool
strip_padding(sio_view *text)
{
    const size_t before = text->len;

    while (text->len > 0 && text->data[text->len - 1] == '=')
        text->len--;
    return before - text->len <= (4 - text->len % 4) % 4;
}

bool
sio_base64_valid(sio_view text)
{
    if (!strip_padding(&text) || text.len % 4 == 1) /* six bits alone are no byte */
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (value_of(text.data[i]) < 0)
            return false;
    return true;
}

/* One group: two to four valid characters, of which one to three bytes come. */
static size_t
decode_group(const char *p, size_t n, char out[3])
{
    uint32_t bits = 0;

    for (size_t i = 0; i < 4; i++)
        bits = bits << 6 | (i < n ? (uint32_t)value_of(p[i]) : 0);
    out[0] = (char)(bits >> 16);
    out[1] = (char)(bits >> 8 & 255);
    out[2] = (char)(bits & 255);
    return n - 1;
}

int
sio_base64_decode(sio_view text, sio_buf *out)
{
    const char *p = text.data;

    if (!sio_base64_valid(text))
        return SIO_BAD;
    strip_padding(&text);
    while (text.len > 0) {
        char   block[BLOCK_GROUPS * 3];
        size_t n_bytes = 0;

        while (text.len > 0 && n_bytes < sizeof block) {
            const size_t n = text.len < 4 ? text.len : 4;

            n_bytes += decode_group(p, n, block + n_bytes);
            p += n;
            text.len -= n;
        }
        sio_buf_add(out, block, n_bytes);
    }
    return out->failed ? SIO_TOO_LARGE : SIO_OK;
}
