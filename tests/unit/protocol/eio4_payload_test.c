/*
 * The payloads among the vectors 9.1: engine.io-parser 5.2.3.
 */
#include "protocol/eio4_payload.h"
#include "tests/unit/check.h"
#include "tests/unit/server/eio_packets.h"

#include <stdlib.h>

enum { MAX_PACKETS = 4 };

static const struct {
    const char    *row;
    sio_view       body;
    size_t         n;
    sio_eio_packet packets[MAX_PACKETS];
} encodings[] = {
    {"9.1.18",
     SIO_VIEW_INIT("4hello\0362\0364world"),
     3,
     {TEXT(MESSAGE, "hello"), EMPTY(PING), TEXT(MESSAGE, "world")}},
    {"9.1.19",
     SIO_VIEW_INIT("4hello\036bAQIDBA=="),
     2,
     {TEXT(MESSAGE, "hello"), BYTES("\x01\x02\x03\x04")}},
    {"9.1.20", SIO_VIEW_INIT("4€\0364b"), 2, {TEXT(MESSAGE, "€"), TEXT(MESSAGE, "b")}},
    {"9.1.21", SIO_VIEW_INIT("6"), 1, {EMPTY(NOOP)}},
    {"9.1.22", SIO_VIEW_INIT("4a\0361"), 2, {TEXT(MESSAGE, "a"), EMPTY(CLOSE)}},
    {"9.1.23", SIO_VIEW_INIT("b/wA=\036b"), 2, {BYTES("\xff\x00"), BYTES("")}},
};

static const struct {
    const char    *row;
    sio_view       body;
    size_t         n;
    sio_eio_packet packets[MAX_PACKETS];
    int            end; /* what comes behind the packets */
} decodings[] = {
    {"9.1.45",
     SIO_VIEW_INIT("4hello\0362\0364world"),
     3,
     {TEXT(MESSAGE, "hello"), EMPTY(PING), TEXT(MESSAGE, "world")},
     0},
    {"9.1.46",
     SIO_VIEW_INIT("4hello\036bAQIDBA=="),
     2,
     {TEXT(MESSAGE, "hello"), BYTES("\x01\x02\x03\x04")},
     0},
    {"9.1.47", SIO_VIEW_INIT("4a\036"), 1, {TEXT(MESSAGE, "a")}, SIO_BAD},
    {"9.1.48", SIO_VIEW_INIT("\0364a"), 0, {NONE}, SIO_BAD},
    {"9.1.49", SIO_VIEW_INIT("4a\0367\0364b"), 1, {TEXT(MESSAGE, "a")}, SIO_BAD},
    {"9.1.50",
     SIO_VIEW_INIT("4test1\0364test2\0364test3"),
     3,
     {TEXT(MESSAGE, "test1"), TEXT(MESSAGE, "test2"), TEXT(MESSAGE, "test3")},
     0},
    {"9.1.51", SIO_VIEW_INIT("abc\0364a"), 0, {NONE}, SIO_BAD},
    {"9.1.52",
     SIO_VIEW_INIT("4a\0361\0364b"),
     3,
     {TEXT(MESSAGE, "a"), EMPTY(CLOSE), TEXT(MESSAGE, "b")},
     0},
    {"9.1.53", SIO_VIEW_INIT(""), 0, {NONE}, SIO_BAD},

    /* Beyond the vectors. */
    {"separator alone", SIO_VIEW_INIT("\036"), 0, {NONE}, SIO_BAD},
    {"two separators", SIO_VIEW_INIT("4a\036\0364b"), 1, {TEXT(MESSAGE, "a")}, SIO_BAD},
    {"base64 as Java ends it",
     SIO_VIEW_INIT("4a\036bAQIDBA==\n\0364b"),
     3,
     {TEXT(MESSAGE, "a"), BYTES("\x01\x02\x03\x04"), TEXT(MESSAGE, "b")},
     0},
};

#define N_DECODINGS (sizeof decodings / sizeof decodings[0])

/* Take body apart and compare; returns what comes behind the packets. */
static int
check_body(sio_view body, const sio_eio_packet *packets, size_t n)
{
    sio_eio4_payload_iter it;
    sio_eio_packet        packet;
    int                   rc;

    sio_eio4_payload_begin(&it, body, MAX_PACKETS);
    for (size_t i = 0; (rc = sio_eio4_payload_next(&it, &packet)) == 1; i++)
        if (CHECK(i < n))
            check_packet(&packet, &packets[i]);
        else
            break;
    CHECK_INT(sio_eio4_payload_next(&it, &packet), 0);
    return rc;
}

static void
test_encode_vectors_and_back(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < sizeof encodings / sizeof encodings[0]; i++) {
        check_row = encodings[i].row;
        sio_buf_clear(&b);
        for (size_t k = 0; k < encodings[i].n; k++)
            sio_eio4_payload_add(&b, &encodings[i].packets[k]);
        CHECK(!b.failed);
        CHECK_VIEW(sio_buf_view(&b), encodings[i].body);
        CHECK_INT(check_body(sio_buf_view(&b), encodings[i].packets, encodings[i].n), 0);
    }
    sio_buf_fini(&b);
}

static void
test_decode_vectors(void)
{
    for (size_t i = 0; i < N_DECODINGS; i++) {
        check_row = decodings[i].row;
        CHECK_INT(check_body(decodings[i].body, decodings[i].packets, decodings[i].n),
                  decodings[i].end);
    }
}

/* Packets in a body that may have so many; what comes behind them goes to *end. */
static unsigned
count(sio_view body, unsigned max_packets, int *end)
{
    sio_eio4_payload_iter it;
    sio_eio_packet        packet;
    unsigned              n = 0;

    sio_eio4_payload_begin(&it, body, max_packets);
    while ((*end = sio_eio4_payload_next(&it, &packet)) == 1)
        n++;
    return n;
}

static void
test_one_packet_too_many_is_too_large(void)
{
    int end;

    CHECK_INT(count(SIO_VIEW("2\0362\0362"), 3, &end), 3);
    CHECK_INT(end, 0);
    CHECK_INT(count(SIO_VIEW("2\0362\0362"), 2, &end), 2);
    CHECK_INT(end, SIO_TOO_LARGE);
    CHECK_INT(count(SIO_VIEW("2"), 0, &end), 0);
    CHECK_INT(end, SIO_TOO_LARGE);
    CHECK_INT(count((sio_view){NULL, 0}, 3, &end), 0);
    CHECK_INT(end, SIO_BAD);
}

static void
test_every_prefix_ends_and_stays_inside(void)
{
    for (size_t i = 0; i < N_DECODINGS; i++) {
        check_row = decodings[i].row;
        for (size_t cut = 0; cut <= decodings[i].body.len; cut++) {
            char *const           copy = malloc(cut + 1); /* the end is the end of the memory */
            sio_eio4_payload_iter it;
            sio_eio_packet        p;

            if (!CHECK(copy != NULL))
                return;
            memcpy(copy + 1, decodings[i].body.data, cut);
            sio_eio4_payload_begin(&it, (sio_view){copy + 1, cut}, MAX_PACKETS);
            while (sio_eio4_payload_next(&it, &p) == 1)
                CHECK(p.data.data >= copy + 1 && p.data.data + p.data.len <= copy + 1 + cut);
            free(copy);
        }
    }
}

int
main(void)
{
    RUN(test_encode_vectors_and_back);
    RUN(test_decode_vectors);
    RUN(test_one_packet_too_many_is_too_large);
    RUN(test_every_prefix_ends_and_stays_inside);
    return check_done();
}
