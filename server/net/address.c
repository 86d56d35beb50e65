#include "server/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "protocol/network.h"

static void
set_ipv4(sio_address *a, const void *bytes)
{
    a->family = AF_INET;
    memcpy(a->bytes, bytes, 4);
}

static void
set_ipv6(sio_address *a, const struct in6_addr *in6)
{
    if (IN6_IS_ADDR_V4MAPPED(in6)) {
        set_ipv4(a, in6->s6_addr + 12);
        return;
    }
    a->family = AF_INET6;
    memcpy(a->bytes, in6->s6_addr, sizeof a->bytes);
}

sio_address
sio_address_of(const struct sockaddr *sa)
{
    sio_address a = {0};

    if (sa != NULL && sa->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;

        set_ipv4(&a, &in->sin_addr);
        a.port = ntohs(in->sin_port);
    } else if (sa != NULL && sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;

        set_ipv6(&a, &in6->sin6_addr);
        a.port = ntohs(in6->sin6_port);
    } else if (sa != NULL && sa->sa_family == AF_UNIX) {
        a.family = AF_UNIX;
    }
    return a;
}

sio_address
sio_address_of_bytes(const uint8_t *bytes, size_t n_bytes, uint16_t port)
{
    sio_address     a = {.port = port};
    struct in6_addr in6;

    if (n_bytes == 4) {
        set_ipv4(&a, bytes);
        return a;
    }
    memcpy(&in6, bytes, sizeof in6);
    set_ipv6(&a, &in6);
    return a;
}

const char *
sio_address_text(const sio_address *a, char text[SIO_ADDRESS_TEXT_MAX])
{
    if (a->family == AF_UNIX)
        snprintf(text, SIO_ADDRESS_TEXT_MAX, "unix:");
    else if (a->family == 0 || inet_ntop(a->family, a->bytes, text, SIO_ADDRESS_TEXT_MAX) == NULL)
        snprintf(text, SIO_ADDRESS_TEXT_MAX, "unknown");
    return text;
}

const char *
sio_address_log_text(const sio_address *a, bool is_whole, char text[SIO_ADDRESS_TEXT_MAX])
{
    const size_t n_kept = a->family == AF_INET ? 3 : 6;
    sio_address  network = *a;
    size_t       len;

    if (is_whole || (a->family != AF_INET && a->family != AF_INET6))
        return sio_address_text(a, text);
    memset(network.bytes + n_kept, 0, sizeof network.bytes - n_kept);
    len = strlen(sio_address_text(&network, text)); /* 46 bytes at most, of 64 */
    snprintf(text + len, SIO_ADDRESS_TEXT_MAX - len, "%s", a->family == AF_INET ? "/24" : "/48");
    return text;
}

static size_t
n_bytes_of(const sio_address *a)
{
    return a->family == AF_INET ? 4 : a->family == AF_INET6 ? 16 : 0;
}

bool
sio_address_is_in(const sio_address *a, const sio_view *networks, size_t n)
{
    static const uint8_t loopback[4] = {127, 0, 0, 1};
    const bool           is_unix = a->family == AF_UNIX;
    const uint8_t       *bytes = is_unix ? loopback : a->bytes;
    const size_t         n_bytes = is_unix ? sizeof loopback : n_bytes_of(a);

    for (size_t i = 0; n_bytes > 0 && i < n; i++)
        if (sio_network_has(networks[i], bytes, n_bytes))
            return true;
    return false;
}

sio_view
sio_address_account(const sio_address *a, uint8_t key[SIO_BUDGET_KEY_MAX])
{
    return sio_budget_key(a->bytes, n_bytes_of(a), key);
}
