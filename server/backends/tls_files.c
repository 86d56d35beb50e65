#include "server/backends/tls_files.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "protocol/result.h"
#include "server/base/file.h"
#include "server/base/pem.h"

enum { MAX_FILE_BYTES = 4 * 1024 * 1024 }; /* those of a system are about 200 KiB */

static int
refuse_file(sio_buf *error, const char *setting, const char *path, const char *why)
{
    sio_buf_add_char(error, '"');
    sio_buf_add_str(error, setting);
    sio_buf_add_str(error, "\": ");
    sio_buf_add_str(error, path);
    sio_buf_add_str(error, ": ");
    sio_buf_add_str(error, why);
    return SIO_ERR_CONFIG;
}

static int
read_pem(sio_buf *out, const char *setting, const char *path, sio_buf *error)
{
    const int rc = path != NULL && path[0] != '\0' ? sio_file_read(path, out) : SIO_OK;

    if (rc == SIO_TOO_LARGE)
        return refuse_file(error, setting, path, "is larger than 4 MiB");
    return rc == SIO_OK ? SIO_OK : refuse_file(error, setting, path, strerror(errno));
}

static BIO *
open_pem(const sio_buf *pem)
{
    return BIO_new_mem_buf(pem->data, (int)pem->len); /* which MAX_FILE_BYTES bounds */
}

/* The first one; NULL: there is none. */
static X509 *
read_certificate(const sio_buf *pem)
{
    BIO  *bio = open_pem(pem);
    X509 *x509 = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    return x509;
}

static int
check_ca(const sio_tls_files *f, const char *path, sio_buf *error)
{
    X509 *x509 = read_certificate(&f->ca);

    if (x509 == NULL)
        return refuse_file(error, "ca file", path, "has no certificate in PEM");
    X509_free(x509);
    return SIO_OK;
}

static int
check_pair(const sio_tls_files *f, const char *certificate_path, const char *key_path,
           sio_buf *error)
{
    X509     *x509 = read_certificate(&f->certificate);
    EVP_PKEY *key = sio_pem_private_key(sio_buf_view(&f->key));
    int       rc = SIO_OK;

    if (x509 == NULL)
        rc = refuse_file(error, "certificate", certificate_path, "has no certificate in PEM");
    else if (key == NULL)
        rc = refuse_file(error, "key", key_path,
                         "has no private key in PEM, or one with a password");
    else if (X509_check_private_key(x509, key) != 1)
        rc = refuse_file(error, "key", key_path, "is not that of the certificate");
    X509_free(x509);
    EVP_PKEY_free(key);
    return rc;
}

int
sio_tls_files_read(sio_tls_files *f, const char *ca_file, const char *certificate, const char *key,
                   sio_buf *error)
{
    int rc;

    sio_buf_init(&f->ca, MAX_FILE_BYTES);
    sio_buf_init(&f->certificate, MAX_FILE_BYTES);
    sio_buf_init(&f->key, MAX_FILE_BYTES);
    if ((rc = read_pem(&f->ca, "ca file", ca_file, error)) != SIO_OK ||
        (rc = read_pem(&f->certificate, "certificate", certificate, error)) != SIO_OK ||
        (rc = read_pem(&f->key, "key", key, error)) != SIO_OK)
        return rc;
    if (ca_file != NULL && ca_file[0] != '\0')
        rc = check_ca(f, ca_file, error);
    if (rc == SIO_OK && certificate != NULL && certificate[0] != '\0')
        rc = check_pair(f, certificate, key, error);
    ERR_clear_error(); /* what is wrong has been said, and others look there for their own */
    return rc;
}

void
sio_tls_files_fini(sio_tls_files *f)
{
    if (f->key.data != NULL)
        OPENSSL_cleanse(f->key.data, f->key.cap);
    sio_buf_fini(&f->ca);
    sio_buf_fini(&f->certificate);
    sio_buf_fini(&f->key);
}
