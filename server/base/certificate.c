/* server/base/certificate.c - see certificate.h. */
#include "server/base/certificate.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "protocol/result.h"
#include "server/base/file.h"
#include "server/base/pem.h"

enum {
    MAX_FILE_BYTES = 1024 * 1024,
    MAX_CHAIN = 16, /* three are usual */
    MAX_NAME = 253, /* of a host, RFC 1035 */
    DAY_S = 86400
};

static int
refuse(sio_buf *error, const char *path, const char *why)
{
    sio_buf_add_str(error, path);
    sio_buf_add_str(error, ": ");
    sio_buf_add_str(error, why);
    return SIO_ERR_CONFIG;
}

static int
read_file(const char *path, sio_buf *out, sio_buf *error)
{
    const int rc = sio_file_read(path, out);

    if (rc == SIO_TOO_LARGE)
        return refuse(error, path, "is larger than 1 MiB");
    if (rc != SIO_OK)
        return refuse(error, path, strerror(errno));
    return out->len > 0 ? SIO_OK : refuse(error, path, "is empty");
}

/* --- Names. --- */

static bool
is_host_name(sio_view name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!isalnum((unsigned char)name.data[i]) && strchr("-._*", name.data[i]) == NULL)
            return false;
    return name.len > 0 && name.len <= MAX_NAME;
}

static int
add_name(sio_certificate *c, sio_view name)
{
    sio_view *names;
    char     *copy;

    if (c->n_names == SIO_CERTIFICATE_MAX_NAMES)
        return SIO_OK;
    if ((names = realloc(c->names, (c->n_names + 1) * sizeof *names)) == NULL)
        return SIO_ERR_NOMEM;
    c->names = names;
    if ((copy = strndup(name.data, name.len)) == NULL)
        return SIO_ERR_NOMEM;
    for (size_t i = 0; i < name.len; i++)
        copy[i] = (char)tolower((unsigned char)copy[i]);
    c->names[c->n_names++] = (sio_view){copy, name.len};
    return SIO_OK;
}

static int
add_string(sio_certificate *c, const ASN1_STRING *s)
{
    const sio_view name = {(const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)};

    return is_host_name(name) ? add_name(c, name) : SIO_OK;
}

static int
add_address(sio_certificate *c, const ASN1_OCTET_STRING *s)
{
    const int family = ASN1_STRING_length(s) == 4 ? AF_INET : AF_INET6;
    char      text[INET6_ADDRSTRLEN];

    if ((family == AF_INET6 && ASN1_STRING_length(s) != 16) ||
        inet_ntop(family, ASN1_STRING_get0_data(s), text, sizeof text) == NULL)
        return SIO_OK;
    return add_name(c, sio_view_of(text));
}

static int
add_alternative_names(sio_certificate *c)
{
    GENERAL_NAMES *list = X509_get_ext_d2i(c->leaf, NID_subject_alt_name, NULL, NULL);
    int            rc = SIO_OK;

    for (int i = 0; rc == SIO_OK && i < sk_GENERAL_NAME_num(list); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);

        if (name->type == GEN_DNS)
            rc = add_string(c, name->d.dNSName);
        else if (name->type == GEN_IPADD)
            rc = add_address(c, name->d.iPAddress);
    }
    GENERAL_NAMES_free(list);
    return rc;
}

