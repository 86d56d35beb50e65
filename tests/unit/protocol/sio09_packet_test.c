/*
 * The vectors D1-D72 (what socket.io 0.9.16 decodes) and E1-E39 (what it
 * encodes), by number. Where its result has no type, decoding here is SIO_BAD.
 *
 * Not in the table of encodings, because the value cannot be written in C:
 *   E8, E9  reasons and advice outside the lists; NONE, which encodes as E1,
 *           is what a client makes of the original's "undefined" too
 *   E28     a message that is a JavaScript object
 *   E39     an unknown type
 */
#include "protocol/sio09_packet.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define DEPTH 8u

/* NULL is the empty view. reason and advice count for errors only: elsewhere they are NONE. */
typedef struct {
    const char  *row, *text;
    const char  *endpoint, *id, *data, *name, *args, *ack_id;
    int          rc;
    sio09_type   type;
    sio_ack_kind ack;
    int          reason, advice;
    bool         data_ok, args_is_array;
} vector;

#define BAD(row, text)           \
    {                            \
        row, text, .rc = SIO_BAD \
    }

static const vector decodings[] = {
    BAD("D1", "0"),
    {"D2", "0::", .type = SIO09_DISCONNECT},
    {"D3", "0::/woot", .type = SIO09_DISCONNECT, .endpoint = "/woot"},
    {"D4", "0::/a:x", .type = SIO09_DISCONNECT, .endpoint = "/a"},
    {"D5", "1::", .type = SIO09_CONNECT},
    {"D6", "1::/test", .type = SIO09_CONNECT, .endpoint = "/test"},
    {"D7", "1::/test:?test=1", .type = SIO09_CONNECT, .endpoint = "/test", .data = "?test=1"},
    {"D8", "1::/test?test=1", .type = SIO09_CONNECT, .endpoint = "/test?test=1"},
    {"D9", "1:::/x", .type = SIO09_CONNECT, .data = "/x"},
    {"D10", "2::", .type = SIO09_HEARTBEAT},
    {"D11", "2:::", .type = SIO09_HEARTBEAT},
    BAD("D12", "2"),
    {"D13", "3:::woot", .type = SIO09_MESSAGE, .data = "woot"},
    {"D14", "3::", .type = SIO09_MESSAGE},
    {"D15", "3:::", .type = SIO09_MESSAGE},
    {"D16", "3:1::blat", .type = SIO09_MESSAGE, .id = "1", .ack = SIO_ACK_AUTO, .data = "blat"},
    {"D17", "3:1+::blat", .type = SIO09_MESSAGE, .id = "1", .ack = SIO_ACK_DATA, .data = "blat"},
    {"D18", "3:5:/tobi", .type = SIO09_MESSAGE, .endpoint = "/tobi", .id = "5",
     .ack = SIO_ACK_AUTO},
    {"D19", "3:5:/tobi:x", .type = SIO09_MESSAGE, .endpoint = "/tobi", .id = "5",
     .ack = SIO_ACK_AUTO, .data = "x"},
    {"D20", "3::/a:b:c", .type = SIO09_MESSAGE, .endpoint = "/a", .data = "b:c"},
    {"D21", "3:::a:b", .type = SIO09_MESSAGE, .data = "a:b"},
    {"D22", "3::::x", .type = SIO09_MESSAGE, .data = ":x"},
    {"D23", "4:::\"2\"", .type = SIO09_JSON, .data = "\"2\"", .data_ok = true},
    {"D24", "4:1+::{\"a\":\"b\"}", .type = SIO09_JSON, .id = "1", .ack = SIO_ACK_DATA,
     .data = "{\"a\":\"b\"}", .data_ok = true},
    {"D25", "4::/c:[1]", .type = SIO09_JSON, .endpoint = "/c", .data = "[1]", .data_ok = true},
    {"D26", "4:::bad", .type = SIO09_JSON},
    {"D27", "4::", .type = SIO09_JSON},
    {"D28", "5:::{\"name\":\"woot\"}", .type = SIO09_EVENT, .name = "\"woot\""},
    {"D29", "5:1+::{\"name\":\"tobi\"}", .type = SIO09_EVENT, .id = "1", .ack = SIO_ACK_DATA,
     .name = "\"tobi\""},
    {"D30", "5:::{\"name\":\"edwald\",\"args\":[{\"a\": \"b\"},2,\"3\"]}", .type = SIO09_EVENT,
     .name = "\"edwald\"", .args = "[{\"a\": \"b\"},2,\"3\"]", .args_is_array = true},
    {"D31", "5:::bad", .type = SIO09_EVENT},
    {"D32", "5:::null", .type = SIO09_EVENT},
    {"D33", "5:::[]", .type = SIO09_EVENT},
    {"D34", "5:::1", .type = SIO09_EVENT},
    {"D35", "5:::{\"name\":\"x\",\"args\":\"str\"}", .type = SIO09_EVENT, .name = "\"x\"",
     .args = "\"str\""},
    {"D36", "5:::{\"name\":\"x\",\"args\":{\"0\":1}}", .type = SIO09_EVENT, .name = "\"x\"",
     .args = "{\"0\":1}"},
    {"D37", "5:::{\"name\":\"x\",\"args\":[]}", .type = SIO09_EVENT, .name = "\"x\""},
    {"D38", "6:::140", .type = SIO09_ACK, .ack_id = "140"},
    {"D39", "6:::12+[\"woot\",\"wa\"]", .type = SIO09_ACK, .ack_id = "12",
     .args = "[\"woot\",\"wa\"]", .args_is_array = true},
    {"D40", "6:::1+{\"++]", .type = SIO09_ACK, .ack_id = "1"},
    {"D41", "6::/c:3+[1]", .type = SIO09_ACK, .endpoint = "/c", .ack_id = "3", .args = "[1]",
     .args_is_array = true},
    {"D42", "6:::", .type = SIO09_ACK},
    {"D43", "6:::x", .type = SIO09_ACK},
    {"D44", "6:::4+", .type = SIO09_ACK, .ack_id = "4"},
    {"D45", "6:::4abc", .type = SIO09_ACK, .ack_id = "4"},
    {"D46", "6:::4[1]", .type = SIO09_ACK, .ack_id = "4", .args = "[1]", .args_is_array = true},
    {"D47", "7:::", .type = SIO09_ERROR, .reason = SIO09_REASON_NONE, .advice = SIO09_ADVICE_NONE},
    {"D48", "7:::0", .type = SIO09_ERROR, .reason = SIO09_TRANSPORT_NOT_SUPPORTED,
     .advice = SIO09_ADVICE_NONE},
    {"D49", "7:::1+0", .type = SIO09_ERROR, .reason = SIO09_CLIENT_NOT_HANDSHAKEN,
     .advice = SIO09_RECONNECT},
    {"D50", "7:::2+0", .type = SIO09_ERROR, .reason = SIO09_UNAUTHORIZED,
     .advice = SIO09_RECONNECT},
    {"D51", "7::/woot", .type = SIO09_ERROR, .endpoint = "/woot", .reason = SIO09_REASON_NONE,
     .advice = SIO09_ADVICE_NONE},
    {"D52", "7:::9+9", .type = SIO09_ERROR, .reason = SIO09_REASON_NONE,
     .advice = SIO09_ADVICE_NONE},
    {"D53", "7::/a:2", .type = SIO09_ERROR, .endpoint = "/a", .reason = SIO09_UNAUTHORIZED,
     .advice = SIO09_ADVICE_NONE},
    {"D54", "8::", .type = SIO09_NOOP},
    BAD("D55", "9::"),
    BAD("D56", "10::x"),
    BAD("D57", "x:::y"),
    BAD("D58", "-1::"),
    BAD("D59", "03:::x"),
    BAD("D60", ""),
    BAD("D61", "abc"),
    BAD("D62", ":::"),
    BAD("D63", "::"),
    BAD("D64", "3:a::x"),
    {"D65", "3:+::x", .type = SIO09_MESSAGE, .data = "x"},
    BAD("D66", "3:1x::y"),
    {"D67", "3:01::y", .type = SIO09_MESSAGE, .id = "01", .ack = SIO_ACK_AUTO, .data = "y"},
    {"D68", "3:0::y", .type = SIO09_MESSAGE, .id = "0", .ack = SIO_ACK_AUTO, .data = "y"},
    BAD("D69", "\n3:::x"),
    {"D70", "3:::é€😀", .type = SIO09_MESSAGE, .data = "é€😀"},
    BAD("D71", "\xEF\xBF\xBD"
               "3:::x"),
    {"D72", "5:1+:/c d:{\"name\":\"a\"}", .type = SIO09_EVENT, .endpoint = "/c d", .id = "1",
     .ack = SIO_ACK_DATA, .name = "\"a\""},

    /* Beyond the numbered vectors. */
    {"line feeds", "3:::a\nb\n", .type = SIO09_MESSAGE, .data = "a\nb\n"},
    {"spaces around json", "4::: [1] ", .type = SIO09_JSON, .data = "[1]", .data_ok = true},
    {"invalid utf-8 in json", "4:::\"\xFF\"", .type = SIO09_JSON},
    {"last of duplicate keys", "5:::{\"name\":\"a\",\"args\":[1],\"name\":\"b\",\"args\":[2]}",
     .type = SIO09_EVENT, .name = "\"b\"", .args = "[2]", .args_is_array = true},
    {"escaped keys", "5:::{\"\\u006eame\":\"a\",\"ar\\u0067s\":[1]}", .type = SIO09_EVENT,
     .name = "\"a\"", .args = "[1]", .args_is_array = true},
    {"other members", "5:::{\"id\":{\"name\":\"no\"},\"name\":\"a\"}", .type = SIO09_EVENT,
     .name = "\"a\""},
    {"name is no string", "5:::{\"name\":1,\"args\":[2]}", .type = SIO09_EVENT, .args = "[2]",
     .args_is_array = true},
    {"broken after the name", "5:::{\"name\":\"a\",\"args\":[}", .type = SIO09_EVENT},
    {"args null", "5:::{\"name\":\"a\",\"args\":null}", .type = SIO09_EVENT, .name = "\"a\""},
    {"args false", "5:::{\"name\":\"a\",\"args\":false}", .type = SIO09_EVENT, .name = "\"a\""},
    {"args with a space", "5:::{\"name\":\"a\",\"args\":[ ]}", .type = SIO09_EVENT,
     .name = "\"a\""},
    {"ack is an object", "6:::4+{\"0\":1}", .type = SIO09_ACK, .ack_id = "4"},
    {"ack on two lines", "6:::4+[1,\n2]", .type = SIO09_ACK, .ack_id = "4", .args = "[1,\n2]",
     .args_is_array = true},
    {"advice alone", "7:::+0", .type = SIO09_ERROR, .reason = SIO09_REASON_NONE,
     .advice = SIO09_RECONNECT},
    {"depth of json", "4:::[[[[[[[[]]]]]]]]", .type = SIO09_JSON, .data = "[[[[[[[[]]]]]]]]",
     .data_ok = true},
    {"json too deep", "4:::[[[[[[[[[]]]]]]]]]", .rc = SIO_TOO_LARGE},
    {"event too deep", "5:::{\"name\":\"a\",\"args\":[[[[[[[[]]]]]]]]}", .rc = SIO_TOO_LARGE},
    {"ack too deep", "6:::1+[[[[[[[[[]]]]]]]]]", .rc = SIO_TOO_LARGE},
    BAD("no second colon", "3:"),
    BAD("no second colon behind an id", "3:1+"),
    BAD("plus before the id", "3:+1::x"),
    BAD("colon first", ":3:::x"),
};

