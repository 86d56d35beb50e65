#include "server/backends/jwt_keyring.h"

#include "protocol/result.h"

void
sio_jwt_keyring_fini(sio_jwt_keyring *ring)
{
    while (ring->n > 0)
        sio_jws_key_free(ring->keys[--ring->n]);
}

int
sio_jwt_keyring_take_secret(sio_jwt_keyring *ring, sio_view secret)
{
    sio_jws_key *key;
    const int    rc = sio_jws_key_new_secret(&key, secret);

    if (rc != SIO_OK)
        return rc;
    sio_jwt_keyring_fini(ring);
    ring->keys[ring->n++] = key;
    return SIO_OK;
}

/* --- A set. --- */

/* SIO_OK, whether or not it is a key for here; SIO_BAD: *why says what is wrong with it. */
static int
take_key(sio_jwt_keyring *ring, sio_view json, const char **why)
{
    sio_jwk jwk;
    int     rc = sio_jwk_read(&jwk, json, why);

    if (rc == SIO_OK && ring->n == SIO_JWT_KEYRING_MAX_KEYS) {
        *why = "there are more than 64 keys";
        rc = SIO_BAD;
    } else if (rc == SIO_OK) {
        *why = "its numbers are no key";
        rc = sio_jws_key_new(&ring->keys[ring->n], &jwk);
        ring->n += rc == SIO_OK;
    }
    sio_jwk_fini(&jwk);
    return rc == SIO_OK || rc == SIO_ERR_NOT_FOUND ? SIO_OK : SIO_BAD;
}

static int
refuse_set(sio_buf *error, size_t i, const char *why)
{
    sio_buf_add_str(error, "key ");
    sio_buf_add_u64(error, i);
    sio_buf_add_str(error, " of the set: ");
    sio_buf_add_str(error, why);
    return SIO_BAD;
}

static int
take_keys(sio_jwt_keyring *ring, sio_view set, bool strict, sio_buf *error)
{
    sio_json_iter it;
    sio_view      json;
    const char   *why = "";
    size_t        i = 0;

    if (sio_jwk_set_begin(set, &it) != SIO_OK) {
        sio_buf_add_str(error, "must be a JSON object with a list \"keys\"");
        return SIO_BAD;
    }
    for (; sio_json_read_array_next(&it, &json); i++)
        if (take_key(ring, json, &why) != SIO_OK && strict)
            return refuse_set(error, i + 1, why);
    if (ring->n > 0)
        return SIO_OK;
    sio_buf_add_str(error, "has no key for HS256, RS256, ES256 or EdDSA");
    return SIO_BAD;
}

int
sio_jwt_keyring_take_set(sio_jwt_keyring *ring, sio_view set, bool strict, sio_buf *error)
{
    sio_jwt_keyring fresh = {.n = 0};
    const int       rc = take_keys(&fresh, set, strict, error);

    if (rc != SIO_OK) {
        sio_jwt_keyring_fini(&fresh);
        return rc;
    }
    sio_jwt_keyring_fini(ring);
    *ring = fresh;
    return SIO_OK;
}

/* --- A token. --- */

static bool
is_allowed(const sio_texts *algorithms, sio_jwt_algorithm a)
{
    return algorithms->n == 0 || sio_texts_has(algorithms, sio_view_of(sio_jwt_algorithm_names[a]));
}

/* A key or a token without a name may belong to any. */
static bool
may_be_meant(const sio_jws_key *key, const sio_jwt *token)
{
    const sio_view id = sio_jws_key_id(key);

    return token->kid.len == 0 || id.len == 0 || sio_view_eq(id, token->kid);
}

static bool
has_key(const sio_jwt_keyring *ring, sio_view kid)
{
    for (size_t i = 0; i < ring->n; i++)
        if (sio_view_eq(sio_jws_key_id(ring->keys[i]), kid))
            return true;
    return false;
}

sio_jwt_signer
sio_jwt_keyring_check(const sio_jwt_keyring *ring, const sio_texts *algorithms,
                      const sio_jwt *token)
{
    unsigned n_tries = 0;

    if (!is_allowed(algorithms, token->algorithm))
        return SIO_JWT_FORGED;
    for (size_t i = 0; i < ring->n && n_tries < SIO_JWT_KEYRING_MAX_TRIES; i++) {
        const sio_jws_key *key = ring->keys[i];

        if (sio_jws_key_algorithm(key) != token->algorithm || !may_be_meant(key, token))
            continue;
        n_tries++;
        if (sio_jws_key_verifies(key, token->signed_text, token->signature))
            return SIO_JWT_SIGNED;
    }
    return token->kid.len > 0 && !has_key(ring, token->kid) ? SIO_JWT_UNKNOWN_KEY : SIO_JWT_FORGED;
}
