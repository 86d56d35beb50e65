#include "server/base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

bool
sio_digest_md5(sio_view bytes, uint8_t out[SIO_MD5_BYTES])
{
    return EVP_Digest(bytes.data, bytes.len, out, NULL, EVP_md5(), NULL) == 1;
}

bool
sio_digest_sha1(sio_view bytes, uint8_t out[SIO_SHA1_BYTES])
{
    return EVP_Digest(bytes.data, bytes.len, out, NULL, EVP_sha1(), NULL) == 1;
}

const char *
sio_digest_library(void)
{
    return OpenSSL_version(OPENSSL_FULL_VERSION_STRING);
}

bool
sio_digest_sha256(sio_view bytes, uint8_t out[SIO_SHA256_BYTES])
{
    return EVP_Digest(bytes.data, bytes.len, out, NULL, EVP_sha256(), NULL) == 1;
}

bool
sio_digest_same_secret(sio_view a, sio_view b)
{
    uint8_t of_a[SIO_SHA256_BYTES], of_b[SIO_SHA256_BYTES];

    return sio_digest_sha256(a, of_a) && sio_digest_sha256(b, of_b) &&
           CRYPTO_memcmp(of_a, of_b, sizeof of_a) == 0;
}
