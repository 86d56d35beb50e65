/*
 * server/assets/admin_ui_files.h - the page of the Admin UI of socket.io 4, served.
 *
 * Called by handlers.c and admin_page.c. The files are those of the npm package
 * @socket.io/admin-ui, with icons of another one (client-demo/browser-client.sh): index.html, and
 * what lies beside it in folders, whose names change with each version. All addresses in them are
 * relative.
 */
#ifndef SIO_ASSETS_ADMIN_UI_FILES_H
#define SIO_ASSETS_ADMIN_UI_FILES_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "protocol/view.h"
#include "server/assets/client09_files.h"

typedef struct sio_admin_ui_files sio_admin_ui_files;

/*
 * Read and compress all files in the folder "admin-ui" of directory: at most 64, one folder deep.
 * SIO_OK, SIO_ERR_NOMEM, or SIO_ERR_NOT_FOUND and then a line for the log is appended to error.
 */
int sio_admin_ui_files_new(sio_admin_ui_files **out, const char *directory, sio_buf *error);

/* NULL is allowed. */
void sio_admin_ui_files_free(sio_admin_ui_files *files);

/*
 * Answer a request whose path (what follows the place of the page; empty: the page itself) names a
 * file: 200, or 304 when the client has it; the headers are appended. False: there is none of that
 * name.
 */
bool sio_admin_ui_files_answer(const sio_admin_ui_files *files, const sio_client_request *request,
                               sio_buf *headers, sio_client_answer *out);

#endif
