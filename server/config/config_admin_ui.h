/*
 * server/config/config_admin_ui.h - the settings of the Admin UI: the object "admin ui". Private to
 * server/config/.
 */
#ifndef SIO_CONFIG_CONFIG_ADMIN_UI_H
#define SIO_CONFIG_CONFIG_ADMIN_UI_H

#include "protocol/buf.h"
#include "server/config/config_table.h"

/* Of sio_cfg_admin_ui. */
extern const sio_setting_table sio_config_admin_ui_settings;

/* Rules across its keys. SIO_OK, or SIO_ERR_CONFIG with one line. */
int sio_config_admin_ui_check(const sio_cfg *cfg, sio_buf *error);

/* Append a line for what is allowed and should be known. */
void sio_config_admin_ui_advise(const sio_cfg_admin_ui *ui, sio_buf *advice);

#endif
