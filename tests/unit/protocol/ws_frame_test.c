#include "protocol/ws_frame.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};

static void
test_good_headers(void)
{
    static const struct {
        sio_view bytes;
        bool     fin;
        uint8_t  rsv, opcode;
        bool     masked;
        uint64_t payload_len;
    } rows[] = {
        {SIO_VIEW_INIT("\x81\x05"), true, 0, SIO_WS_TEXT, false, 5},
        {SIO_VIEW_INIT("\x01\x03"), false, 0, SIO_WS_TEXT, false, 3},
        {SIO_VIEW_INIT("\x80\x02"), true, 0, SIO_WS_CONTINUATION, false, 2},
        {SIO_VIEW_INIT("\x00\x00"), false, 0, SIO_WS_CONTINUATION, false, 0},
        {SIO_VIEW_INIT("\x82\xFD\x37\xfa\x21\x3d"), true, 0, SIO_WS_BINARY, true, 125},
        {SIO_VIEW_INIT("\x81\x85\x37\xfa\x21\x3d"), true, 0, SIO_WS_TEXT, true, 5},
        {SIO_VIEW_INIT("\xC1\x00"), true, 4, SIO_WS_TEXT, false, 0},
        {SIO_VIEW_INIT("\xB1\x00"), true, 3, SIO_WS_TEXT, false, 0},
        {SIO_VIEW_INIT("\x81\x7E\x00\x7E"), true, 0, SIO_WS_TEXT, false, 126},
        {SIO_VIEW_INIT("\x81\x7E\xFF\xFF"), true, 0, SIO_WS_TEXT, false, 65535},
        {SIO_VIEW_INIT("\x81\xFE\x01\x00\x37\xfa\x21\x3d"), true, 0, SIO_WS_TEXT, true, 256},
        {SIO_VIEW_INIT("\x82\x7F\0\0\0\0\0\1\0\0"), true, 0, SIO_WS_BINARY, false, 65536},
        {SIO_VIEW_INIT("\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x37\xfa\x21\x3d"), true, 0,
         SIO_WS_BINARY, true, INT64_MAX},
        {SIO_VIEW_INIT("\x81\x7E\x00\x01"), true, 0, SIO_WS_TEXT, false, 1}, /* not the shortest */
        {SIO_VIEW_INIT("\x88\x00"), true, 0, SIO_WS_CLOSE, false, 0},
        {SIO_VIEW_INIT("\x89\x7D"), true, 0, SIO_WS_PING, false, 125},
        {SIO_VIEW_INIT("\x8A\x80\x37\xfa\x21\x3d"), true, 0, SIO_WS_PONG, true, 0},
    };
    static const uint8_t no_mask[4] = {0};
    sio_ws_header        h;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const sio_view b = rows[i].bytes;

        for (size_t n = 0; n < b.len; n++)
            CHECK_INT(sio_ws_frame_parse_header(b.data, n, &h), SIO_PARTIAL);
        if (!CHECK_INT(sio_ws_frame_parse_header(b.data, b.len, &h), b.len))
            continue;
        CHECK_INT(h.fin, rows[i].fin);
        CHECK_INT(h.rsv, rows[i].rsv);
        CHECK_INT(h.opcode, rows[i].opcode);
        CHECK_INT(h.masked, rows[i].masked);
        CHECK(h.payload_len == rows[i].payload_len);
        CHECK(memcmp(h.mask, h.masked ? mask : no_mask, sizeof mask) == 0);
    }
}

