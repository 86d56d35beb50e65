#include "server/config/config_spell.h"

#include <string.h>

#include "protocol/result.h"
#include "server/config/config_names.h"
#include "server/config/config_value.h"
#include "server/config/setting_explain.h"

typedef struct {
    sio_spell_taker take;
    void           *arg;
    sio_buf        *error;
    sio_buf         path; /* how what is given at the moment was written */
} spelling;

static int
out_of_memory(sio_buf *error)
{
    sio_buf_add_str(error, "out of memory");
    return SIO_ERR_NOMEM;
}

/* `PATH: ` */
static void
begin_error(spelling *sp)
{
    sio_buf_add_view(sp->error, sio_buf_view(&sp->path));
    sio_buf_add_str(sp->error, ": ");
}

static int
refuse_spelling(spelling *sp, const char *allowed, const cJSON *value)
{
    begin_error(sp);
    sio_buf_add_str(sp->error, "must be ");
    sio_buf_add_str(sp->error, allowed);
    sio_setting_explain_add_value(sp->error, value);
    return SIO_ERR_CONFIG;
}

/* --- One setting. --- */

static int
take_spelling(const spelling *sp, const sio_setting *s, const cJSON *value)
{
    return sp->path.failed ? out_of_memory(sp->error)
                           : sp->take(sp->arg, s, sio_buf_view(&sp->path), value);
}

static int
give_translated(const spelling *sp, const sio_config_name *row, const cJSON *value)
{
    const sio_setting *s = sio_setting_find(&sio_settings, row->key);
    cJSON             *own = row->translate != NULL ? row->translate(value) : NULL;
    int                rc;

    if (row->translate != NULL && own == NULL)
        return out_of_memory(sp->error);
    rc = take_spelling(sp, s, own != NULL ? own : value);
    cJSON_Delete(own);
    return rc;
}

/* Nothing is set: it may only say what is true anyway. */
static int
check_fixed(spelling *sp, const sio_config_name *row, const cJSON *value)
{
    if (cJSON_IsTrue(value) || (cJSON_IsFalse(value) && row->on == NULL))
        return SIO_OK;
    return refuse_spelling(sp, row->note, value);
}

static int
give(spelling *sp, const sio_config_name *row, const cJSON *value)
{
    return row->key != NULL ? give_translated(sp, row, value) : check_fixed(sp, row, value);
}

/* --- An object. --- */

/* Every member of an object has a row, and is there once. */
static int
check_member(spelling *sp, const sio_config_name *object, const cJSON *value, const cJSON *member)
{
    const bool is_repeated = cJSON_GetObjectItemCaseSensitive(value, member->string) != member;

    if (!is_repeated && sio_config_names_member(object, member->string) != NULL)
        return SIO_OK;
    sio_setting_explain_add_path(&sp->path, member->string);
    begin_error(sp);
    if (is_repeated)
        sio_buf_add_str(sp->error, "is there twice");
    else
        sio_setting_explain_unknown_member(object, member->string, sp->error);
    return SIO_ERR_CONFIG;
}

static int
check_members(spelling *sp, const sio_config_name *object, const cJSON *value)
{
    const cJSON *member;

    cJSON_ArrayForEach(member, value)
    {
        const int rc = check_member(sp, object, value, member);

        if (rc != SIO_OK)
            return rc;
    }
    return SIO_OK;
}

static int
give_default(spelling *sp, const sio_config_name *row, bool is_on)
{
    cJSON *value = cJSON_Parse(is_on || row->off == NULL ? row->on : row->off);
    int    rc;

    if (value == NULL)
        return out_of_memory(sp->error);
    rc = give(sp, row, value);
    cJSON_Delete(value);
    return rc;
}

