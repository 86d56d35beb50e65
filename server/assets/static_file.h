/*
 * server/assets/static_file.h - a file that is served as it was when the server started.
 *
 * Called by client09_files.c, client4_files.c and admin_ui_files.c. Read and compressed once: nobody
 * waits for a disk or a compressor later. Rules: RFC 9110 sections 12.5.3 (Accept-Encoding) and
 * 13.1.2 (If-None-Match).
 */
#ifndef SIO_ASSETS_STATIC_FILE_H
#define SIO_ASSETS_STATIC_FILE_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "protocol/view.h"

typedef struct {
    sio_buf plain;
    sio_buf gzip; /* empty when it is not to be compressed */
} sio_static_file;

void sio_static_file_init(sio_static_file *file);
void sio_static_file_fini(sio_static_file *file);

/*
 * Read directory/name, at most 16 MiB. SIO_OK; SIO_ERR_NOT_FOUND, and then a line for the log is
 * appended to error: "WHAT is off: PATH: why".
 */
int sio_static_file_read(sio_static_file *file, const char *directory, const char *name,
                         const char *what, sio_buf *error);

/* Make the compressed form of what was read. SIO_OK or SIO_ERR_NOMEM. */
int sio_static_file_compress(sio_static_file *file);

/*
 * Copy the version that stands behind mark in the first 256 bytes, digits and dots, to version.
 * Untouched when there is none, or none that fits into size bytes with its NUL.
 */
void sio_static_file_version(const sio_static_file *file, const char *mark, char *version,
                             size_t size);

/*
 * The body for a client that sent this Accept-Encoding ("": none), and whether it is the compressed
 * one (protocol/gzip.h). Lives as long as the file.
 */
sio_view sio_static_file_body(const sio_static_file *file, sio_view accept_encoding, bool *gzip);

/*
 * Does If-None-Match name the tag (without quotes and commas)? It may be a list, have weak
 * prefixes, be without quotes as clients of 0.9 servers are used to, or be "*".
 */
bool sio_static_file_is_known(sio_view if_none_match, sio_view tag);

/*
 * Append the headers of a body of len bytes: Content-Length, and what says that it is compressed.
 */
void sio_static_file_headers(sio_buf *headers, size_t len, bool gzip);

#endif
