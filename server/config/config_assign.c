#include "server/config/config_assign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/config/config_json.h"
#include "server/config/config_value.h"
#include "server/config/secret.h"
#include "server/config/setting_explain.h"

typedef struct {
    sio_buf  path; /* of what is being set, as errors show it */
    sio_buf *notes;
    sio_buf *error;
} assignment;

/* --- What is wrong. --- */

static void
begin_error(assignment *a)
{
    sio_buf_add_view(a->error, sio_buf_view(&a->path));
    sio_buf_add_str(a->error, ": ");
}

static int
refuse_assignment(assignment *a, const char *why)
{
    begin_error(a);
    sio_buf_add_str(a->error, why);
    return SIO_ERR_CONFIG;
}

static int
out_of_memory(assignment *a)
{
    sio_buf_add_str(a->error, "out of memory");
    return SIO_ERR_NOMEM;
}

static int
refuse_key(assignment *a, const sio_setting_table *t, const char *key)
{
    begin_error(a);
    sio_setting_explain_unknown(t, key, a->error);
    return SIO_ERR_CONFIG;
}

/* Is there, or may there be, a secret in it? Then it is not shown. */
static bool
holds_secrets(const sio_setting *s)
{
    return s->is_secret != NULL || s->members != NULL;
}

/* place: where the value was kept (secret.h), or NULL. */
static int
refuse_value(assignment *a, const sio_setting *s, const char *place, const cJSON *value)
{
    sio_buf *error = a->error;

    begin_error(a);
    if (place != NULL) {
        sio_buf_add_str(error, "what is in ");
        sio_setting_explain_add_quoted(error, place);
        sio_buf_add_char(error, ' ');
    }
    sio_buf_add_str(error, "must be ");
    sio_setting_explain_allowed(s, error);
    if (!holds_secrets(s))
        sio_setting_explain_add_value(error, value);
    return SIO_ERR_CONFIG;
}

/* --- One value. --- */

static int
assign_value(assignment *a, const sio_setting *s, void *base, const char *place, const cJSON *value)
{
    const int rc = sio_config_value_store(s, base, value);

    if (rc == SIO_ERR_NOMEM)
        return out_of_memory(a);
    return rc == SIO_OK ? SIO_OK : refuse_value(a, s, place, value);
}

/* Now, not when it is needed: later there may be no right to read it any more (privileges.h). */
static int
assign_from_place(assignment *a, const sio_setting *s, void *base, const char *place)
{
    const size_t before = a->error->len;
    sio_buf      secret;

    begin_error(a);
    int rc = sio_secret_read(place, &secret, a->error);

    if (rc == SIO_OK) {
        cJSON *value = cJSON_CreateStringReference(secret.data);

        a->error->len = before;
        rc = value == NULL ? out_of_memory(a) : assign_value(a, s, base, place, value);
        cJSON_Delete(value);
        if (s->is_secret(sio_view_of(secret.data)))
            sio_secret_note_place(place, a->notes);
    }
    sio_buf_fini(&secret);
    return rc;
}

/* --- Objects. --- */

/* NOLINTBEGIN(misc-no-recursion): it goes as deep as the tables of settings do */

static int assign_member(assignment *a, const sio_setting_table *t, void *base, const char *key,
                         const cJSON *value);

/* All that has no default is there. */
static int
check_given(assignment *a, const sio_setting_table *t, const cJSON *object)
{
    for (size_t i = 0; i < t->n; i++) {
        const sio_setting *s = &t->rows[i];

        if (s->initial != NULL || cJSON_GetObjectItemCaseSensitive(object, s->key) != NULL)
            continue;
        sio_setting_explain_add_path(&a->path, s->key);
        return refuse_assignment(a, "is missing");
    }
    return SIO_OK;
}

static int
assign_once(assignment *a, const sio_setting_table *t, void *base, const cJSON *object,
            const cJSON *member)
{
    if (!sio_config_json_is_repeated(object, member))
        return assign_member(a, t, base, member->string, member);
    sio_setting_explain_add_path(&a->path, member->string);
    return refuse_assignment(a, "is there twice");
}

