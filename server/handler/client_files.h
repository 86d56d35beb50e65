/*
 * server/handler/client_files.h - requests for the files of the browser clients.
 */
#ifndef SIO_HANDLER_CLIENT_FILES_H
#define SIO_HANDLER_CLIENT_FILES_H

#include "server/http/exchange.h"

/*
 * Answer with the file at path, below the resource: that of a client which is served (handlers.h).
 */
void sio_client_files_serve(sio_exchange *x, const sio_request *r, sio_view path);

#endif
