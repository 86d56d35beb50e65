#include "server/backends/sign.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "protocol/base64.h"
#include "protocol/result.h"

enum { DIGEST_BYTES = 32 };

struct sio_sign {
    EVP_MAC_CTX *keys[SIO_SIGN_MAX_SECRETS]; /* each has its secret; begun anew for each use */
    size_t       n_keys;
};

static const sio_view prefix = SIO_VIEW_INIT("whsec_");

/* The bytes of a secret. False: it is none, or there is no memory (key->failed). */
static bool
read_secret(sio_view secret, sio_buf *key)
{
    sio_buf again;
    bool    is_exact;

    if (secret.len <= prefix.len || memcmp(secret.data, prefix.data, prefix.len) != 0)
        return false;
    const sio_view text = {secret.data + prefix.len, secret.len - prefix.len};

    sio_base64_decode(text, key);
    /* The decoder takes any text. Only what reads the same to everybody is a secret. */
    sio_buf_init(&again, SIZE_MAX);
    sio_base64_encode(sio_buf_view(key), &again);
    key->failed = key->failed || again.failed;
    is_exact = sio_view_eq(sio_buf_view(&again), text);
    if (again.data != NULL)
        OPENSSL_cleanse(again.data, again.len);
    sio_buf_fini(&again);
    return is_exact && key->len >= SIO_SIGN_MIN_SECRET_BYTES &&
           key->len <= SIO_SIGN_MAX_SECRET_BYTES;
}

static void
forget_key(sio_buf *key)
{
    if (key->data != NULL)
        OPENSSL_cleanse(key->data, key->len);
    sio_buf_fini(key);
}

bool
sio_sign_is_secret(sio_view secret)
{
    sio_buf key;

    sio_buf_init(&key, SIZE_MAX);
    const bool is_secret = read_secret(secret, &key);

    forget_key(&key);
    return is_secret;
}

static int
begin_key(EVP_MAC_CTX **out, sio_view key)
{
    char             digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

    *out = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;
    EVP_MAC_free(hmac); /* the context holds it */
    return *out != NULL && EVP_MAC_init(*out, (const uint8_t *)key.data, key.len, params) == 1
               ? SIO_OK
               : SIO_ERR_SYS;
}

static int
add_secret(sio_sign *s, sio_view secret)
{
    sio_buf key;
    int     rc = SIO_BAD;

    sio_buf_init(&key, SIZE_MAX);
    if (read_secret(secret, &key))
        rc = begin_key(&s->keys[s->n_keys++], sio_buf_view(&key));
    else if (key.failed)
        rc = SIO_ERR_NOMEM;
    forget_key(&key);
    return rc;
}

int
sio_sign_new(sio_sign **out, const sio_view *secrets, size_t n_secrets)
{
    sio_sign *s = calloc(1, sizeof *s);
    int       rc = n_secrets <= SIO_SIGN_MAX_SECRETS ? SIO_OK : SIO_BAD;

    if (s == NULL)
        return SIO_ERR_NOMEM;
    for (size_t i = 0; rc == SIO_OK && i < n_secrets; i++)
        rc = add_secret(s, secrets[i]);
    if (rc == SIO_OK)
        *out = s;
    else
        sio_sign_free(s);
    return rc;
}

void
sio_sign_free(sio_sign *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n_keys; i++)
        EVP_MAC_CTX_free(s->keys[i]);
    free(s);
}

static bool
make_digest(EVP_MAC_CTX *key, sio_view head, sio_view body, uint8_t out[DIGEST_BYTES])
{
    size_t len = 0;

    return EVP_MAC_init(key, NULL, 0, NULL) == 1 &&
           EVP_MAC_update(key, (const uint8_t *)head.data, head.len) == 1 &&
           EVP_MAC_update(key, (const uint8_t *)body.data, body.len) == 1 &&
           EVP_MAC_final(key, out, &len, DIGEST_BYTES) == 1 && len == DIGEST_BYTES;
}

static void
add_signature(EVP_MAC_CTX *key, sio_view head, sio_view body, sio_buf *out)
{
    uint8_t digest[DIGEST_BYTES];

    if (!make_digest(key, head, body, digest)) { /* OpenSSL had no memory */
        out->failed = true;
        return;
    }
    sio_buf_add_str(out, "v1,");
    sio_base64_encode((sio_view){(const char *)digest, sizeof digest}, out);
}

void
sio_sign_add(sio_sign *s, sio_view id, uint64_t timestamp_s, sio_view body, sio_buf *out)
{
    sio_buf head;

    sio_buf_init(&head, SIZE_MAX);
    sio_buf_add_view(&head, id);
    sio_buf_add_char(&head, '.');
    sio_buf_add_u64(&head, timestamp_s);
    sio_buf_add_char(&head, '.');
    for (size_t i = 0; i < s->n_keys; i++) {
        sio_buf_add_str(out, i > 0 ? " " : "");
        add_signature(s->keys[i], sio_buf_view(&head), body, out);
    }
    out->failed = out->failed || head.failed;
    sio_buf_fini(&head);
}
