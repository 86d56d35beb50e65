#include "server/backends/hook_route.h"

#include <string.h>

/* "order:*" is what begins so, "*" everything. */
static bool
is_match(sio_view pattern, sio_view name)
{
    const bool is_beginning = pattern.len > 0 && pattern.data[pattern.len - 1] == '*';

    if (!is_beginning)
        return sio_view_eq(pattern, name);
    return name.len >= pattern.len - 1 && memcmp(name.data, pattern.data, pattern.len - 1) == 0;
}

bool
sio_hook_route_has_match(const sio_texts *patterns, sio_view name)
{
    for (size_t i = 0; i < patterns->n; i++)
        if (is_match(patterns->items[i], name))
            return true;
    return false;
}

int
sio_hook_route_find(const sio_cfg_list *backends, const char *nsp_name, sio_view event)
{
    const sio_cfg_backend *list = backends->items;

    for (size_t i = 0; i < backends->n; i++)
        if (sio_texts_has(&list[i].namespaces, sio_view_of(nsp_name)) &&
            sio_hook_route_has_match(&list[i].events, event))
            return (int)i;
    return -1;
}