/* base is zeroed, and is to be freed either way. */
static int
fill_object(assignment *a, const sio_setting_table *t, void *base, const cJSON *object)
{
    const cJSON *member;
    int          rc;

    if (!cJSON_IsObject(object))
        return refuse_assignment(a, "must be an object");
    if (sio_config_value_init_all(t, base) != SIO_OK)
        return out_of_memory(a);
    cJSON_ArrayForEach(member, object)
    {
        if ((rc = assign_once(a, t, base, object, member)) != SIO_OK)
            return rc;
    }
    return check_given(a, t, object);
}

static int
assign_object(assignment *a, const sio_setting *s, void *base, const cJSON *value)
{
    void *fresh = calloc(1, s->members->size);
    void *field = (char *)base + s->offset;
    int   rc;

    if (fresh == NULL)
        return out_of_memory(a);
    if ((rc = fill_object(a, s->members, fresh, value)) == SIO_OK) {
        sio_config_value_free(s, base);
        memcpy(field, fresh, s->members->size);
    } else {
        sio_config_value_free_all(s->members, fresh);
    }
    free(fresh);
    return rc;
}

/* list->items has room for all of them. */
static int
fill_list(assignment *a, const sio_setting_table *t, sio_cfg_list *list, const cJSON *array)
{
    const size_t outer = a->path.len;
    const cJSON *item;
    char         index[24];
    int          rc;

    cJSON_ArrayForEach(item, array)
    {
        snprintf(index, sizeof index, "[%zu]", list->n);
        sio_buf_add_str(&a->path, index);
        rc = fill_object(a, t, (char *)list->items + list->n++ * t->size, item);
        if (rc != SIO_OK)
            return rc;
        a->path.len = outer;
    }
    return SIO_OK;
}

static int
assign_list(assignment *a, const sio_setting *s, void *base, const cJSON *value)
{
    const int     n = cJSON_GetArraySize(value);
    sio_cfg_list *field = (sio_cfg_list *)(void *)((char *)base + s->offset);
    sio_cfg_list  fresh = {NULL, 0}, old = *field;
    int           rc;

    if (!cJSON_IsArray(value) || n < s->min || n > s->max)
        return refuse_value(a, s, NULL, value);
    if (n > 0 && (fresh.items = calloc((size_t)n, s->members->size)) == NULL)
        return out_of_memory(a);
    rc = fill_list(a, s->members, &fresh, value);
    *field = rc == SIO_OK ? old : fresh;
    sio_config_value_free(s, base);
    *field = rc == SIO_OK ? fresh : old;
    return rc;
}

/* --- Any. --- */

static int
assign_kind(assignment *a, const sio_setting *s, void *base, const cJSON *value)
{
    if (s->kind == SIO_SETTING_OBJECT)
        return assign_object(a, s, base, value);
    if (s->kind == SIO_SETTING_OBJECTS)
        return assign_list(a, s, base, value);
    if (sio_setting_may_be_elsewhere(s) && cJSON_IsString(value) &&
        sio_secret_is_elsewhere(value->valuestring))
        return assign_from_place(a, s, base, value->valuestring);
    return assign_value(a, s, base, NULL, value);
}

/* After an error the path is that of what is wrong. */
static int
assign_member(assignment *a, const sio_setting_table *t, void *base, const char *key,
              const cJSON *value)
{
    const size_t       outer = a->path.len;
    const sio_setting *s = sio_setting_find(t, key);
    int                rc;

    sio_setting_explain_add_path(&a->path, key);
    if (a->path.failed)
        return out_of_memory(a);
    if (s == NULL)
        return refuse_key(a, t, key);
    if ((rc = assign_kind(a, s, base, value)) == SIO_OK)
        a->path.len = outer;
    return rc;
}

/* NOLINTEND(misc-no-recursion) */

int
sio_config_assign(const sio_setting *s, void *base, sio_view path, const cJSON *value,
                  sio_buf *notes, sio_buf *error)
{
    assignment a = {.notes = notes, .error = error};
    int        rc;

    sio_buf_init(&a.path, SIZE_MAX);
    sio_buf_add_view(&a.path, path);
    rc = a.path.failed ? out_of_memory(&a) : assign_kind(&a, s, base, value);
    sio_buf_fini(&a.path);
    return rc;
}
