/*
 * protocol/jwk.h - JSON Web Keys: the numbers of a key, and what it is for.
 *
 * Called by server/base/jws_key.c, which makes keys of them. Pure; allocates only through sio_buf.
 * Rules: RFC 7517, RFC 7518 section 6, RFC 8037 section 2.
 */
#ifndef SIO_PROTOCOL_JWK_H
#define SIO_PROTOCOL_JWK_H

#include "protocol/json_read.h"
#include "protocol/jwt.h"

enum {
    SIO_JWK_MAX_SET_BYTES = 262144,
    SIO_JWK_MIN_RSA_BITS = 2048, /* RFC 7518, 3.3 */
    SIO_JWK_MAX_RSA_BITS = 8192, /* more would only cost time */
    SIO_JWK_P256_BYTES = 32,
    SIO_JWK_ED25519_BYTES = 32
};

/* Views are of `bytes`, big-endian numbers without leading zeros where they are numbers. */
typedef struct {
    sio_jwt_algorithm algorithm;
    sio_buf           bytes;
    sio_view          kid;    /* empty: it has none */
    sio_view          first;  /* k of oct, n of RSA, x of EC and OKP */
    sio_view          second; /* e of RSA, y of EC; else empty */
} sio_jwk;

/*
 * The keys of a set, for sio_json_read_array_next(). SIO_OK; SIO_BAD: text is no key set, or too
 * large for one.
 */
int sio_jwk_set_begin(sio_view text, sio_json_iter *it);

/*
 * Read a key of a valid text. SIO_OK. SIO_ERR_NOT_FOUND: it is none that could verify a token here
 * (another kind, another use). SIO_BAD: it is broken, or too weak, and *why tells a person. *key is
 * to be given to sio_jwk_fini() in any case, which wipes it.
 */
int  sio_jwk_read(sio_jwk *key, sio_view json, const char **why);
void sio_jwk_fini(sio_jwk *key);

#endif
