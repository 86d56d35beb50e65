/* tests/unit/protocol/ws_frame_reader_test.c - messages out of a stream of frames. */
#include "protocol/ws_frame.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

enum { FIN = 0x80, RSV1 = 0x40, RSV3 = 0x10, MAX_MESSAGE = 70000 };

static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};

typedef struct {
    uint8_t     first; /* the first byte of the frame */
    const char *payload;
} frame;

/* A client's frame; every other one is unmasked, as the reader takes both. */
static void
add_frame(sio_buf *out, uint8_t first, sio_view payload, bool masked)
{
    uint8_t head[SIO_WS_MAX_SERVER_HEADER];
    size_t  n = sio_ws_frame_encode_header(head, 0, payload.len);
    size_t  start;

    head[0] = first;
    head[1] |= masked ? 0x80 : 0;
    sio_buf_add(out, head, n);
    if (masked)
        sio_buf_add(out, mask, sizeof mask);
    start = out->len;
    sio_buf_add_view(out, payload);
    if (masked && payload.len > 0)
        sio_ws_frame_unmask(out->data + start, payload.len, mask, 0);
}

static void
add_frames(sio_buf *out, const frame *frames, size_t n)
{
    for (size_t i = 0; i < n && frames[i].payload != NULL; i++)
        add_frame(out, frames[i].first, sio_view_of(frames[i].payload), i % 2 == 0);
}

/* Give the reader one piece, from a heap block of its own, and write down what comes out. */
static int
read_piece(sio_ws_reader *r, sio_view piece, sio_buf *transcript)
{
    static const char names[] = "cTB     CPp";
    char             *block = malloc(piece.len + 1), *at = block;
    size_t            len = piece.len;
    sio_ws_message    m;
    int               rc = SIO_ERR_NOMEM;

    if (block == NULL)
        return rc;
    memcpy(block, piece.data, piece.len);
    while ((rc = sio_ws_reader_next(r, &at, &len, &m)) == 1) {
        sio_buf_add_char(transcript, names[m.opcode]);
        if (m.rsv != 0)
            sio_buf_add_u64(transcript, m.rsv);
        sio_buf_add_char(transcript, '(');
        sio_buf_add_view(transcript, m.payload);
        sio_buf_add_char(transcript, ')');
    }
    if (rc == 0)
        CHECK(len == 0 && at == block + piece.len);
    free(block);
    return rc;
}

/* Read a stream cut at `cut`, and from there on into pieces of `step` bytes. */
static int
read_stream(sio_view stream, size_t cut, size_t step, uint8_t allowed_rsv, sio_buf *transcript)
{
    sio_ws_reader r;
    size_t        done = 0;
    int           rc = 0;

    sio_buf_clear(transcript);
    sio_ws_reader_init(&r, MAX_MESSAGE);
    r.allowed_rsv = allowed_rsv & 7;
    while (done < stream.len && rc == 0) {
        const size_t want = done == 0 ? cut : step;
        const size_t n = stream.len - done < want ? stream.len - done : want;

        rc = read_piece(&r, (sio_view){stream.data + done, n}, transcript);
        done += n;
    }
    sio_ws_reader_fini(&r);
    return rc;
}

static void
check_every_split(sio_view stream, uint8_t allowed_rsv, int want_rc, const char *want)
{
    sio_buf got;

    sio_buf_init(&got, SIZE_MAX);
    for (size_t cut = 1; cut <= stream.len; cut++) {
        for (size_t step = 1; step <= stream.len; step += step < 4 ? 1 : stream.len) {
            CHECK_INT(read_stream(stream, cut, step, allowed_rsv, &got), want_rc);
            CHECK_VIEW(sio_buf_view(&got), want);
        }
    }
    sio_buf_fini(&got);
}

