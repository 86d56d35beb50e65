#include "protocol/ws_hixie.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

enum { MAX_MESSAGE = 40 };

/* ---- the handshake ---- */

/* The examples of draft-hixie-thewebsocketprotocol-76, sections 1.2 and 1.3. */
static void
test_keys_of_the_draft(void)
{
    static const struct {
        const char *key;
        uint32_t    number;
    } rows[] = {
        {"4 @1  46546xW%0l 1 5", 829309203},
        {"12998 5 Y3 1  .P00", 259970620},
        {"18x 6]8vM;54 *(5:  {   U1]8  z [  8", 155712099},
        {"1_ tx7X d  <  nw  334J702) 7]o}` 0", 173347027},
        {"4294967295 ", UINT32_MAX},
        {" 0", 0},
        {" 00000000000000000000000012", 12},
    };
    uint32_t n;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].key;
        if (CHECK_INT(sio_ws_hixie_key_number(sio_view_of(rows[i].key), &n), SIO_OK))
            CHECK_INT(n, rows[i].number);
    }
}

static void
test_bad_keys(void)
{
    static const char *const rows[] = {
        "",
        "   ",
        "abc def",
        "12345", /* no digits, no spaces */
        "1 0 1  ",
        "3  ", /* not divisible */
        "4294967296 ",
        "99999999999999999999999999999999999999999999 ", /* over 32 bits */
        "12\t34",
        "\xD9\xA1 x", /* other blanks, digits */
    };
    uint32_t n;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i];
        CHECK_INT(sio_ws_hixie_key_number(sio_view_of(rows[i]), &n), SIO_BAD);
    }
}

static void
test_challenge_of_the_draft(void)
{
    static const uint32_t numbers[2] = {155712099, 173347027};
    static const uint8_t  want[] = {0x09, 0x47, 0xfa, 0x63, 0x0a, 0x55, 0x10, 0xd3,
                                    'T',  'm',  '[',  'K',  ' ',  'T',  '2',  'u'};
    uint8_t               got[SIO_HIXIE_CHALLENGE_BYTES];

    sio_ws_hixie_challenge(numbers, want + 8, got);
    CHECK(memcmp(got, want, sizeof want) == 0);
}

/* ---- frames ---- */

static void
test_frames_of_ours(void)
{
    sio_buf out;

    sio_buf_init(&out, 6);
    sio_ws_hixie_add_frame(&out, SIO_WS_TEXT, SIO_VIEW("1::"));
    CHECK_VIEW(sio_buf_view(&out), SIO_VIEW("\x00"
                                            "1::\xFF"));
    sio_ws_hixie_add_frame(&out, SIO_WS_TEXT, SIO_VIEW("")); /* there is room for half of it */
    CHECK(out.failed);
    CHECK_INT(out.len, 5);
    sio_buf_clear(&out);
    sio_ws_hixie_add_frame(&out, SIO_WS_TEXT, SIO_VIEW(""));
    sio_ws_hixie_add_frame(&out, SIO_WS_CLOSE, SIO_VIEW("\x03\xE8"));
    CHECK_VIEW(sio_buf_view(&out), SIO_VIEW("\x00\xFF\xFF\x00"));
    sio_buf_fini(&out);
}

