/*
 * tests/fuzz/fuzz_ws_frame.c - protocol/ws_frame.h: a stream gives the same messages and the
 * same verdict in one piece, byte by byte, and in pieces of a size that the input chooses.
 *
 * The first input byte: its low three bits are the allowed reserved bits, the rest is
 * the size of the pieces, and whether masks and the shortest lengths are needed. The
 * others are the stream.
 */
#include "tests/fuzz/must.h"
#include "protocol/ws_frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_MESSAGE = 300, NEEDS_SHORTEST = 0x40, NEEDS_MASK = 0x80 };

static void
note_message(sio_buf *transcript, const sio_ws_message *m)
{
    const bool control = m->opcode >= SIO_WS_CLOSE;

    must(m->opcode != SIO_WS_CONTINUATION && m->opcode <= SIO_WS_PONG);
    must(m->payload.len <= (control ? (size_t)SIO_WS_MAX_CONTROL : (size_t)MAX_MESSAGE));
    sio_buf_add_u64(transcript, m->opcode);
    sio_buf_add_char(transcript, ':');
    sio_buf_add_u64(transcript, m->rsv);
    sio_buf_add_char(transcript, ':');
    sio_buf_add_u64(transcript, m->payload.len);
    sio_buf_add_char(transcript, ':');
    sio_buf_add_view(transcript, m->payload);
}

static void
check_open_text(const sio_ws_reader *r)
{
    const sio_view text = sio_ws_reader_open_text(r);

    must(text.len <= MAX_MESSAGE && text.len <= r->partial.len);
    must(text.len == 0 || (r->message_opcode == SIO_WS_TEXT && text.data == r->partial.data));
}

/* The reader writes into what it reads, so each piece is a copy, of exactly its size. */
static int
read_piece(sio_ws_reader *r, const uint8_t *piece, size_t n, sio_buf *transcript)
{
    char          *block = malloc(n), *at = block;
    size_t         len = n;
    sio_ws_message m;
    int            rc;

    must(block != NULL);
    memcpy(block, piece, n);
    while ((rc = sio_ws_reader_next(r, &at, &len, &m)) == 1)
        note_message(transcript, &m);
    must(rc < 0 || (len == 0 && at == block + n));
    if (rc == 0)
        check_open_text(r);
    must(r->partial.len <= MAX_MESSAGE + SIO_WS_MAX_CONTROL + SIO_WS_MAX_HEADER);
    free(block);
    return rc;
}

static int
read_stream(const uint8_t *data, size_t size, size_t step, uint8_t options, sio_buf *transcript)
{
    sio_ws_reader r;
    int           rc = 0;

    sio_ws_reader_init(&r, MAX_MESSAGE);
    r.allowed_rsv = options & 7;
    r.needs_mask = (options & NEEDS_MASK) != 0;
    r.needs_shortest = (options & NEEDS_SHORTEST) != 0;
    for (size_t done = 0; done < size && rc == 0;) {
        const size_t n = size - done < step ? size - done : step;

        rc = read_piece(&r, data + done, n, transcript);
        done += n;
    }
    sio_ws_reader_fini(&r);
    return rc;
}

static void
check_header(const uint8_t *data, size_t size)
{
    uint8_t         again[SIO_WS_MAX_SERVER_HEADER];
    sio_ws_header   h, h2;
    const ptrdiff_t n = sio_ws_frame_parse_header((const char *)data, size, &h);
    size_t          n2;

    if (n <= 0)
        return;
    must((size_t)n <= size && n <= SIO_WS_MAX_HEADER);
    n2 = sio_ws_frame_encode_header(again, h.opcode, h.payload_len);
    must(n2 + (h.masked ? sizeof h.mask : 0) <= (size_t)n);
    must(h.shortest == (n2 + (h.masked ? sizeof h.mask : 0) == (size_t)n));
    must(sio_ws_frame_parse_header((const char *)again, n2, &h2) == (ptrdiff_t)n2);
    must(h2.shortest && h2.fin && !h2.masked && h2.opcode == h.opcode &&
         h2.payload_len == h.payload_len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t  steps[2] = {1, 2};
    sio_buf whole, cut;
    int     rc;

    if (size == 0)
        return 0;
    steps[1] += data[0] >> 3;
    check_header(data + 1, size - 1);
    sio_buf_init(&whole, SIZE_MAX);
    sio_buf_init(&cut, SIZE_MAX);
    rc = read_stream(data + 1, size - 1, SIZE_MAX, data[0], &whole);
    for (size_t i = 0; i < 2; i++) {
        sio_buf_clear(&cut);
        must(read_stream(data + 1, size - 1, steps[i], data[0], &cut) == rc);
        must(sio_view_eq(sio_buf_view(&whole), sio_buf_view(&cut)));
    }
    sio_buf_fini(&cut);
    sio_buf_fini(&whole);
    return 0;
}
