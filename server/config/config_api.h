/*
 * server/config/config_api.h - the settings of the HTTP API: the object "api". Private to
 * server/config/.
 */
#ifndef SIO_CONFIG_CONFIG_API_H
#define SIO_CONFIG_CONFIG_API_H

#include "protocol/buf.h"
#include "server/config/config_table.h"

/* Of sio_cfg_api. */
extern const sio_setting_table sio_config_api_settings;

/* Rules across its keys. SIO_OK, or SIO_ERR_CONFIG with one line. */
int sio_config_api_check(const sio_cfg_api *api, sio_buf *error);

#endif