static void
test_streams_in_every_split(void)
{
    static const struct {
        const char *name;
        frame       frames[10];
        const char *want;
    } rows[] = {
        {"one text", {{FIN | 1, "1::"}}, "T(1::)"},
        {"empty text", {{FIN | 1, ""}}, "T()"},
        {"binary", {{FIN | 2, "\x01\x02"}}, "B(\x01\x02)"},
        {"several",
         {{FIN | 1, "a"}, {FIN | 2, "bc"}, {FIN | 1, ""}, {FIN | 1, "d"}},
         "T(a)B(bc)T()T(d)"},
        {"control",
         {{FIN | 9, "hi"}, {FIN | 10, ""}, {FIN | 8, "\x03\xE8"}},
         "P(hi)p()C(\x03\xE8)"},
        {"fragments", {{1, "he"}, {0, "l"}, {FIN | 0, "lo"}, {FIN | 1, "x"}}, "T(hello)T(x)"},
        {"cut character", {{1, "\xC3"}, {FIN | 0, "\xA9"}}, "T(\xC3\xA9)"},
        {"empty first", {{2, ""}, {FIN | 0, "ab"}}, "B(ab)"},
        {"empty last", {{1, "ab"}, {FIN | 0, ""}}, "T(ab)"},
        {"all empty", {{1, ""}, {0, ""}, {FIN | 0, ""}, {FIN | 1, "x"}}, "T()T(x)"},
        {"control between fragments",
         {{1, "ab"}, {FIN | 9, "ping"}, {0, "cd"}, {FIN | 10, ""}, {FIN | 9, ""}, {FIN | 0, "e"}},
         "P(ping)p()P()T(abcde)"},
        {"control after an empty fragment", {{1, ""}, {FIN | 9, "p"}, {FIN | 0, "a"}}, "P(p)T(a)"},
        {"message after message",
         {{1, "a"}, {FIN | 0, "b"}, {2, "c"}, {FIN | 0, "d"}, {FIN | 9, "e"}, {FIN | 1, "f"}},
         "T(ab)B(cd)P(e)T(f)"},
        {"unfinished", {{FIN | 1, "a"}, {1, "lost"}}, "T(a)"},
    };
    sio_buf stream;

    sio_buf_init(&stream, SIZE_MAX);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].name;
        sio_buf_clear(&stream);
        add_frames(&stream, rows[i].frames, N_ROWS(rows[i].frames));
        check_every_split(sio_buf_view(&stream), 0, 0, rows[i].want);
    }
    sio_buf_fini(&stream);
}

static void
test_wrong_streams_in_every_split(void)
{
    static const struct {
        const char *name;
        frame       frames[4];
        const char *before; /* messages delivered before the error */
        uint8_t     allowed_rsv;
    } rows[] = {
        {"continuation of nothing", {{FIN | 0, "a"}}, "", 0},
        {"continuation of a whole message", {{FIN | 1, "a"}, {FIN | 0, "b"}}, "T(a)", 0},
        {"continuation behind the last", {{1, "a"}, {FIN | 0, ""}, {0, ""}}, "T(a)", 0},
        {"text inside fragments", {{1, "a"}, {FIN | 1, "b"}}, "", 0},
        {"binary inside empty fragments", {{1, ""}, {2, ""}}, "", 0},
        {"reserved bit", {{FIN | RSV1 | 1, "a"}}, "", 0},
        {"other reserved bit", {{FIN | RSV3 | 1, "a"}}, "", 4},
        {"reserved bit in a control frame", {{FIN | RSV1 | 9, "a"}}, "", 4},
        {"reserved bit in a continuation", {{1, "a"}, {FIN | RSV1 | 0, "a"}}, "", 4},
        {"reserved opcode", {{FIN | 9, "a"}, {FIN | 3, "a"}}, "P(a)", 0},
        {"fragmented ping", {{9, "a"}}, "", 0},
    };
    sio_buf stream;

    sio_buf_init(&stream, SIZE_MAX);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].name;
        sio_buf_clear(&stream);
        add_frames(&stream, rows[i].frames, N_ROWS(rows[i].frames));
        check_every_split(sio_buf_view(&stream), rows[i].allowed_rsv, SIO_BAD, rows[i].before);
    }
    sio_buf_fini(&stream);
}

static void
test_allowed_reserved_bits_are_reported(void)
{
    static const frame frames[] = {
        {FIN | RSV1 | 1, "a"}, {RSV1 | 2, "b"}, {FIN | 9, "p"}, {FIN | 0, "c"}, {FIN | 1, "d"}};
    sio_buf stream;

    sio_buf_init(&stream, SIZE_MAX);
    add_frames(&stream, frames, N_ROWS(frames));
    check_every_split(sio_buf_view(&stream), 4, 0, "T4(a)P(p)B4(bc)T(d)");
    sio_buf_fini(&stream);
}

/* Of add_frames() every other one is unmasked. */
static void
test_masks_may_be_needed(void)
{
    static const frame frames[] = {{FIN | 1, "a"}, {FIN | 1, "b"}};
    sio_ws_reader      r;
    sio_buf            stream, got;

    sio_buf_init(&stream, SIZE_MAX);
    sio_buf_init(&got, SIZE_MAX);
    sio_ws_reader_init(&r, MAX_MESSAGE);
    r.needs_mask = true;
    add_frames(&stream, frames, N_ROWS(frames));
    CHECK_INT(read_piece(&r, sio_buf_view(&stream), &got), SIO_BAD);
    CHECK_VIEW(sio_buf_view(&got), "T(a)");
    sio_ws_reader_fini(&r);
    sio_buf_fini(&got);
    sio_buf_fini(&stream);
}