/* Clients of today look at nothing else; old certificates have one name, in their subject. */
static int
find_names(sio_certificate *c)
{
    const X509_NAME *subject = X509_get_subject_name(c->leaf);
    const int        at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    int              rc = add_alternative_names(c);

    if (rc == SIO_OK && c->n_names == 0 && at >= 0)
        rc = add_string(c, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    return rc;
}

bool
sio_certificate_is_for(const sio_certificate *c, sio_view host, bool *is_exact)
{
    const char *dot = host.len > 0 ? memchr(host.data, '.', host.len) : NULL;
    bool        is_for = false;

    *is_exact = false;
    for (size_t i = 0; i < c->n_names && !*is_exact; i++) {
        const sio_view name = c->names[i];

        if (sio_view_eq(name, host))
            is_for = *is_exact = true;
        else if (dot != NULL && name.len > 2 && memcmp(name.data, "*.", 2) == 0)
            is_for = is_for || sio_view_eq((sio_view){name.data + 1, name.len - 1},
                                           (sio_view){dot, (size_t)(sio_view_end(host) - dot)});
    }
    return is_for;
}

const char *
sio_certificate_title(const sio_certificate *c, char *text, size_t size)
{
    if (c->n_names > 0)
        return c->names[0].data;
    return X509_NAME_oneline(X509_get_subject_name(c->leaf), text, (int)size);
}

/* --- Reading. --- */

static uint64_t
seconds_of(const ASN1_TIME *time)
{
    struct tm tm;

    if (ASN1_TIME_to_tm(time, &tm) != 1)
        return 0;
    const time_t s = timegm(&tm);

    return s > 0 ? (uint64_t)s : 0;
}

/* All of them, in the order of the file. */
static int
read_chain(sio_certificate *c, const sio_buf *pem)
{
    BIO  *bio = BIO_new_mem_buf(pem->data, (int)pem->len); /* which MAX_FILE_BYTES bounds */
    X509 *x509;

    if (bio != NULL)
        c->leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    c->chain = calloc(MAX_CHAIN, sizeof(X509 *));
    while (c->leaf != NULL && c->chain != NULL && c->n_chain < MAX_CHAIN &&
           (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
        c->chain[c->n_chain++] = x509;
    BIO_free(bio);
    return c->chain != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

static int
read_leaf(sio_certificate *c, const char *path, sio_buf *error)
{
    sio_buf pem;
    int     rc;

    sio_buf_init(&pem, MAX_FILE_BYTES);
    if ((rc = read_file(path, &pem, error)) == SIO_OK)
        rc = read_chain(c, &pem);
    sio_buf_fini(&pem);
    if (rc != SIO_OK)
        return rc;
    if (c->leaf == NULL)
        return refuse(error, path, "has no certificate in PEM");
    c->begins_s = seconds_of(X509_get0_notBefore(c->leaf));
    c->ends_s = seconds_of(X509_get0_notAfter(c->leaf));
    return find_names(c);
}

static int
read_key(sio_certificate *c, const char *path, sio_buf *error)
{
    sio_buf pem;
    int     rc;

    sio_buf_init(&pem, MAX_FILE_BYTES);
    if ((rc = read_file(path, &pem, error)) == SIO_OK)
        c->key = sio_pem_private_key(sio_buf_view(&pem));
    if (rc == SIO_OK && c->key == NULL)
        rc = memmem(pem.data, pem.len, "ENCRYPTED", 9) != NULL
                 ? refuse(error, path, "has a key with a password, which nobody is asked for")
                 : refuse(error, path, "has no private key in PEM");
    if (pem.data != NULL)
        OPENSSL_cleanse(pem.data, pem.cap);
    sio_buf_fini(&pem);
    return rc;
}

int
sio_certificate_read(sio_certificate *c, const char *path, const char *key_path, sio_buf *error)
{
    int rc;

    *c = (sio_certificate){.leaf = NULL};
    ERR_clear_error();
    if ((rc = read_leaf(c, path, error)) == SIO_OK)
        rc = read_key(c, key_path, error);
    if (rc == SIO_OK && X509_check_private_key(c->leaf, c->key) != 1)
        rc = refuse(error, key_path, "is not the key of the certificate");
    ERR_clear_error(); /* what is wrong has been said, and others look there for their own */
    return rc;
}

void
sio_certificate_fini(sio_certificate *c)
{
    X509_free(c->leaf);
    for (size_t i = 0; i < c->n_chain; i++)
        X509_free(c->chain[i]);
    free(c->chain);
    EVP_PKEY_free(c->key);
    for (size_t i = 0; i < c->n_names; i++)
        free((void *)(uintptr_t)c->names[i].data);
    free(c->names);
    *c = (sio_certificate){.leaf = NULL};
}

/* --- Judging. --- */

bool
sio_certificate_chain_is_whole(const sio_certificate *c)
{
    X509 *x509 = c->leaf;

    for (size_t i = 0; i < c->n_chain; i++) {
        if (X509_check_issued(c->chain[i], x509) != X509_V_OK)
            return false;
        x509 = c->chain[i];
    }
    return true;
}

bool
sio_certificate_is_self_signed(const sio_certificate *c)
{
    return X509_check_issued(c->leaf, c->leaf) == X509_V_OK;
}

int64_t
sio_certificate_days_left(uint64_t ends_s, uint64_t now_s)
{
    if (ends_s >= now_s)
        return (int64_t)((ends_s - now_s) / DAY_S);
    return -(int64_t)((now_s - ends_s + DAY_S - 1) / DAY_S);
}

bool
sio_certificate_key_is_exposed(const char *key_path)
{
    struct stat st;

    return stat(key_path, &st) == 0 && (st.st_mode & S_IROTH) != 0;
}