static const vector encodings[] = {
    {"E1", "7::", .type = SIO09_ERROR, .reason = SIO09_REASON_NONE, .advice = SIO09_ADVICE_NONE},
    {"E2", "7:::0", .type = SIO09_ERROR, .reason = SIO09_TRANSPORT_NOT_SUPPORTED,
     .advice = SIO09_ADVICE_NONE},
    {"E3", "7:::1+0", .type = SIO09_ERROR, .reason = SIO09_CLIENT_NOT_HANDSHAKEN,
     .advice = SIO09_RECONNECT},
    {"E4", "7:::2+0", .type = SIO09_ERROR, .reason = SIO09_UNAUTHORIZED, .advice = SIO09_RECONNECT},
    {"E5", "7::/a:2", .type = SIO09_ERROR, .endpoint = "/a", .reason = SIO09_UNAUTHORIZED,
     .advice = SIO09_ADVICE_NONE},
    {"E6", "7::/woot", .type = SIO09_ERROR, .endpoint = "/woot", .reason = SIO09_REASON_NONE,
     .advice = SIO09_ADVICE_NONE},
    {"E7", "7:::+0", .type = SIO09_ERROR, .reason = SIO09_REASON_NONE, .advice = SIO09_RECONNECT},
    {"E10", "6:::140", .type = SIO09_ACK, .ack_id = "140"},
    {"E11", "6:::12+[\"woot\",\"wa\"]", .type = SIO09_ACK, .ack_id = "12",
     .args = "[\"woot\",\"wa\"]", .args_is_array = true},
    {"E12", "6::/a:12", .type = SIO09_ACK, .endpoint = "/a", .ack_id = "12", .args = "[]",
     .args_is_array = true},
    {"E13", "6:::3+[null]", .type = SIO09_ACK, .ack_id = "3", .args = "[null]",
     .args_is_array = true},
    {"E14", "4:::\"2\"", .type = SIO09_JSON, .data = "\"2\"", .data_ok = true},
    {"E15", "4:1+::{\"a\":\"b\"}", .type = SIO09_JSON, .id = "1", .ack = SIO_ACK_DATA,
     .data = "{\"a\":\"b\"}", .data_ok = true},
    {"E16", "4:::null", .type = SIO09_JSON, .data = "null", .data_ok = true},
    {"E17", "4::", .type = SIO09_JSON},
    {"E18", "5:::{\"name\":\"woot\"}", .type = SIO09_EVENT, .name = "\"woot\"", .args = "[]",
     .args_is_array = true},
    {"E19", "5:1+::{\"name\":\"tobi\"}", .type = SIO09_EVENT, .id = "1", .ack = SIO_ACK_DATA,
     .name = "\"tobi\"", .args = "[ ]", .args_is_array = true},
    {"E20", "5:2::{\"name\":\"tobi\"}", .type = SIO09_EVENT, .id = "2", .ack = SIO_ACK_AUTO,
     .name = "\"tobi\""},
    {"E21", "5:::{\"name\":\"edwald\",\"args\":[{\"a\":\"b\"},2,\"3\"]}", .type = SIO09_EVENT,
     .name = "\"edwald\"", .args = "[{\"a\":\"b\"},2,\"3\"]", .args_is_array = true},
    {"E22", "5:::{\"name\":\"u\",\"args\":[null,null,\"1970-01-01T00:00:00.000Z\"]}",
     .type = SIO09_EVENT, .name = "\"u\"", .args = "[null,null,\"1970-01-01T00:00:00.000Z\"]",
     .args_is_array = true},
    {"E23", "5:::{}", .type = SIO09_EVENT},
    {"E24", "3:::woot", .type = SIO09_MESSAGE, .data = "woot"},
    {"E25", "3::", .type = SIO09_MESSAGE, .data = ""},
    {"E26", "3::", .type = SIO09_MESSAGE},
    {"E27", "3:::0", .type = SIO09_MESSAGE, .data = "0"},
    {"E29", "3:5:/tobi", .type = SIO09_MESSAGE, .endpoint = "/tobi", .id = "5", .ack = SIO_ACK_AUTO,
     .data = ""},
    {"E30", "3:5+::x", .type = SIO09_MESSAGE, .id = "5", .ack = SIO_ACK_DATA, .data = "x"},
    {"E31", "3:::a:b\n\"", .type = SIO09_MESSAGE, .data = "a:b\n\""},
    {"E32", "2::", .type = SIO09_HEARTBEAT},
    {"E33", "1::/tobi", .type = SIO09_CONNECT, .endpoint = "/tobi"},
    {"E34", "1::/test:?test=1", .type = SIO09_CONNECT, .endpoint = "/test", .data = "?test=1"},
    {"E35", "1::", .type = SIO09_CONNECT},
    {"E36", "0::/woot", .type = SIO09_DISCONNECT, .endpoint = "/woot"},
    {"E37", "0::", .type = SIO09_DISCONNECT},
    {"E38", "8::", .type = SIO09_NOOP},

    /* Beyond the numbered vectors. */
    {"args without a name", "5:::{\"args\":[1]}", .type = SIO09_EVENT, .args = "[1]",
     .args_is_array = true},
    {"bare argument", "5:::{\"name\":\"x\",\"args\":\"str\"}", .type = SIO09_EVENT, .name = "\"x\"",
     .args = "\"str\""},
    {"ack on one line", "6:::4+[1,  2,\"a\\u2028b\\u2029\",\"é€\xE2\x80\xA7\"]", .type = SIO09_ACK,
     .ack_id = "4",
     .args = "[1,\r\n2,\"a\xE2\x80\xA8"
             "b\xE2\x80\xA9\",\"é€\xE2\x80\xA7\"]",
     .args_is_array = true},
    {"ack without id", "6::", .type = SIO09_ACK, .args = "[1]", .args_is_array = true},
    {"id without ack", "3:::x", .type = SIO09_MESSAGE, .id = "5", .data = "x"},
};

