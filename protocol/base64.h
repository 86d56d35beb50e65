/*
 * protocol/base64.h - bytes as text, for transports and receivers that carry only text.
 *
 * Called by the Engine.IO codecs and where binary arguments meet a client
 * without them. Pure; allocates only through sio_buf.
 * Rule: RFC 4648. Encoding: section 4, the standard alphabet, padded, no line breaks. Decoding: as
 * Buffer.from(text, "base64") of Node, as clients are written for that (Java's break lines each 76
 * characters and end the last one). That is:
 *   - both alphabets (sections 4 and 5), mixed as they come;
 *   - the first "=" ends the text, whatever is behind it;
 *   - a character of neither alphabet is skipped, white space and U+0000 like any other;
 *   - of the last group, bits that make no whole byte are dropped; padding may be missing.
 * Only characters above U+00FF differ: of them Node takes the low eight bits of each UTF-16
 * unit, so that U+0141 counts as "A"; here they are skipped. tests/wire/base64.test.js compares
 * the two.
 */
#ifndef SIO_PROTOCOL_BASE64_H
#define SIO_PROTOCOL_BASE64_H

#include "protocol/buf.h"
#include "protocol/view.h"

#include <stddef.h>

/* Characters that n bytes take, padding included. n is a length in memory: no overflow. */
size_t sio_base64_len(size_t n);

/* Append bytes as padded base64. Failure is out->failed. bytes may not point into out. */
void sio_base64_encode(sio_view bytes, sio_buf *out);

/* Append the bytes that text stands for; any text does, if only for none. Likewise. */
void sio_base64_decode(sio_view text, sio_buf *out);

#endif