static void
test_headers_tell_the_shortest_form(void)
{
    static const struct {
        sio_view bytes;
        bool     shortest;
    } rows[] = {
        {SIO_VIEW_INIT("\x82\x00"), true},
        {SIO_VIEW_INIT("\x82\x7D"), true},
        {SIO_VIEW_INIT("\x82\x7E\x00\x00"), false},
        {SIO_VIEW_INIT("\x82\x7E\x00\x7D"), false},
        {SIO_VIEW_INIT("\x82\x7E\x00\x7E"), true},
        {SIO_VIEW_INIT("\x82\x7E\xFF\xFF"), true},
        {SIO_VIEW_INIT("\x82\x7F\0\0\0\0\0\0\0\0"), false},
        {SIO_VIEW_INIT("\x82\x7F\0\0\0\0\0\0\0\x7D"), false},
        {SIO_VIEW_INIT("\x82\x7F\0\0\0\0\0\0\xFF\xFF"), false},
        {SIO_VIEW_INIT("\x82\x7F\0\0\0\0\0\1\0\0"), true},
        {SIO_VIEW_INIT("\x82\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), true},
        {SIO_VIEW_INIT("\x82\xFE\x00\x7D\0\0\0\0"), false},
    };
    sio_ws_header h;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const sio_view b = rows[i].bytes;

        if (CHECK_INT(sio_ws_frame_parse_header(b.data, b.len, &h), b.len))
            CHECK_INT(h.shortest, rows[i].shortest);
    }
}

static void
test_bad_headers(void)
{
    static const sio_view rows[] = {
        SIO_VIEW_INIT("\x83\x00"),
        SIO_VIEW_INIT("\x84\x00"),
        SIO_VIEW_INIT("\x85\x00"),
        SIO_VIEW_INIT("\x86\x00"),
        SIO_VIEW_INIT("\x87\x00"),
        SIO_VIEW_INIT("\x8B\x00"),
        SIO_VIEW_INIT("\x8C\x00"),
        SIO_VIEW_INIT("\x8D\x00"),
        SIO_VIEW_INIT("\x8E\x00"),
        SIO_VIEW_INIT("\x8F\x00"),
        SIO_VIEW_INIT("\x08\x00"), /* control frames are not fragmented, */
        SIO_VIEW_INIT("\x09\x00"),
        SIO_VIEW_INIT("\x0A\x00"),
        SIO_VIEW_INIT("\x88\x7E"), /* nor longer than 125 */
        SIO_VIEW_INIT("\x89\xFE"),
        SIO_VIEW_INIT("\x8A\x7F"),
        SIO_VIEW_INIT("\x81\x7F\x80\0\0\0\0\0\0\0"),
    };
    sio_ws_header h;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        CHECK_INT(sio_ws_frame_parse_header(rows[i].data, 1, &h), SIO_PARTIAL);
        CHECK_INT(sio_ws_frame_parse_header(rows[i].data, rows[i].len, &h), SIO_BAD);
    }
}

static void
test_encoded_headers(void)
{
    static const struct {
        uint64_t payload_len;
        sio_view want;
    } rows[] = {
        {0, SIO_VIEW_INIT("\x81\x00")},
        {3, SIO_VIEW_INIT("\x81\x03")},
        {125, SIO_VIEW_INIT("\x81\x7D")},
        {126, SIO_VIEW_INIT("\x81\x7E\x00\x7E")},
        {65535, SIO_VIEW_INIT("\x81\x7E\xFF\xFF")},
        {65536, SIO_VIEW_INIT("\x81\x7F\0\0\0\0\0\1\0\0")},
        {UINT64_C(0x0102030405060708), SIO_VIEW_INIT("\x81\x7F\1\2\3\4\5\6\7\x8")},
    };
    uint8_t       bytes[SIO_WS_MAX_SERVER_HEADER];
    sio_ws_header h;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const size_t n = sio_ws_frame_encode_header(bytes, SIO_WS_TEXT, rows[i].payload_len);

        CHECK_VIEW(((sio_view){(const char *)bytes, n}), rows[i].want);
        CHECK_INT(sio_ws_frame_parse_header((const char *)bytes, n, &h), n);
        CHECK(h.fin && !h.masked && h.payload_len == rows[i].payload_len);
    }
    CHECK_INT(sio_ws_frame_encode_header(bytes, SIO_WS_PONG, 2), 2);
    CHECK_INT(bytes[0], 0x8A);
}

static void
test_unmask_by_words_is_unmask_by_bytes(void)
{
    char got[64], want[64];

    for (size_t at = 0; at < 9; at++) {
        for (size_t len = 0; len < 40; len++) {
            for (size_t offset = 0; offset < 9; offset++) {
                for (size_t i = 0; i < sizeof want; i++) {
                    const size_t k = offset + i - at;
                    const bool   in = i >= at && i < at + len;

                    got[i] = (char)(i * 7);
                    want[i] = (char)(in ? (uint8_t)got[i] ^ mask[k & 3] : (uint8_t)got[i]);
                }
                sio_ws_frame_unmask(got + at, len, mask, offset);
                CHECK(memcmp(got, want, sizeof got) == 0);
            }
        }
    }
}

static void
test_close_codes(void)
{
    static const struct {
        unsigned code;
        bool     valid;
    } rows[] = {
        {0, false},    {999, false},  {1000, true}, {1001, true}, {1003, true},  {1004, false},
        {1005, false}, {1006, false}, {1007, true}, {1011, true}, {1014, true},  {1015, false},
        {1016, false}, {2999, false}, {3000, true}, {4999, true}, {5000, false}, {65535, false},
    };

    for (size_t i = 0; i < N_ROWS(rows); i++)
        CHECK_INT(sio_ws_frame_close_code_valid(rows[i].code), rows[i].valid);
}

int
main(void)
{
    RUN(test_good_headers);
    RUN(test_headers_tell_the_shortest_form);
    RUN(test_bad_headers);
    RUN(test_encoded_headers);
    RUN(test_unmask_by_words_is_unmask_by_bytes);
    RUN(test_close_codes);
    return check_done();
}
