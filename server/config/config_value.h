/*
 * server/config/config_value.h - values into and out of an sio_cfg, by the table. Private to
 * server/config/.
 */
#ifndef SIO_CONFIG_CONFIG_VALUE_H
#define SIO_CONFIG_CONFIG_VALUE_H

#include <cjson/cJSON.h>

#include "protocol/buf.h"
#include "server/config/config_table.h"

/*
 * base is the struct that the table of s is about: sio_cfg, or one in it.
 *
 * Store a copy of value, which is neither an object nor a list of objects (config_assign.h).
 * SIO_OK; or SIO_ERR_CONFIG, SIO_ERR_NOMEM and the old value stays.
 */
int sio_config_value_store(const sio_setting *s, void *base, const cJSON *value);

/* Fill a zeroed struct with the defaults. SIO_OK or SIO_ERR_NOMEM; it is to be freed either way. */
int sio_config_value_init_all(const sio_setting_table *t, void *base);

/* Free what the field owns; it is empty afterwards. And what all fields of the struct own. */
void sio_config_value_free(const sio_setting *s, void *base);
void sio_config_value_free_all(const sio_setting_table *t, void *base);

/* Exchange the values of the field, with what they own. */
void sio_config_value_swap(const sio_setting *s, void *a, void *b);

/* The value of a count, a size or a time, in the unit of the key. */
double sio_config_value_number(const sio_setting *s, const void *base);

/* Does it give a secret away? */
bool sio_config_value_is_secret(const sio_setting *s, const void *base);

/* Append the value as JSON; hides_secrets: those in it, or it itself, as "***". */
void sio_config_value_print(const sio_setting *s, const void *base, bool hides_secrets,
                            sio_buf *out);

#endif
