/*
 * server/backends/tls_files.h - what the settings say about TLS to a backend: who vouches for it,
 * and what it is shown of us.
 *
 * Called by curl_client.c, and by `siobroker check`. The files are read once, at the start, when
 * the process may still do so (the setting "user"), and looked at: one that is no good would make
 * each request fail later, for a reason that libcurl does not tell well.
 */
#ifndef SIO_BACKENDS_TLS_FILES_H
#define SIO_BACKENDS_TLS_FILES_H

#include "protocol/buf.h"

/* In PEM. Empty: there is none. */
typedef struct {
    sio_buf ca, certificate, key;
} sio_tls_files;

/*
 * Each path may be NULL or "": none. SIO_OK; SIO_ERR_CONFIG with one line in error, which names the
 * setting and the file; SIO_ERR_NOMEM. *f is to be given to sio_tls_files_fini() in any case.
 */
int sio_tls_files_read(sio_tls_files *f, const char *ca_file, const char *certificate,
                       const char *key, sio_buf *error);

/* The key is wiped. */
void sio_tls_files_fini(sio_tls_files *f);

#endif
