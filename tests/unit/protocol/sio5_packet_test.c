/*
 * The vectors 9.4: socket.io-parser 4.2.7, protocol revision 5. Those of several
 * messages are in sio5_decoder_test.c.
 */
#include "protocol/sio5_packet.h"

#include "protocol/json_read.h"
#include "tests/unit/check.h"
#include "tests/unit/protocol/sio5_vectors.h"

static const sio5_vector encodings[] = {
    {"9.4.1", "0", .type = SIO5_CONNECT},
    {"9.4.2", "0/admin,", .type = SIO5_CONNECT, .nsp = "/admin"},
    {"9.4.3", "0{\"token\":\"123\"}", .type = SIO5_CONNECT, .data = "{\"token\":\"123\"}"},
    {"9.4.4", "0/admin,{\"sid\":\"abc\"}", .type = SIO5_CONNECT, .nsp = "/admin",
     .data = "{\"sid\":\"abc\"}"},
    {"9.4.5", "0{\"sid\":\"abc\"}", .type = SIO5_CONNECT, .data = "{\"sid\":\"abc\"}"},
    {"9.4.6", "0{\"sid\":\"abc\",\"pid\":\"def\"}", .type = SIO5_CONNECT,
     .data = "{\"sid\":\"abc\",\"pid\":\"def\"}"},
    {"9.4.7", "0{\"pid\":\"p\",\"offset\":\"o\",\"token\":1}", .type = SIO5_CONNECT,
     .data = "{\"pid\":\"p\",\"offset\":\"o\",\"token\":1}"},
    {"9.4.8", "0/admin?a=b,", .type = SIO5_CONNECT, .nsp = "/admin?a=b"},
    {"9.4.9", "1", .type = SIO5_DISCONNECT},
    {"9.4.10", "1/admin,", .type = SIO5_DISCONNECT, .nsp = "/admin"},
    {"9.4.11", "2[\"foo\"]", .type = SIO5_EVENT, .name = "\"foo\""},
    {"9.4.12", "2/admin,[\"bar\"]", .type = SIO5_EVENT, .nsp = "/admin", .name = "\"bar\""},
    {"9.4.13", "20[\"foo\"]", .type = SIO5_EVENT, .id = "0", .name = "\"foo\""},
    {"9.4.14", "212[\"foo\"]", .type = SIO5_EVENT, .id = "12", .name = "\"foo\""},
    {"9.4.15", "2/admin,456[\"project:delete\",123]", .type = SIO5_EVENT, .nsp = "/admin",
     .id = "456", .name = "\"project:delete\"", .args = "123"},
    {"9.4.16", "2[\"a\",1,2.5,0,1e+21,null,null,true,[],{}]", .type = SIO5_EVENT, .name = "\"a\"",
     .args = "1,2.5,0,1e+21,null,null,true,[],{}"},
    {"9.4.17", "2[\"u\",\"€😀\342\200\250\\\"\\\\\"]", .type = SIO5_EVENT, .name = "\"u\"",
     .args = "\"€😀\342\200\250\\\"\\\\\""},
    {"9.4.18", "2[2,\"num-event\"]", .type = SIO5_EVENT, .name = "2", .args = "\"num-event\""},
    {"9.4.19", "2[\"d\",\"1970-01-01T00:00:00.000Z\"]", .type = SIO5_EVENT, .name = "\"d\"",
     .args = "\"1970-01-01T00:00:00.000Z\""},
    {"9.4.20", "2[\"n\",null]", .type = SIO5_EVENT, .name = "\"n\"", .args = "null"},
    {"9.4.21", "2[\"lone\",\"\\ud800\"]", .type = SIO5_EVENT, .name = "\"lone\"",
     .args = "\"\\ud800\""},
    {"9.4.22", "312[]", .type = SIO5_ACK, .id = "12"},
    {"9.4.23", "3/admin,13[\"bar\"]", .type = SIO5_ACK, .nsp = "/admin", .id = "13",
     .args = "\"bar\""},
    {"9.4.24", "30[null,\"x\"]", .type = SIO5_ACK, .id = "0", .args = "null,\"x\""},
    {"9.4.25", "4{\"message\":\"Not authorized\"}", .type = SIO5_CONNECT_ERROR,
     .data = "{\"message\":\"Not authorized\"}"},
    {"9.4.26", "4/random,{\"message\":\"Invalid namespace\"}", .type = SIO5_CONNECT_ERROR,
     .nsp = "/random", .data = "{\"message\":\"Invalid namespace\"}"},
    {"9.4.27", "4{\"message\":\"m\",\"data\":{\"code\":\"E1\"}}", .type = SIO5_CONNECT_ERROR,
     .data = "{\"message\":\"m\",\"data\":{\"code\":\"E1\"}}"},
    {"9.4.28", "4\"legacy string\"", .type = SIO5_CONNECT_ERROR, .data = "\"legacy string\""},
    {"9.4.29", "51-[\"baz\"," P0 "]", .type = SIO5_EVENT, .name = "\"baz\"", .args = P0,
     .n_attachments = 1},
    {"9.4.30", "52-/admin,[\"baz\"," P0 "," P1 "]", .type = SIO5_EVENT, .nsp = "/admin",
     .name = "\"baz\"", .args = P0 "," P1, .n_attachments = 2},
    {"9.4.31", "52-7[\"x\",{\"a\":{\"b\":" P0 "},\"c\":[" P1 "]}]", .type = SIO5_EVENT, .id = "7",
     .name = "\"x\"", .args = "{\"a\":{\"b\":" P0 "},\"c\":[" P1 "]}", .n_attachments = 2},
    {"9.4.32", "61-15[\"bar\"," P0 "]", .type = SIO5_ACK, .id = "15", .args = "\"bar\"," P0,
     .n_attachments = 1},
    {"9.4.33", "61-/admin,1[" P0 "]", .type = SIO5_ACK, .nsp = "/admin", .id = "1", .args = P0,
     .n_attachments = 1},
    {"9.4.34", "52-[\"same\"," P0 "," P1 "]", .type = SIO5_EVENT, .name = "\"same\"",
     .args = P0 "," P1, .n_attachments = 2},
    {"9.4.35", "51-[\"empty\"," P0 "]", .type = SIO5_EVENT, .name = "\"empty\"", .args = P0,
     .n_attachments = 1},

    /* Beyond the vectors. */
    {"all at once", "510-/a,99999999999999999999[\"e\",1]", .type = SIO5_EVENT, .nsp = "/a",
     .id = "99999999999999999999", .name = "\"e\"", .args = "1", .n_attachments = 10},
};

