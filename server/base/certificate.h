/*
 * server/base/certificate.h - a certificate with its chain and its key, as TLS shows them, by
 * OpenSSL.
 *
 * Called by server/net/, which shows them to clients, by server/config/ and by `siobroker check`.
 * What is no good is told when the files are read, not to the first client.
 */
#ifndef SIO_BASE_CERTIFICATE_H
#define SIO_BASE_CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/view.h"

/* More of them are left out: no authority vouches for so many. */
enum { SIO_CERTIFICATE_MAX_NAMES = 200 };

typedef struct {
    X509     *leaf;
    X509    **chain; /* those behind it in the file, in its order */
    size_t    n_chain;
    EVP_PKEY *key;
    sio_view *names; /* owned, in lower case: "example.org", "*.example.org", addresses as text */
    size_t    n_names;
    uint64_t  begins_s, ends_s; /* since 1970 */
} sio_certificate;

/*
 * Read the two files, which are in PEM; the certificate comes first in its file. SIO_OK;
 * SIO_ERR_CONFIG with some words in error, which begin with the file that is wrong; SIO_ERR_NOMEM.
 * *c is to be given to sio_certificate_fini() in any case. The key is not shown anywhere.
 */
int sio_certificate_read(sio_certificate *c, const char *path, const char *key_path,
                         sio_buf *error);

/* Of a zeroed one, too. */
void sio_certificate_fini(sio_certificate *c);

/*
 * Is it for that host, in lower case? A name that begins with "*." stands for one label (RFC 6125,
 * section 6.4.3). *is_exact: it is so by a name without that.
 */
bool sio_certificate_is_for(const sio_certificate *c, sio_view host, bool *is_exact);

/* What it is called, for people: the first name, or else its subject. Valid as long as *c. */
const char *sio_certificate_title(const sio_certificate *c, char *text, size_t size);

/*
 * Does each certificate in the file vouch for the one before it? If not, clients may not trust it.
 */
bool sio_certificate_chain_is_whole(const sio_certificate *c);

/* Does it vouch for itself? Then clients trust it only if they know it. */
bool sio_certificate_is_self_signed(const sio_certificate *c);

/* Whole days from now_s to its end, rounded down; negative: it has ended. */
int64_t sio_certificate_days_left(uint64_t ends_s, uint64_t now_s);

/* May every user of the machine read the file at path? */
bool sio_certificate_key_is_exposed(const char *key_path);

#endif
