/*
 * Single packets among the vectors 9.1 (engine.io-parser 5.2.3), 9.2 (2.2.1) and
 * 9.3 (1.3.2), by number.
 */
#include "protocol/eio_packet.h"
#include "tests/unit/check.h"
#include "tests/unit/server/eio_packets.h"

#include <stdlib.h>

typedef enum { STRING, FRAME } wire_kind; /* of what is on the wire: text or bytes */

static const struct {
    const char      *row;
    sio_eio_revision revision;
    wire_kind        kind;
    sio_eio_packet   packet;
    sio_view         wire;
} encodings[] = {
    {"9.1.1", SIO_EIO4, STRING, TEXT(OPEN, "{\"sid\":\"x\"}"), SIO_VIEW_INIT("0{\"sid\":\"x\"}")},
    {"9.1.2", SIO_EIO4, STRING, EMPTY(CLOSE), SIO_VIEW_INIT("1")},
    {"9.1.3", SIO_EIO4, STRING, EMPTY(PING), SIO_VIEW_INIT("2")},
    {"9.1.4", SIO_EIO4, STRING, EMPTY(PONG), SIO_VIEW_INIT("3")},
    {"9.1.5", SIO_EIO4, STRING, TEXT(PING, "probe"), SIO_VIEW_INIT("2probe")},
    {"9.1.6", SIO_EIO4, STRING, TEXT(PONG, "probe"), SIO_VIEW_INIT("3probe")},
    {"9.1.7", SIO_EIO4, STRING, TEXT(MESSAGE, "hello"), SIO_VIEW_INIT("4hello")},
    {"9.1.8", SIO_EIO4, STRING, EMPTY(MESSAGE), SIO_VIEW_INIT("4")},
    {"9.1.9", SIO_EIO4, STRING, EMPTY(MESSAGE), SIO_VIEW_INIT("4")},
    {"9.1.10", SIO_EIO4, STRING, TEXT(MESSAGE, "€ñ😀"), SIO_VIEW_INIT("4€ñ😀")},
    {"9.1.11", SIO_EIO4, FRAME, BYTES("\x01\x02\x03\x04"), SIO_VIEW_INIT("\x01\x02\x03\x04")},
    {"9.1.12", SIO_EIO4, STRING, BYTES("\x01\x02\x03\x04"), SIO_VIEW_INIT("bAQIDBA==")},
    {"9.1.13", SIO_EIO4, STRING, BYTES(""), SIO_VIEW_INIT("b")},
    {"9.1.14", SIO_EIO4, FRAME, BYTES(""), SIO_VIEW_INIT("")},
    {"9.1.15", SIO_EIO4, STRING, EMPTY(UPGRADE), SIO_VIEW_INIT("5")},
    {"9.1.16", SIO_EIO4, STRING, EMPTY(NOOP), SIO_VIEW_INIT("6")},
    {"9.1.17", SIO_EIO4, STRING, TEXT(MESSAGE, "a\036b"), SIO_VIEW_INIT("4a\036b")},
    {"9.2.1", SIO_EIO3, STRING, TEXT(OPEN, "{\"sid\":\"x\"}"), SIO_VIEW_INIT("0{\"sid\":\"x\"}")},
    {"9.2.2", SIO_EIO3, STRING, EMPTY(CLOSE), SIO_VIEW_INIT("1")},
    {"9.2.3", SIO_EIO3, STRING, EMPTY(PING), SIO_VIEW_INIT("2")},
    {"9.2.4", SIO_EIO3, STRING, EMPTY(PONG), SIO_VIEW_INIT("3")},
    {"9.2.5", SIO_EIO3, STRING, TEXT(PING, "probe"), SIO_VIEW_INIT("2probe")},
    {"9.2.6", SIO_EIO3, STRING, TEXT(PONG, "probe"), SIO_VIEW_INIT("3probe")},
    {"9.2.7", SIO_EIO3, STRING, TEXT(MESSAGE, "hello"), SIO_VIEW_INIT("4hello")},
    {"9.2.8", SIO_EIO3, STRING, EMPTY(MESSAGE), SIO_VIEW_INIT("4")},
    {"9.2.9", SIO_EIO3, STRING, EMPTY(MESSAGE), SIO_VIEW_INIT("4")},
    {"9.2.10", SIO_EIO3, STRING, TEXT(MESSAGE, "€ñ😀"), SIO_VIEW_INIT("4€ñ😀")},
    {"9.2.11", SIO_EIO3, FRAME, BYTES("\x01\x02\x03\x04"), SIO_VIEW_INIT("\x04\x01\x02\x03\x04")},
    {"9.2.12", SIO_EIO3, STRING, BYTES("\x01\x02\x03\x04"), SIO_VIEW_INIT("b4AQIDBA==")},
    {"9.2.13", SIO_EIO3, FRAME, BYTES(""), SIO_VIEW_INIT("\x04")},
    {"9.2.14", SIO_EIO3, STRING, BYTES(""), SIO_VIEW_INIT("b4")},
    {"9.2.15", SIO_EIO3, STRING, EMPTY(UPGRADE), SIO_VIEW_INIT("5")},
    {"9.2.16", SIO_EIO3, STRING, EMPTY(NOOP), SIO_VIEW_INIT("6")},
    {"9.3.1", SIO_EIO3, STRING, TEXT(MESSAGE, "€"), SIO_VIEW_INIT("4€")},
    {"9.3.2", SIO_EIO3, STRING, BYTES("\x01\x02\x03\x04"), SIO_VIEW_INIT("b4AQIDBA==")},
};

