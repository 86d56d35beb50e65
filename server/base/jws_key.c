#include "server/base/jws_key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

#include "protocol/result.h"
#include "server/base/pem.h"

enum {
    HMAC_BYTES = 32,
    HALF_BYTES = 32,                          /* of a signature of P-256: two numbers */
    MAX_SIGNATURE = SIO_JWK_MAX_RSA_BITS / 8, /* of any kind */
    MAX_DER = 80                              /* of two such numbers */
};

struct sio_jws_key {
    sio_jwt_algorithm algorithm;
    EVP_PKEY         *pkey; /* NULL: a secret */
    sio_view          secret, id;
    char              text[]; /* of both */
};

static sio_jws_key *
key_new(sio_jwt_algorithm algorithm, sio_view secret, sio_view id)
{
    sio_jws_key *key = calloc(1, sizeof *key + secret.len + id.len + 1);
    char        *to;

    if (key == NULL)
        return NULL;
    to = key->text;
    key->algorithm = algorithm;
    key->secret = secret;
    key->id = id;
    sio_view_move(&key->secret, &to);
    sio_view_move(&key->id, &to);
    return key;
}

void
sio_jws_key_free(sio_jws_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pkey);
    OPENSSL_cleanse(key->text, key->secret.len);
    free(key);
}

sio_jwt_algorithm
sio_jws_key_algorithm(const sio_jws_key *key)
{
    return key->algorithm;
}

sio_view
sio_jws_key_id(const sio_jws_key *key)
{
    return key->id;
}

/* --- Made of numbers. --- */

static const unsigned char *
bytes_of(sio_view v)
{
    return (const unsigned char *)v.data;
}

/* NULL: OpenSSL does not take it. */
static EVP_PKEY *
pkey_of(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *ctx = params != NULL ? EVP_PKEY_CTX_new_from_name(NULL, type, NULL) : NULL;
    EVP_PKEY     *pkey = NULL;

    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return pkey;
}

static EVP_PKEY *
rsa_of(const sio_jwk *jwk)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM         *n = BN_bin2bn(bytes_of(jwk->first), (int)jwk->first.len, NULL);
    BIGNUM         *e = BN_bin2bn(bytes_of(jwk->second), (int)jwk->second.len, NULL);
    OSSL_PARAM     *params = NULL;

    if (build != NULL && n != NULL && e != NULL &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY *pkey = pkey_of("RSA", params);

    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    return pkey;
}

/* Is the point on the curve? Otherwise a signature means nothing. */
static bool
is_public_key(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    const bool    is_good = ctx != NULL && EVP_PKEY_public_check(ctx) == 1;

    EVP_PKEY_CTX_free(ctx);
    return is_good;
}

/* The point uncompressed: 4, x, y (SEC 1, 2.3.3). */
static EVP_PKEY *
ec_of(const sio_jwk *jwk)
{
    unsigned char    point[1 + 2 * SIO_JWK_P256_BYTES] = {4};
    char             group[] = "prime256v1";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *pkey;

    memcpy(point + 1, jwk->first.data, SIO_JWK_P256_BYTES);
    memcpy(point + 1 + SIO_JWK_P256_BYTES, jwk->second.data, SIO_JWK_P256_BYTES);
    pkey = pkey_of("EC", OSSL_PARAM_dup(params));
    if (pkey != NULL && is_public_key(pkey))
        return pkey;
    EVP_PKEY_free(pkey);
    return NULL;
}

static EVP_PKEY *
ed_of(const sio_jwk *jwk)
{
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes_of(jwk->first),
                                       jwk->first.len);
}

static EVP_PKEY *
public_key_of(const sio_jwk *jwk)
{
    switch (jwk->algorithm) {
    case SIO_JWT_RS256:
        return rsa_of(jwk);
    case SIO_JWT_ES256:
        return ec_of(jwk);
    default:
        return ed_of(jwk);
    }
}

int
sio_jws_key_new(sio_jws_key **out, const sio_jwk *jwk)
{
    const bool   is_shared = jwk->algorithm == SIO_JWT_HS256;
    sio_jws_key *key = key_new(jwk->algorithm, is_shared ? jwk->first : SIO_VIEW(""), jwk->kid);

    if (key == NULL)
        return SIO_ERR_NOMEM;
    if (is_shared || (key->pkey = public_key_of(jwk)) != NULL) {
        *out = key;
        return SIO_OK;
    }
    ERR_clear_error();
    sio_jws_key_free(key);
    return SIO_BAD;
}

