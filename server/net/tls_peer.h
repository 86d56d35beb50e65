/*
 * server/net/tls_peer.h - what TLS knows of a client: how it speaks, and its certificate.
 *
 * Called by carrier_tls.c, for the data of a handshake.
 */
#ifndef SIO_NET_TLS_PEER_H
#define SIO_NET_TLS_PEER_H

#include <openssl/ssl.h>

#include "protocol/buf.h"

enum { SIO_TLS_PEER_MAX_NAMES = 20, SIO_TLS_PEER_MAX_TEXT = 1000 };

/*
 * Append an object: version, cipher, the name that was asked for (or null), and the certificate (or
 * null), verified or not. Its texts are cut to SIO_TLS_PEER_MAX_TEXT bytes.
 */
void sio_tls_peer_describe(const SSL *ssl, sio_buf *json);

#endif
