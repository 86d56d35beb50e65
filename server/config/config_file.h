/*
 * server/config/config_file.h - a configuration file: one JSON object.
 */
#ifndef SIO_CONFIG_CONFIG_FILE_H
#define SIO_CONFIG_CONFIG_FILE_H

#include "protocol/buf.h"
#include "protocol/view.h"
#include "server/config/config.h"

/*
 * Read the JSON object in the file at path and set each of its keys. A failure is
 * SIO_ERR_CONFIG with "PATH: ..." in error (line and column for broken JSON), or
 * SIO_ERR_NOMEM; the keys before the wrong one are then already set. Rules across
 * keys are not checked here.
 */
int sio_config_file_load(sio_cfg *cfg, const char *path, sio_buf *error);

/* The same for a JSON text in memory; source (a file name) begins each error. */
int sio_config_file_load_text(sio_cfg *cfg, sio_view json, const char *source, sio_buf *error);

#endif