/* Give the reader one piece, from a heap block of its own, and write down what comes out. */
static int
read_piece(sio_ws_hixie_reader *r, sio_view piece, sio_buf *transcript)
{
    char          *block = malloc(piece.len + 1), *at = block;
    size_t         len = piece.len;
    sio_ws_message m;
    int            rc = SIO_ERR_NOMEM;

    if (block == NULL)
        return rc;
    memcpy(block, piece.data, piece.len);
    while ((rc = sio_ws_hixie_reader_next(r, &at, &len, &m)) == 1) {
        sio_buf_add_char(transcript, m.opcode == SIO_WS_TEXT ? 'T' : 'C');
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
read_stream(sio_view stream, size_t cut, size_t step, sio_buf *transcript)
{
    sio_ws_hixie_reader r;
    size_t              done = 0;
    int                 rc = 0;

    sio_buf_clear(transcript);
    sio_ws_hixie_reader_init(&r, MAX_MESSAGE);
    while (done < stream.len && rc == 0) {
        const size_t want = done == 0 ? cut : step;
        const size_t n = stream.len - done < want ? stream.len - done : want;

        rc = read_piece(&r, (sio_view){stream.data + done, n}, transcript);
        done += n;
    }
    CHECK(r.partial.len <= MAX_MESSAGE);
    sio_ws_hixie_reader_fini(&r);
    return rc;
}

#define FORTY "0123456789012345678901234567890123456789"

static void
test_streams_in_every_split(void)
{
    static const struct {
        sio_view    stream;
        int         rc;
        const char *want;
    } rows[] = {
        {SIO_VIEW_INIT("\0"
                       "1::\xFF"),
         0, "T(1::)"},
        {SIO_VIEW_INIT("\0\xFF"), 0, "T()"},
        {SIO_VIEW_INIT("\0"
                       "a\xFF\0\xFF\0"
                       "bc\xFF"),
         0, "T(a)T()T(bc)"},
        {SIO_VIEW_INIT("\0\xC3\xA9\xF0\x9F\x98\x80\xFF"), 0, "T(\xC3\xA9\xF0\x9F\x98\x80)"},
        {SIO_VIEW_INIT("\0"
                       "a\xFF\xFF\0"),
         0, "T(a)C()"},
        {SIO_VIEW_INIT("\0"
                       "a\xFF\0unfinished"),
         0, "T(a)"},
        {SIO_VIEW_INIT("\0"
                       "a\xFF\xFF"),
         0, "T(a)"},
        {SIO_VIEW_INIT("\0" FORTY "\xFF\0" FORTY "\xFF"), 0, "T(" FORTY ")T(" FORTY ")"},
        {SIO_VIEW_INIT("\0a\xFF\0" FORTY "0\xFF"), SIO_TOO_LARGE, "T(a)"},
        {SIO_VIEW_INIT("\0" FORTY "0"), SIO_TOO_LARGE, ""},
        {SIO_VIEW_INIT("x"), SIO_BAD, ""},
        {SIO_VIEW_INIT("\x01"), SIO_BAD, ""},
        {SIO_VIEW_INIT("\x80\0"), SIO_BAD, ""},
        {SIO_VIEW_INIT("\0"
                       "a\xFFx"),
         SIO_BAD, "T(a)"},
        {SIO_VIEW_INIT("\xFF\x01"), SIO_BAD, ""},
        {SIO_VIEW_INIT("\xFF\xFF"), SIO_BAD, ""},
    };
    sio_buf got;

    sio_buf_init(&got, SIZE_MAX);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const sio_view stream = rows[i].stream;

        check_row = rows[i].want;
        for (size_t cut = 1; cut <= stream.len; cut++) {
            for (size_t step = 1; step <= stream.len; step += step < 4 ? 1 : stream.len) {
                CHECK_INT(read_stream(stream, cut, step, &got), rows[i].rc);
                CHECK_VIEW(sio_buf_view(&got), rows[i].want);
            }
        }
    }
    sio_buf_fini(&got);
}

static void
test_whole_frames_are_not_copied_and_idle_readers_hold_no_memory(void)
{
    char                bytes[] = "\0xyz\xFF\0uv";
    char                rest[] = "w\xFF";
    char               *at = bytes;
    size_t              len = sizeof bytes - 1;
    sio_ws_hixie_reader r;
    sio_ws_message      m;

    sio_ws_hixie_reader_init(&r, 10);
    CHECK_INT(sio_ws_hixie_reader_next(&r, &at, &len, &m), 1);
    CHECK(m.payload.data == bytes + 1 && m.payload.len == 3);
    CHECK(r.partial.data == NULL);
    CHECK_INT(sio_ws_hixie_reader_next(&r, &at, &len, &m), 0);
    CHECK(r.partial.data != NULL);
    at = rest;
    len = sizeof rest - 1;
    CHECK_INT(sio_ws_hixie_reader_next(&r, &at, &len, &m), 1);
    CHECK_VIEW(m.payload, "uvw");
    CHECK_INT(sio_ws_hixie_reader_next(&r, &at, &len, &m), 0);
    CHECK(r.partial.data == NULL);
    sio_ws_hixie_reader_fini(&r);
}

/* Only a heap that is used up makes the buffer fail below its limit. */
static void
test_no_memory_is_reported(void)
{
    char                bytes[] = "\0a";
    char               *at = bytes;
    size_t              len = sizeof bytes - 1;
    sio_ws_hixie_reader r;
    sio_ws_message      m;

    sio_ws_hixie_reader_init(&r, 10);
    r.partial.failed = true;
    r.state = SIO_HIXIE_IN_TEXT;
    CHECK_INT(sio_ws_hixie_reader_next(&r, &at, &len, &m), SIO_ERR_NOMEM);
    sio_ws_hixie_reader_fini(&r);
}

int
main(void)
{
    RUN(test_keys_of_the_draft);
    RUN(test_bad_keys);
    RUN(test_challenge_of_the_draft);
    RUN(test_frames_of_ours);
    RUN(test_streams_in_every_split);
    RUN(test_whole_frames_are_not_copied_and_idle_readers_hold_no_memory);
    RUN(test_no_memory_is_reported);
    return check_done();
}
