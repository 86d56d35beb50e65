/*
 * protocol/json.h - a JSON scanner: is this text valid? json_read.h tells where its parts are.
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

#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Arrays and objects inside one another; a larger max_depth is taken as this. Twice what clients
 * may send at most, so that an application can put that into something of its own.
 */
#define SIO_JSON_MAX_DEPTH 2000u

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

#endif
