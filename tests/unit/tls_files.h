/*
 * tests/unit/tls_files.h - certificates and keys in files, made for one test.
 */
#ifndef SIO_TESTS_UNIT_TLS_FILES_H
#define SIO_TESTS_UNIT_TLS_FILES_H

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/check.h"

enum { FILE_MAX = 200, DAYS_30 = 30 * 24 * 60 * 60 };

static char tls_folder[] = "/tmp/siobroker-tls-XXXXXX";

/* Where a file is. Valid until the eighth call after this one. */
static inline const char *
tls_file(const char *name)
{
    static char     paths[8][FILE_MAX];
    static unsigned n;
    char           *path = paths[n++ % 8];

    snprintf(path, FILE_MAX, "%s/%s", tls_folder, name);
    return path;
}

static inline void
tls_files_begin(void)
{
    strcpy(tls_folder + sizeof tls_folder - 7, "XXXXXX"); /* NOLINT: as mkdtemp wants it */
    CHECK(mkdtemp(tls_folder) != NULL);
}

static inline void
tls_files_end(void)
{
    char command[FILE_MAX];

    snprintf(command, sizeof command, "rm -rf %s", tls_folder);
    CHECK_INT(system(command), 0); /* NOLINT(cert-env33-c): a name that we have made */
}

static inline void
tls_write(const char *name, const char *text)
{
    FILE *f = fopen(tls_file(name), "w");

    if (CHECK(f != NULL)) {
        fputs(text, f);
        fclose(f);
    }
}

/* --- Pairs. --- */

typedef struct {
    EVP_PKEY *key;
    X509     *x509;
} tls_pair;

static inline void
tls_pair_free(tls_pair *p)
{
    EVP_PKEY_free(p->key);
    X509_free(p->x509);
}

/*
 * One for these names ("DNS:a.example,IP:127.0.0.1"; NULL: none) that ends in so many seconds. by:
 * who vouches for it; NULL: it does so itself.
 */
static inline tls_pair
tls_pair_new(const char *subject, const char *names, long seconds, const tls_pair *by)
{
    tls_pair        p = {EVP_EC_gen("P-256"), X509_new()};
    X509_NAME      *name = X509_get_subject_name(p.x509);
    X509_EXTENSION *extension;

    X509_set_version(p.x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(p.x509), 1 + rand() % 100000); /* NOLINT: any number */
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)subject, -1, -1, 0);
    X509_set_issuer_name(p.x509, by != NULL ? X509_get_subject_name(by->x509) : name);
    X509_gmtime_adj(X509_getm_notBefore(p.x509), -60);
    X509_gmtime_adj(X509_getm_notAfter(p.x509), seconds);
    X509_set_pubkey(p.x509, p.key);
    if (names != NULL) {
        extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
        X509_add_ext(p.x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    CHECK(X509_sign(p.x509, by != NULL ? by->key : p.key, EVP_sha256()) > 0);
    return p;
}

static inline FILE *
tls_open(const char *name, const char *ending)
{
    char path[FILE_MAX];

    snprintf(path, sizeof path, "%s.%s", tls_file(name), ending);
    return fopen(path, "w");
}

static inline void
tls_key_write(const tls_pair *p, const char *name)
{
    FILE *f = tls_open(name, "key");

    if (!CHECK(f != NULL))
        return;
    fchmod(fileno(f), 0600);
    PEM_write_PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL);
    fclose(f);
}

/* name.pem, with the chain behind it where there is one, and name.key. */
static inline void
tls_pair_write(const tls_pair *p, const tls_pair *chain, const char *name)
{
    FILE *f = tls_open(name, "pem");

    if (!CHECK(f != NULL))
        return;
    PEM_write_X509(f, p->x509);
    if (chain != NULL)
        PEM_write_X509(f, chain->x509);
    fclose(f);
    tls_key_write(p, name);
}

/* Both at once, of one that vouches for itself. */
static inline void
tls_pair_make(const char *name, const char *names)
{
    tls_pair p = tls_pair_new(name, names, DAYS_30, NULL);

    tls_pair_write(&p, NULL, name);
    tls_pair_free(&p);
}

#endif