#define N_ENCODINGS (sizeof encodings / sizeof encodings[0])

static const struct {
    const char      *row;
    sio_eio_revision revision;
    wire_kind        kind;
    sio_view         wire;
    int              rc;
    sio_eio_packet   packet;
} decodings[] = {
    {"9.1.24", SIO_EIO4, STRING, SIO_VIEW_INIT("0{\"sid\":\"x\"}"), SIO_OK,
     TEXT(OPEN, "{\"sid\":\"x\"}")},
    {"9.1.25", SIO_EIO4, STRING, SIO_VIEW_INIT("1"), SIO_OK, EMPTY(CLOSE)},
    {"9.1.26", SIO_EIO4, STRING, SIO_VIEW_INIT("2"), SIO_OK, EMPTY(PING)},
    {"9.1.27", SIO_EIO4, STRING, SIO_VIEW_INIT("3"), SIO_OK, EMPTY(PONG)},
    {"9.1.28", SIO_EIO4, STRING, SIO_VIEW_INIT("2probe"), SIO_OK, TEXT(PING, "probe")},
    {"9.1.29", SIO_EIO4, STRING, SIO_VIEW_INIT("3probe"), SIO_OK, TEXT(PONG, "probe")},
    {"9.1.30", SIO_EIO4, STRING, SIO_VIEW_INIT("4hello"), SIO_OK, TEXT(MESSAGE, "hello")},
    {"9.1.31", SIO_EIO4, STRING, SIO_VIEW_INIT("4"), SIO_OK, EMPTY(MESSAGE)},
    {"9.1.32", SIO_EIO4, STRING, SIO_VIEW_INIT("5"), SIO_OK, EMPTY(UPGRADE)},
    {"9.1.33", SIO_EIO4, STRING, SIO_VIEW_INIT("6"), SIO_OK, EMPTY(NOOP)},
    {"9.1.34", SIO_EIO4, STRING, SIO_VIEW_INIT("7"), SIO_BAD, NONE},
    {"9.1.35", SIO_EIO4, STRING, SIO_VIEW_INIT("8x"), SIO_BAD, NONE},
    {"9.1.36", SIO_EIO4, STRING, SIO_VIEW_INIT(""), SIO_BAD, NONE},
    {"9.1.37", SIO_EIO4, STRING, SIO_VIEW_INIT("abc"), SIO_BAD, NONE},
    {"9.1.38", SIO_EIO4, STRING, SIO_VIEW_INIT("4€😀"), SIO_OK, TEXT(MESSAGE, "€😀")},
    {"9.1.39", SIO_EIO4, STRING, SIO_VIEW_INIT("bAQIDBA=="), SIO_OK, BYTES("\x01\x02\x03\x04")},
    {"9.1.40", SIO_EIO4, STRING, SIO_VIEW_INIT("b"), SIO_OK, BYTES("")},
    {"9.1.41", SIO_EIO4, STRING, SIO_VIEW_INIT("bAQ"), SIO_OK, BYTES("\x01")},
    {"9.1.42", SIO_EIO4, STRING, SIO_VIEW_INIT("b!!!!"), SIO_OK, BYTES("")},
    {"9.1.43", SIO_EIO4, STRING, SIO_VIEW_INIT("4\000x"), SIO_OK, TEXT(MESSAGE, "\000x")},
    {"9.1.44", SIO_EIO4, FRAME, SIO_VIEW_INIT("\x01\x02\x03\x04"), SIO_OK,
     BYTES("\x01\x02\x03\x04")},
    {"9.2.29", SIO_EIO3, STRING, SIO_VIEW_INIT("0{\"sid\":\"x\"}"), SIO_OK,
     TEXT(OPEN, "{\"sid\":\"x\"}")},
    {"9.2.30", SIO_EIO3, STRING, SIO_VIEW_INIT("1"), SIO_OK, EMPTY(CLOSE)},
    {"9.2.31", SIO_EIO3, STRING, SIO_VIEW_INIT("2"), SIO_OK, EMPTY(PING)},
    {"9.2.32", SIO_EIO3, STRING, SIO_VIEW_INIT("2probe"), SIO_OK, TEXT(PING, "probe")},
    {"9.2.33", SIO_EIO3, STRING, SIO_VIEW_INIT("3"), SIO_OK, EMPTY(PONG)},
    {"9.2.34", SIO_EIO3, STRING, SIO_VIEW_INIT("4hello"), SIO_OK, TEXT(MESSAGE, "hello")},
    {"9.2.35", SIO_EIO3, STRING, SIO_VIEW_INIT("4"), SIO_OK, EMPTY(MESSAGE)},
    {"9.2.36", SIO_EIO3, STRING, SIO_VIEW_INIT("5"), SIO_OK, EMPTY(UPGRADE)},
    {"9.2.37", SIO_EIO3, STRING, SIO_VIEW_INIT("6"), SIO_OK, EMPTY(NOOP)},
    {"9.2.38", SIO_EIO3, STRING, SIO_VIEW_INIT("7"), SIO_BAD, NONE},
    {"9.2.39", SIO_EIO3, STRING, SIO_VIEW_INIT(""), SIO_BAD, NONE},
    {"9.2.40", SIO_EIO3, STRING, SIO_VIEW_INIT("abc"), SIO_BAD, NONE},
    {"9.2.41", SIO_EIO3, STRING, SIO_VIEW_INIT("4€😀"), SIO_OK, TEXT(MESSAGE, "€😀")},
    {"9.2.42", SIO_EIO3, STRING, SIO_VIEW_INIT("b4AQIDBA=="), SIO_OK, BYTES("\x01\x02\x03\x04")},
    {"9.2.43", SIO_EIO3, STRING, SIO_VIEW_INIT("b4"), SIO_OK, BYTES("")},
    {"9.2.44", SIO_EIO3, STRING, SIO_VIEW_INIT("bAQIDBA=="), SIO_OK, NO_TYPE(BASE64)},
    {"9.2.45", SIO_EIO3, STRING, SIO_VIEW_INIT("b9AQ=="), SIO_OK, NO_TYPE(BASE64)},
    {"9.2.46", SIO_EIO3, FRAME, SIO_VIEW_INIT("\x04\x01\x02\x03\x04"), SIO_OK,
     BYTES("\x01\x02\x03\x04")},
    {"9.2.47", SIO_EIO3, FRAME, SIO_VIEW_INIT("\x04"), SIO_OK, BYTES("")},
    {"9.2.48", SIO_EIO3, FRAME, SIO_VIEW_INIT("\x09\x01"), SIO_OK, NO_TYPE(BINARY)},

    /* Beyond the vectors. */
    {"no bytes at all, 3", SIO_EIO3, FRAME, SIO_VIEW_INIT(""), SIO_OK, NO_TYPE(BINARY)},
    {"no bytes at all, 4", SIO_EIO4, FRAME, SIO_VIEW_INIT(""), SIO_OK, BYTES("")},
    {"digit instead of type byte", SIO_EIO3, FRAME, SIO_VIEW_INIT("4a"), SIO_OK, NO_TYPE(BINARY)},
    {"type byte above 127", SIO_EIO3, FRAME, SIO_VIEW_INIT("\xff"), SIO_OK, NO_TYPE(BINARY)},
    {"character above 127", SIO_EIO4, STRING, SIO_VIEW_INIT("\xff"), SIO_BAD, NONE},
    {"base64 of no byte", SIO_EIO3, STRING, SIO_VIEW_INIT("b4A"), SIO_OK, BYTES("")},
    {"base64 as Java ends it", SIO_EIO3, STRING, SIO_VIEW_INIT("b4AQIDBA==\n"), SIO_OK,
     BYTES("\x01\x02\x03\x04")},
    {"base64 without type", SIO_EIO3, STRING, SIO_VIEW_INIT("b"), SIO_OK, NO_TYPE(BASE64)},
    {"neither type nor base64", SIO_EIO3, STRING, SIO_VIEW_INIT("b!"), SIO_OK, NO_TYPE(BASE64)},
};

