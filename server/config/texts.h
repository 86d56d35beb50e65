/*
 * server/config/texts.h - a setting that is a list of texts.
 */
#ifndef SIO_CONFIG_TEXTS_H
#define SIO_CONFIG_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/view.h"

/* An owned list of texts; each items[i].data is NUL-terminated. Never holds an empty text. */
typedef struct {
    sio_view *items;
    size_t    n;
} sio_texts;

/* Is text one of the items, byte for byte? */
bool sio_texts_has(const sio_texts *texts, sio_view text);

/* Put a copy of text at the end. SIO_OK or SIO_ERR_NOMEM. */
int sio_texts_add(sio_texts *texts, sio_view text);

/* Make *out an independent copy. SIO_OK, or SIO_ERR_NOMEM and *out is empty. */
int sio_texts_copy(sio_texts *out, const sio_texts *from);

/* Free the items; *texts is empty afterwards. */
void sio_texts_fini(sio_texts *texts);

#endif