static const sio5_vector decodings[] = {
    {"9.4.36", "0", .type = SIO5_CONNECT},
    {"9.4.37", "0{}", .type = SIO5_CONNECT, .data = "{}"},
    {"9.4.38", "0{\"token\":\"123\"}", .type = SIO5_CONNECT, .data = "{\"token\":\"123\"}"},
    {"9.4.39", "0/admin", .type = SIO5_CONNECT, .nsp = "/admin"},
    {"9.4.40", "0/admin,", .type = SIO5_CONNECT, .nsp = "/admin"},
    {"9.4.41", "0/admin,{\"t\":1}", .type = SIO5_CONNECT, .nsp = "/admin", .data = "{\"t\":1}"},
    {"9.4.42", "0/admin?a=b,{}", .type = SIO5_CONNECT, .nsp = "/admin?a=b", .data = "{}"},
    {"9.4.43", "0[]", .rc = SIO_BAD},
    {"9.4.44", "0\"x\"", .rc = SIO_BAD},
    {"9.4.45", "0null", .rc = SIO_BAD},
    {"9.4.46", "1", .type = SIO5_DISCONNECT},
    {"9.4.47", "1/admin", .type = SIO5_DISCONNECT, .nsp = "/admin"},
    {"9.4.48", "1/admin,", .type = SIO5_DISCONNECT, .nsp = "/admin"},
    {"9.4.49", "1{}", .rc = SIO_BAD},
    {"9.4.50", "2[\"foo\"]", .type = SIO5_EVENT, .name = "\"foo\""},
    {"9.4.51", "2/admin,[\"bar\"]", .type = SIO5_EVENT, .nsp = "/admin", .name = "\"bar\""},
    {"9.4.52", "212[\"foo\"]", .type = SIO5_EVENT, .id = "12", .name = "\"foo\""},
    {"9.4.53", "2/admin,456[\"p\",1]", .type = SIO5_EVENT, .nsp = "/admin", .id = "456",
     .name = "\"p\"", .args = "1"},
    {"9.4.54", "20[\"a\"]", .type = SIO5_EVENT, .id = "0", .name = "\"a\""},
    {"9.4.55", "2 3[\"a\"]", .type = SIO5_EVENT, .id = "3", .name = "\"a\""},
    {"9.4.56", "2[1,2]", .type = SIO5_EVENT, .name = "1", .args = "2"},
    {"9.4.57", "2[]", .rc = SIO_BAD},
    {"9.4.58", "2{}", .rc = SIO_BAD},
    {"9.4.59", "2", .type = SIO5_EVENT},
    {"9.4.60", "2abc", .rc = SIO_BAD},
    {"9.4.61", "2[\"a\"", .rc = SIO_BAD},
    {"9.4.62", "2[\"connect\"]", .rc = SIO_BAD},
    {"9.4.63", "2[\"disconnect\"]", .rc = SIO_BAD},
    {"9.4.64", "2[\"newListener\"]", .rc = SIO_BAD},
    {"9.4.65", "2[null]", .rc = SIO_BAD},
    {"9.4.66", "3[]", .type = SIO5_ACK},
    {"9.4.67", "312[]", .type = SIO5_ACK, .id = "12"},
    {"9.4.68", "3/admin,13[\"bar\"]", .type = SIO5_ACK, .nsp = "/admin", .id = "13",
     .args = "\"bar\""},
    {"9.4.69", "3{}", .rc = SIO_BAD},
    {"9.4.70", "4{\"message\":\"x\"}", .type = SIO5_CONNECT_ERROR, .data = "{\"message\":\"x\"}"},
    {"9.4.71", "4\"Invalid namespace\"", .type = SIO5_CONNECT_ERROR,
     .data = "\"Invalid namespace\""},
    {"9.4.72", "4/a,{\"message\":\"x\"}", .type = SIO5_CONNECT_ERROR, .nsp = "/a",
     .data = "{\"message\":\"x\"}"},
    {"9.4.73", "4[]", .rc = SIO_BAD},
    {"9.4.80", "50-[\"a\"]", .rc = SIO_BAD},
    {"9.4.81", "5-[\"a\"]", .rc = SIO_BAD},
    {"9.4.82", "5[\"a\"]", .rc = SIO_BAD},
    {"9.4.83", "51[\"a\"]", .rc = SIO_BAD},
    {"9.4.84", "5a-[\"a\"]", .rc = SIO_BAD},
    {"9.4.85", "511-[\"a\"]", .rc = SIO_TOO_LARGE},
    {"9.4.89", "7", .rc = SIO_BAD},
    {"9.4.90", "9[]", .rc = SIO_BAD},
    {"9.4.91", "abc", .rc = SIO_BAD},
    {"9.4.92", "",
     .rc = SIO_BAD}, /* original: CONNECT; its server refuses an empty message before */
    {"9.4.93", "2123", .type = SIO5_EVENT, .id = "123"},
    {"9.4.94", "2/ns[\"a\"]", .type = SIO5_EVENT, .nsp = "/ns[\"a\"]"},
    {"9.4.95", "2/,[\"a\"]", .type = SIO5_EVENT, .name = "\"a\""},
    {"9.4.96", "21.5[\"a\"]", .rc = SIO_BAD},
    {"9.4.97", "2-1[\"a\"]", .rc = SIO_BAD},
    {"9.4.98", "299999999999999999999[\"a\"]", .type = SIO5_EVENT, .id = "99999999999999999999",
     .name = "\"a\""}, /* original: rounded */

    /* Beyond the vectors. */
    {"id of 21 digits", "2111111111111111111111[\"a\"]", .rc = SIO_BAD},
    {"space for id", "2 [\"a\"]", .type = SIO5_EVENT, .id = " ", .name = "\"a\""},
    {"line feed for id", "2/a,\n[\"a\"]", .type = SIO5_EVENT, .nsp = "/a", .id = "\n",
     .name = "\"a\""},
    {"spaces of all kinds", "0\t\v\xC2\xA0\xE2\x80\xA8\xEF\xBB\xBF{}", .type = SIO5_CONNECT,
     .id = "\t", .data = "{}"},
    {"spaces around the id", "3 \n7\xC2\xA0[1]", .type = SIO5_ACK, .id = "7", .args = "1"},
    {"space and nothing", "0 ", .type = SIO5_CONNECT, .id = " "},
    {"space, DISCONNECT", "1/a, ", .type = SIO5_DISCONNECT, .nsp = "/a", .id = " "},
    {"space in the name", "0/a ,", .type = SIO5_CONNECT, .nsp = "/a "},
    {"space in an id", "21 2[\"a\"]", .rc = SIO_BAD},
    {"half a character", "2\xE2\x80[\"a\"]", .rc = SIO_BAD},
    {"no space", "2\xC2\xA1[\"a\"]", .rc = SIO_BAD},
    {"white space in JSON", "2[ \"a\" , 1 , [ 2 ] ]\r\n", .type = SIO5_EVENT, .name = "\"a\"",
     .args = "1 , [ 2 ]"},
    {"white space in ACK", "30[ ]", .type = SIO5_ACK, .id = "0"},
    {"reserved, with escapes", "2[\"\\u0063onnect\"]", .rc = SIO_BAD},
    {"reserved, all others", "2[\"connect_error\"]", .rc = SIO_BAD},
    {"reserved, all others", "2[\"disconnecting\"]", .rc = SIO_BAD},
    {"reserved, all others", "2[\"removeListener\"]", .rc = SIO_BAD},
    {"reserved, but longer", "2[\"connected\"]", .type = SIO5_EVENT, .name = "\"connected\""},
    {"reserved as an argument", "2[\"a\",\"connect\"]", .type = SIO5_EVENT, .name = "\"a\"",
     .args = "\"connect\""},
    {"main namespace and query", "0/?a=b,", .type = SIO5_CONNECT, .nsp = "/?a=b"},
    {"count, other ways", "51e0-[\"a\"]", .type = SIO5_EVENT, .name = "\"a\"", .n_attachments = 1},
    {"count, other ways", "5 2.0 -[\"a\"]", .type = SIO5_EVENT, .name = "\"a\"",
     .n_attachments = 2},
    {"count of a half", "50.5-[\"a\"]", .rc = SIO_BAD},
    {"count in words", "5one-[\"a\"]", .rc = SIO_BAD},
    {"count with sign", "5+1-[\"a\"]", .rc = SIO_BAD},
    {"count of 64 bits", "518446744073709551617-[\"a\"]", .rc = SIO_TOO_LARGE},
    {"count, leading zero", "501-[\"a\"]", .type = SIO5_EVENT, .name = "\"a\"", .n_attachments = 1},
    {"count of an ordinary ACK", "30-12[]", .rc = SIO_BAD},
    {"count, no JSON", "51-", .type = SIO5_EVENT, .n_attachments = 1},
    {"depth", "2[\"a\",[[[[[[[]]]]]]]]", .type = SIO5_EVENT, .name = "\"a\"",
     .args = "[[[[[[[]]]]]]]"},
    {"too deep", "2[\"a\",[[[[[[[[]]]]]]]]]", .rc = SIO_TOO_DEEP},
    {"too deep, ACK", "31[[[[[[[[[[]]]]]]]]]", .rc = SIO_TOO_DEEP},
    {"too deep, CONNECT", "0{\"a\":[[[[[[[[]]]]]]]]}", .rc = SIO_TOO_DEEP},
    {"placeholder in plain data", "2[\"a\",{\"_placeholder\":true,\"num\":7}]", .type = SIO5_EVENT,
     .name = "\"a\"", .args = "{\"_placeholder\":true,\"num\":7}"},
    {"placeholder before its time", "2[{\"_placeholder\":true,\"num\":0}]", .rc = SIO_BAD},
    {"placeholder for the name", "51-[" P0 "]", .rc = SIO_BAD},
    {"placeholder twice", "51-[\"a\"," P0 "," P0 "]", .type = SIO5_EVENT, .name = "\"a\"",
     .args = P0 "," P0, .n_attachments = 1},
};

