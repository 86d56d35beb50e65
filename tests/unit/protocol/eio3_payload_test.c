/*
 * The payloads among the vectors 9.2 (engine.io-parser 2.2.1) and 9.3 (1.3.2).
 */
#include "protocol/eio3_payload.h"
#include "protocol/utf8.h"
#include "protocol/utf8_repair.h"
#include "tests/unit/check.h"
#include "tests/unit/server/eio_packets.h"

#include <stdlib.h>

enum { MAX_PACKETS = 4 };

typedef struct {
    const char    *row;
    sio_eio3_form  form;
    sio_view       body;
    size_t         n;
    sio_eio_packet packets[MAX_PACKETS];
    int            end; /* what comes behind the packets */
} vector;

/* Answers. 9.2.28, an empty one to a client that takes binary, is text as well. */
static const vector encodings[] = {
    {"9.2.17",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("6:4hello2:4€"),
     2,
     {TEXT(MESSAGE, "hello"), TEXT(MESSAGE, "€")},
     0},
    {"9.2.18",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("6:4hello2:4€"),
     2,
     {TEXT(MESSAGE, "hello"), TEXT(MESSAGE, "€")},
     0},
    {"9.2.19", SIO_EIO3_TEXT, SIO_VIEW_INIT("3:4😀"), 1, {TEXT(MESSAGE, "😀")}, 0},
    {"9.2.20", SIO_EIO3_TEXT, SIO_VIEW_INIT("3:4😀"), 1, {TEXT(MESSAGE, "😀")}, 0},
    {"9.2.21",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("2:4€10:b4AQIDBA=="),
     2,
     {TEXT(MESSAGE, "€"), BYTES("\x01\x02\x03\x04")},
     0},
    {"9.2.22",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x00\x04\xff\x34\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04"),
     2,
     {TEXT(MESSAGE, "€"), BYTES("\x01\x02\x03\x04")},
     0},
    {"9.2.23",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("4:4a:b1:6"),
     2,
     {TEXT(MESSAGE, "a:b"), EMPTY(NOOP)},
     0},
    {"9.2.24",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("4:4a:b1:6"),
     2,
     {TEXT(MESSAGE, "a:b"), EMPTY(NOOP)},
     0},
    {"9.2.25", SIO_EIO3_TEXT, SIO_VIEW_INIT("1:2"), 1, {EMPTY(PING)}, 0},
    {"9.2.26", SIO_EIO3_TEXT, SIO_VIEW_INIT("1:2"), 1, {EMPTY(PING)}, 0},
    {"9.2.27", SIO_EIO3_TEXT, SIO_VIEW_INIT("0:"), 0, {NONE}, 0},
    {"9.2.28", SIO_EIO3_TEXT, SIO_VIEW_INIT("0:"), 0, {NONE}, 0},
};