#define N_DECODINGS (sizeof decodings / sizeof decodings[0])
#define N_ENCODINGS (sizeof encodings / sizeof encodings[0])

static sio09_packet
packet_of(const vector *v)
{
    sio09_packet p = sio09_packet_of(v->type);

    p.ack = v->ack;
    p.endpoint = sio_view_of(v->endpoint);
    p.id = sio_view_of(v->id);
    p.data = sio_view_of(v->data);
    p.data_ok = v->data_ok;
    p.name = sio_view_of(v->name);
    p.args = sio_view_of(v->args);
    p.args_is_array = v->args_is_array;
    p.ack_id = sio_view_of(v->ack_id);
    if (v->type == SIO09_ERROR) {
        p.reason = (sio09_reason)v->reason;
        p.advice = (sio09_advice)v->advice;
    }
    return p;
}

static void
check_same(const sio09_packet *got, const sio09_packet *want)
{
    CHECK_INT(got->type, want->type);
    CHECK_INT(got->ack, want->ack);
    CHECK_VIEW(got->endpoint, want->endpoint);
    CHECK_VIEW(got->id, want->id);
    CHECK_VIEW(got->data, want->data);
    CHECK_INT(got->data_ok, want->data_ok);
    CHECK_VIEW(got->name, want->name);
    CHECK_VIEW(got->args, want->args);
    CHECK_INT(got->args_is_array, want->args_is_array);
    CHECK_VIEW(got->ack_id, want->ack_id);
    CHECK_INT(got->reason, want->reason);
    CHECK_INT(got->advice, want->advice);
}

