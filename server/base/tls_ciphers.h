/*
 * server/base/tls_ciphers.h - names of ciphers for TLS 1.2, as OpenSSL reads them.
 *
 * Called by server/config/ (is it a list?) and server/net/.
 */
#ifndef SIO_BASE_TLS_CIPHERS_H
#define SIO_BASE_TLS_CIPHERS_H

#include <stdbool.h>

#include "protocol/view.h"

/* Those with forward secrecy and authenticated encryption: what clients of the last ten years have. */
#define SIO_TLS_CIPHERS_DEFAULT "ECDHE+AESGCM:ECDHE+CHACHA20"

/* Is there any cipher in the list, which is in the language of openssl-ciphers(1)? Or empty. */
bool sio_tls_ciphers_are_known(sio_view list);

#endif
