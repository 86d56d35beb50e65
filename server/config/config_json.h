/*
 * server/config/config_json.h - JSON of a configuration.
 *
 * Called by config.c for one value, and by config_file.c for all of a file.
 */
#ifndef SIO_CONFIG_CONFIG_JSON_H
#define SIO_CONFIG_CONFIG_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "protocol/buf.h"
#include "protocol/view.h"

/*
 * Parse one strict JSON value. NULL with what is wrong, and where, in error; free the
 * result with cJSON_Delete.
 */
cJSON *sio_config_json_parse(sio_view json, sio_buf *error);

/* Has the object had a member of that name before this one? */
bool sio_config_json_is_repeated(const cJSON *object, const cJSON *member);

#endif