static void
test_decode_vectors(void)
{
    for (size_t i = 0; i < N_DECODINGS; i++) {
        const sio09_packet want = packet_of(&decodings[i]);
        sio09_packet       got;
        int                rc;

        check_row = decodings[i].row;
        rc = sio09_packet_decode(sio_view_of(decodings[i].text), DEPTH, &got);
        if (CHECK_INT(rc, decodings[i].rc) && rc == SIO_OK)
            check_same(&got, &want);
    }
}

static void
test_encode_vectors(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N_ENCODINGS; i++) {
        const sio09_packet p = packet_of(&encodings[i]);

        check_row = encodings[i].row;
        sio_buf_clear(&b);
        sio09_packet_encode(&p, &b);
        CHECK_VIEW(sio_buf_view(&b), encodings[i].text);
    }
    sio_buf_fini(&b);
}

/* Decode text; what comes out must encode to a text that decodes to the same again. */
static void
check_stable(sio_view text)
{
    sio09_packet first, second;
    sio_buf      b;

    if (sio09_packet_decode(text, DEPTH, &first) != SIO_OK)
        return;
    sio_buf_init(&b, SIZE_MAX);
    sio09_packet_encode(&first, &b);
    if (CHECK_INT(sio09_packet_decode(sio_buf_view(&b), DEPTH, &second), SIO_OK)) {
        if (first.type == SIO09_ACK) /* may have been put on one line */
            second.args = first.args;
        check_same(&second, &first);
    }
    sio_buf_fini(&b);
}

