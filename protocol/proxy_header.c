#include "protocol/proxy_header.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "protocol/view.h"

/* --- Version 1: PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n --- */

enum { V1_MAX = 107 }; /* with the line end */

/* Cut what stands before the next blank; single blanks separate all parts. */
static sio_view
next_word(sio_view *rest)
{
    const char *blank = rest->len > 0 ? memchr(rest->data, ' ', rest->len) : NULL;
    sio_view    word = *rest;

    if (blank == NULL) {
        *rest = (sio_view){rest->data + rest->len, 0};
        return word;
    }
    word.len = (size_t)(blank - rest->data);
    *rest = (sio_view){blank + 1, rest->len - word.len - 1};
    return word;
}

static bool
read_address(int family, sio_view word, uint8_t address[16])
{
    char text[INET6_ADDRSTRLEN];

    if (word.len >= sizeof text || memchr(word.data, '\0', word.len) != NULL)
        return false;
    memcpy(text, word.data, word.len);
    text[word.len] = '\0';
    return inet_pton(family, text, address) == 1;
}

/* Decimal, 0 to 65535, without leading zeros. */
static bool
read_port(sio_view word, uint16_t *port)
{
    unsigned n = 0;

    if (word.len == 0 || word.len > 5 || (word.data[0] == '0' && word.len > 1))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] < '0' || word.data[i] > '9')
            return false;
        n = n * 10 + (unsigned)(word.data[i] - '0');
    }
    *port = (uint16_t)n;
    return n <= UINT16_MAX;
}

/* What follows "PROXY ", without the line end. */
static bool
read_line(sio_view rest, sio_proxy_header *out)
{
    const sio_view protocol = next_word(&rest);
    const bool     is_v6 = sio_view_eq(protocol, SIO_VIEW("TCP6"));
    const int      family = is_v6 ? AF_INET6 : AF_INET;
    uint8_t        other[16];
    uint16_t       other_port;

    if (sio_view_eq(protocol, SIO_VIEW("UNKNOWN"))) /* whatever stands behind it */
        return true;
    if (!is_v6 && !sio_view_eq(protocol, SIO_VIEW("TCP4")))
        return false;
    if (!read_address(family, next_word(&rest), out->address) ||
        !read_address(family, next_word(&rest), other) ||
        !read_port(next_word(&rest), &out->port) || !read_port(rest, &other_port))
        return false;
    out->n_bytes = is_v6 ? 16 : 4;
    return true;
}

static ptrdiff_t
read_v1(const char *bytes, size_t n, sio_proxy_header *out)
{
    const sio_view start = SIO_VIEW("PROXY ");
    const size_t   n_seen = n < V1_MAX ? n : V1_MAX;
    const char    *end = memmem(bytes, n_seen, "\r\n", 2);

    if (memcmp(bytes, start.data, n < start.len ? n : start.len) != 0)
        return SIO_BAD;
    if (end == NULL)
        return n < V1_MAX ? SIO_PARTIAL : SIO_BAD;
    if ((size_t)(end - bytes) < start.len ||
        !read_line((sio_view){bytes + start.len, (size_t)(end - bytes) - start.len}, out))
        return SIO_BAD;
    return end + 2 - bytes;
}

/* --- Version 2. --- */

static const char signature[12] = "\r\n\r\n\0\r\nQUIT\n";

enum {
    V2_HEAD = 16,
    V2_LOCAL = 0x20,
    V2_PROXY = 0x21,
    TLV_CRC32C = 3,
    TLV_SSL = 0x20,
    SSL_BYTES =
        5, /* of its value at least: what the client has done, and whether it was verified */
    SSL_CLIENT = 1,
    CRC_BYTES = 4,
    UNIX_BYTES = 216
};

static size_t
u16_at(const char *bytes)
{
    return (size_t)(uint8_t)bytes[0] << 8 | (uint8_t)bytes[1];
}

static uint32_t
u32_at(const char *bytes)
{
    return (uint32_t)u16_at(bytes) << 16 | (uint32_t)u16_at(bytes + 2);
}