static const vector decodings[] = {
    {"9.2.49",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("6:4hello2:4€"),
     2,
     {TEXT(MESSAGE, "hello"), TEXT(MESSAGE, "€")},
     0},
    {"9.2.50",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("6:4hello10:b4AQIDBA=="),
     2,
     {TEXT(MESSAGE, "hello"), BYTES("\x01\x02\x03\x04")},
     0},
    {"9.2.51", SIO_EIO3_TEXT, SIO_VIEW_INIT("3:4😀"), 1, {TEXT(MESSAGE, "😀")}, 0},
    {"9.2.52", SIO_EIO3_TEXT, SIO_VIEW_INIT("1:2"), 1, {EMPTY(PING)}, 0},
    {"9.2.53", SIO_EIO3_TEXT, SIO_VIEW_INIT("1:1"), 1, {EMPTY(CLOSE)}, 0},
    {"9.2.54", SIO_EIO3_TEXT, SIO_VIEW_INIT("0:"), 0, {NONE}, 0},
    {"9.2.55", SIO_EIO3_TEXT, SIO_VIEW_INIT(""), 0, {NONE}, SIO_BAD},
    {"9.2.56", SIO_EIO3_TEXT, SIO_VIEW_INIT("1:"), 0, {NONE}, SIO_BAD},
    {"9.2.57", SIO_EIO3_TEXT, SIO_VIEW_INIT("5:4hello"), 1, {TEXT(MESSAGE, "hell")}, SIO_BAD},
    {"9.2.58", SIO_EIO3_TEXT, SIO_VIEW_INIT("7:4hello"), 0, {NONE}, SIO_BAD},
    {"9.2.59", SIO_EIO3_TEXT, SIO_VIEW_INIT("a:4hello"), 0, {NONE}, SIO_BAD},
    {"9.2.60", SIO_EIO3_TEXT, SIO_VIEW_INIT("6:4hello6:"), 1, {TEXT(MESSAGE, "hello")}, SIO_BAD},
    {"9.2.61", SIO_EIO3_TEXT, SIO_VIEW_INIT("1:9"), 0, {NONE}, SIO_BAD},
    {"9.2.62", SIO_EIO3_TEXT, SIO_VIEW_INIT("6:4hello1:9"), 1, {TEXT(MESSAGE, "hello")}, SIO_BAD},
    {"9.2.63", SIO_EIO3_TEXT, SIO_VIEW_INIT("4hello"), 0, {NONE}, SIO_BAD},
    {"9.2.64",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x00\x04\xff\x34\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04"),
     2,
     {TEXT(MESSAGE, "€"), BYTES("\x01\x02\x03\x04")},
     0},
    {"9.2.65", SIO_EIO3_BYTES, SIO_VIEW_INIT("\x00\x01\xff\x32"), 1, {EMPTY(PING)}, 0},
    {"9.2.66",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x00\x01\x01\xff\x34\x30\x31\x32\x33\x34\x35\x36\x37\x38\x39"),
     1,
     {TEXT(MESSAGE, "0123456789")},
     0},
    {"9.2.67", SIO_EIO3_BYTES, SIO_VIEW_INIT("\x00\x02\xff\x34\xc3"), 0, {NONE}, SIO_BAD},

    /* 1.x reads these otherwise (an error, a NUL), which is why it is sent ASCII only. */
    {"9.3.15",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("6:4hello2:4€"),
     2,
     {TEXT(MESSAGE, "hello"), TEXT(MESSAGE, "€")},
     0},
    {"9.3.16", SIO_EIO3_TEXT, SIO_VIEW_INIT("3:4😀"), 1, {TEXT(MESSAGE, "😀")}, 0},

    /* Beyond the vectors. */
    {"empty packets between",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("0:1:20:1:30:"),
     2,
     {EMPTY(PING), EMPTY(PONG)},
     0},
    {"empty packet, then nothing", SIO_EIO3_TEXT, SIO_VIEW_INIT("0:1"), 0, {NONE}, SIO_BAD},
    {"half a character", SIO_EIO3_TEXT, SIO_VIEW_INIT("2:4😀"), 0, {NONE}, SIO_BAD},
    {"length in bytes", SIO_EIO3_TEXT, SIO_VIEW_INIT("4:4€"), 0, {NONE}, SIO_BAD},
    {"leading zeros",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("0000000000000000000000002:4a"),
     1,
     {TEXT(MESSAGE, "a")},
     0},
    {"length past 64 bits",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("18446744073709551618:4a"),
     0,
     {NONE},
     SIO_BAD},
    {"hexadecimal", SIO_EIO3_TEXT, SIO_VIEW_INIT("0x2:4a"), 0, {NONE}, SIO_BAD},
    {"space", SIO_EIO3_TEXT, SIO_VIEW_INIT(" 2:4a"), 0, {NONE}, SIO_BAD},
    {"negative", SIO_EIO3_TEXT, SIO_VIEW_INIT("-2:4a"), 0, {NONE}, SIO_BAD},
    {"no bytes", SIO_EIO3_BYTES, SIO_VIEW_INIT(""), 0, {NONE}, 0},
    {"neither text nor binary",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x02\x01\xff\x34"),
     0,
     {NONE},
     SIO_BAD},
    {"ASCII digit", SIO_EIO3_BYTES, SIO_VIEW_INIT("\x00\x31\xff\x34"), 0, {NONE}, SIO_BAD},
    {"digit 10", SIO_EIO3_BYTES, SIO_VIEW_INIT("\x00\x0a\xff\x34"), 0, {NONE}, SIO_BAD},
    {"no length", SIO_EIO3_BYTES, SIO_VIEW_INIT("\x00\xff\x34"), 0, {NONE}, SIO_BAD},
    {"length 0", SIO_EIO3_BYTES, SIO_VIEW_INIT("\x00\x00\xff"), 0, {NONE}, SIO_BAD},
    {"length past the end", SIO_EIO3_BYTES, SIO_VIEW_INIT("\x00\x02\xff\x34"), 0, {NONE}, SIO_BAD},
    {"21 digits",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x00\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\xff\x34"),
     0,
     {NONE},
     SIO_BAD},
    {"base64 in bytes",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x00\x04\xff\x62\x34\x41\x51"),
     1,
     {BYTES("\x01")},
     0},
    {"good, then cut",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x00\x01\xff\x32\x00\x05\xff\x34"),
     1,
     {EMPTY(PING)},
     SIO_BAD},
};

