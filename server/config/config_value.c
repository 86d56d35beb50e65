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

static int
set_number(void *field, const sio_setting *s, const cJSON *value)
{
    const double x = value->valuedouble;

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

int
sio_config_value_store(const sio_setting *s, sio_cfg *cfg, const cJSON *value)
{
    void *field = (char *)cfg + s->offset;

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
    case SIO_SETTING_SECTION:
        break;
    }
    return SIO_ERR_CONFIG;
}

void
sio_config_value_free(const sio_setting *s, sio_cfg *cfg)
{
    void *field = (char *)cfg + s->offset;

    if (s->kind == SIO_SETTING_TEXT) {
        free(*(char **)field);
        *(char **)field = NULL;
    } else if (s->kind == SIO_SETTING_TEXTS) {
        sio_texts_fini(field);
    }
}

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
    case SIO_SETTING_SECTION:
        break;
    }
    return 0;
}

void
sio_config_value_swap(const sio_setting *s, sio_cfg *a, sio_cfg *b)
{
    char         kept[sizeof(sio_texts)];
    const size_t n = size_of_field(s);

    memcpy(kept, (char *)a + s->offset, n);
    memcpy((char *)a + s->offset, (char *)b + s->offset, n);
    memcpy((char *)b + s->offset, kept, n);
}

double
sio_config_value_number(const sio_setting *s, const sio_cfg *cfg)
{
    const void *field = (const char *)cfg + s->offset;

    if (s->kind == SIO_SETTING_BYTES)
        return (double)*(const size_t *)field;
    if (s->kind == SIO_SETTING_SECONDS)
        return *(const unsigned *)field / 1000.0;
    return *(const unsigned *)field;
}

static void
print_texts(const sio_texts *texts, sio_buf *out)
{
    sio_buf_add_char(out, '[');
    for (size_t i = 0; i < texts->n; i++) {
        sio_buf_add_str(out, i == 0 ? "" : ",");
        sio_buf_add_json_string(out, texts->items[i], SIO_JSON_PLAIN);
    }
    sio_buf_add_char(out, ']');
}

void
sio_config_value_print(const sio_setting *s, const sio_cfg *cfg, sio_buf *out)
{
    const void *field = (const char *)cfg + s->offset;
    char        number[32];

    switch (s->kind) {
    case SIO_SETTING_BOOL:
        sio_buf_add_str(out, *(const bool *)field ? "true" : "false");
        break;
    case SIO_SETTING_COUNT:
    case SIO_SETTING_BYTES:
    case SIO_SETTING_SECONDS:
        snprintf(number, sizeof number, "%.15g", sio_config_value_number(s, cfg));
        sio_buf_add_str(out, number);
        break;
    case SIO_SETTING_TEXT:
        sio_buf_add_json_string(out, sio_view_of(*(char *const *)field), SIO_JSON_PLAIN);
        break;
    case SIO_SETTING_TEXTS:
        print_texts(field, out);
        break;
    case SIO_SETTING_SECTION:
        break;
    }
}
