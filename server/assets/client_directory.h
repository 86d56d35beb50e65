/*
 * server/assets/client_directory.h - where the files of the browser client are on this machine.
 */
#ifndef SIO_ASSETS_CLIENT_DIRECTORY_H
#define SIO_ASSETS_CLIENT_DIRECTORY_H

#include <limits.h>

#include "server/config/config.h"

/*
 * The setting "browser client directory"; else the first that is there of share/siobroker/
 * beside or above the running program (so that an installation may be moved) and the place that
 * was compiled in. The last one, when none is there: the error of reading it then names a path.
 */
void sio_client_directory(const sio_cfg *cfg, char directory[PATH_MAX]);

#endif
