#include "server/base/pem.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

static int
no_passphrase(char *text, int size, int is_written, // NOLINT(*-non-const-parameter): OpenSSL's
              void *arg)
{
    (void)text, (void)size, (void)is_written, (void)arg;
    return -1;
}

EVP_PKEY *
sio_pem_private_key(sio_view text)
{
    BIO      *bio = BIO_new_mem_buf(text.data, (int)text.len);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

    BIO_free(bio);
    return key;
}