#define N_DECODINGS (sizeof decodings / sizeof decodings[0])

static int
decode(sio_eio_revision revision, wire_kind kind, sio_view wire, sio_eio_packet *out)
{
    return kind == FRAME ? sio_eio_packet_decode_bytes(revision, wire, out)
                         : sio_eio_packet_decode_text(revision, wire, out);
}

static void
test_encode_vectors_and_back(void)
{
    sio_buf        b;
    sio_eio_packet again;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N_ENCODINGS; i++) {
        check_row = encodings[i].row;
        sio_buf_clear(&b);
        if (encodings[i].kind == FRAME)
            sio_eio_packet_encode(encodings[i].revision, &encodings[i].packet, &b);
        else
            sio_eio_packet_encode_text(encodings[i].revision, &encodings[i].packet, &b);
        CHECK(!b.failed);
        CHECK_VIEW(sio_buf_view(&b), encodings[i].wire);
        if (CHECK_INT(decode(encodings[i].revision, encodings[i].kind, sio_buf_view(&b), &again),
                      SIO_OK))
            check_packet(&again, &encodings[i].packet);
    }
    sio_buf_fini(&b);
}

static void
test_decode_vectors(void)
{
    for (size_t i = 0; i < N_DECODINGS; i++) {
        sio_eio_packet p;
        const int      rc = decode(decodings[i].revision, decodings[i].kind, decodings[i].wire, &p);

        check_row = decodings[i].row;
        if (CHECK_INT(rc, decodings[i].rc) && rc == SIO_OK)
            check_packet(&p, &decodings[i].packet);
    }
}

