/*
 * server/config/config_assign.h - a value takes its place in a struct of settings; an object and a
 * list of objects with all that is in them. Private to config.c.
 */
#ifndef SIO_CONFIG_CONFIG_ASSIGN_H
#define SIO_CONFIG_CONFIG_ASSIGN_H

#include <cjson/cJSON.h>

#include "protocol/buf.h"
#include "server/config/config_table.h"

/*
 * Store a copy of value as the setting s of the struct at base. path: how errors show what it was
 * called, in quotes. A secret that is elsewhere is
 * read (secret.h), and notes gets a line if others could see it. SIO_OK; or SIO_ERR_CONFIG,
 * SIO_ERR_NOMEM with one line, and the old value stays as a whole. An error names the place:
 *     "api"."keys"[1]."may": must be ...
 */
int sio_config_assign(const sio_setting *s, void *base, sio_view path, const cJSON *value,
                      sio_buf *notes, sio_buf *error);

#endif
