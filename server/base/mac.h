/*
 * server/base/mac.h - proof that bytes come from somebody who knows a secret: HMAC-SHA-256 (RFC
 * 2104, FIPS 180-4) by OpenSSL, cut to 16 bytes (RFC 2104, section 5).
 *
 * Used by cluster/seal.c.
 */
#ifndef SIO_BASE_MAC_H
#define SIO_BASE_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/view.h"

enum { SIO_MAC_BYTES = 16 };

typedef struct sio_mac sio_mac;

/*
 * A key made of the secret, for this purpose alone. Both are read in this call only. SIO_OK,
 * SIO_ERR_NOMEM, or SIO_ERR_SYS: OpenSSL does not offer it.
 */
int sio_mac_new(sio_mac **out, sio_view secret, sio_view purpose);

/* NULL is allowed. */
void sio_mac_free(sio_mac *mac);

/* Of the parts one behind the other: where one ends is not covered. False: no memory. */
bool sio_mac_make(sio_mac *mac, const sio_view *parts, size_t n_parts, uint8_t out[SIO_MAC_BYTES]);

/* Is this theirs? It takes the same time wherever it differs. No memory: it is not. */
bool sio_mac_check(sio_mac *mac, const sio_view *parts, size_t n_parts,
                   const uint8_t claimed[SIO_MAC_BYTES]);

#endif
