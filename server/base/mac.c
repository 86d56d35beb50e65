#include "server/base/mac.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include "protocol/result.h"

enum { KEY_BYTES = 32 /* as many as the digest has */ };

struct sio_mac {
    EVP_MAC_CTX *ctx; /* has the key; begun anew for each use */
};

static int
mac_begin(sio_mac *mac, const uint8_t key[KEY_BYTES])
{
    char             digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

    mac->ctx = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;
    EVP_MAC_free(hmac); /* the context holds it */
    return mac->ctx != NULL && EVP_MAC_init(mac->ctx, key, KEY_BYTES, params) == 1 ? SIO_OK
                                                                                   : SIO_ERR_SYS;
}

int
sio_mac_new(sio_mac **out, sio_view secret, sio_view purpose)
{
    uint8_t  key[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    sio_mac *mac = calloc(1, sizeof *mac);
    int      rc = SIO_ERR_SYS;

    if (mac == NULL)
        return SIO_ERR_NOMEM;
    if (HMAC(EVP_sha256(), secret.data, (int)secret.len, (const uint8_t *)purpose.data, purpose.len,
             key, &len) != NULL &&
        len == KEY_BYTES)
        rc = mac_begin(mac, key);
    OPENSSL_cleanse(key, sizeof key);
    if (rc == SIO_OK)
        *out = mac;
    else
        sio_mac_free(mac);
    return rc;
}

void
sio_mac_free(sio_mac *mac)
{
    if (mac == NULL)
        return;
    EVP_MAC_CTX_free(mac->ctx);
    free(mac);
}

bool
sio_mac_make(sio_mac *mac, const sio_view *parts, size_t n_parts, uint8_t out[SIO_MAC_BYTES])
{
    uint8_t whole[KEY_BYTES];
    size_t  len = 0;
    bool    ok = EVP_MAC_init(mac->ctx, NULL, 0, NULL) == 1;

    for (size_t i = 0; ok && i < n_parts; i++)
        ok = EVP_MAC_update(mac->ctx, (const uint8_t *)parts[i].data, parts[i].len) == 1;
    ok = ok && EVP_MAC_final(mac->ctx, whole, &len, sizeof whole) == 1 && len == sizeof whole;
    if (ok)
        memcpy(out, whole, SIO_MAC_BYTES);
    return ok;
}

bool
sio_mac_check(sio_mac *mac, const sio_view *parts, size_t n_parts,
              const uint8_t claimed[SIO_MAC_BYTES])
{
    uint8_t made[SIO_MAC_BYTES];

    return sio_mac_make(mac, parts, n_parts, made) &&
           CRYPTO_memcmp(made, claimed, SIO_MAC_BYTES) == 0;
}
