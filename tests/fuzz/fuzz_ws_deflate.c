/*
 * tests/fuzz/fuzz_ws_deflate.c - protocol/ws_deflate.h, three ways of reading one input: as the
 * header that offers, as a message that has to come back, and as a payload from a peer.
 *
 * What is inflated is held against zlib itself in one call. The first byte of the input is the
 * limit, in units of 16 bytes.
 */
#include "tests/fuzz/must.h"
#include "protocol/ws_deflate.h"

#define ZLIB_CONST
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_offers(sio_view header)
{
    sio_ws_deflate_terms terms = {.is_accepted = false}, again = {.is_accepted = false};
    const int            rc = sio_ws_deflate_read_offers(header, &terms);
    sio_buf              answer;

    must(rc == SIO_OK || rc == SIO_BAD);
    if (!terms.is_accepted)
        return;
    must(terms.server_max_window_bits == 0 ||
         (terms.server_max_window_bits >= SIO_WS_DEFLATE_MIN_WINDOW_BITS &&
          terms.server_max_window_bits <= SIO_WS_DEFLATE_MAX_WINDOW_BITS));
    sio_buf_init(&answer, SIZE_MAX);
    sio_ws_deflate_add_answer(&terms, &answer);
    must(sio_ws_deflate_read_offers(sio_buf_view(&answer), &again) == SIO_OK);
    must(again.is_accepted && again.server_max_window_bits == terms.server_max_window_bits);
    sio_buf_fini(&answer);
}

static void
check_round_trip(sio_ws_deflate *z, sio_view message)
{
    sio_buf payload, back;

    sio_buf_init(&payload, SIZE_MAX);
    sio_buf_init(&back, message.len);
    if (sio_ws_deflate_message(z, message, &payload)) {
        must(payload.len < message.len);
        must(sio_ws_deflate_inflate_message(z, sio_buf_view(&payload), &back) == SIO_OK);
        must(sio_view_eq(sio_buf_view(&back), message));
    }
    must(!payload.failed);
    sio_buf_fini(&payload);
    sio_buf_fini(&back);
}

/* As far as zlib gets with it in one stream: *message must begin so. */
static void
check_against_zlib(sio_view payload, const sio_buf *message)
{
    z_stream i = {0};
    Bytef    out[255 * 16 + 1] = "";
    size_t   n;

    must(inflateInit2(&i, -15) == Z_OK);
    i.next_in = (const Bytef *)payload.data;
    i.avail_in = (uInt)payload.len;
    i.next_out = out;
    i.avail_out = sizeof out;
    (void)inflate(&i, Z_SYNC_FLUSH);
    n = sizeof out - i.avail_out;
    must(n <= message->len && (n == 0 || memcmp(out, message->data, n) == 0));
    inflateEnd(&i);
}

static void
check_payload(sio_ws_deflate *z, sio_view payload, size_t limit)
{
    sio_buf message, again;
    int     rc;

    sio_buf_init(&message, limit);
    sio_buf_init(&again, limit);
    rc = sio_ws_deflate_inflate_message(z, payload, &message);
    must(rc == SIO_OK || rc == SIO_BAD || rc == SIO_TOO_LARGE);
    must(message.len <= limit && message.cap <= limit);
    must(sio_ws_deflate_inflate_message(z, payload, &again) ==
         rc); /* nothing is left of the last one */
    must(sio_view_eq(sio_buf_view(&message), sio_buf_view(&again)));
    if (rc == SIO_OK)
        check_against_zlib(payload, &message);
    sio_buf_fini(&message);
    sio_buf_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sio_ws_deflate *z;
    sio_view        rest;

    if (size == 0)
        return 0;
    z = sio_ws_deflate_new();
    must(z != NULL);
    rest = (sio_view){(const char *)data + 1, size - 1};
    check_offers(rest);
    check_round_trip(z, rest);
    check_payload(z, rest, (size_t)data[0] * 16);
    sio_ws_deflate_free(z);
    return 0;
}