static void
test_shortest_lengths_may_be_needed(void)
{
    static const sio_view stream = SIO_VIEW_INIT("\x81\x01"
                                                 "a\x81\x7E\x00\x01"
                                                 "b");
    sio_ws_reader         r;
    sio_buf               got;

    sio_buf_init(&got, SIZE_MAX);
    sio_ws_reader_init(&r, MAX_MESSAGE);
    CHECK_INT(read_piece(&r, stream, &got), 0);
    CHECK_VIEW(sio_buf_view(&got), "T(a)T(b)");
    sio_buf_clear(&got);
    r.needs_shortest = true;
    CHECK_INT(read_piece(&r, stream, &got), SIO_BAD);
    CHECK_VIEW(sio_buf_view(&got), "T(a)");
    sio_ws_reader_fini(&r);
    sio_buf_fini(&got);
}

/* Pieces of a stream, and how much of a text is known after each. */
static void
test_open_text_is_what_has_come(void)
{
    static const struct {
        sio_view piece, open;
    } rows[] = {
        {SIO_VIEW_INIT("\x01"), SIO_VIEW_INIT("")},
        {SIO_VIEW_INIT("\x03"
                       "ab"),
         SIO_VIEW_INIT("ab")},
        {SIO_VIEW_INIT("c"), SIO_VIEW_INIT("abc")},
        {SIO_VIEW_INIT("\x89\x03xy"), SIO_VIEW_INIT("abc")}, /* a ping is none of it, */
        {SIO_VIEW_INIT("z\x80"), SIO_VIEW_INIT("abc")},      /* nor is a header */
        {SIO_VIEW_INIT("\x82\x37\xfa\x21\x3d\x53"), SIO_VIEW_INIT("abcd")},
        {SIO_VIEW_INIT("\x9f"), SIO_VIEW_INIT("")}, /* it is whole */
        {SIO_VIEW_INIT("\x02\x01"
                       "a"),
         SIO_VIEW_INIT("")}, /* bytes are none, */
        {SIO_VIEW_INIT("\x80\x00\x41\x01"
                       "a"),
         SIO_VIEW_INIT("")}, /* nor is a text that is compressed */
    };
    sio_ws_reader r;
    sio_buf       got;

    sio_buf_init(&got, SIZE_MAX);
    sio_ws_reader_init(&r, MAX_MESSAGE);
    r.allowed_rsv = SIO_WS_RSV1;
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        CHECK_INT(read_piece(&r, rows[i].piece, &got), 0);
        CHECK(sio_view_eq(sio_ws_reader_open_text(&r), rows[i].open));
    }
    CHECK_VIEW(sio_buf_view(&got), "P(xyz)T(abcde)B(a)");
    sio_ws_reader_fini(&r);
    sio_buf_fini(&got);
}

/* Both sides of each length form, alone and as the halves of one message, in a few splits. */
static void
test_length_boundaries(void)
{
    static const size_t lengths[] = {124, 125, 126, 127, 65534, 65535, 65536, 65537};
    static const size_t steps[] = {1, 7, 4096, SIZE_MAX};
    static char         text[65537];
    sio_buf             stream, got, want;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 23);
    sio_buf_init(&stream, SIZE_MAX);
    sio_buf_init(&got, SIZE_MAX);
    sio_buf_init(&want, SIZE_MAX);
    for (size_t i = 0; i < N_ROWS(lengths); i++) {
        const sio_view all = {text, lengths[i]}, tail = {text, lengths[i] < 127 ? lengths[i] : 127};

        sio_buf_clear(&stream);
        add_frame(&stream, FIN | 1, all, true);
        add_frame(&stream, 1, all, false);
        add_frame(&stream, FIN | 0, tail, true);
        sio_buf_clear(&want);
        sio_buf_add_str(&want, "T(");
        sio_buf_add_view(&want, all);
        sio_buf_add_str(&want, ")T(");
        sio_buf_add_view(&want, all);
        sio_buf_add_view(&want, tail);
        sio_buf_add_char(&want, ')');
        for (size_t s = 0; s < N_ROWS(steps); s++) {
            CHECK_INT(read_stream(sio_buf_view(&stream), steps[s], steps[s], 0, &got), 0);
            CHECK(sio_view_eq(sio_buf_view(&got), sio_buf_view(&want)));
        }
    }
    sio_buf_fini(&want);
    sio_buf_fini(&got);
    sio_buf_fini(&stream);
}

