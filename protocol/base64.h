/*
 * protocol/base64.h - bytes as text, for transports and receivers that carry only text.
 *
 * Called by the Engine.IO codecs and where binary arguments meet a client
 * without them. Pure; allocates only through sio_buf.
 * Rule: RFC 4648 section 4: the standard alphabet, no line breaks.
 */
#ifndef SIO_PROTOCOL_BASE64_H
#define SIO_PROTOCOL_BASE64_H

#include "protocol/buf.h"
#include "protocol/result.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>

/* Characters that n bytes take, padding included. n is a length in memory: no overflow. */
size_t sio_base64_len(size_t n);

/* Append bytes as padded base64. Failure is out->failed. bytes may not point into out. */
void sio_base64_encode(sio_view bytes, sio_buf *out);

/*
 * Is text base64? Padding may be missing, as some clients leave it out; the bits
 * beyond the last byte may be anything. Everything else that Node skips or
 * guesses (white space, the URL alphabet, junk) is refused.
 */
bool sio_base64_valid(sio_view text);

/*
 * Append the bytes that text stands for. Returns SIO_OK, SIO_BAD when text is not
 * valid (nothing is appended then), or SIO_TOO_LARGE when out has failed.
 */
int sio_base64_decode(sio_view text, sio_buf *out);

#endif
