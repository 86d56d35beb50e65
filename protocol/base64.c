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

/* The six bits of a character of either alphabet, plus one; 0: it is of none. */
static const unsigned char six_bits[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['-'] = 63,
    ['/'] = 64, ['_'] = 64,
};

/* What is in front of the padding, or of what looks like it: nothing behind it counts. */
static sio_view
before_padding(sio_view text)
{
    const char *const at = text.len == 0 ? NULL : memchr(text.data, '=', text.len);

    return (sio_view){text.data, at == NULL ? text.len : (size_t)(at - text.data)};
}

/*
 * One group: the next four characters of an alphabet, wherever they are, as three bytes. At the end
 * of the text there may be fewer; one alone is no byte. Returns the bytes.
 */
static size_t
decode_group(const char **p, const char *end, char out[3])
{
    uint32_t bits = 0;
    size_t   n = 0;

    while (n < 4 && *p != end) {
        const uint32_t v = six_bits[(unsigned char)*(*p)++];

        if (v != 0) {
            bits = bits << 6 | (v - 1);
            n++;
        }
    }
    bits <<= 6 * (4 - n);
    out[0] = (char)(bits >> 16);
    out[1] = (char)(bits >> 8 & 255);
    out[2] = (char)(bits & 255);
    return n < 2 ? 0 : n - 1;
}

void
sio_base64_decode(sio_view text, sio_buf *out)
{
    const sio_view    data = before_padding(text);
    const char       *p = data.data;
    const char *const end = data.len == 0 ? p : p + data.len;

    while (p != end) {
        char   block[BLOCK_GROUPS * 3];
        size_t n_bytes = 0;

        while (p != end && n_bytes <= sizeof block - 3)
            n_bytes += decode_group(&p, end, block + n_bytes);
        sio_buf_add(out, block, n_bytes);
    }
}
