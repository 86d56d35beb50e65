/*
 * server/config/config_names.h - the options of socket.io 4, and the settings that they are.
 *
 * A configuration may be written in either words. Here is the table; config_spell.c translates.
 * Private to server/config/.
 */
#ifndef SIO_CONFIG_CONFIG_NAMES_H
#define SIO_CONFIG_CONFIG_NAMES_H

#include <cjson/cJSON.h>

#include "server/config/config_table.h"

/*
 * An option, or a member of one that is an object. The rows of an object stand together. The first
 * of them tells whether the object is on: `false` as the value of all of it gives each setting its
 * `off`, `true` its `on`, and so does an object to what it leaves out.
 */
typedef struct {
    const char *option;
    const char *member; /* NULL: the option is no object; "": what is on or off with it */
    const char *key;    /* of the setting; NULL: none, as there is nothing to set */
    const char *on;     /* JSON */
    const char *off;    /* JSON; NULL: as `on` */
    /*
     * Put the value into the words of the setting. The caller owns what it gets; NULL: out of
     * memory. What it does not understand it copies, for the setting to refuse. NULL: as it is.
     */
    cJSON *(*translate)(const cJSON *value);
    const char *note; /* without a setting: what it must be, and why; else in place of `is "key"` */
} sio_config_name;

/* A table that ends with a row without an option. */
extern const sio_config_name sio_config_names[];

/* What the table is about, as a heading. */
#define SIO_CONFIG_NAMES_TITLE "Options of socket.io 4 that may be written in place of settings"

/* Append how the option of a row is written: `"path"`, `"cors": {"origin": ...}`. */
void sio_config_name_write(const sio_config_name *row, sio_buf *out);

/* Append what it is: `is "resource"`, or `must be true: ...`. */
void sio_config_name_explain(const sio_config_name *row, sio_buf *out);

/* The first row of that option, or NULL. */
const sio_config_name *sio_config_names_find(const char *option);

/* Of the rows of an object, the one of that member, or NULL. */
const sio_config_name *sio_config_names_member(const sio_config_name *object, const char *member);

/* The setting that key, or an option that is no object, is; or NULL. */
const sio_setting *sio_config_names_setting(const char *key);

/* Does row follow the first row of an object as one of its members? */
bool sio_config_names_is_of(const sio_config_name *row, const sio_config_name *object);

#endif
