/*
 * protocol/http_chunked.h - decoder of a chunked request body.
 *
 * Called by server/ when a request head says chunked, and by tests/unit/.
 * Pure: no I/O, no globals; allocates only through the sio_buf it is given.
 */
#ifndef SIO_PROTOCOL_HTTP_CHUNKED_H
#define SIO_PROTOCOL_HTTP_CHUNKED_H

#include "protocol/buf.h"
#include "protocol/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of one body that may go into chunk extensions, trailers and leading zeros together. */
enum { SIO_HTTP_CHUNKED_MAX_EXTRA = 8192 };

typedef struct {
    uint64_t left;    /* size being read, then bytes of the chunk still to come */
    uint32_t n_extra; /* counts towards SIO_HTTP_CHUNKED_MAX_EXTRA */
    uint8_t  state;   /* private */
    bool     done;    /* the body is complete */
} sio_http_chunked;

void sio_http_chunked_init(sio_http_chunked *c);

/*
 * Decode in[0..n) and append the body to *out, whose `max` is the limit of the
 * body. It keeps no pointer to either.
 *
 * Returns the bytes consumed: all n of them, or fewer when the body ended within
 * them and c->done is set (the rest is the next request; a finished decoder
 * consumes nothing). Or a code below, after which it must not be fed again:
 *   SIO_BAD         not a chunked body (answer 400);
 *   SIO_TOO_LARGE   the body, by what was announced, or its extensions and
 *                   trailers are over their limit (answer 413);
 *   SIO_ERR_NOMEM   *out found no memory.
 * Extensions and trailers are skipped; trailers have to be header lines. Line ends
 * must be CRLF: a bare LF here is how two parsers are made to disagree about where a
 * request ends, and so is a blank behind the size.
 * Rule: RFC 9112 section 7.1.
 */
ptrdiff_t sio_http_chunked_feed(sio_http_chunked *c, const char *in, size_t n, sio_buf *out);

#endif
