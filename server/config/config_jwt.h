/*
 * server/config/config_jwt.h - the setting "jwt": tokens that clients have to show.
 *
 * Called by config_table.c and config.c.
 */
#ifndef SIO_CONFIG_CONFIG_JWT_H
#define SIO_CONFIG_CONFIG_JWT_H

#include "protocol/buf.h"
#include "server/config/config.h"
#include "server/config/config_table.h"

/* Of sio_cfg_jwt. */
extern const sio_setting_table sio_config_jwt_settings;

/* Rules across its keys. SIO_OK, or SIO_ERR_CONFIG with one line. */
int sio_config_jwt_check(const sio_cfg_jwt *jwt, sio_buf *error);

/* Append a line, with a line end, for what lets tokens in that were made for others. */
void sio_config_jwt_advise(const sio_cfg_jwt *jwt, sio_buf *advice);

#endif
