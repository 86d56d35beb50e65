/*
 * server/client4_files.h - the browser client of socket.io 4, served.
 *
 * Called by server.c and routes.c. /socket.io/socket.io.js is the client of 0.9, so this one has
 * a folder: below "/4/" are socket.io.js, socket.io.min.js, socket.io.esm.min.js, and the source map
 * of each (".map"), with the headers that socket.io 4 sends with them. In addition they are
 * open to pages of any origin, without which no browser would load the module there.
 */
#ifndef SIO_SERVER_CLIENT4_FILES_H
#define SIO_SERVER_CLIENT4_FILES_H

#include "protocol/buf.h"
#include "protocol/view.h"
#include "server/client_files.h"
#include "server/config.h"

#include <stdbool.h>

typedef struct sio_client4_files sio_client4_files;

/*
 * Read the files from the folder "4" of directory and prepare them as cfg says ("browser client",
 * "browser client gzip"); nothing is kept of either argument. Results as sio_client_files_new().
 */
int sio_client4_files_new(sio_client4_files **out, const sio_cfg *cfg, const char *directory,
                          sio_buf *error);

/* NULL is allowed. */
void sio_client4_files_free(sio_client4_files *files);

/*
 * Is path (what follows the resource in the raw target, before '?') exactly that of one of the files?
 * Independent of whether they are there.
 */
bool sio_client4_files_match(sio_view path);

/*
 * Answer a request whose path matches, as sio_client_files_answer(): 200, or 304 when the client has
 * this version.
 */
void sio_client4_files_answer(const sio_client4_files *files, const sio_client_request *request,
                              sio_buf *headers, sio_client_answer *out);

#endif
