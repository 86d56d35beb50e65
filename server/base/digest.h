/*
 * server/base/digest.h - digests, by OpenSSL.
 *
 * Handshakes of WebSocket are made with MD5 and SHA-1. Neither protects anything there: RFC 6455
 * (4.2.2) and hixie-76 only show that a server has read the request.
 */
#ifndef SIO_BASE_DIGEST_H
#define SIO_BASE_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/view.h"

enum { SIO_MD5_BYTES = 16, SIO_SHA1_BYTES = 20, SIO_SHA256_BYTES = 32 };

/* False when OpenSSL has no memory, or does not offer the digest. */
bool sio_digest_md5(sio_view bytes, uint8_t out[SIO_MD5_BYTES]);
bool sio_digest_sha1(sio_view bytes, uint8_t out[SIO_SHA1_BYTES]);
bool sio_digest_sha256(sio_view bytes, uint8_t out[SIO_SHA256_BYTES]);

/* Are they the same? How long that takes tells nothing about them. False, too, without digests. */
bool sio_digest_same_secret(sio_view a, sio_view b);

/* The version of OpenSSL that runs. */
const char *sio_digest_library(void);

#endif
