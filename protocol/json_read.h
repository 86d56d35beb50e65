/*
 * protocol/json_read.h - the parts of a JSON text.
 *
 * They expect text that sio_json_validate() or sio_json_pick() has found valid (or a value that
 * came out of it). On anything else they give no useful answer, but still stay within the text and
 * end.
 */
#ifndef SIO_PROTOCOL_JSON_READ_H
#define SIO_PROTOCOL_JSON_READ_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>

typedef enum {
    SIO_JSON_NONE, /* no text at all */
    SIO_JSON_NULL,
    SIO_JSON_FALSE,
    SIO_JSON_TRUE,
    SIO_JSON_NUMBER,
    SIO_JSON_STRING,
    SIO_JSON_ARRAY,
    SIO_JSON_OBJECT
} sio_json_kind;

/* The text without white space around it. */
sio_view sio_json_read_trim(sio_view text);

/* What stands between the brackets of an array: its elements and commas. Empty for other values. */
sio_view sio_json_read_elements(sio_view array);

sio_json_kind sio_json_read_kind_of(sio_view value);

/*
 * Append the contents of a string literal (given with its quotes) as UTF-8.
 * Unpaired surrogates become U+FFFD. Returns SIO_OK, SIO_BAD when literal is not
 * a string, or SIO_TOO_LARGE when out has failed.
 */
int sio_json_read_string(sio_view literal, sio_buf *out);

/* The same as a C string, which the caller frees. NULL: no string, U+0000 in it, or no memory. */
char *sio_json_read_c_string(sio_view literal);

/*
 * Is there a U+0000 in a string or a key, however deep? As a C string that would be cut short. Of
 * any text: is \u0000 written in it?
 */
bool sio_json_read_has_nul(sio_view text);

/* Would sio_json_read_string give exactly these bytes? Does not allocate. */
bool sio_json_read_string_equals(sio_view literal, sio_view utf8);

/*
 * Walk over the direct elements of an array or the members of an object. Views
 * point into the text; keys keep their quotes. A value of another kind has no
 * elements.
 *
 *     sio_json_read_array_begin(&it, args);
 *     while (sio_json_read_array_next(&it, &element))
 *         ...
 */
typedef struct {
    const char *p, *end; /* private */
} sio_json_iter;

void sio_json_read_array_begin(sio_json_iter *it, sio_view array);
void sio_json_read_elements_begin(sio_json_iter *it,
                                  sio_view       elements); /* as of sio_json_read_elements */
bool sio_json_read_array_next(sio_json_iter *it, sio_view *element);

void sio_json_read_object_begin(sio_json_iter *it, sio_view object);
bool sio_json_read_object_next(sio_json_iter *it, sio_view *key, sio_view *value);

#endif
