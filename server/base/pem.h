/*
 * server/base/pem.h - a private key in PEM, by OpenSSL.
 *
 * Called by jws_key.c, for keys that sign tokens, and by server/backends/, for those of TLS.
 */
#ifndef SIO_BASE_PEM_H
#define SIO_BASE_PEM_H

#include <openssl/evp.h>

#include "protocol/view.h"

/*
 * The first one of text, at most 2 GiB; the caller frees it. Nobody is asked for a passphrase. NULL:
 * there is none, it wants one, or no memory; OpenSSL's list of errors has more then.
 */
EVP_PKEY *sio_pem_private_key(sio_view text);

#endif
