/*
 * server/base/authorities.h - who vouches for the certificates of clients: a file of certificates.
 *
 * Called by server/net/ and server/config/.
 */
#ifndef SIO_BASE_AUTHORITIES_H
#define SIO_BASE_AUTHORITIES_H

#include <openssl/x509.h>

#include "protocol/buf.h"
#include "server/base/digest.h"

typedef struct {
    X509  **items;
    size_t  n;
    uint8_t digest[SIO_SHA256_BYTES]; /* of the file */
} sio_authorities;

/*
 * Read all that are in the file, which is in PEM. SIO_OK; SIO_ERR_CONFIG with some words in error,
 * which begin with the path; SIO_ERR_NOMEM. *a is to be given to sio_authorities_fini() in any case.
 */
int sio_authorities_read(sio_authorities *a, const char *path, sio_buf *error);

/* Of a zeroed one, too. */
void sio_authorities_fini(sio_authorities *a);

#endif
