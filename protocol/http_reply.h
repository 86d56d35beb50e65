/*
 * protocol/http_reply.h - reader of an answer of HTTP/1.1, as a client gets it.
 *
 * Called by server/backends/plain_link.c with whatever has arrived, and by tests/fuzz/. Pure: no
 * I/O, no globals; allocates only for a line that is cut, and through the sio_buf it is given.
 *
 * Rule: RFC 9112, sections 4 to 7 and 9.3. An answer whose end could be seen in two ways is none:
 * two lengths, a coding that is not "chunked", a folded header that says something about framing.
 */
#ifndef SIO_PROTOCOL_HTTP_REPLY_H
#define SIO_PROTOCOL_HTTP_REPLY_H

#include "protocol/buf.h"
#include "protocol/http_chunked.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIO_HTTP_REPLY_MAX_HEAD = 65536,       /* bytes, with those of interim answers */
    SIO_HTTP_REPLY_MAX_RETRY_AFTER = 86400 /* a larger one is this */
};

typedef struct {
    unsigned status;        /* 0: not known yet */
    unsigned retry_after_s; /* of Retry-After in seconds; 0: there is none, or it is a date */
    int64_t  retry_at_s;    /* of Retry-After as a date, since 1970; 0: it is none */
    bool     is_done;
    bool     is_kept; /* when it is done: the connection may be used again */
    /* Set after sio_http_reply_init(). */
    bool     is_of_head; /* HEAD was asked: there is no body, whatever the headers say */
    sio_buf *head;       /* the status line and the headers are appended; NULL: they are not kept */
    /* Private. */
    uint8_t          state;
    bool             is_version_1_0, has_length, is_chunked, closes, keeps, frames;
    uint64_t         left;   /* of a body with a length */
    size_t           n_head; /* bytes of all heads */
    sio_http_chunked chunked;
    sio_buf          line; /* what has come of a line that is cut */
} sio_http_reply;

/* Begin with an answer. What another one has left is forgotten without being freed. */
void sio_http_reply_init(sio_http_reply *r);

void sio_http_reply_fini(sio_http_reply *r);

/*
 * Read in[0..n) and append the body to *out, whose `max` is its limit. It keeps no pointer to
 * either. Interim answers (1xx) are skipped.
 *
 * Returns the bytes consumed: all n of them, or fewer when r->is_done is set. Or a code, after
 * which it must not be fed again:
 *   SIO_BAD         it is no answer of HTTP/1.0 or 1.1;
 *   SIO_TOO_LARGE   its head or its body; r->status is that of the answer, or 0;
 *   SIO_ERR_NOMEM   there is no memory.
 */
ptrdiff_t sio_http_reply_feed(sio_http_reply *r, const char *in, size_t n, sio_buf *out);

/* The connection was closed. True: that ends the body, and r->is_done is set. False: it is cut. */
bool sio_http_reply_end(sio_http_reply *r);

#endif
