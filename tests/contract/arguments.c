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
first_args(const sio_event *event, size_t n)
{
    size_t      len;
    const char *first = sio_event_arg(event, 0, &len);
    const char *last = sio_event_arg(event, n - 1, &len);

    return last != NULL ? array_of(first, (size_t)(last - first) + len) : NULL;
}

char *
one_arg(const sio_event *event, size_t i)
{
    size_t      len;
    const char *text = sio_event_arg(event, i, &len);

    return text != NULL ? array_of(text, len) : NULL;
}
