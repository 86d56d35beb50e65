/*
 * server/base/digest.h - the digests that handshakes of WebSocket are made with, by OpenSSL.
 *
 * Neither protects anything there: RFC 6455 (4.2.2) and hixie-76 only show that a server has read
 * the request.
 */
#ifndef SIO_BASE_DIGEST_H
#define SIO_BASE_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/view.h"

enum { SIO_MD5_BYTES = 16, SIO_SHA1_BYTES = 20 };

/* False when OpenSSL has no memory, or does not offer the digest. */
bool sio_digest_md5(sio_view bytes, uint8_t out[SIO_MD5_BYTES]);
bool sio_digest_sha1(sio_view bytes, uint8_t out[SIO_SHA1_BYTES]);

#endif
