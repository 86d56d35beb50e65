#include "server/config/config_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"

/* Setting: each of these stores a value of one kind, or says that it is not allowed. */

static int
set_bool(bool *field, const sio_setting *s, const cJSON *value)
{
    if (!cJSON_IsBool(value) || (cJSON_IsFalse(value) && s->min > 0))
        return SIO_ERR_CONFIG;
    *field = cJSON_IsTrue(value);
    return SIO_OK;
}

/* The word that stands for a number of 0, where there is one. */
static bool
is_word_for_none(const sio_setting *s, const cJSON *value)
{
    return cJSON_IsString(value) && s->is_valid != NULL &&
           s->is_valid(sio_view_of(value->valuestring));
}

static int
set_number(void *field, const sio_setting *s, const cJSON *value)
{
    const double x = value->valuedouble;

    if (s->kind == SIO_SETTING_COUNT && is_word_for_none(s, value)) {
        *(unsigned *)field = 0;
        return SIO_OK;
    }
    if (!cJSON_IsNumber(value) || !(x >= s->min && x <= s->max))
        return SIO_ERR_CONFIG;
    if (s->kind == SIO_SETTING_SECONDS) {
        *(unsigned *)field = (unsigned)(x * 1000 + 0.5);
        return SIO_OK;
    }
    const uint64_t whole = (uint64_t)x;

    if ((double)whole != x)
        return SIO_ERR_CONFIG;
    if (s->kind == SIO_SETTING_COUNT)
        *(unsigned *)field = (unsigned)whole;
    else
        *(size_t *)field = (size_t)whole;
    return SIO_OK;
}

static int
set_text(char **field, const sio_setting *s, const cJSON *value)
{
    const sio_view text = sio_view_of(cJSON_GetStringValue(value));

    if (!cJSON_IsString(value) || (double)text.len < s->min || (double)text.len > s->max ||
        (s->is_valid != NULL && !s->is_valid(text)))
        return SIO_ERR_CONFIG;
    char *copy = strdup(text.data);

    if (copy == NULL)
        return SIO_ERR_NOMEM;
    free(*field);
    *field = copy;
    return SIO_OK;
}

static int
add_item(sio_texts *texts, const sio_setting *s, sio_view item)
{
    if (item.len == 0 || (s->is_valid != NULL && !s->is_valid(item)) || sio_texts_has(texts, item))
        return SIO_ERR_CONFIG;
    return sio_texts_add(texts, item);
}

/* One string stands for a list too, separated by blanks or commas: 0.9 searched it as it was. */
static int
add_split(sio_texts *texts, const sio_setting *s, const char *text)
{
    static const char separators[] = " ,";
    int               rc = SIO_OK;

    for (text += strspn(text, separators); rc == SIO_OK && *text != '\0';
         text += strspn(text, separators)) {
        const size_t len = strcspn(text, separators);

        rc = add_item(texts, s, (sio_view){text, len});
        text += len;
    }
    return rc;
}

static int
add_array(sio_texts *texts, const sio_setting *s, const cJSON *array)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, array)
    {
        const int rc = cJSON_IsString(item) ? add_item(texts, s, sio_view_of(item->valuestring))
                                            : SIO_ERR_CONFIG;

        if (rc != SIO_OK)
            return rc;
    }
    return SIO_OK;
}

static int
set_texts(sio_texts *field, const sio_setting *s, const cJSON *value)
{
    sio_texts texts = {NULL, 0};
    int       rc = SIO_ERR_CONFIG;

    if (cJSON_IsString(value))
        rc = add_split(&texts, s, value->valuestring);
    else if (cJSON_IsArray(value))
        rc = add_array(&texts, s, value);
    if (rc == SIO_OK && ((double)texts.n < s->min || (double)texts.n > s->max))
        rc = SIO_ERR_CONFIG;
    if (rc != SIO_OK) {
        sio_texts_fini(&texts);
        return rc;
    }
    sio_texts_fini(field);
    *field = texts;
    return SIO_OK;
}

