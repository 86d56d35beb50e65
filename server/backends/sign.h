/*
 * server/backends/sign.h - signatures of requests to backends: Standard Webhooks 1.0, symmetric.
 *
 * Signed is `ID.TIMESTAMP.BODY`, to the byte as they are sent, so a receiver knows who has sent
 * it, and that it is neither changed nor an old one sent again. There are libraries that verify it
 * for many languages. Rule: the specification of Standard Webhooks, "Signature scheme".
 */
#ifndef SIO_BACKENDS_SIGN_H
#define SIO_BACKENDS_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/view.h"

enum {
    SIO_SIGN_MAX_SECRETS = 2, /* the old and the new one, while they are exchanged */
    SIO_SIGN_MIN_SECRET_BYTES = 24,
    SIO_SIGN_MAX_SECRET_BYTES = 64
};

typedef struct sio_sign sio_sign;

/* Is this a secret: "whsec_" and 24 to 64 bytes in base64 (RFC 4648, section 4)? */
bool sio_sign_is_secret(sio_view secret);

/*
 * Sign with each of the secrets, at most SIO_SIGN_MAX_SECRETS; none: nothing is signed. They are
 * read in this call only. SIO_OK, SIO_BAD: one is no secret, SIO_ERR_NOMEM, or SIO_ERR_SYS: OpenSSL
 * does not offer it.
 */
int sio_sign_new(sio_sign **out, const sio_view *secrets, size_t n_secrets);

/* NULL is allowed. */
void sio_sign_free(sio_sign *s);

/*
 * Append the value of the header webhook-signature: "v1,SIGNATURE" for each secret, with a blank
 * between them; nothing without secrets. id has no '.'. Failure is out->failed.
 */
void sio_sign_add(sio_sign *s, sio_view id, uint64_t timestamp_s, sio_view body, sio_buf *out);

#endif
