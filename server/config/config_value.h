/*
 * server/config/config_value.h - values into and out of an sio_cfg, by the table. Private to
 * config.c.
 */
#ifndef SIO_CONFIG_CONFIG_VALUE_H
#define SIO_CONFIG_CONFIG_VALUE_H

#include <cjson/cJSON.h>

#include "protocol/buf.h"
#include "server/config/config_table.h"

/* Store a copy of value. SIO_OK; or SIO_ERR_CONFIG, SIO_ERR_NOMEM and the old value stays. */
int sio_config_value_store(const sio_setting *s, sio_cfg *cfg, const cJSON *value);

/* Free what the field owns; it is empty afterwards. */
void sio_config_value_free(const sio_setting *s, sio_cfg *cfg);

/* Exchange the values of the field, with what they own. */
void sio_config_value_swap(const sio_setting *s, sio_cfg *a, sio_cfg *b);

/* The value of a count, a size or a time, in the unit of the key. */
double sio_config_value_number(const sio_setting *s, const sio_cfg *cfg);

/* Append the value as JSON. */
void sio_config_value_print(const sio_setting *s, const sio_cfg *cfg, sio_buf *out);

#endif
