/*
 * tests/fuzz/fuzz_http_reply.c - protocol/http_reply.h: an answer means the same in whatever pieces
 * it comes, its body stays within the limit, and no more is taken than there is.
 *
 * The first byte says how large the pieces are.
 */
#include "tests/fuzz/must.h"

#include <stdint.h>
#include <string.h>

#include "protocol/http_reply.h"
#include "protocol/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BODY = 5000 };

typedef struct {
    sio_http_reply reply;
    sio_buf        body;
    ptrdiff_t      rc; /* of the last piece */
    size_t         used;
} outcome;

static void
read_in_pieces(outcome *o, const char *in, size_t n, size_t piece)
{
    sio_http_reply_init(&o->reply);
    sio_buf_init(&o->body, MAX_BODY);
    o->used = 0;
    o->rc = 0;
    while (o->used < n && !o->reply.is_done) {
        const size_t part = n - o->used < piece ? n - o->used : piece;

        o->rc = sio_http_reply_feed(&o->reply, in + o->used, part, &o->body);
        if (o->rc < 0)
            return;
        must((size_t)o->rc <= part && ((size_t)o->rc == part || o->reply.is_done));
        o->used += (size_t)o->rc;
    }
}

static void
must_be_sound(const outcome *o)
{
    must(o->body.len <= MAX_BODY && o->reply.line.len <= SIO_HTTP_REPLY_MAX_HEAD);
    must(o->rc >= 0 || o->rc == SIO_BAD || o->rc == SIO_TOO_LARGE);
    must(o->reply.status == 0 || (o->reply.status >= 100 && o->reply.status <= 999));
    must(!o->reply.is_done || o->reply.status >= 200);
    must(o->reply.retry_after_s <= SIO_HTTP_REPLY_MAX_RETRY_AFTER);
}

static void
must_be_alike(const outcome *a, const outcome *b)
{
    must((a->rc < 0) == (b->rc < 0) && (a->rc >= 0 || a->rc == b->rc));
    must(a->reply.status == b->reply.status && a->reply.is_done == b->reply.is_done);
    if (a->rc < 0)
        return;
    must(a->used == b->used && a->body.len == b->body.len);
    must(a->body.len == 0 || memcmp(a->body.data, b->body.data, a->body.len) == 0);
    must(a->reply.is_kept == b->reply.is_kept);
    must(a->reply.retry_after_s == b->reply.retry_after_s);
}

static void
outcome_fini(outcome *o)
{
    sio_http_reply_fini(&o->reply);
    sio_buf_fini(&o->body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *in = (const char *)data + 1;
    outcome     whole, pieces;

    if (size < 2)
        return 0;
    read_in_pieces(&whole, in, size - 1, SIZE_MAX);
    read_in_pieces(&pieces, in, size - 1, 1u + data[0]);
    must_be_sound(&whole);
    must_be_sound(&pieces);
    must_be_alike(&whole, &pieces);
    if (whole.rc >= 0)
        must(sio_http_reply_end(&whole.reply) == sio_http_reply_end(&pieces.reply));
    outcome_fini(&whole);
    outcome_fini(&pieces);
    return 0;
}