static void *
field_of(const sio_setting *s, void *base)
{
    return (char *)base + s->offset;
}

static const void *
field_seen(const sio_setting *s, const void *base)
{
    return (const char *)base + s->offset;
}

int
sio_config_value_store(const sio_setting *s, void *base, const cJSON *value)
{
    void *field = field_of(s, base);

    switch (s->kind) {
    case SIO_SETTING_BOOL:
        return set_bool(field, s, value);
    case SIO_SETTING_COUNT:
    case SIO_SETTING_BYTES:
    case SIO_SETTING_SECONDS:
        return set_number(field, s, value);
    case SIO_SETTING_TEXT:
        return set_text(field, s, value);
    case SIO_SETTING_TEXTS:
        return set_texts(field, s, value);
    case SIO_SETTING_OBJECT:
    case SIO_SETTING_OBJECTS:
    case SIO_SETTING_SECTION:
        break;
    }
    return SIO_ERR_CONFIG;
}

/* NOLINTBEGIN(misc-no-recursion): it goes as deep as the tables of settings do */

static int
store_default(const sio_setting *s, void *base)
{
    cJSON *value;
    int    rc;

    if (s->kind == SIO_SETTING_OBJECT)
        return sio_config_value_init_all(s->members, field_of(s, base));
    if (s->kind == SIO_SETTING_OBJECTS || s->initial == NULL) /* an empty list is all zeros */
        return SIO_OK;
    value = cJSON_Parse(s->initial);
    rc = value == NULL ? SIO_ERR_NOMEM : sio_config_value_store(s, base, value);
    cJSON_Delete(value);
    return rc;
}

int
sio_config_value_init_all(const sio_setting_table *t, void *base)
{
    int rc = SIO_OK;

    for (size_t i = 0; rc == SIO_OK && i < t->n; i++)
        rc = store_default(&t->rows[i], base);
    return rc;
}

/* --- Freeing and exchanging. --- */

static void
free_list(const sio_setting *s, sio_cfg_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        sio_config_value_free_all(s->members, (char *)list->items + i * s->members->size);
    free(list->items);
    *list = (sio_cfg_list){NULL, 0};
}

void
sio_config_value_free(const sio_setting *s, void *base)
{
    void *field = field_of(s, base);

    if (s->kind == SIO_SETTING_TEXT) {
        free(*(char **)field);
        *(char **)field = NULL;
    } else if (s->kind == SIO_SETTING_TEXTS) {
        sio_texts_fini(field);
    } else if (s->kind == SIO_SETTING_OBJECT) {
        sio_config_value_free_all(s->members, field);
    } else if (s->kind == SIO_SETTING_OBJECTS) {
        free_list(s, field);
    }
}

void
sio_config_value_free_all(const sio_setting_table *t, void *base)
{
    for (size_t i = 0; i < t->n; i++)
        sio_config_value_free(&t->rows[i], base);
}

/* NOLINTEND(misc-no-recursion) */

static size_t
size_of_field(const sio_setting *s)
{
    switch (s->kind) {
    case SIO_SETTING_BOOL:
        return sizeof(bool);
    case SIO_SETTING_COUNT:
    case SIO_SETTING_SECONDS:
        return sizeof(unsigned);
    case SIO_SETTING_BYTES:
        return sizeof(size_t);
    case SIO_SETTING_TEXT:
        return sizeof(char *);
    case SIO_SETTING_TEXTS:
        return sizeof(sio_texts);
    case SIO_SETTING_OBJECT:
        return s->members->size;
    case SIO_SETTING_OBJECTS:
        return sizeof(sio_cfg_list);
    case SIO_SETTING_SECTION:
        break;
    }
    return 0;
}

void
sio_config_value_swap(const sio_setting *s, void *a, void *b)
{
    char *x = field_of(s, a), *y = field_of(s, b);

    for (size_t i = 0; i < size_of_field(s); i++) {
        const char kept = x[i];

        x[i] = y[i];
        y[i] = kept;
    }
}

/* --- Reading. --- */