static void
check_prefixes(const char *text)
{
    const size_t len = strlen(text);

    for (size_t n = 0; n <= len; n++) {
        char *copy = malloc(n + 1); /* ends where its memory ends, for the sanitizer */

        if (!CHECK(copy != NULL))
            return;
        memcpy(copy + 1, text, n);
        check_stable((sio_view){copy + 1, n});
        free(copy);
    }
}

static void
test_every_prefix_decodes_and_encodes_stably(void)
{
    for (size_t i = 0; i < N_DECODINGS; i++) {
        check_row = decodings[i].row;
        check_prefixes(decodings[i].text);
    }
    for (size_t i = 0; i < N_ENCODINGS; i++) {
        check_row = encodings[i].row;
        check_prefixes(encodings[i].text);
    }
}

static void
test_no_text_is_bad(void)
{
    sio09_packet p;

    CHECK_INT(sio09_packet_decode((sio_view){NULL, 0}, DEPTH, &p), SIO_BAD);
    CHECK_INT(sio09_packet_decode(SIO_VIEW("3\0:::x"), DEPTH, &p), SIO_BAD);
}

static void
test_encode_respects_the_limit(void)
{
    sio09_packet p = sio09_packet_of(SIO09_MESSAGE);
    sio_buf      b;

    p.data = SIO_VIEW("too long");
    sio_buf_init(&b, 8);
    sio09_packet_encode(&p, &b);
    CHECK(b.failed);
    sio_buf_fini(&b);
}

int
main(void)
{
    RUN(test_decode_vectors);
    RUN(test_encode_vectors);
    RUN(test_every_prefix_decodes_and_encodes_stably);
    RUN(test_no_text_is_bad);
    RUN(test_encode_respects_the_limit);
    return check_done();
}
