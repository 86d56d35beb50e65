#include "server/config/texts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"

bool
sio_texts_has(const sio_texts *texts, sio_view text)
{
    for (size_t i = 0; i < texts->n; i++)
        if (sio_view_eq(texts->items[i], text))
            return true;
    return false;
}

void
sio_texts_fini(sio_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): const in the view, but the text is ours */
        free((void *)(uintptr_t)texts->items[i].data);
    }
    free(texts->items);
    *texts = (sio_texts){NULL, 0};
}

int
sio_texts_add(sio_texts *texts, sio_view text)
{
    sio_view *items = realloc(texts->items, (texts->n + 1) * sizeof *items);

    if (items == NULL)
        return SIO_ERR_NOMEM;
    texts->items = items;
    char *copy = strndup(text.data, text.len);

    if (copy == NULL)
        return SIO_ERR_NOMEM;
    items[texts->n++] = (sio_view){copy, text.len};
    return SIO_OK;
}

int
sio_texts_copy(sio_texts *out, const sio_texts *from)
{
    *out = (sio_texts){NULL, 0};
    for (size_t i = 0; i < from->n; i++)
        if (sio_texts_add(out, from->items[i]) != SIO_OK) {
            sio_texts_fini(out);
            return SIO_ERR_NOMEM;
        }
    return SIO_OK;
}