#define N(table) (sizeof(table) / sizeof(table)[0])

static void
test_encode_vectors_and_back(void)
{
    check_encodings(encodings, N(encodings), SIO5_REVISION_5);
}

static void
test_decode_vectors(void)
{
    check_decodings(decodings, N(decodings), SIO5_REVISION_5);
}

static void
test_every_prefix_stays_inside(void)
{
    check_prefixes(encodings, N(encodings), SIO5_REVISION_5);
    check_prefixes(decodings, N(decodings), SIO5_REVISION_5);
}

static void
test_main_namespace_is_left_out(void)
{
    const sio5_packet p = {.type = SIO5_DISCONNECT, .nsp = SIO_VIEW("/")};
    sio_buf           b;

    sio_buf_init(&b, SIZE_MAX);
    sio5_packet_encode(&p, SIO5_REVISION_5, SIO5_PLAIN, &b);
    CHECK_VIEW(sio_buf_view(&b), "1");
    sio_buf_fini(&b);
}

static void
test_ascii_on_request(void)
{
    static const char *const rows[][2] = {
        {"2[\"é\",{\"€\":\"😀\\u00e9\"}]", "2[\"\\u00e9\",{\"\\u20ac\":\"\\ud83d\\ude00\\u00e9\"}]"},
        {"3/ü,1[\"é\"]", "3/ü,1[\"\\u00e9\"]"}, /* a namespace has no escapes */
        {"4\"é\"", "4\"\\u00e9\""},
        {"0{\"é\":1}", "0{\"\\u00e9\":1}"},
    };
    const sio5_rules rules = sio5_rules_of(SIO5_REVISION_5);
    sio_buf          b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N(rows); i++) {
        sio5_packet p;

        check_row = rows[i][0];
        sio_buf_clear(&b);
        if (!CHECK_INT(sio5_packet_decode(sio_view_of(rows[i][0]), &rules, &p), SIO_OK))
            continue;
        sio5_packet_encode(&p, SIO5_REVISION_5, SIO5_ASCII, &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i][1]);
    }
    sio_buf_fini(&b);
}

