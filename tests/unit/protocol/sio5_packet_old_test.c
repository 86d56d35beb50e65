/*
 * The vectors 9.5 (socket.io-parser 3.4.5), 9.6 (2.3.1) and 9.7 (2.1.4): protocol
 * revisions 4 and 3. Those of several messages are in sio5_decoder_test.c. Where
 * the three decoders differ, all these clients are read in one way, that of the
 * last server that they have: what it refuses is refused.
 */
#include "protocol/sio5_packet.h"

#include "tests/unit/check.h"
#include "tests/unit/protocol/sio5_vectors.h"

static const sio5_vector encodings_4[] = {
    {"9.5.1", "0", .type = SIO5_CONNECT},
    {"9.5.2", "0/admin,", .type = SIO5_CONNECT, .nsp = "/admin"},
    {"9.5.3", "0/admin?token=abc&x=1,", .type = SIO5_CONNECT, .nsp = "/admin",
     .query = "token=abc&x=1"},
    {"9.5.4", "1", .type = SIO5_DISCONNECT},
    {"9.5.5", "1/admin,", .type = SIO5_DISCONNECT, .nsp = "/admin"},
    {"9.5.6", "2[\"foo\"]", .type = SIO5_EVENT, .name = "\"foo\""},
    {"9.5.7", "2/admin,[\"bar\"]", .type = SIO5_EVENT, .nsp = "/admin", .name = "\"bar\""},
    {"9.5.8", "20[\"foo\"]", .type = SIO5_EVENT, .id = "0", .name = "\"foo\""},
    {"9.5.9", "212[\"foo\"]", .type = SIO5_EVENT, .id = "12", .name = "\"foo\""},
    {"9.5.10", "2/admin,456[\"p\",123]", .type = SIO5_EVENT, .nsp = "/admin", .id = "456",
     .name = "\"p\"", .args = "123"},
    {"9.5.11", "2[\"u\",\"€😀\"]", .type = SIO5_EVENT, .name = "\"u\"", .args = "\"€😀\""},
    {"9.5.12", "312[]", .type = SIO5_ACK, .id = "12"},
    {"9.5.13", "3/admin,13[\"bar\"]", .type = SIO5_ACK, .nsp = "/admin", .id = "13",
     .args = "\"bar\""},
    {"9.5.14", "4\"Not authorized\"", .type = SIO5_CONNECT_ERROR, .data = "\"Not authorized\""},
    {"9.5.15", "4/random,\"Invalid namespace\"", .type = SIO5_CONNECT_ERROR, .nsp = "/random",
     .data = "\"Invalid namespace\""},
    {"9.5.16", "4{\"code\":1}", .type = SIO5_CONNECT_ERROR, .data = "{\"code\":1}"},
    {"9.5.17", "51-[\"baz\"," P0 "]", .type = SIO5_EVENT, .name = "\"baz\"", .args = P0,
     .n_attachments = 1},
    {"9.5.18", "52-/admin,[\"baz\"," P0 "," P1 "]", .type = SIO5_EVENT, .nsp = "/admin",
     .name = "\"baz\"", .args = P0 "," P1, .n_attachments = 2},
    {"9.5.19", "51-7[\"x\",{\"a\":{\"b\":" P0 "}}]", .type = SIO5_EVENT, .id = "7", .name = "\"x\"",
     .args = "{\"a\":{\"b\":" P0 "}}", .n_attachments = 1},
    {"9.5.20", "61-15[\"bar\"," P0 "]", .type = SIO5_ACK, .id = "15", .args = "\"bar\"," P0,
     .n_attachments = 1},
    {"9.5.21", "61-/admin,1[" P0 "]", .type = SIO5_ACK, .nsp = "/admin", .id = "1", .args = P0,
     .n_attachments = 1},
    {"9.5.22", "2[\"nobin\"]", .type = SIO5_EVENT, .name = "\"nobin\""}, /* original: 50-[...] */

    /* 1.x */
    {"9.6.1", "0/admin,", .type = SIO5_CONNECT, .nsp = "/admin"}, /* original: no comma */
    {"9.6.2", "0/admin?token=abc&x=1,", .type = SIO5_CONNECT, .nsp = "/admin",
     .query = "token=abc&x=1"},                                      /* original: no comma */
    {"9.6.3", "1/admin,", .type = SIO5_DISCONNECT, .nsp = "/admin"}, /* original: no comma */
};

