/*
 * server/config/config_streams.h - what the settings about streams need: a Redis of our own.
 */
#ifndef SIO_CONFIG_CONFIG_STREAMS_H
#define SIO_CONFIG_CONFIG_STREAMS_H

#include "server/config/config.h"

/* SIO_OK, or SIO_ERR_CONFIG with one line in error. */
int sio_config_streams_check(const sio_cfg *cfg, sio_buf *error);

#endif
