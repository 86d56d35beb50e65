/*
 * server/config/environment.h - settings from variables of the environment.
 *
 * Called by options.c for --env-prefix. Nothing is taken without that: a setting that stands in no
 * file is easily overlooked.
 */
#ifndef SIO_CONFIG_ENVIRONMENT_H
#define SIO_CONFIG_ENVIRONMENT_H

#include "server/config/config.h"

/*
 * Set each setting, or option of socket.io 4, that a variable names: the prefix, then its name in
 * capitals, with "_" for what is neither letter nor digit. SIOBROKER_LOG_LEVEL=3 is "log level", as
 * the command line would say it (sio_cfg_set_text). SIO_OK; or SIO_ERR_CONFIG, SIO_ERR_NOMEM, and
 * one line in error that begins with the variable, as when it names no setting.
 */
int sio_environment_apply(sio_cfg *cfg, const char *prefix, sio_buf *error);

/* May it be a prefix? Not an empty one, which every variable has. */
bool sio_environment_is_prefix(const char *text);

#endif
