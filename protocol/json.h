/*
 * protocol/json.h - a JSON scanner: is this text valid, and where are its parts?
 *
 * Called by the packet codecs on everything that clients send, and by the server
 * where it reads a small JSON text. An event that is only passed on travels as
 * the slice of bytes that arrived, so nothing here builds a tree or prints a
 * number. Never recursive; allocates only through sio_buf.
 *
 * "Valid" means what JSON.parse of JavaScript accepts: RFC 8259, with UTF-8
 * checked inside strings and unpaired \uD800-\uDFFF escapes allowed.
 */
#ifndef SIO_PROTOCOL_JSON_H
#define SIO_PROTOCOL_JSON_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Arrays and objects inside one another; a larger max_depth is taken as this. Twice what clients may
 * send at most, so that an application can put that into something of its own.
 */
#define SIO_JSON_MAX_DEPTH 2000u

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

/*
 * Is text exactly one value, with optional white space around it? A scalar has
 * depth 0, "[]" has depth 1. Returns SIO_OK, SIO_BAD, or SIO_TOO_LARGE when it
 * goes deeper than max_depth (the text after that point is not looked at).
 */
int sio_json_validate(sio_view text, unsigned max_depth);

typedef struct {
    sio_view name;  /* in: the key, UTF-8 without quotes or escapes */
    sio_view value; /* out: its value, without white space around it; empty when absent */
} sio_json_field;

/*
 * As sio_json_validate, and when the value is an object take the named members
 * out of it, in the same pass. Of duplicate keys the last one counts, as for
 * JSON.parse. Values view text. All values are empty unless SIO_OK is returned.
 */
int sio_json_pick(sio_view text, unsigned max_depth, sio_json_field *fields, size_t n_fields);

/*
 * The functions below expect text that one of the two above has found valid (or
 * a value that came out of it). On anything else they give no useful answer,
 * but still stay within the text and end.
 */

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

/*
 * Is there a U+0000 in a string or a key, however deep? As a C string that would be cut short. Of any
 * text: is \u0000 written in it?
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

/*
 * Append JSON (or part of one) with every character above U+007F written as
 * \uXXXX, in strings the same text. What is left has the same length in bytes,
 * characters and UTF-16 units. Invalid bytes become \ufffd.
 */
void sio_json_ascii_add(sio_view json, sio_buf *out);

#endif
