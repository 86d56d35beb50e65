/*
 * server/assets/client4_files.h - the browser client of socket.io 4, served.
 *
 * Called by server.c and routes.c. Below "/4/" are socket.io.js, socket.io.min.js,
 * socket.io.esm.min.js, and the source map of each (".map"), with the headers that socket.io 4
 * sends with them. In addition they are open to pages of any origin, without which no browser would
 * load the module there.
 *
 * The same files are where a server of socket.io 4 has them, without the "4/", unless that is a
 * path of the client of 0.9. Which is so for socket.io.js and its map: "browser client version"
 * decides.
 */
#ifndef SIO_ASSETS_CLIENT4_FILES_H
#define SIO_ASSETS_CLIENT4_FILES_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "protocol/view.h"
#include "server/assets/client09_files.h"
#include "server/config/config.h"

typedef struct sio_client4_files sio_client4_files;

/*
 * Read the files from the folder "4" of directory and prepare them as cfg says ("browser client",
 * "browser client gzip"); nothing is kept of either argument. Results as sio_client09_files_new().
 */
int sio_client4_files_new(sio_client4_files **out, const sio_cfg *cfg, const char *directory,
                          sio_buf *error);

/* NULL is allowed. */
void sio_client4_files_free(sio_client4_files *files);

/*
 * Is path (what follows the resource in the raw target, before '?') exactly that of one of the
 * files, as cfg has it? Independent of whether they are there.
 */
bool sio_client4_files_match(const sio_cfg *cfg, sio_view path);

/*
 * Answer a request whose path matches, as sio_client09_files_answer(): 200, or 304 when the client
 * has this version.
 */
void sio_client4_files_answer(const sio_client4_files *files, const sio_client_request *request,
                              sio_buf *headers, sio_client_answer *out);

#endif
