/*
 * server/config/config_describe.h - the list of settings that --help-config prints.
 */
#ifndef SIO_CONFIG_CONFIG_DESCRIBE_H
#define SIO_CONFIG_CONFIG_DESCRIBE_H

#include "protocol/buf.h"

/* Append some lines for each key, in groups: what it is for, what it may be, its default. */
void sio_config_describe(sio_buf *out);

#endif
