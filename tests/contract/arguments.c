#include "tests/contract/contract.h"

#include <cjson/cJSON.h>
#include <stdio.h>

const char *
string_arg(const sio_event *event, int i)
{
    return cJSON_GetStringValue(cJSON_GetArrayItem(sio_event_tree(event), i));
}

char *
array_of(const char *text, size_t len)
{
    char *array = NULL;

    return text != NULL && asprintf(&array, "[%.*s]", (int)len, text) >= 0 ? array : NULL;
}

char *
one_arg(const sio_event *event, size_t i)
{
    size_t      len;
    const char *text = sio_event_arg(event, i, &len);

    return text != NULL ? array_of(text, len) : NULL;
}