double
sio_config_value_number(const sio_setting *s, const void *base)
{
    const void *field = field_seen(s, base);

    if (s->kind == SIO_SETTING_BYTES)
        return (double)*(const size_t *)field;
    if (s->kind == SIO_SETTING_SECONDS)
        return *(const unsigned *)field / 1000.0;
    return *(const unsigned *)field;
}

bool
sio_config_value_is_secret(const sio_setting *s, const void *base)
{
    return s->is_secret != NULL && s->kind == SIO_SETTING_TEXT &&
           s->is_secret(sio_view_of(*(char *const *)field_seen(s, base)));
}

static void
print_texts(const sio_setting *s, const sio_texts *texts, bool hides_secrets, sio_buf *out)
{
    sio_buf_add_char(out, '[');
    for (size_t i = 0; i < texts->n; i++) {
        const bool is_hidden =
            hides_secrets && s->is_secret != NULL && s->is_secret(texts->items[i]);

        sio_buf_add_str(out, i == 0 ? "" : ",");
        sio_buf_add_json_string(out, is_hidden ? SIO_VIEW("***") : texts->items[i], SIO_JSON_PLAIN);
    }
    sio_buf_add_char(out, ']');
}

/* NOLINTBEGIN(misc-no-recursion): it goes as deep as the tables of settings do */

static void
print_object(const sio_setting_table *t, const void *base, bool hides_secrets, sio_buf *out)
{
    sio_buf_add_char(out, '{');
    for (size_t i = 0; i < t->n; i++) {
        sio_buf_add_str(out, i == 0 ? "" : ",");
        sio_buf_add_json_string(out, sio_view_of(t->rows[i].key), SIO_JSON_PLAIN);
        sio_buf_add_char(out, ':');
        sio_config_value_print(&t->rows[i], base, hides_secrets, out);
    }
    sio_buf_add_char(out, '}');
}

static void
print_list(const sio_setting_table *t, const sio_cfg_list *list, bool hides_secrets, sio_buf *out)
{
    sio_buf_add_char(out, '[');
    for (size_t i = 0; i < list->n; i++) {
        sio_buf_add_str(out, i == 0 ? "" : ",");
        print_object(t, (const char *)list->items + i * t->size, hides_secrets, out);
    }
    sio_buf_add_char(out, ']');
}

static void
print_text(const sio_setting *s, const void *base, bool hides_secrets, sio_buf *out)
{
    if (hides_secrets && sio_config_value_is_secret(s, base))
        sio_buf_add_str(out, "\"***\"");
    else
        sio_buf_add_json_string(out, sio_view_of(*(char *const *)field_seen(s, base)),
                                SIO_JSON_PLAIN);
}

void
sio_config_value_print(const sio_setting *s, const void *base, bool hides_secrets, sio_buf *out)
{
    const void *field = field_seen(s, base);
    char        number[32];

    switch (s->kind) {
    case SIO_SETTING_BOOL:
        sio_buf_add_str(out, *(const bool *)field ? "true" : "false");
        break;
    case SIO_SETTING_COUNT:
    case SIO_SETTING_BYTES:
    case SIO_SETTING_SECONDS:
        if (s->is_valid != NULL && sio_config_value_number(s, base) < s->min) {
            sio_buf_add_str(out, "\"auto\"");
            break;
        }
        snprintf(number, sizeof number, "%.15g", sio_config_value_number(s, base));
        sio_buf_add_str(out, number);
        break;
    case SIO_SETTING_TEXT:
        print_text(s, base, hides_secrets, out);
        break;
    case SIO_SETTING_TEXTS:
        print_texts(s, field, hides_secrets, out);
        break;
    case SIO_SETTING_OBJECT:
        print_object(s->members, field, hides_secrets, out);
        break;
    case SIO_SETTING_OBJECTS:
        print_list(s->members, field, hides_secrets, out);
        break;
    case SIO_SETTING_SECTION:
        break;
    }
}

/* NOLINTEND(misc-no-recursion) */