static void
test_limit_is_refused_at_the_header(void)
{
    static const struct {
        const char *bytes;
        size_t      len;
        int         want;
    } rows[] = {
        {"\x81\x05"
         "abcde",
         7, 0},
        {"\x81\x06", 2, SIO_TOO_LARGE},
        {"\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10, SIO_TOO_LARGE},
        {"\x01\x03"
         "abc\x00\x02"
         "de\x80\x00",
         11, 0},
        {"\x01\x03"
         "abc\x00\x03",
         7, SIO_TOO_LARGE},
        {"\x01\x05"
         "abcde\x00\x00\x80\x01",
         11, SIO_TOO_LARGE},
        {"\x01\x05"
         "abcde\x89\x07"
         "control\x80\x00",
         18, 0}, /* has a limit of its own */
    };
    sio_buf got;

    sio_buf_init(&got, SIZE_MAX);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        for (size_t step = 1; step <= rows[i].len; step++) {
            sio_ws_reader r;
            int           rc = 0;

            sio_ws_reader_init(&r, 5);
            for (size_t n = 0; n < rows[i].len && rc == 0; n += step) {
                const size_t left = rows[i].len - n;

                rc = read_piece(&r, (sio_view){rows[i].bytes + n, left < step ? left : step}, &got);
            }
            CHECK_INT(rc, rows[i].want);
            CHECK(r.partial.len <= 5 + SIO_WS_MAX_HEADER);
            sio_ws_reader_fini(&r);
        }
    }
    sio_buf_fini(&got);
}

static void
test_whole_frames_are_not_copied(void)
{
    char           bytes[] = "\x81\x83\x37\xfa\x21\x3d...\x89\x00\x01\x00\x80\x02xy";
    char          *at = bytes;
    size_t         len = sizeof bytes - 1;
    sio_ws_reader  r;
    sio_ws_message m;

    sio_ws_reader_init(&r, 10);
    CHECK_INT(sio_ws_reader_next(&r, &at, &len, &m), 1);
    CHECK(m.payload.data == bytes + 6 && m.payload.len == 3);
    CHECK(r.partial.data == NULL);
    CHECK_INT(sio_ws_reader_next(&r, &at, &len, &m), 1);
    CHECK_INT(m.opcode, SIO_WS_PING);
    CHECK_INT(sio_ws_reader_next(&r, &at, &len, &m), 1);
    CHECK_VIEW(m.payload, "xy");
    CHECK(m.payload.data == bytes + sizeof bytes - 3);
    CHECK_INT(sio_ws_reader_next(&r, &at, &len, &m), 0);
    CHECK(r.partial.data == NULL);
    sio_ws_reader_fini(&r);
}

static void
test_idle_reader_holds_no_memory(void)
{
    char           bytes[] = "\x81\x03xyz\x01\x02uv\x80\x01w";
    char          *at = bytes;
    size_t         len = 4; /* an incomplete frame */
    sio_ws_reader  r;
    sio_ws_message m;

    CHECK(sizeof r <= 80);
    sio_ws_reader_init(&r, 10);
    CHECK_INT(sio_ws_reader_next(&r, &at, &len, &m), 0);
    CHECK(r.partial.data != NULL);
    len = sizeof bytes - 1 - 4;
    CHECK_INT(sio_ws_reader_next(&r, &at, &len, &m), 1);
    CHECK_VIEW(m.payload, "xyz");
    CHECK_INT(sio_ws_reader_next(&r, &at, &len, &m), 1);
    CHECK_VIEW(m.payload, "uvw");
    CHECK_INT(sio_ws_reader_next(&r, &at, &len, &m), 0);
    CHECK(r.partial.data == NULL);
    sio_ws_reader_fini(&r);
}

/* A buffer that may not grow stands in for a heap that is used up. */
static void
test_no_memory_is_reported(void)
{
    static const char *const rows[] = {"\x81",
                                       "\x81\x03"
                                       "a",
                                       "\x01\x01"
                                       "a"};

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        sio_ws_reader r;
        sio_buf       got;

        check_row = rows[i];
        sio_buf_init(&got, SIZE_MAX);
        sio_ws_reader_init(&r, 10);
        r.partial.max = 0;
        CHECK_INT(read_piece(&r, sio_view_of(rows[i]), &got), SIO_ERR_NOMEM);
        sio_ws_reader_fini(&r);
        sio_buf_fini(&got);
    }
}

int
main(void)
{
    RUN(test_streams_in_every_split);
    RUN(test_wrong_streams_in_every_split);
    RUN(test_allowed_reserved_bits_are_reported);
    RUN(test_masks_may_be_needed);
    RUN(test_shortest_lengths_may_be_needed);
    RUN(test_open_text_is_what_has_come);
    RUN(test_length_boundaries);
    RUN(test_limit_is_refused_at_the_header);
    RUN(test_whole_frames_are_not_copied);
    RUN(test_idle_reader_holds_no_memory);
    RUN(test_no_memory_is_reported);
    return check_done();
}
