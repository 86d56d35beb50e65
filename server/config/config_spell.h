/*
 * server/config/config_spell.h - which settings a key and its value are, in whatever words they
 * are written.
 *
 * Called by config.c, which sets them, and by config_file.c, which finds those that are there
 * twice. Private to server/config/.
 */
#ifndef SIO_CONFIG_CONFIG_SPELL_H
#define SIO_CONFIG_CONFIG_SPELL_H

#include <cjson/cJSON.h>

#include "server/config/config_table.h"

/*
 * Is told of each setting, with its value, and how errors show what it was called:
 * "cors"."origin". SIO_OK to go
 * on; anything else ends it, and is its result.
 */
typedef int (*sio_spell_taker)(void *arg, const sio_setting *s, sio_view path, const cJSON *value);

/*
 * Give taker each setting that key with value is: one, or those of the members of an object. An
 * object says all of them: what it leaves out is as by default there. SIO_OK, SIO_ERR_NOMEM, what
 * taker has returned, or SIO_ERR_CONFIG with one line in error. Whether the setting may have the
 * value is not asked here.
 */
int sio_config_spell(const char *key, const cJSON *value, sio_spell_taker taker, void *arg,
                     sio_buf *error);

/*
 * Append as JSON what key is in cfg: a setting, an option that is one, or an object with all of its
 * members. SIO_OK, or SIO_ERR_NOT_FOUND: there is no such key.
 */
int sio_config_spell_print(const sio_cfg *cfg, const char *key, sio_buf *out);

#endif
