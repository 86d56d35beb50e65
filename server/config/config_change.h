/*
 * server/config/config_change.h - new settings take the place of those that a server runs with.
 *
 * Called by server/reload.c.
 */
#ifndef SIO_CONFIG_CONFIG_CHANGE_H
#define SIO_CONFIG_CONFIG_CHANGE_H

#include "protocol/buf.h"
#include "server/config/config.h"

/*
 * Exchange *cfg and *fresh, but for what changes only by a restart: that stays in *cfg. Append the
 * keys whose value has changed to changed, and those that should have, but may not, to kept, each
 * in quotes, separated by ", ". Strings and lists of *cfg from before live as long as *fresh.
 */
void sio_config_change_apply(sio_cfg *cfg, sio_cfg *fresh, sio_buf *changed, sio_buf *kept);

#endif
