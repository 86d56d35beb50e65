/* server/config/config_file.c - a configuration file; see config.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/result.h"
#include "server/base/file.h"
#include "server/config/config.h"
#include "server/config/config_table.h"

enum { MAX_FILE_BYTES = 1 << 20, MAX_DEPTH = 16, MAX_ERROR_BYTES = 1024 };

/* Lines and columns count from 1. cJSON's offset is sometimes the byte after the wrong one. */
static void
explain_position(sio_view json, size_t at, sio_buf *error)
{
    size_t line = 1, line_begin = 0;
    char   text[96];

    for (size_t i = 0; i < at; i++)
        if (json.data[i] == '\n') {
            line++;
            line_begin = i + 1;
        }
    snprintf(text, sizeof text, "line %zu, column %zu: not valid JSON at or just before this", line,
             at - line_begin + 1);
    sio_buf_add_str(error, text);
}

/* cJSON takes some texts that JSON.parse does not, and cuts strings at \u0000. */
static bool
is_strict(sio_view json)
{
    static const char bom[] = "\xEF\xBB\xBF";

    if (json.len >= 3 && memcmp(json.data, bom, 3) == 0)
        json = (sio_view){json.data + 3, json.len - 3};
    return sio_json_validate(json, MAX_DEPTH) == SIO_OK && !sio_json_read_has_nul(json);
}

cJSON *
sio_cfg_parse_json(sio_view json, sio_buf *error)
{
    const char *end = NULL;
    /* cJSON tells the end of the text by a NUL, so it gets a copy that has one. */
    char *text = malloc(json.len + 1);

    if (text == NULL) {
        sio_buf_add_str(error, "out of memory");
        return NULL;
    }
    if (json.len > 0)
        memcpy(text, json.data, json.len);
    text[json.len] = '\0';
    cJSON *value = cJSON_ParseWithLengthOpts(text, json.len + 1, &end, true);

    if (value == NULL) {
        explain_position(json, end == NULL ? 0 : (size_t)(end - text), error);
    } else if (!is_strict(json)) {
        sio_buf_add_str(error, "not valid JSON: a control character, broken UTF-8, a misspelt "
                               "number, or nested too deep");
        cJSON_Delete(value);
        value = NULL;
    }
    free(text);
    return value;
}

static bool
is_repeated(const cJSON *object, const cJSON *member)
{
    for (const cJSON *earlier = object->child; earlier != member; earlier = earlier->next)
        if (strcmp(earlier->string, member->string) == 0)
            return true;
    return false;
}

/* Stops at the first unusable key, so that is_repeated only ever looks at known ones. */
static int
load_object(sio_cfg *cfg, const cJSON *object, sio_buf *error)
{
    const cJSON *member;

    if (!cJSON_IsObject(object)) {
        sio_buf_add_str(error, "must be a JSON object, like {\"port\": 3100}");
        return SIO_ERR_CONFIG;
    }
    cJSON_ArrayForEach(member, object)
    {
        if (is_repeated(object, member)) {
            sio_setting_add_quoted(error, member->string);
            sio_buf_add_str(error, ": is there twice");
            return SIO_ERR_CONFIG;
        }
        const int rc = sio_cfg_set_value(cfg, member->string, member, error);

        if (rc != SIO_OK)
            return rc;
    }
    return SIO_OK;
}

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
    cJSON    *object = sio_cfg_parse_json(json, &why);
    const int rc = object == NULL ? SIO_ERR_CONFIG : load_object(cfg, object, &why);

    if (rc != SIO_OK)
        add_with_source(error, source, sio_buf_view(&why));
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
