/*
 * server/base/jws_key.h - keys of tokens, and signatures with them, by OpenSSL.
 *
 * Called by server/backends/, which verifies tokens, and by server/cli/, which makes some. The key
 * decides the algorithm, never a token (RFC 8725, 3.1): a public key of RSA can not be taken for a
 * secret.
 */
#ifndef SIO_BASE_JWS_KEY_H
#define SIO_BASE_JWS_KEY_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "protocol/jwk.h"
#include "protocol/jwt.h"

typedef struct sio_jws_key sio_jws_key;

/*
 * A key that verifies. SIO_OK, SIO_BAD: its numbers are none (a point that is not on its curve), or
 * SIO_ERR_NOMEM.
 */
int sio_jws_key_new(sio_jws_key **out, const sio_jwk *jwk);

/* The same, that signs as well: of HS256, of at least SIO_JWT_MIN_SECRET_BYTES. */
int sio_jws_key_new_secret(sio_jws_key **out, sio_view secret);

/*
 * A private key that signs, in PEM without a passphrase: RSA of 2048 to 8192 bits, P-256 or
 * Ed25519. SIO_OK, or SIO_BAD.
 */
int sio_jws_key_new_pem(sio_jws_key **out, sio_view pem);

/* NULL is allowed. Its secret is wiped. */
void sio_jws_key_free(sio_jws_key *key);

sio_jwt_algorithm sio_jws_key_algorithm(const sio_jws_key *key);

/* Its name; empty: it has none. */
sio_view sio_jws_key_id(const sio_jws_key *key);

/* Is that its signature of the text? False, too, without memory. */
bool sio_jws_key_verifies(const sio_jws_key *key, sio_view text, sio_view signature);

/* Append the signature of text. SIO_OK, or SIO_ERR_SYS. */
int sio_jws_key_sign(const sio_jws_key *key, sio_view text, sio_buf *signature);

#endif