/* value: an object, true or false. */
static int
give_members(spelling *sp, const sio_config_name *object, const cJSON *value)
{
    const size_t outer = sp->path.len;
    int          rc = SIO_OK;

    for (const sio_config_name *row = object; rc == SIO_OK && sio_config_names_is_of(row, object);
         row++) {
        const cJSON *member = cJSON_GetObjectItemCaseSensitive(value, row->member);

        sp->path.len = outer;
        if (row->member[0] != '\0')
            sio_setting_explain_add_path(&sp->path, row->member);
        rc = member != NULL ? give(sp, row, member) : give_default(sp, row, !cJSON_IsFalse(value));
    }
    return rc;
}

static int
give_object(spelling *sp, const sio_config_name *object, const cJSON *value)
{
    if (!cJSON_IsObject(value) && !cJSON_IsBool(value))
        return refuse_spelling(sp, "an object, true or false", value);
    const int rc = check_members(sp, object, value);

    return rc == SIO_OK ? give_members(sp, object, value) : rc;
}

/* --- Any. --- */

static int
spell(spelling *sp, const char *key, const cJSON *value)
{
    const sio_setting     *s = sio_setting_find(&sio_settings, key);
    const sio_config_name *row = sio_config_names_find(key);

    sio_setting_explain_add_path(&sp->path, key);
    if (row != NULL && row->member != NULL && (s == NULL || cJSON_IsObject(value)))
        return give_object(sp, row, value);
    if (row != NULL && row->member == NULL)
        return give(sp, row, value);
    if (s != NULL)
        return take_spelling(sp, s, value);
    begin_error(sp);
    sio_setting_explain_unknown(&sio_settings, key, sp->error);
    return SIO_ERR_CONFIG;
}

int
sio_config_spell(const char *key, const cJSON *value, sio_spell_taker taker, void *arg,
                 sio_buf *error)
{
    spelling sp = {.take = taker, .arg = arg, .error = error};
    int      rc;

    sio_buf_init(&sp.path, SIZE_MAX);
    rc = spell(&sp, key, value);
    sio_buf_fini(&sp.path);
    return rc;
}

/* --- Back. --- */

/* Is the object as `false` makes it? Its first row tells. */
static bool
is_off(const sio_cfg *cfg, const sio_config_name *object, sio_buf *scratch)
{
    sio_buf_clear(scratch);
    sio_config_value_print(sio_setting_find(&sio_settings, object->key), cfg, false, scratch);
    return sio_view_eq(sio_buf_view(scratch), sio_view_of(object->off));
}

static void
print_members(const sio_cfg *cfg, const sio_config_name *object, sio_buf *out)
{
    char separator = '{';

    for (const sio_config_name *row = object; sio_config_names_is_of(row, object); row++) {
        if (row->key == NULL || row->member[0] == '\0')
            continue;
        sio_buf_add_char(out, separator);
        sio_buf_add_json_string(out, sio_view_of(row->member), SIO_JSON_PLAIN);
        sio_buf_add_char(out, ':');
        sio_config_value_print(sio_setting_find(&sio_settings, row->key), cfg, true, out);
        separator = ',';
    }
    sio_buf_add_char(out, '}');
}

static void
print_object(const sio_cfg *cfg, const sio_config_name *object, sio_buf *out)
{
    sio_buf scratch;

    sio_buf_init(&scratch, SIZE_MAX);
    if (is_off(cfg, object, &scratch))
        sio_buf_add_str(out, "false");
    else
        print_members(cfg, object, out);
    out->failed |= scratch.failed;
    sio_buf_fini(&scratch);
}

int
sio_config_spell_print(const sio_cfg *cfg, const char *key, sio_buf *out)
{
    const sio_setting     *s = sio_config_names_setting(key);
    const sio_config_name *row = sio_config_names_find(key);

    if (s != NULL)
        sio_config_value_print(s, cfg, s->members != NULL, out);
    else if (row != NULL && row->member != NULL)
        print_object(cfg, row, out);
    else
        return SIO_ERR_NOT_FOUND;
    return SIO_OK;
}