/* Arguments come without brackets: the same bytes serve 0.9, where they stand alone. */
static void
test_args_can_be_walked(void)
{
    static const char *const want[] = {"1", "{\"a\":[2,3]}", "\",\""};
    const sio5_rules         rules = sio5_rules_of(SIO5_REVISION_5);
    sio5_packet              p;
    sio_json_iter            it;
    sio_view                 element;
    size_t                   n = 0;

    if (!CHECK_INT(sio5_packet_decode(SIO_VIEW("2[\"e\",1, {\"a\":[2,3]} ,\",\"]"), &rules, &p),
                   SIO_OK))
        return;
    for (sio_json_read_elements_begin(&it, p.args); sio_json_read_array_next(&it, &element); n++)
        if (CHECK(n < N(want)))
            CHECK_VIEW(element, want[n]);
    CHECK_INT(n, N(want));
}

/*
 * What is in front of the JSON is known: whose packet it was, and what has to be dropped with it.
 */
static void
test_too_deep_is_known_but_for_its_json(void)
{
    const sio5_rules rules = sio5_rules_of(SIO5_REVISION_5);
    sio5_packet      p;

    CHECK_INT(sio5_packet_decode(SIO_VIEW("52-/chat,7[\"a\",[[[[[[[[1]]]]]]]]]"), &rules, &p),
              SIO_TOO_DEEP);
    CHECK_INT(p.type, SIO5_EVENT);
    CHECK_INT(p.n_attachments, 2);
    CHECK_VIEW(p.nsp, "/chat");
    CHECK_VIEW(p.id, "7");
    CHECK(p.name.len == 0 && p.args.len == 0 && p.data.len == 0);
}

int
main(void)
{
    RUN(test_encode_vectors_and_back);
    RUN(test_decode_vectors);
    RUN(test_every_prefix_stays_inside);
    RUN(test_main_namespace_is_left_out);
    RUN(test_ascii_on_request);
    RUN(test_args_can_be_walked);
    RUN(test_too_deep_is_known_but_for_its_json);
    return check_done();
}