/* CRC32c (Castagnoli) as in iSCSI, RFC 3720 appendix B.4; zeros in the place of itself. */
static uint32_t
crc32c(const char *bytes, size_t n, size_t own_place)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < n; i++) {
        crc ^= i - own_place < CRC_BYTES ? 0 : (uint8_t)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

/* One that is told; the others mean nothing here. False: it can not be. */
static bool
read_tlv(const char *bytes, size_t n, size_t value, size_t len, sio_proxy_header *out)
{
    switch ((uint8_t)bytes[value - 3]) {
    case TLV_CRC32C:
        return len == CRC_BYTES && crc32c(bytes, n, value) == u32_at(bytes + value);
    case TLV_SSL:
        out->is_secure = len >= SSL_BYTES && ((uint8_t)bytes[value] & SSL_CLIENT) != 0;
        return len >= SSL_BYTES;
    default:
        return true;
    }
}

/* Each has its length. */
static bool
read_tlvs(const char *bytes, size_t n, size_t from, sio_proxy_header *out)
{
    while (from < n) {
        if (n - from < 3)
            return false;
        const size_t len = u16_at(bytes + from + 1), value = from + 3;

        if (len > n - value)
            return false;
        if (!read_tlv(bytes, n, value, len, out))
            return false;
        from = value + len;
    }
    return true;
}

/*
 * The bytes that addresses of that family and protocol take, and where the port of the client is.
 */
static bool
addresses_of(uint8_t family, size_t *n_bytes, size_t *n_address)
{
    static const struct {
        uint8_t family;
        size_t  n_bytes, n_address;
    } rows[] = {
        {0x00, 0, 0},          /* not told */
        {0x11, 12, 4},         /* TCP over IPv4 */
        {0x21, 36, 16},        /* TCP over IPv6 */
        {0x31, UNIX_BYTES, 0}, /* a stream of a unix socket */
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].family == family) {
            *n_bytes = rows[i].n_bytes;
            *n_address = rows[i].n_address;
            return true;
        }
    return false;
}

/* All of it is there: n bytes. */
static bool
read_block(const char *bytes, size_t n, sio_proxy_header *out)
{
    const uint8_t command = (uint8_t)bytes[12];
    size_t        n_addresses, n_address;

    if (command == V2_LOCAL) /* a health check of the proxy: the rest is to be skipped */
        return true;
    if (!addresses_of((uint8_t)bytes[13], &n_addresses, &n_address) || n - V2_HEAD < n_addresses ||
        !read_tlvs(bytes, n, V2_HEAD + n_addresses, out))
        return false;
    if (n_address > 0) {
        memcpy(out->address, bytes + V2_HEAD, n_address);
        out->port = (uint16_t)u16_at(bytes + V2_HEAD + 2 * n_address);
    }
    out->n_bytes = n_address;
    return true;
}

static ptrdiff_t
read_v2(const char *bytes, size_t n, sio_proxy_header *out)
{
    size_t len;

    if (memcmp(bytes, signature, n < sizeof signature ? n : sizeof signature) != 0 ||
        (n > sizeof signature && (uint8_t)bytes[12] != V2_LOCAL && (uint8_t)bytes[12] != V2_PROXY))
        return SIO_BAD;
    if (n < V2_HEAD)
        return SIO_PARTIAL;
    len = V2_HEAD + u16_at(bytes + 14);
    if (len > SIO_PROXY_HEADER_MAX)
        return SIO_BAD;
    if (n < len)
        return SIO_PARTIAL;
    return read_block(bytes, len, out) ? (ptrdiff_t)len : SIO_BAD;
}

/* --- Either. --- */

ptrdiff_t
sio_proxy_header_read(const char *bytes, size_t n, sio_proxy_header *out)
{
    *out = (sio_proxy_header){.n_bytes = 0};
    if (n == 0)
        return SIO_PARTIAL;
    return bytes[0] == signature[0] ? read_v2(bytes, n, out) : read_v1(bytes, n, out);
}
