/*
 * server/base/file.h - read a whole file.
 *
 * Called at start, for the configuration and the browser client.
 */
#ifndef SIO_BASE_FILE_H
#define SIO_BASE_FILE_H

#include "protocol/buf.h"

/*
 * Append the contents of the file at path to out. SIO_OK; SIO_ERR_SYS with errno;
 * SIO_TOO_LARGE when out has failed (over its limit, or out of memory).
 */
int sio_file_read(const char *path, sio_buf *out);

#endif
