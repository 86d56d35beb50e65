/*
 * tests/fuzz/fuzz_ws_hixie.c - protocol/ws_hixie.h: a stream gives the same messages and the same
 * verdict in one piece, byte by byte, and in pieces of a size that the input chooses; each text
 * survives being framed again; a key's number fits its digits and spaces.
 *
 * The first input byte is the size of the pieces, the others are the stream, and the key.
 */
#include "tests/fuzz/must.h"
#include "protocol/ws_hixie.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_MESSAGE = 60 };

static void
check_framed_again(const sio_ws_message *m)
{
    sio_ws_hixie_reader r;
    sio_ws_message      again;
    sio_buf             frame;
    char               *at;
    size_t              len;

    sio_buf_init(&frame, SIZE_MAX);
    sio_ws_hixie_add_frame(&frame, m->opcode, m->payload);
    at = frame.data;
    len = frame.len;
    sio_ws_hixie_reader_init(&r, MAX_MESSAGE);
    must(sio_ws_hixie_reader_next(&r, &at, &len, &again) == 1 && len == 0);
    must(again.opcode == m->opcode && sio_view_eq(again.payload, m->payload));
    sio_ws_hixie_reader_fini(&r);
    sio_buf_fini(&frame);
}

static void
note_message(sio_buf *transcript, const sio_ws_message *m)
{
    must(m->opcode == SIO_WS_TEXT || (m->opcode == SIO_WS_CLOSE && m->payload.len == 0));
    must(m->rsv == 0 && m->payload.len <= MAX_MESSAGE);
    check_framed_again(m);
    sio_buf_add_u64(transcript, m->opcode);
    sio_buf_add_char(transcript, ':');
    sio_buf_add_u64(transcript, m->payload.len);
    sio_buf_add_char(transcript, ':');
    sio_buf_add_view(transcript, m->payload);
}

/* Each piece is a copy of exactly its size. */
static int
read_piece(sio_ws_hixie_reader *r, const uint8_t *piece, size_t n, sio_buf *transcript)
{
    char          *block = malloc(n), *at = block;
    size_t         len = n;
    sio_ws_message m;
    int            rc;

    must(block != NULL);
    memcpy(block, piece, n);
    while ((rc = sio_ws_hixie_reader_next(r, &at, &len, &m)) == 1)
        note_message(transcript, &m);
    must(rc < 0 || (len == 0 && at == block + n));
    must(r->partial.len <= MAX_MESSAGE);
    must(r->state != SIO_HIXIE_BETWEEN || r->partial.data == NULL || rc < 0);
    free(block);
    return rc;
}

static int
read_stream(const uint8_t *data, size_t size, size_t step, sio_buf *transcript)
{
    sio_ws_hixie_reader r;
    int                 rc = 0;

    sio_ws_hixie_reader_init(&r, MAX_MESSAGE);
    for (size_t done = 0; done < size && rc == 0;) {
        const size_t n = size - done < step ? size - done : step;

        rc = read_piece(&r, data + done, n, transcript);
        done += n;
    }
    sio_ws_hixie_reader_fini(&r);
    return rc;
}

static void
check_key(sio_view key)
{
    size_t   n_spaces = 0, n_digits = 0;
    uint32_t number;

    for (size_t i = 0; i < key.len; i++) {
        n_spaces += key.data[i] == ' ';
        n_digits += key.data[i] >= '0' && key.data[i] <= '9';
    }
    if (sio_ws_hixie_key_number(key, &number) == SIO_OK)
        must(n_spaces > 0 && n_digits > 0 && (uint64_t)number * n_spaces <= UINT32_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t  steps[2] = {1, 2};
    sio_buf whole, cut;
    int     rc;

    if (size == 0)
        return 0;
    steps[1] += data[0];
    check_key((sio_view){(const char *)data + 1, size - 1});
    sio_buf_init(&whole, SIZE_MAX);
    sio_buf_init(&cut, SIZE_MAX);
    rc = read_stream(data + 1, size - 1, SIZE_MAX, &whole);
    for (size_t i = 0; i < 2; i++) {
        sio_buf_clear(&cut);
        must(read_stream(data + 1, size - 1, steps[i], &cut) == rc);
        must(sio_view_eq(sio_buf_view(&whole), sio_buf_view(&cut)));
    }
    sio_buf_fini(&cut);
    sio_buf_fini(&whole);
    return 0;
}
