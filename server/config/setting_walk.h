/*
 * server/config/setting_walk.h - all settings in their order, with those inside of others: for
 * lists of them.
 */
#ifndef SIO_CONFIG_SETTING_WALK_H
#define SIO_CONFIG_SETTING_WALK_H

#include "server/config/config_table.h"

/*
 * name is what lists call it: "port", "api.listen"; "api.keys[].name" is a member of each of a
 * list. Sections have none: "". Valid during the call.
 */
typedef void (*sio_setting_walk_fn)(const sio_setting *s, const char *name, void *arg);

/*
 * Call fn for each row of sio_settings, and, instead of an object or after a list of objects, for
 * each member. False: not all, as there was no memory.
 */
bool sio_setting_walk(sio_setting_walk_fn fn, void *arg);

#endif
