/*
 * server/net/address.h - the network address of a peer, in 20 bytes instead of a sockaddr_storage.
 */
#ifndef SIO_NET_ADDRESS_H
#define SIO_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "protocol/view.h"
#include "server/base/budget.h"

enum { SIO_ADDRESS_TEXT_MAX = 64 };

typedef struct {
    uint8_t  family;    /* AF_INET, AF_INET6, AF_UNIX, or 0 when unknown */
    uint8_t  bytes[16]; /* of an IPv4 address the first four, and then zeros */
    uint16_t port;
} sio_address;

/* An IPv4 peer of a dual-stack socket (::ffff:1.2.3.4) becomes plain IPv4. */
sio_address sio_address_of(const struct sockaddr *sa);

/* n_bytes (4: IPv4, 16: IPv6) in network order; one of IPv6 that means IPv4 becomes that, too. */
sio_address sio_address_of_bytes(const uint8_t *bytes, size_t n_bytes, uint16_t port);

/* The address alone, without port: "1.2.3.4", "::1", "unix:", or "unknown". Returns text. */
const char *sio_address_text(const sio_address *a, char text[SIO_ADDRESS_TEXT_MAX]);

/*
 * The same for the log: unless it is to be whole, of IPv4 without the last of its bytes,
 * "1.2.3.0/24", and of IPv6 the first 48 bits, "2001:db8:1::/48".
 */
const char *sio_address_log_text(const sio_address *a, bool is_whole,
                                 char text[SIO_ADDRESS_TEXT_MAX]);

/*
 * Is it in one of the networks (protocol/network.h)? Whoever comes in by a unix socket is on this
 * machine, and counts as loopback. One that is unknown is in none.
 */
bool sio_address_is_in(const sio_address *a, const sio_view *networks, size_t n);

/* The account that what its client keeps is put on (base/budget.h). Views key. */
sio_view sio_address_account(const sio_address *a, uint8_t key[SIO_BUDGET_KEY_MAX]);

#endif
