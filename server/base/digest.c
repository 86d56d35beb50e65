#include "server/base/digest.h"

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
