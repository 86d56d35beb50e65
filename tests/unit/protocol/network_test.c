/* tests/unit/protocol/network_test.c - protocol/network.h: which addresses are in a network. */
#include "tests/unit/check.h"

#include <arpa/inet.h>

#include "protocol/network.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

static bool
has(const char *network, const char *address)
{
    uint8_t bytes[16];
    size_t  n_bytes = strchr(address, ':') != NULL ? 16 : 4;

    CHECK(inet_pton(n_bytes == 4 ? AF_INET : AF_INET6, address, bytes) == 1);
    return sio_network_has(sio_view_of(network), bytes, n_bytes);
}

static void
test_addresses_in_networks(void)
{
    static const struct {
        const char *network, *address;
        bool        is_in;
    } rows[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.1.2.3/8", "10.9.9.9", true}, /* bits beyond the prefix */
        {"10.1.2.3", "10.1.2.3", true},
        {"10.1.2.3", "10.1.2.2", false},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.128/25", "192.0.2.128", true},
        {"192.0.2.0/31", "192.0.2.1", true},
        {"192.0.2.0/31", "192.0.2.2", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "::1", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::1", "::1", true},
        {"::1", "::2", false},
        {"::/0", "2001:db8::1", true},
        {"loopback", "127.3.2.1", true},
        {"loopback", "::1", true},
        {"loopback", "128.0.0.1", false},
        {"linklocal", "169.254.1.1", true},
        {"linklocal", "fe80::1", true},
        {"linklocal", "fec0::1", false},
        {"private", "10.0.0.1", true},
        {"private", "172.31.255.255", true},
        {"private", "172.32.0.0", false},
        {"private", "192.168.1.1", true},
        {"private", "fd00::1", true},
        {"private", "2001:db8::1", false},
        {"all", "203.0.113.9", true},
        {"all", "2001:db8::1", true},
        {"nonsense", "203.0.113.9", false},
    };

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].network;
        CHECK(sio_network_is_valid(sio_view_of(rows[i].network)) ==
              (strcmp(rows[i].network, "nonsense") != 0));
        CHECK(has(rows[i].network, rows[i].address) == rows[i].is_in);
    }
}

static void
test_what_is_no_network(void)
{
    static const char *const rows[] = {
        "",
        "10.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/8x",
        "10.0.0.0/-1",
        "10.0.0.0/0008",
        "10.0.0.0/8/8",
        "::1/129",
        ":::",
        "Loopback",
        "localhost",
        "fe80::1%eth0",
        "10.0.0.0 /8",
        "/8",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999/64",
    };

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i];
        CHECK(!sio_network_is_valid(sio_view_of(rows[i])));
    }
    CHECK(!sio_network_is_valid((sio_view){"10.0.0.0\0/8", 11}));
}

int
main(void)
{
    RUN(test_addresses_in_networks);
    RUN(test_what_is_no_network);
    return check_done();
}