/* What 1.x sends: text that it has encoded twice is decoded twice. */
static const vector from_1x[] = {
    {"9.3.3",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("6:4hello4:4â\302\202¬"),
     2,
     {TEXT(MESSAGE, "hello"), TEXT(MESSAGE, "€")},
     0},
    {"9.3.4",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x00\x06\xff\x34\x68\x65\x6c\x6c\x6f\x00\x04\xff\x34\xe2\x82\xac"),
     2,
     {TEXT(MESSAGE, "hello"), TEXT(MESSAGE, "€")},
     0},
    {"9.3.5",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("5:4ð\302\237\302\230\302\200"),
     1,
     {TEXT(MESSAGE, "😀")},
     0},
    {"9.3.6",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x00\x05\xff\x34\xf0\x9f\x98\x80"),
     1,
     {TEXT(MESSAGE, "😀")},
     0},
    {"9.3.7",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("4:4â\302\202¬10:b4AQIDBA=="),
     2,
     {TEXT(MESSAGE, "€"), BYTES("\x01\x02\x03\x04")},
     0},
    {"9.3.8",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x00\x04\xff\x34\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04"),
     2,
     {TEXT(MESSAGE, "€"), BYTES("\x01\x02\x03\x04")},
     0},
    {"9.3.9", SIO_EIO3_TEXT, SIO_VIEW_INIT("4:4a:b1:6"), 2, {TEXT(MESSAGE, "a:b"), EMPTY(NOOP)}, 0},
    {"9.3.10",
     SIO_EIO3_BYTES,
     SIO_VIEW_INIT("\x00\x04\xff\x34\x61\x3a\x62\x00\x01\xff\x36"),
     2,
     {TEXT(MESSAGE, "a:b"), EMPTY(NOOP)},
     0},
    {"9.3.11", SIO_EIO3_TEXT, SIO_VIEW_INIT("1:2"), 1, {EMPTY(PING)}, 0},
    {"9.3.12", SIO_EIO3_BYTES, SIO_VIEW_INIT("\x00\x01\xff\x32"), 1, {EMPTY(PING)}, 0},
    {"9.3.13", SIO_EIO3_TEXT, SIO_VIEW_INIT("0:"), 0, {NONE}, 0},
    {"9.3.14", SIO_EIO3_BYTES, SIO_VIEW_INIT(""), 0, {NONE}, 0},
    {"9.3.17",
     SIO_EIO3_TEXT,
     SIO_VIEW_INIT("6:4hello4:4â\302\202¬"),
     2,
     {TEXT(MESSAGE, "hello"), TEXT(MESSAGE, "€")},
     0},
};

#define N(table) (sizeof(table) / sizeof(table)[0])

typedef void check_fn(const sio_eio_packet *got, const sio_eio_packet *want);

/* Take the body apart and compare. */
static void
check_body(const vector *v, sio_view body, check_fn *check)
{
    sio_eio3_payload_iter it;
    sio_eio_packet        packet;
    size_t                n = 0;
    int                   rc;

    sio_eio3_payload_begin(&it, v->form, body, MAX_PACKETS);
    while ((rc = sio_eio3_payload_next(&it, &packet)) == 1 && CHECK(n < v->n))
        check(&packet, &v->packets[n++]);
    CHECK_INT(rc, v->end);
    CHECK_INT(n, v->n);
    CHECK_INT(sio_eio3_payload_next(&it, &packet), 0);
}

static void
encode(const vector *v, sio_buf *b)
{
    sio_buf_clear(b);
    if (v->n == 0 && v->form == SIO_EIO3_TEXT)
        sio_buf_add_view(b, SIO_EIO3_NO_PACKETS);
    for (size_t i = 0; i < v->n; i++)
        sio_eio3_payload_add(b, v->form, &v->packets[i]);
    CHECK(!b->failed);
}

