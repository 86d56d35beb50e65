/*
 * server/config/config_backends.h - the setting "backends": programs that are called.
 *
 * Called by config_table.c and config.c.
 */
#ifndef SIO_CONFIG_CONFIG_BACKENDS_H
#define SIO_CONFIG_CONFIG_BACKENDS_H

#include "server/config/config.h"
#include "server/config/config_table.h"

/* Of a sio_cfg_backend. */
extern const sio_setting_table sio_config_backends_settings;

/* What their settings mean together. SIO_OK, or SIO_ERR_CONFIG with one line. */
int sio_config_backends_check(const sio_cfg_list *backends, sio_buf *error);

/* What works, and is unwise: a line for each. */
void sio_config_backends_advise(const sio_cfg_list *backends, sio_buf *advice);

#endif
