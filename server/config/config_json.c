#include "server/config/config_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/result.h"

enum { MAX_DEPTH = 16 };

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
sio_config_json_parse(sio_view json, sio_buf *error)
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

bool
sio_config_json_is_repeated(const cJSON *object, const cJSON *member)
{
    for (const cJSON *earlier = object->child; earlier != member; earlier = earlier->next)
        if (strcmp(earlier->string, member->string) == 0)
            return true;
    return false;
}
