#include "protocol/proxy_header.h"
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <string.h>

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

/* "address port", "own", "more" or "bad". */
static sio_view
shown(const char *bytes, size_t n)
{
    static char      text[100];
    char             address[INET6_ADDRSTRLEN];
    sio_proxy_header h;
    const ptrdiff_t  rc = sio_proxy_header_read(bytes, n, &h);

    if (rc < 0)
        return rc == SIO_PARTIAL ? SIO_VIEW("more") : SIO_VIEW("bad");
    CHECK_INT(rc, (ptrdiff_t)n);
    if (h.n_bytes == 0)
        return SIO_VIEW("own");
    inet_ntop(h.n_bytes == 4 ? AF_INET : AF_INET6, h.address, address, sizeof address);
    snprintf(text, sizeof text, "%s %u", address, h.port);
    return sio_view_of(text);
}

static void
test_lines(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n", "203.0.113.9 4711"},
        {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255 65535"},
        {"PROXY TCP6 2001:db8::17 ::1 0 0\r\n", "2001:db8::17 0"},
        {"PROXY UNKNOWN\r\n", "own"},
        {"PROXY UNKNOWN ffff::1 x 65535 y\r\n", "own"},
        {"PROXY TCP4 203.0.113.9 192.0.2.1 4711\r\n", "bad"},
        {"PROXY TCP4 203.0.113.9 192.0.2.1 4711 443 \r\n", "bad"},
        {"PROXY TCP4  203.0.113.9 192.0.2.1 4711 443\r\n", "bad"},
        {"PROXY TCP4 203.0.113.9 192.0.2.1 04711 443\r\n", "bad"},
        {"PROXY TCP4 203.0.113.9 192.0.2.1 65536 443\r\n", "bad"},
        {"PROXY TCP4 203.0.113.9 192.0.2.1 -1 443\r\n", "bad"},
        {"PROXY TCP4 203.0.113.256 192.0.2.1 1 443\r\n", "bad"},
        {"PROXY TCP4 2001:db8::17 ::1 1 443\r\n", "bad"},
        {"PROXY TCP6 203.0.113.9 192.0.2.1 1 443\r\n", "bad"},
        {"PROXY UDP4 203.0.113.9 192.0.2.1 1 443\r\n", "bad"},
        {"PROXY \r\n", "bad"},
        {"PROXY\r\n", "bad"},
        {"proxy UNKNOWN\r\n", "bad"},
        {"GET / HTTP/1.1\r\n", "bad"},
        {"PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\n", "more"},
        {"", "more"},
    };

    for (size_t i = 0; i < N_ROWS(rows); i++)
        CHECK_VIEW(shown(rows[i].text, strlen(rows[i].text)), rows[i].want);
}

static void
test_a_line_has_107_bytes_at_most(void)
{
    char line[120];

    memset(line, 'x', sizeof line);
    memcpy(line, "PROXY UNKNOWN ", 14);
    CHECK_VIEW(shown(line, 106), "more");
    CHECK_VIEW(shown(line, 107), "bad");
    memcpy(line + 105, "\r\n", 2);
    CHECK_VIEW(shown(line, 107), "own");
    memcpy(line + 105, "xx\r\n", 4);
    CHECK_VIEW(shown(line, 109), "bad");
}

/* Version 2 with that command, family and body. Returns its length. */
static size_t
v2(char *out, uint8_t command, uint8_t family, const void *body, size_t n)
{
    memcpy(out, "\r\n\r\n\0\r\nQUIT\n", 12);
    out[12] = (char)command;
    out[13] = (char)family;
    out[14] = (char)(n >> 8);
    out[15] = (char)n;
    memcpy(out + 16, body, n);
    return 16 + n;
}

static const char ipv4[] = "\xcb\x00\x71\x09\xc0\x00\x02\x01\x12\x67\x01\xbb";

static void
test_blocks(void)
{
    static const char ipv6[36] = {0x20, 0x01, 0x0d, (char)0xb8, [15] = 0x17, [32] = 0x12, 0x67};
    static const char unix_pair[216] = "/run/a";
    char              out[600];

    CHECK_VIEW(shown(out, v2(out, 0x21, 0x11, ipv4, 12)), "203.0.113.9 4711");
    CHECK_VIEW(shown(out, v2(out, 0x21, 0x21, ipv6, 36)), "2001:db8::17 4711");
    CHECK_VIEW(shown(out, v2(out, 0x21, 0x31, unix_pair, 216)), "own");
    CHECK_VIEW(shown(out, v2(out, 0x21, 0x00, "", 0)), "own");
    CHECK_VIEW(shown(out, v2(out, 0x20, 0x00, "", 0)), "own");
    CHECK_VIEW(shown(out, v2(out, 0x20, 0x11, ipv4, 12)), "own");
    CHECK_VIEW(shown(out, v2(out, 0x21, 0x11, ipv4, 11)), "bad");
    CHECK_VIEW(shown(out, v2(out, 0x21, 0x12, ipv4, 12)), "bad"); /* datagrams */
    CHECK_VIEW(shown(out, v2(out, 0x21, 0x41, ipv4, 12)), "bad");
    CHECK_VIEW(shown(out, v2(out, 0x22, 0x11, ipv4, 12)), "bad");
    CHECK_VIEW(shown(out, v2(out, 0x11, 0x11, ipv4, 12)), "bad"); /* version 1 in this form */
}

