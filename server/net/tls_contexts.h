/*
 * server/net/tls_contexts.h - what TLS is spoken with: for each certificate what OpenSSL calls a
 * context, all with the same rules, and which one is for whom.
 *
 * Called by tls.c. Connections hold on to the context that they began with, so a set may be
 * replaced by another at any time.
 */
#ifndef SIO_NET_TLS_CONTEXTS_H
#define SIO_NET_TLS_CONTEXTS_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "protocol/buf.h"
#include "server/base/certificate.h"

typedef struct sio_cfg sio_cfg;

typedef struct {
    SSL_CTX        *ctx;
    sio_certificate certificate;
} sio_tls_context;

typedef struct {
    size_t          n; /* at least one */
    sio_tls_context items[];
} sio_tls_contexts;

/*
 * Read the files that the settings name, and make a set of them; *out is NULL when they name none.
 * SIO_OK; SIO_ERR_CONFIG with one line; SIO_ERR_NOMEM.
 */
int sio_tls_contexts_new(sio_tls_contexts **out, const sio_cfg *cfg, sio_buf *error);

/* NULL is allowed. */
void sio_tls_contexts_free(sio_tls_contexts *set);

/* The one for a host, in lower case: by a whole name, or else by a wildcard. NULL: none is. */
const sio_tls_context *sio_tls_contexts_find(const sio_tls_contexts *set, sio_view host);

#endif
