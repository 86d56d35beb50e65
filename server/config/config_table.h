/*
 * server/config/config_table.h - the one table of settings.
 *
 * For server/config/, and for server/cli/, which puts it into writing: everybody else uses
 * config.h.
 */
#ifndef SIO_CONFIG_CONFIG_TABLE_H
#define SIO_CONFIG_CONFIG_TABLE_H

#include <cjson/cJSON.h>

#include "server/config/config.h"

typedef enum {
    SIO_SETTING_SECTION, /* a heading in the printed list; its text is in `help` */
    SIO_SETTING_BOOL,    /* bool */
    SIO_SETTING_COUNT,   /* unsigned */
    SIO_SETTING_BYTES,   /* size_t */
    SIO_SETTING_SECONDS, /* unsigned, in ms */
    SIO_SETTING_TEXT,    /* char * */
    SIO_SETTING_TEXTS,   /* sio_texts */
    SIO_SETTING_OBJECT,  /* a struct in the struct, with settings of its own: `members` */
    SIO_SETTING_OBJECTS  /* sio_cfg_list of such structs */
} sio_setting_kind;

/* When a server that is told to read its settings again (reload.h) takes a new value over. */
typedef enum {
    SIO_RELOAD_NOW,       /* at once, for everybody */
    SIO_RELOAD_NEW,       /* for sessions, connections or requests that begin after that */
    SIO_RELOAD_NEW_IF_ON, /* likewise, but a number that was 0 stays 0 */
    SIO_RELOAD_NEVER      /* only a restart does */
} sio_setting_reload;

typedef struct sio_setting_table sio_setting_table;

typedef struct {
    sio_setting_kind   kind;
    sio_setting_reload reload; /* of an object each member has its own */
    const char        *key;
    size_t             offset;       /* of the field in the struct of the table */
    double             min, max;     /* a number in the unit of the key; bytes of a text; items */
    const char        *initial;      /* the default as JSON; NULL: it has to be given, or, where
                                        that can not be asked for, sio_cfg_init decides */
    const char        *help;         /* one line */
    bool (*is_valid)(sio_view text); /* for a text or each item of a list; NULL: any. For a number:
                                        this word stands for 0; NULL: none does */
    const char *allowed;             /* to follow "must be"; NULL: told from kind and range */

    /*
     * Does this text give a secret away, or this item of a list? NULL: none of the setting does.
     * Otherwise no error shows the value; a text may be kept elsewhere (secret.h), and a warning
     * says that others could see it.
     */
    bool (*is_secret)(sio_view text);

    const sio_setting_table *members; /* of an object, or of each of a list */
} sio_setting;

/* The settings in one struct, in the order of the printed list. */
struct sio_setting_table {
    const sio_setting *rows;
    size_t             n;
    size_t             size; /* of the struct */
};

/* Those of sio_cfg. */
extern const sio_setting_table sio_settings;

/* The setting of that name, or NULL. */
const sio_setting *sio_setting_find(const sio_setting_table *t, const char *key);

/* May its value be kept elsewhere (secret.h)? */
bool sio_setting_may_be_elsewhere(const sio_setting *s);

/* sio_cfg_set_json for a value that is parsed already. */
int sio_cfg_set_value(sio_cfg *cfg, const char *key, const cJSON *value, sio_buf *error);

#endif