static const sio5_vector encodings_3[] = {
    {"9.7.1", "0", .type = SIO5_CONNECT},
    {"9.7.2", "0/admin,", .type = SIO5_CONNECT, .nsp = "/admin"}, /* original: no comma */
    {"9.7.3", "0/admin?token=abc&x=1,", .type = SIO5_CONNECT, .nsp = "/admin",
     .query = "token=abc&x=1"}, /* original: no comma */
    {"9.7.4", "1", .type = SIO5_DISCONNECT},
    {"9.7.5", "1/admin,", .type = SIO5_DISCONNECT, .nsp = "/admin"}, /* original: no comma */
    {"9.7.6", "2[\"foo\"]", .type = SIO5_EVENT, .name = "\"foo\""},
    {"9.7.7", "2/admin,[\"bar\"]", .type = SIO5_EVENT, .nsp = "/admin", .name = "\"bar\""},
    {"9.7.8", "20[\"foo\"]", .type = SIO5_EVENT, .id = "0", .name = "\"foo\""},
    {"9.7.9", "212[\"foo\"]", .type = SIO5_EVENT, .id = "12", .name = "\"foo\""},
    {"9.7.10", "2/admin,456[\"p\",123]", .type = SIO5_EVENT, .nsp = "/admin", .id = "456",
     .name = "\"p\"", .args = "123"},
    {"9.7.11", "2[\"u\",\"€😀\"]", .type = SIO5_EVENT, .name = "\"u\"", .args = "\"€😀\""},
    {"9.7.12", "30-12[]", .type = SIO5_ACK, .id = "12"},
    {"9.7.13", "30-/admin,13[\"bar\"]", .type = SIO5_ACK, .nsp = "/admin", .id = "13",
     .args = "\"bar\""},
    {"9.7.14", "4\"Not authorized\"", .type = SIO5_CONNECT_ERROR, .data = "\"Not authorized\""},
    {"9.7.15", "4/random,\"Invalid namespace\"", .type = SIO5_CONNECT_ERROR, .nsp = "/random",
     .data = "\"Invalid namespace\""},
    {"9.7.16", "4{\"code\":1}", .type = SIO5_CONNECT_ERROR, .data = "{\"code\":1}"},
    {"9.7.17", "51-[\"baz\"," P0 "]", .type = SIO5_EVENT, .name = "\"baz\"", .args = P0,
     .n_attachments = 1},
    {"9.7.18", "52-/admin,[\"baz\"," P0 "," P1 "]", .type = SIO5_EVENT, .nsp = "/admin",
     .name = "\"baz\"", .args = P0 "," P1, .n_attachments = 2},
    {"9.7.19", "51-7[\"x\",{\"a\":{\"b\":" P0 "}}]", .type = SIO5_EVENT, .id = "7", .name = "\"x\"",
     .args = "{\"a\":{\"b\":" P0 "}}", .n_attachments = 1},
    {"9.7.20", "31-15[\"bar\"," P0 "]", .type = SIO5_ACK, .id = "15", .args = "\"bar\"," P0,
     .n_attachments = 1},
    {"9.7.21", "2[\"nobin\"]", .type = SIO5_EVENT, .name = "\"nobin\""}, /* original: 50-[...] */
};

