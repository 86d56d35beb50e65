/*
 * protocol/json_ascii.h - JSON in ASCII.
 */
#ifndef SIO_PROTOCOL_JSON_ASCII_H
#define SIO_PROTOCOL_JSON_ASCII_H

#include "protocol/buf.h"
#include "protocol/view.h"

/*
 * Append JSON (or part of one) with every character above U+007F written as
 * \uXXXX, in strings the same text. What is left has the same length in bytes,
 * characters and UTF-16 units. Invalid bytes become \ufffd.
 */
void sio_json_ascii_add(sio_view json, sio_buf *out);

#endif