static void
test_what_follows_the_addresses(void)
{
    static const struct {
        const char *tlvs;
        size_t      n;
        const char *want;
    } rows[] = {
        {"\x04\x00\x00", 3, "203.0.113.9 4711"},
        {"\x02\x00\x03"
         "abc\xe0\x00\x01"
         "x",
         10, "203.0.113.9 4711"},
        {"\x20\x00\x04\x01\x00\x00\x00", 7, "bad"}, /* TLS: shorter than it has to be */
        {"\x04\x00", 2, "bad"},
        {"\x04\x00\x02"
         "a",
         4, "bad"},
        {"\x03\x00\x04"
         "abcd",
         7, "bad"},
        {"\x03\x00\x03"
         "abc",
         6, "bad"},
    };
    char body[100], out[200];

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        memcpy(body, ipv4, 12);
        memcpy(body + 12, rows[i].tlvs, rows[i].n);
        CHECK_VIEW(shown(out, v2(out, 0x21, 0x11, body, 12 + rows[i].n)), rows[i].want);
    }
}

/* PP2_TYPE_SSL: what the client has done, its first bit: TLS; whether that was verified; more. */
static void
test_whether_the_client_speaks_tls(void)
{
    static const struct {
        const char *tlvs;
        size_t      n;
        bool        want;
    } rows[] = {
        {"", 0, false},
        {"\x20\x00\x05\x01\x00\x00\x00\x00", 8, true},
        {"\x20\x00\x05\x07\x00\x00\x00\x01", 8, true},
        {"\x20\x00\x05\x00\x00\x00\x00\x00", 8, false},
        {"\x20\x00\x05\x06\x00\x00\x00\x00", 8, false},
        {"\x20\x00\x0c\x01\x00\x00\x00\x00\x21\x00\x04"
         "TLSv",
         15, true},
    };
    char             body[100], out[200];
    sio_proxy_header header;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        memcpy(body, ipv4, 12);
        memcpy(body + 12, rows[i].tlvs, rows[i].n);
        CHECK(sio_proxy_header_read(out, v2(out, 0x21, 0x11, body, 12 + rows[i].n), &header) > 0);
        CHECK_INT(header.is_secure, rows[i].want);
    }
}

/* Written differently from the one under test. */
static uint32_t
crc32c_of(const char *bytes, size_t n)
{
    uint32_t crc = ~0U;

    for (size_t i = 0; i < n * 8; i++) {
        const uint32_t bit = ((uint8_t)bytes[i / 8] >> i % 8 & 1) ^ (crc & 1);

        crc = crc >> 1 ^ (bit != 0 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

static void
test_a_checksum_has_to_be_right(void)
{
    char     body[19], out[40];
    uint32_t crc;
    size_t   n;

    CHECK(crc32c_of("123456789", 9) == 0xe3069283); /* the test vector of RFC 3720 */
    memcpy(body, ipv4, 12);
    memcpy(body + 12, "\x03\x00\x04\x00\x00\x00\x00", 7);
    n = v2(out, 0x21, 0x11, body, sizeof body);
    crc = crc32c_of(out, n);
    for (int i = 0; i < 4; i++)
        out[n - 4 + (size_t)i] = (char)(crc >> (24 - 8 * i));
    CHECK_VIEW(shown(out, n), "203.0.113.9 4711");
    for (size_t i = 0; i < n; i++) {
        out[i] ^= 1;
        /* Every byte counts, but what makes it LOCAL, longer, or the checksum something else. */
        CHECK(sio_view_eq(shown(out, n), SIO_VIEW("bad")) || i == 12 || i == 14 || i == 28);
        out[i] ^= 1;
    }
}

static void
test_every_beginning_is_partial(void)
{
    static const char line[] = "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n";
    char              out[40];
    const size_t      n = v2(out, 0x21, 0x11, ipv4, 12);

    for (size_t i = 0; i < sizeof line - 1; i++)
        CHECK_VIEW(shown(line, i), "more");
    for (size_t i = 0; i < n; i++)
        CHECK_VIEW(shown(out, i), "more");
}

static void
test_a_block_that_is_too_long(void)
{
    static char zeros[SIO_PROXY_HEADER_MAX], out[SIO_PROXY_HEADER_MAX + 16];

    CHECK_VIEW(shown(out, v2(out, 0x20, 0, zeros, SIO_PROXY_HEADER_MAX - 16)), "own");
    v2(out, 0x20, 0, zeros, SIO_PROXY_HEADER_MAX - 15);
    CHECK_VIEW(shown(out, 16), "bad");
    memcpy(out + 14, "\xff\xff", 2);
    CHECK_VIEW(shown(out, 16), "bad");
}

static void
test_what_follows_is_not_taken(void)
{
    static const char line[] = "PROXY UNKNOWN\r\nPROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n";
    sio_proxy_header  h;

    CHECK_INT(sio_proxy_header_read(line, sizeof line - 1, &h), 15);
    CHECK_INT(h.n_bytes, 0);
}

int
main(void)
{
    RUN(test_lines);
    RUN(test_a_line_has_107_bytes_at_most);
    RUN(test_blocks);
    RUN(test_what_follows_the_addresses);
    RUN(test_whether_the_client_speaks_tls);
    RUN(test_a_checksum_has_to_be_right);
    RUN(test_every_beginning_is_partial);
    RUN(test_a_block_that_is_too_long);
    RUN(test_what_follows_is_not_taken);
    return check_done();
}
