/*
 * tests/unit/net/address_test.c - addresses of peers: as text, and the networks that they are in.
 */
#include "server/net/address.h"

#include <netinet/in.h>
#include <sys/un.h>

#include "protocol/network.h"
#include "tests/unit/check.h"

static sio_address
address_of_unix(void)
{
    const struct sockaddr_un un = {.sun_family = AF_UNIX};

    return sio_address_of((const struct sockaddr *)(const void *)&un);
}

static bool
is_in(const sio_address *a, const char *network)
{
    const sio_view networks[] = {SIO_VIEW_INIT("2001:db8::/32"), sio_view_of(network)};

    return sio_address_is_in(a, networks, 2);
}

static void
test_a_unix_peer_counts_as_loopback(void)
{
    const sio_address a = address_of_unix();
    char              text[SIO_ADDRESS_TEXT_MAX];

    CHECK_VIEW(sio_view_of(sio_address_text(&a, text)), "unix:");
    CHECK(is_in(&a, "loopback"));
    CHECK(is_in(&a, "127.0.0.1"));
    CHECK(is_in(&a, "all"));
    CHECK(!is_in(&a, "private"));
    CHECK(!is_in(&a, "127.0.0.2"));
}

static void
test_an_unknown_one_is_nowhere(void)
{
    const sio_address a = sio_address_of(NULL);
    char              text[SIO_ADDRESS_TEXT_MAX];

    CHECK_VIEW(sio_view_of(sio_address_text(&a, text)), "unknown");
    CHECK(!is_in(&a, "all"));
    CHECK(!is_in(&a, "loopback"));
}

static void
test_an_ipv4_peer_of_an_ipv6_socket_is_ipv4(void)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(7)};
    char                text[SIO_ADDRESS_TEXT_MAX];

    in6.sin6_addr.s6_addr[10] = in6.sin6_addr.s6_addr[11] = 0xff;
    in6.sin6_addr.s6_addr[12] = 10;
    const sio_address a = sio_address_of((const struct sockaddr *)(const void *)&in6);

    CHECK_VIEW(sio_view_of(sio_address_text(&a, text)), "10.0.0.0");
    CHECK_INT(a.port, 7);
    CHECK(is_in(&a, "10.0.0.0/8"));
    CHECK(!is_in(&a, "loopback"));
}

static void
test_the_log_may_show_networks(void)
{
    static const uint8_t four[4] = {10, 1, 2, 3};
    static const uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9};
    const sio_address    nobody = {.family = 0};
    sio_address          a = sio_address_of_bytes(four, sizeof four, 80);
    char                 text[SIO_ADDRESS_TEXT_MAX];

    CHECK_VIEW(sio_view_of(sio_address_log_text(&a, true, text)), "10.1.2.3");
    CHECK_VIEW(sio_view_of(sio_address_log_text(&a, false, text)), "10.1.2.0/24");
    a = sio_address_of_bytes(six, sizeof six, 80);
    CHECK_VIEW(sio_view_of(sio_address_log_text(&a, true, text)), "2001:db8:1:2::9");
    CHECK_VIEW(sio_view_of(sio_address_log_text(&a, false, text)), "2001:db8:1::/48");
    CHECK_VIEW(sio_view_of(sio_address_log_text(&nobody, false, text)), "unknown");
}

int
main(void)
{
    RUN(test_a_unix_peer_counts_as_loopback);
    RUN(test_an_unknown_one_is_nowhere);
    RUN(test_an_ipv4_peer_of_an_ipv6_socket_is_ipv4);
    RUN(test_the_log_may_show_networks);
    return check_done();
}