static void
test_decoded_base64_is_sent_on_as_it_came(void)
{
    static const char text[] = "b4AQIDBA";
    sio_eio_packet    p;
    sio_buf           b;

    sio_buf_init(&b, SIZE_MAX);
    if (CHECK_INT(sio_eio_packet_decode_text(SIO_EIO3, sio_view_of(text), &p), SIO_OK)) {
        CHECK(p.data.data == text + 2);
        sio_eio_packet_encode(SIO_EIO3, &p, &b);
        CHECK_VIEW(sio_buf_view(&b), text);
        sio_buf_clear(&b);
        sio_eio_packet_encode(SIO_EIO4, &p, &b);
        CHECK_VIEW(sio_buf_view(&b), "bAQIDBA");
    }
    sio_buf_fini(&b);
}

static void
test_every_prefix_stays_inside(void)
{
    for (size_t i = 0; i < N_DECODINGS; i++) {
        check_row = decodings[i].row;
        for (size_t cut = 0; cut <= decodings[i].wire.len; cut++) {
            char *const    copy = malloc(cut + 1); /* the end is the end of the memory */
            sio_eio_packet p;

            if (!CHECK(copy != NULL))
                return;
            memcpy(copy + 1, decodings[i].wire.data, cut);
            if (decode(decodings[i].revision, decodings[i].kind, (sio_view){copy + 1, cut}, &p) ==
                SIO_OK)
                CHECK(p.data.data >= copy + 1 && p.data.data + p.data.len == copy + 1 + cut);
            free(copy);
        }
    }
}

int
main(void)
{
    RUN(test_encode_vectors_and_back);
    RUN(test_decode_vectors);
    RUN(test_decoded_base64_is_sent_on_as_it_came);
    RUN(test_every_prefix_stays_inside);
    return check_done();
}