static void
test_encode_vectors_and_back(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N(encodings); i++) {
        check_row = encodings[i].row;
        encode(&encodings[i], &b);
        CHECK_VIEW(sio_buf_view(&b), encodings[i].body);
        check_body(&encodings[i], sio_buf_view(&b), check_packet);
    }
    sio_buf_fini(&b);
}

static void
test_decode_vectors(void)
{
    for (size_t i = 0; i < N(decodings); i++) {
        check_row = decodings[i].row;
        check_body(&decodings[i], decodings[i].body, check_packet);
    }
}

static void
check_undoubled(const sio_eio_packet *got, const sio_eio_packet *want)
{
    sio_buf        text;
    sio_eio_packet meant = *got;

    sio_buf_init(&text, SIZE_MAX);
    if (got->form == SIO_EIO_TEXT && sio_utf8_repair_doubled(got->data, &text))
        meant.data = sio_buf_view(&text);
    check_packet(&meant, want);
    sio_buf_fini(&text);
}

static void
test_vectors_of_1x_are_understood(void)
{
    for (size_t i = 0; i < N(from_1x); i++) {
        check_row = from_1x[i].row;
        check_body(&from_1x[i], from_1x[i].body, check_undoubled);
    }
}

/* Where both parsers write the same (in bytes: where they choose that form), so do we. */
static void
test_ascii_is_encoded_as_1x_does(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N(from_1x); i++) {
        check_row = from_1x[i].row;
        encode(&from_1x[i], &b);
        if (from_1x[i].form == SIO_EIO3_BYTES || sio_utf8_utf16_units(sio_buf_view(&b)) == b.len)
            CHECK_VIEW(sio_buf_view(&b), from_1x[i].body);
    }
    sio_buf_fini(&b);
}

static void
test_limit_counts_packets(void)
{
    static const struct {
        sio_eio3_form form;
        sio_view      body;
    } bodies[] = {
        {SIO_EIO3_TEXT, SIO_VIEW_INIT("1:20:1:20:1:2")},
        {SIO_EIO3_BYTES, SIO_VIEW_INIT("\x00\x01\xff\x32\x00\x01\xff\x32\x00\x01\xff\x32")},
    };

    for (size_t i = 0; i < N(bodies); i++) {
        for (unsigned max = 0; max <= 4; max++) {
            sio_eio3_payload_iter it;
            sio_eio_packet        packet;
            unsigned              n = 0;
            int                   rc;

            sio_eio3_payload_begin(&it, bodies[i].form, bodies[i].body, max);
            while ((rc = sio_eio3_payload_next(&it, &packet)) == 1)
                n++;
            CHECK_INT(n, max < 3 ? max : 3);
            CHECK_INT(rc, max < 3 ? SIO_TOO_LARGE : 0);
        }
    }
}

static void
check_every_prefix(const vector *v)
{
    check_row = v->row;
    for (size_t cut = 0; cut <= v->body.len; cut++) {
        char *const           copy = malloc(cut + 1); /* the end is the end of the memory */
        sio_eio3_payload_iter it;
        sio_eio_packet        p;

        if (!CHECK(copy != NULL))
            return;
        memcpy(copy + 1, v->body.data, cut);
        sio_eio3_payload_begin(&it, v->form, (sio_view){copy + 1, cut}, MAX_PACKETS);
        while (sio_eio3_payload_next(&it, &p) == 1)
            CHECK(p.data.data >= copy + 1 && p.data.data + p.data.len <= copy + 1 + cut);
        free(copy);
    }
}

static void
test_every_prefix_ends_and_stays_inside(void)
{
    for (size_t i = 0; i < N(encodings); i++)
        check_every_prefix(&encodings[i]);
    for (size_t i = 0; i < N(decodings); i++)
        check_every_prefix(&decodings[i]);
    for (size_t i = 0; i < N(from_1x); i++)
        check_every_prefix(&from_1x[i]);
}

int
main(void)
{
    RUN(test_encode_vectors_and_back);
    RUN(test_decode_vectors);
    RUN(test_vectors_of_1x_are_understood);
    RUN(test_ascii_is_encoded_as_1x_does);
    RUN(test_limit_counts_packets);
    RUN(test_every_prefix_ends_and_stays_inside);
    return check_done();
}
