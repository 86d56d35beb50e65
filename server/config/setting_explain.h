/*
 * server/config/setting_explain.h - what errors and lists say about settings, and never say.
 *
 * For server/config/ and server/cli/.
 */
#ifndef SIO_CONFIG_SETTING_EXPLAIN_H
#define SIO_CONFIG_SETTING_EXPLAIN_H

#include "protocol/buf.h"
#include "server/config/config_names.h"
#include "server/config/config_table.h"

/* Append what is wrong with a key that sio_setting_find does not know. */
void sio_setting_explain_unknown(const sio_setting_table *t, const char *key, sio_buf *error);

/* The same for a member of an option of socket.io 4. */
void sio_setting_explain_unknown_member(const sio_config_name *object, const char *member,
                                        sio_buf *error);

/* Append what a value must be: "a number of seconds from 0.05 to 86400". */
void sio_setting_explain_allowed(const sio_setting *s, sio_buf *out);

/* What it is without being set: JSON, or words when that depends. */
const char *sio_setting_explain_default(const sio_setting *s);

/* When it changes: "changes at once". */
const char *sio_setting_explain_reload(const sio_setting *s);

/* Append text as a JSON string, without login, cut to a length that fits into an error line. */
void sio_setting_explain_add_quoted(sio_buf *out, const char *text);

/* Append a key to the name of a setting in an object, as errors show it: "api"."listen". */
void sio_setting_explain_add_path(sio_buf *path, const char *key);

/* Append ", got VALUE", likewise. */
void sio_setting_explain_add_value(sio_buf *out, const cJSON *value);

/*
 * Overwrite what stands between "//" and the last '@': where text is a URL, that is a login. People
 * write one in the wrong place, too, and then an error shows it.
 */
void sio_setting_explain_hide_login(char *text);

#endif
