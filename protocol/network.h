/*
 * protocol/network.h - networks as settings name them: which addresses are in one?
 *
 * Called by server/config/ (is it one?), by server/http/client_address.c and tests. Pure.
 *
 * "10.0.0.0/8" and "2001:db8::/32" (RFC 4632, RFC 4291: bits beyond the prefix do not matter), an
 * address alone, or a word for several of them:
 *   loopback   127.0.0.0/8, ::1
 *   linklocal  169.254.0.0/16, fe80::/10
 *   private    10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918), fc00::/7 (RFC 4193)
 *   all        every address
 */
#ifndef SIO_PROTOCOL_NETWORK_H
#define SIO_PROTOCOL_NETWORK_H

#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool sio_network_is_valid(sio_view text);

/* Is the address, of 4 or 16 bytes in network order, in it? Nothing is in what is no network. */
bool sio_network_has(sio_view text, const uint8_t *address, size_t n_bytes);

#endif