int
sio_jws_key_new_secret(sio_jws_key **out, sio_view secret)
{
    *out = key_new(SIO_JWT_HS256, secret, SIO_VIEW(""));
    return *out != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

/* --- Read from a file. --- */

static bool
is_p256(const EVP_PKEY *pkey)
{
    char name[32] = "";

    return EVP_PKEY_get_group_name(pkey, name, sizeof name, NULL) == 1 &&
           strcmp(name, "prime256v1") == 0;
}

static sio_jwt_algorithm
algorithm_of(const EVP_PKEY *pkey)
{
    const int bits = EVP_PKEY_get_bits(pkey);

    if (EVP_PKEY_is_a(pkey, "RSA") && bits >= SIO_JWK_MIN_RSA_BITS && bits <= SIO_JWK_MAX_RSA_BITS)
        return SIO_JWT_RS256;
    if (EVP_PKEY_is_a(pkey, "EC") && is_p256(pkey))
        return SIO_JWT_ES256;
    return EVP_PKEY_is_a(pkey, "ED25519") ? SIO_JWT_EDDSA : SIO_JWT_NO_ALGORITHM;
}

int
sio_jws_key_new_pem(sio_jws_key **out, sio_view pem)
{
    EVP_PKEY               *pkey = sio_pem_private_key(pem);
    const sio_jwt_algorithm a = pkey != NULL ? algorithm_of(pkey) : SIO_JWT_NO_ALGORITHM;
    sio_jws_key *key = a != SIO_JWT_NO_ALGORITHM ? key_new(a, SIO_VIEW(""), SIO_VIEW("")) : NULL;

    if (key == NULL) {
        EVP_PKEY_free(pkey);
        ERR_clear_error();
        return SIO_BAD;
    }
    key->pkey = pkey;
    *out = key;
    return SIO_OK;
}

/* --- Signatures. --- */

static bool
make_hmac(const sio_jws_key *key, sio_view text, unsigned char out[HMAC_BYTES])
{
    unsigned n = 0;

    return HMAC(EVP_sha256(), key->secret.data, (int)key->secret.len, bytes_of(text), text.len, out,
                &n) != NULL &&
           n == HMAC_BYTES;
}

static bool
verifies_hmac(const sio_jws_key *key, sio_view text, sio_view signature)
{
    unsigned char mac[HMAC_BYTES];

    return signature.len == sizeof mac && make_hmac(key, text, mac) &&
           CRYPTO_memcmp(mac, signature.data, sizeof mac) == 0;
}

/* Ed25519 has its own digest. */
static const EVP_MD *
digest_of(const sio_jws_key *key)
{
    return key->algorithm == SIO_JWT_EDDSA ? NULL : EVP_sha256();
}

static bool
verifies_pkey(const sio_jws_key *key, sio_view text, const unsigned char *signature, size_t n)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool  is_good = ctx != NULL &&
                         EVP_DigestVerifyInit(ctx, NULL, digest_of(key), NULL, key->pkey) == 1 &&
                         EVP_DigestVerify(ctx, signature, n, bytes_of(text), text.len) == 1;

    EVP_MD_CTX_free(ctx);
    return is_good;
}

/* Two numbers of equal length (RFC 7518, 3.4) as OpenSSL has them. The length, or 0. */
static size_t
der_of(sio_view halves, unsigned char out[MAX_DER])
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM    *r = BN_bin2bn(bytes_of(halves), HALF_BYTES, NULL);
    BIGNUM    *s = BN_bin2bn(bytes_of(halves) + HALF_BYTES, HALF_BYTES, NULL);
    int        n = 0;

    if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; /* they are sig's */
        n = i2d_ECDSA_SIG(sig, &out);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return n > 0 ? (size_t)n : 0;
}

static bool
verifies_ecdsa(const sio_jws_key *key, sio_view text, sio_view signature)
{
    unsigned char der[MAX_DER];
    const size_t  n = signature.len == (size_t)2 * HALF_BYTES ? der_of(signature, der) : 0;

    return n > 0 && verifies_pkey(key, text, der, n);
}

bool
sio_jws_key_verifies(const sio_jws_key *key, sio_view text, sio_view signature)
{
    bool is_good;

    if (key->algorithm == SIO_JWT_HS256)
        return verifies_hmac(key, text, signature);
    if (key->algorithm == SIO_JWT_ES256)
        is_good = verifies_ecdsa(key, text, signature);
    else
        is_good = verifies_pkey(key, text, bytes_of(signature), signature.len);
    if (!is_good)
        ERR_clear_error(); /* others would find it, and take it for theirs */
    return is_good;
}

/* --- Signing. --- */

static bool
halves_of(const unsigned char *der, size_t n, unsigned char out[2 * HALF_BYTES])
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
    const bool is_good =
        sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, HALF_BYTES) == HALF_BYTES &&
        BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + HALF_BYTES, HALF_BYTES) == HALF_BYTES;

    ECDSA_SIG_free(sig);
    return is_good;
}

static bool
sign_pkey(const sio_jws_key *key, sio_view text, unsigned char out[MAX_SIGNATURE], size_t *n)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool  is_done = ctx != NULL &&
                         EVP_DigestSignInit(ctx, NULL, digest_of(key), NULL, key->pkey) == 1 &&
                         EVP_DigestSign(ctx, out, n, bytes_of(text), text.len) == 1;

    EVP_MD_CTX_free(ctx);
    return is_done;
}

int
sio_jws_key_sign(const sio_jws_key *key, sio_view text, sio_buf *signature)
{
    unsigned char bytes[MAX_SIGNATURE], halves[2 * HALF_BYTES];
    size_t        n = sizeof bytes;
    bool          is_done;

    if (key->algorithm == SIO_JWT_HS256) {
        n = HMAC_BYTES;
        is_done = make_hmac(key, text, bytes);
    } else {
        is_done = sign_pkey(key, text, bytes, &n);
    }
    if (is_done && key->algorithm == SIO_JWT_ES256) {
        is_done = halves_of(bytes, n, halves);
        sio_buf_add(signature, halves, sizeof halves);
    } else if (is_done) {
        sio_buf_add(signature, bytes, n);
    }
    return is_done && !signature->failed ? SIO_OK : SIO_ERR_SYS;
}
