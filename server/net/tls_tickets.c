#include "server/net/tls_tickets.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>

#include "protocol/result.h"
#include "server/base/digest.h"

enum { KEY_BYTES = 32 };

/* What one period has of one secret. */
typedef struct {
    uint8_t name[SIO_SHA256_BYTES]; /* of which a ticket shows the beginning */
    uint8_t cipher[KEY_BYTES];
    uint8_t mac[KEY_BYTES];
} ticket_key;

/* --- Secrets. --- */

static bool
take_secret_word(sio_view *words, sio_view *word)
{
    size_t n = 0;

    while (words->len > 0 && words->data[0] == ' ')
        *words = (sio_view){words->data + 1, words->len - 1};
    while (n < words->len && words->data[n] != ' ')
        n++;
    *word = (sio_view){words->data, n};
    *words = (sio_view){words->data + n, words->len - n};
    return n > 0;
}

/* Once: who inherits it, as workers do, has the same. */
static int
make_secret_up(sio_tls_tickets *t)
{
    if (!t->has_made_up && RAND_priv_bytes(t->made_up, sizeof t->made_up) != 1)
        return SIO_ERR_SYS;
    t->has_made_up = true;
    return SIO_OK;
}

int
sio_tls_tickets_set(sio_tls_tickets *t, sio_view words)
{
    sio_tls_tickets fresh = *t;
    sio_view        word;
    int             rc = make_secret_up(&fresh);

    fresh.n = 0;
    while (rc == SIO_OK && fresh.n < SIO_TLS_TICKETS_MAX_SECRETS && take_secret_word(&words, &word))
        if (!sio_digest_sha256(word, fresh.secrets[fresh.n++]))
            rc = SIO_ERR_SYS;
    if (fresh.n == 0)
        memcpy(fresh.secrets[fresh.n++], fresh.made_up, sizeof fresh.made_up);
    if (rc == SIO_OK)
        *t = fresh;
    OPENSSL_cleanse(&fresh, sizeof fresh);
    return rc;
}

void
sio_tls_tickets_fini(sio_tls_tickets *t)
{
    OPENSSL_cleanse(t, sizeof *t);
}

/* --- Keys. --- */

/* HMAC-SHA-256 of what it is for and the period, with the secret. */
static bool
derive(const uint8_t *secret, char purpose, int64_t period, uint8_t out[SIO_SHA256_BYTES])
{
    uint8_t text[] = "siobroker TLS ticket p12345678";

    text[sizeof text - 10] = (uint8_t)purpose;
    for (unsigned i = 0; i < 8; i++)
        text[sizeof text - 9 + i] = (uint8_t)((uint64_t)period >> (8 * i));
    return HMAC(EVP_sha256(), secret, SIO_TLS_TICKETS_SECRET_BYTES, text, sizeof text - 1, out,
                NULL) != NULL;
}

static bool
complete_key(const uint8_t *secret, int64_t period, ticket_key *key)
{
    return derive(secret, 'c', period, key->cipher) && derive(secret, 'm', period, key->mac);
}

static int64_t
period_of(time_t now)
{
    return (int64_t)now / SIO_TLS_TICKETS_PERIOD_S;
}

static bool
prepare_mac(EVP_MAC_CTX *mac, ticket_key *key)
{
    char       digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, KEY_BYTES),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };

    return EVP_MAC_CTX_set_params(mac, params) == 1;
}

int
sio_tls_tickets_seal(const sio_tls_tickets *t, time_t now, uint8_t name[SIO_TLS_TICKETS_NAME_BYTES],
                     uint8_t *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    const int64_t period = period_of(now);
    ticket_key    key;
    bool          is_ready;

    is_ready = derive(t->secrets[0], 'n', period, key.name) &&
               complete_key(t->secrets[0], period, &key) &&
               RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
               EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.cipher, iv) == 1 &&
               prepare_mac(mac, &key);
    if (is_ready)
        memcpy(name, key.name, SIO_TLS_TICKETS_NAME_BYTES);
    OPENSSL_cleanse(&key, sizeof key);
    return is_ready ? 1 : -1;
}

/* Clocks of instances may differ: what one of the next period has sealed is good, too. */
static bool
find_ticket_key(const sio_tls_tickets *t, int64_t now_period, const uint8_t *name, ticket_key *key,
                bool *is_current)
{
    for (unsigned i = 0; i < t->n; i++)
        for (int64_t period = now_period + 1; period >= now_period - 1; period--) {
            *is_current = i == 0 && period >= now_period;
            if (derive(t->secrets[i], 'n', period, key->name) &&
                CRYPTO_memcmp(key->name, name, SIO_TLS_TICKETS_NAME_BYTES) == 0)
                return complete_key(t->secrets[i], period, key);
        }
    return false;
}

int
sio_tls_tickets_open(const sio_tls_tickets *t, time_t now,
                     const uint8_t name[SIO_TLS_TICKETS_NAME_BYTES], const uint8_t *iv,
                     EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    ticket_key key;
    bool       is_current, is_ready;

    if (!find_ticket_key(t, period_of(now), name, &key, &is_current))
        return 0;
    is_ready = EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.cipher, iv) == 1 &&
               prepare_mac(mac, &key);
    OPENSSL_cleanse(&key, sizeof key);
    if (!is_ready)
        return -1;
    return is_current ? 1 : 2;
}