static const sio5_vector decodings[] = {
    {"9.5.23", "0", .type = SIO5_CONNECT},
    {"9.5.24", "0/admin", .type = SIO5_CONNECT, .nsp = "/admin"},
    {"9.5.25", "0/admin,", .type = SIO5_CONNECT, .nsp = "/admin"},
    {"9.5.26", "0/admin?token=abc,", .type = SIO5_CONNECT, .nsp = "/admin", .query = "token=abc"},
    {"9.5.27", "0/admin?token=abc&x=1", .type = SIO5_CONNECT, .nsp = "/admin",
     .query = "token=abc&x=1"},
    {"9.5.28", "0{\"a\":1}", .type = SIO5_CONNECT, .data = "{\"a\":1}"},
    {"9.5.29", "1", .type = SIO5_DISCONNECT},
    {"9.5.30", "1/admin,", .type = SIO5_DISCONNECT, .nsp = "/admin"},
    {"9.5.31", "2[\"foo\"]", .type = SIO5_EVENT, .name = "\"foo\""},
    {"9.5.32", "2/admin,[\"bar\"]", .type = SIO5_EVENT, .nsp = "/admin", .name = "\"bar\""},
    {"9.5.33", "212[\"foo\"]", .type = SIO5_EVENT, .id = "12", .name = "\"foo\""},
    {"9.5.34", "2/admin,456[\"p\",1]", .type = SIO5_EVENT, .nsp = "/admin", .id = "456",
     .name = "\"p\"", .args = "1"},
    {"9.5.35", "2[]", .rc = SIO_BAD},
    {"9.5.36", "2{}", .rc = SIO_BAD},
    {"9.5.37", "2abc", .rc = SIO_BAD},
    {"9.5.38", "2[\"connect\"]", .type = SIO5_EVENT, .name = "\"connect\""},
    {"9.5.39", "2[null]", .rc = SIO_BAD},
    {"9.5.40", "3[]", .type = SIO5_ACK},
    {"9.5.41", "312[]", .type = SIO5_ACK, .id = "12"},
    {"9.5.42", "3/admin,13[\"bar\"]", .type = SIO5_ACK, .nsp = "/admin", .id = "13",
     .args = "\"bar\""},
    {"9.5.43", "4\"Invalid namespace\"", .type = SIO5_CONNECT_ERROR,
     .data = "\"Invalid namespace\""},
    {"9.5.44", "4{\"message\":\"x\"}", .type = SIO5_CONNECT_ERROR, .data = "{\"message\":\"x\"}"},
    {"9.5.48", "50-[\"a\"]", .type = SIO5_EVENT,
     .name = "\"a\""}, /* original: refused; what 9.5.22 and 1.x send */
    {"9.5.49", "5-[\"a\"]", .rc = SIO_BAD},
    {"9.5.50", "5[\"a\"]", .rc = SIO_BAD},
    {"9.5.51", "511-[\"a\"]", .rc = SIO_TOO_LARGE},
    {"9.5.55", "7", .type = SIO5_CONNECT_ERROR},
    {"9.5.56", "abc", .type = SIO5_CONNECT_ERROR},
    {"9.5.57", "", .rc = SIO_BAD}, /* original: CONNECT */

    /* 1.x */
    {"9.6.4", "2[]", .rc = SIO_BAD},     /* original: accepted */
    {"9.6.5", "2{}", .rc = SIO_BAD},     /* original: accepted */
    {"9.6.6", "2abc", .rc = SIO_BAD},    /* original: type 4 */
    {"9.6.7", "2[null]", .rc = SIO_BAD}, /* original: accepted */
    {"9.6.8", "50-[\"a\"]", .type = SIO5_EVENT, .name = "\"a\""},
    {"9.6.9", "5-[\"a\"]", .rc = SIO_BAD},          /* original: 0 attachments */
    {"9.6.10", "511-[\"a\"]", .rc = SIO_TOO_LARGE}, /* original: waits for them */
    {"9.6.13", "7", .type = SIO5_CONNECT_ERROR},
    {"9.6.14", "abc", .type = SIO5_CONNECT_ERROR},

    /* 1.0.0 to 1.0.2 */
    {"9.7.22", "0", .type = SIO5_CONNECT},
    {"9.7.23", "0/admin", .type = SIO5_CONNECT, .nsp = "/admin"},
    {"9.7.24", "0/admin,", .type = SIO5_CONNECT, .nsp = "/admin"},
    {"9.7.25", "0/admin?token=abc,", .type = SIO5_CONNECT, .nsp = "/admin", .query = "token=abc"},
    {"9.7.26", "0/admin?token=abc&x=1", .type = SIO5_CONNECT, .nsp = "/admin",
     .query = "token=abc&x=1"},
    {"9.7.27", "0{\"a\":1}", .type = SIO5_CONNECT, .data = "{\"a\":1}"},
    {"9.7.28", "1", .type = SIO5_DISCONNECT},
    {"9.7.29", "1/admin,", .type = SIO5_DISCONNECT, .nsp = "/admin"},
    {"9.7.30", "2[\"foo\"]", .type = SIO5_EVENT, .name = "\"foo\""},
    {"9.7.31", "2/admin,[\"bar\"]", .type = SIO5_EVENT, .nsp = "/admin", .name = "\"bar\""},
    {"9.7.32", "212[\"foo\"]", .type = SIO5_EVENT, .id = "12", .name = "\"foo\""},
    {"9.7.33", "2/admin,456[\"p\",1]", .type = SIO5_EVENT, .nsp = "/admin", .id = "456",
     .name = "\"p\"", .args = "1"},
    {"9.7.34", "2[]", .rc = SIO_BAD},  /* original: accepted */
    {"9.7.35", "2{}", .rc = SIO_BAD},  /* original: accepted */
    {"9.7.36", "2abc", .rc = SIO_BAD}, /* original: type 4 */
    {"9.7.37", "2[\"connect\"]", .type = SIO5_EVENT, .name = "\"connect\""},
    {"9.7.38", "2[null]", .rc = SIO_BAD}, /* original: accepted */
    {"9.7.39", "4\"Invalid namespace\"", .type = SIO5_CONNECT_ERROR,
     .data = "\"Invalid namespace\""},
    {"9.7.40", "4{\"message\":\"x\"}", .type = SIO5_CONNECT_ERROR, .data = "{\"message\":\"x\"}"},
    {"9.7.43", "30-12[]", .type = SIO5_ACK, .id = "12", .counted_ack = true},
    {"9.7.44", "30-/admin,13[\"bar\"]", .type = SIO5_ACK, .nsp = "/admin", .id = "13",
     .args = "\"bar\"", .counted_ack = true},
    {"9.7.46", "50-[\"a\"]", .type = SIO5_EVENT, .name = "\"a\""},
    {"9.7.47", "511-[\"a\"]", .rc = SIO_TOO_LARGE}, /* original: waits for them */
    {"9.7.50", "7", .type = SIO5_CONNECT_ERROR},
    {"9.7.51", "abc", .type = SIO5_CONNECT_ERROR},
    {"9.7.52", "", .rc = SIO_BAD}, /* original: CONNECT */

    /* Beyond the vectors. */
    {"null may follow CONNECT", "0null", .type = SIO5_CONNECT, .data = "null"},
    {"array may follow CONNECT", "0[]", .type = SIO5_CONNECT, .data = "[]"},
    {"string may not", "0\"x\"", .rc = SIO_BAD},
    {"query of the main namespace", "0/?a=b,", .type = SIO5_CONNECT, .query = "a=b"},
    {"query, two marks", "0/a?b?c", .type = SIO5_CONNECT, .nsp = "/a", .query = "b?c"},
    {"query, empty", "0/a?,", .type = SIO5_CONNECT, .nsp = "/a"},
    {"query in other packets", "2/a?b=1,[\"e\"]", .type = SIO5_EVENT, .nsp = "/a", .query = "b=1",
     .name = "\"e\""},
    {"count of ACK, not there", "3-12[]", .rc = SIO_BAD},
    {"count of ACK, too large", "311-12[]", .rc = SIO_TOO_LARGE},
    {"count of ACK, placeholder out of range", "31-1[" P1 "]", .rc = SIO_BAD},
    {"count 0, plain data", "50-[\"a\"," P0 "]", .type = SIO5_EVENT, .name = "\"a\"", .args = P0},
    {"count 0 of an ACK, plain data", "30-1[" P0 "]", .type = SIO5_ACK, .id = "1", .args = P0,
     .counted_ack = true},
    {"count 0 of an ACK", "60-1[2]", .type = SIO5_ACK, .id = "1", .args = "2"},
};

#define N(table) (sizeof(table) / sizeof(table)[0])

static void
test_encode_vectors_of_revision_4_and_back(void)
{
    check_encodings(encodings_4, N(encodings_4), SIO5_REVISION_4);
}

static void
test_encode_vectors_of_revision_3_and_back(void)
{
    check_encodings(encodings_3, N(encodings_3), SIO5_REVISION_3);
}

static void
test_decode_vectors(void)
{
    check_decodings(decodings, N(decodings), SIO5_REVISION_4);
    check_decodings(decodings, N(decodings), SIO5_REVISION_3);
}

static void
test_every_prefix_stays_inside(void)
{
    check_prefixes(encodings_4, N(encodings_4), SIO5_REVISION_4);
    check_prefixes(encodings_3, N(encodings_3), SIO5_REVISION_4);
    check_prefixes(decodings, N(decodings), SIO5_REVISION_4);
}

int
main(void)
{
    RUN(test_encode_vectors_of_revision_4_and_back);
    RUN(test_encode_vectors_of_revision_3_and_back);
    RUN(test_decode_vectors);
    RUN(test_every_prefix_stays_inside);
    return check_done();
}
