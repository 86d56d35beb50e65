/* server/base/authorities.c - see authorities.h. */
#include "server/base/authorities.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/base/file.h"

enum { MAX_FILE_BYTES = 4 * 1024 * 1024, MAX_AUTHORITIES = 1000 };

static int
refuse(sio_buf *error, const char *path, const char *why)
{
    sio_buf_add_str(error, path);
    sio_buf_add_str(error, ": ");
    sio_buf_add_str(error, why);
    return SIO_ERR_CONFIG;
}

static int
add_authority(sio_authorities *a, X509 *x509)
{
    X509 **items = realloc(a->items, (a->n + 1) * sizeof(X509 *));

    if (items == NULL) {
        X509_free(x509);
        return SIO_ERR_NOMEM;
    }
    a->items = items;
    a->items[a->n++] = x509;
    return SIO_OK;
}

static int
read_all(sio_authorities *a, const sio_buf *pem)
{
    BIO  *bio = BIO_new_mem_buf(pem->data, (int)pem->len); /* which MAX_FILE_BYTES bounds */
    int   rc = bio != NULL ? SIO_OK : SIO_ERR_NOMEM;
    X509 *x509;

    while (rc == SIO_OK && a->n < MAX_AUTHORITIES &&
           (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
        rc = add_authority(a, x509);
    BIO_free(bio);
    ERR_clear_error();
    return rc;
}

int
sio_authorities_read(sio_authorities *a, const char *path, sio_buf *error)
{
    sio_buf pem;
    int     rc;

    *a = (sio_authorities){.items = NULL};
    sio_buf_init(&pem, MAX_FILE_BYTES);
    rc = sio_file_read(path, &pem);
    if (rc == SIO_TOO_LARGE)
        rc = refuse(error, path, "is larger than 4 MiB");
    else if (rc != SIO_OK)
        rc = refuse(error, path, strerror(errno));
    else if ((rc = read_all(a, &pem)) == SIO_OK && a->n == 0)
        rc = refuse(error, path, "has no certificate in PEM");
    if (rc == SIO_OK && !sio_digest_sha256(sio_buf_view(&pem), a->digest))
        rc = SIO_ERR_NOMEM;
    sio_buf_fini(&pem);
    return rc;
}

void
sio_authorities_fini(sio_authorities *a)
{
    for (size_t i = 0; i < a->n; i++)
        X509_free(a->items[i]);
    free(a->items);
    *a = (sio_authorities){.items = NULL};
}
