#include "server/config/config_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/base/file.h"
#include "server/config/config_json.h"
#include "server/config/config_spell.h"
#include "server/config/config_table.h"
#include "server/config/secret.h"
#include "server/config/setting_explain.h"

enum { MAX_FILE_BYTES = 1 << 20, MAX_ERROR_BYTES = 1024 };

/* Which key of the file has set each setting so far. */
typedef struct {
    const char **by; /* one for each setting; NULL: none */
    const char  *key;
    sio_buf     *error;
} settings_said;

static int
note_said(void *arg, const sio_setting *s, sio_view path, const cJSON *value)
{
    settings_said *said = arg;
    const char   **by = &said->by[s - sio_settings.rows];

    (void)value;
    if (*by == NULL) {
        *by = said->key;
        return SIO_OK;
    }
    sio_buf_add_view(said->error, path);
    sio_buf_add_str(said->error, ": says what ");
    sio_setting_explain_add_quoted(said->error, *by);
    sio_buf_add_str(said->error, " says, which is there, too");
    return SIO_ERR_CONFIG;
}

static int
load_member(sio_cfg *cfg, const cJSON *object, const cJSON *member, settings_said *said)
{
    int rc;

    if (sio_config_json_is_repeated(object, member)) {
        sio_setting_explain_add_quoted(said->error, member->string);
        sio_buf_add_str(said->error, ": is there twice");
        return SIO_ERR_CONFIG;
    }
    said->key = member->string;
    if ((rc = sio_config_spell(member->string, member, note_said, said, said->error)) != SIO_OK)
        return rc;
    return sio_cfg_set_value(cfg, member->string, member, said->error);
}

/* Stops at the first unusable key, so that only known ones are ever searched for repetitions. */
static int
load_object(sio_cfg *cfg, const cJSON *object, sio_buf *error)
{
    settings_said said = {NULL, NULL, error};
    int           rc = SIO_OK;

    if (!cJSON_IsObject(object)) {
        sio_buf_add_str(error, "must be a JSON object, like {\"port\": 3100}");
        return SIO_ERR_CONFIG;
    }
    if ((said.by = calloc(sio_settings.n, sizeof *said.by)) == NULL) {
        sio_buf_add_str(error, "out of memory");
        return SIO_ERR_NOMEM;
    }
    for (const cJSON *member = object->child; rc == SIO_OK && member != NULL; member = member->next)
        rc = load_member(cfg, object, member, &said);
    free(said.by);
    return rc;
}

/* NOLINTBEGIN(misc-no-recursion): it goes as deep as the tables of settings do */

static bool shows_secret(const sio_setting_table *t, const cJSON *object);

static bool
value_shows_secret(const sio_setting *s, const cJSON *value)
{
    const cJSON *item;

    if (s->kind == SIO_SETTING_OBJECT)
        return shows_secret(s->members, value);
    if (s->kind != SIO_SETTING_OBJECTS)
        return cJSON_IsString(value) && sio_secret_is_shown(s, value->valuestring);
    cJSON_ArrayForEach(item, value)
    {
        if (shows_secret(s->members, item))
            return true;
    }
    return false;
}

/* Is there a value in it that others should not see? */
static bool
shows_secret(const sio_setting_table *t, const cJSON *object)
{
    const cJSON *member;

    cJSON_ArrayForEach(member, object)
    {
        const sio_setting *s = sio_setting_find(t, member->string);

        if (s != NULL && value_shows_secret(s, member))
            return true;
    }
    return false;
}

/* NOLINTEND(misc-no-recursion) */

static void
add_with_source(sio_buf *error, const char *source, sio_view why)
{
    sio_buf_add_str(error, source);
    sio_buf_add_str(error, ": ");
    sio_buf_add_view(error, why);
}

int
sio_config_file_load_text(sio_cfg *cfg, sio_view json, const char *source, sio_buf *error)
{
    sio_buf why;

    sio_buf_init(&why, MAX_ERROR_BYTES);
    cJSON    *object = sio_config_json_parse(json, &why);
    const int rc = object == NULL ? SIO_ERR_CONFIG : load_object(cfg, object, &why);

    if (rc != SIO_OK)
        add_with_source(error, source, sio_buf_view(&why));
    else if (shows_secret(&sio_settings, object))
        sio_secret_note_file(source, &cfg->notes);
    cJSON_Delete(object);
    sio_buf_fini(&why);
    return rc;
}

int
sio_config_file_load(sio_cfg *cfg, const char *path, sio_buf *error)
{
    sio_buf json;

    sio_buf_init(&json, MAX_FILE_BYTES);
    int rc = sio_file_read(path, &json);

    if (rc == SIO_OK) {
        rc = sio_config_file_load_text(cfg, sio_buf_view(&json), path, error);
    } else {
        const char *why = rc == SIO_ERR_SYS ? strerror(errno) : "too large for a configuration";

        add_with_source(error, path, sio_view_of(why));
        rc = SIO_ERR_CONFIG;
    }
    sio_buf_fini(&json);
    return rc;
}
