/*
 * protocol/proxy_header.h - the header of the PROXY protocol, in which a proxy says whose
 * connection it passes on.
 *
 * Called by server/net/proxied.c and tests. Pure, does not allocate. Versions 1 (a line of text)
 * and 2 (binary) are told apart by their first byte. Rules: "The PROXY protocol, versions 1 & 2" of
 * HAProxy, sections 2.1 and 2.2.
 */
#ifndef SIO_PROTOCOL_PROXY_HEADER_H
#define SIO_PROTOCOL_PROXY_HEADER_H

#include "protocol/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* The specification lets version 2 have 64 KiB, of which certificates take some. */
    SIO_PROXY_HEADER_MAX = 4096
};

typedef struct {
    uint8_t  address[16]; /* of the client, in network order */
    size_t   n_bytes;     /* 4, 16, or 0: not told, and the connection's own address counts */
    uint16_t port;
    bool     is_secure; /* version 2: the client speaks TLS with the proxy (PP2_TYPE_SSL) */
} sio_proxy_header;

/*
 * Read the header at the beginning of bytes[0..n). Returns the bytes that it takes (> 0) and *out
 * is filled in; SIO_PARTIAL: more has to come; SIO_BAD: it is none, or longer than
 * SIO_PROXY_HEADER_MAX.
 */
ptrdiff_t sio_proxy_header_read(const char *bytes, size_t n, sio_proxy_header *out);

#endif
