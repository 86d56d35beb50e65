/*
 * Answers of servers of Node to questions of ours, by the numbers of the specification's vectors;
 * and the questions, as they write them themselves.
 */
#include "protocol/node4_response.h"

#include <stdlib.h>

#include "protocol/cluster_message.h"
#include "protocol/hex.h"
#include "protocol/node4_request.h"
#include "tests/unit/check.h"
#include "tests/unit/protocol/node4_vectors.h"

enum { MAX_BYTES = 1 << 20 };

static sio_view
bytes_of(sio_buf *bytes, const char *row)
{
    const char *hex = "";

    for (size_t i = 0; i < sizeof node4_vectors / sizeof *node4_vectors; i++)
        if (strcmp(node4_vectors[i].row, row) == 0)
            hex = node4_vectors[i].hex;
    sio_buf_clear(bytes);
    for (; hex[0] != '\0'; hex += 2)
        sio_buf_add_char(bytes, (char)(sio_hex_value(hex[0]) << 4 | sio_hex_value(hex[1])));
    return sio_buf_view(bytes);
}

static void
test_answers_are_read(void)
{
    static const struct {
        const char             *text; /* or the row of a vector */
        int                     rc;
        sio_node4_response_kind kind;
        const char             *id;
        size_t                  count;
        const char             *value;
    } rows[] = {
        {"{\"type\":8,\"requestId\":\"H4Q5VL\",\"clientCount\":1}", SIO_OK, SIO_NODE4_CLIENT_COUNT,
         "H4Q5VL", 1, ""},
        {"22", SIO_OK, SIO_NODE4_CLIENT_ACK, "H4Q5VL", 0, "\"ack-c2\""},
        {"24", SIO_OK, SIO_NODE4_CLIENT_ACK, "L3-tqr", 0, ""},
        {"25", SIO_OK, SIO_NODE4_CLIENT_ACK, "xjpgtd", 0, "null"},
        {"26", SIO_OK, SIO_NODE4_CLIENT_ACK, "V-qsM_", 0, "{\"_placeholder\":true,\"num\":0}"},
        {"27", SIO_OK, SIO_NODE4_CLIENT_ACK, "kUiAwH", 0, "{\"a\":[1,{\"b\":2}]}"},
        {"{\"requestId\":\"s-iytZ\",\"sockets\":[]}", SIO_OK, SIO_NODE4_SOCKET_LIST, "s-iytZ", 0,
         "[]"},
        {"{\"type\":6,\"requestId\":\"a\",\"data\":\"resp\"}", SIO_OK, SIO_NODE4_VALUE, "a", 0,
         "\"resp\""},
        {"{\"type\":6,\"requestId\":\"j_C9OE\"}", SIO_OK, SIO_NODE4_VALUE, "j_C9OE", 0, ""},
        {"{\"requestId\":\"a\",\"rooms\":[\"r\"]}", SIO_DROPPED, SIO_NODE4_VALUE, "", 0, ""},
        {"{\"requestId\":\"a\"}", SIO_DROPPED, SIO_NODE4_VALUE, "", 0, ""},
        {"{\"requestId\":\"a\",\"sockets\":5}", SIO_DROPPED, SIO_NODE4_VALUE, "", 0, ""},
        {"{\"requestid\":\"a\",\"clients\":[]}", SIO_DROPPED, SIO_NODE4_VALUE, "", 0, ""},
        {"{\"type\":7,\"requestId\":\"a\"}", SIO_DROPPED, SIO_NODE4_VALUE, "", 0, ""},
        {"{\"type\":\"x\",\"requestId\":\"a\"}", SIO_DROPPED, SIO_NODE4_VALUE, "", 0, ""},
        {"{\"type\":8,\"requestId\":\"a\"}", SIO_BAD, SIO_NODE4_VALUE, "", 0, ""},
        {"{\"type\":8,\"requestId\":\"a\",\"clientCount\":-1}", SIO_BAD, SIO_NODE4_VALUE, "", 0,
         ""},
        {"{", SIO_BAD, SIO_NODE4_VALUE, "", 0, ""},
        {"[]", SIO_BAD, SIO_NODE4_VALUE, "", 0, ""},
        {"\xc0", SIO_BAD, SIO_NODE4_VALUE, "", 0, ""},
        {"", SIO_BAD, SIO_NODE4_VALUE, "", 0, ""},
    };
    sio_node4_reader r;
    sio_buf          bytes;

    sio_node4_reader_init(&r, MAX_BYTES);
    sio_buf_init(&bytes, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const bool         is_row = atoi(rows[i].text) > 0;
        sio_node4_response a;

        check_row = rows[i].text;
        CHECK_INT(sio_node4_response_read(
                      &r, is_row ? bytes_of(&bytes, rows[i].text) : sio_view_of(rows[i].text), &a),
                  rows[i].rc);
        if (rows[i].rc != SIO_OK)
            continue;
        CHECK_INT(a.kind, rows[i].kind);
        CHECK_VIEW(a.request_id, sio_view_of(rows[i].id));
        CHECK_INT(a.count, rows[i].count);
        CHECK_VIEW(a.value, sio_view_of(rows[i].value));
    }
    sio_buf_fini(&bytes);
    sio_node4_reader_fini(&r);
}

/* Read and written again they are the same bytes. */
static void
test_questions_are_written_as_node_does(void)
{
    static const char *const rows[] = {"20", "29"};
    sio_node4_reader         r;
    sio_node4_request        q;
    sio_buf                  bytes, out, room;
    sio_node4_event          to = {.is_bare = false};

    sio_node4_reader_init(&r, MAX_BYTES);
    sio_buf_init(&bytes, SIZE_MAX);
    sio_buf_init(&out, SIZE_MAX);
    sio_buf_init(&room, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i];
        CHECK_INT(sio_node4_request_read(&r, bytes_of(&bytes, rows[i]), SIO_VIEW("x"), &q), SIO_OK);
        sio_buf_clear(&out);
        sio_node4_request_add_ask(&out, SIO_VIEW("4ona3v"),
                                  (sio_view){q.request_id.data + 1, q.request_id.len - 2},
                                  &q.event);
        CHECK_VIEW(sio_buf_view(&out), bytes_of(&bytes, rows[i]));
    }
    check_row = NULL;
    sio_buf_clear(&out);
    sio_cluster_message_add_packet(&room, SIO_VIEW("room1"), false);
    to.rooms = sio_buf_view(&room);
    sio_node4_request_add_fetch(&out, SIO_VIEW("4ona3v"), SIO_VIEW("G8w4MQ"), &to);
    CHECK_VIEW(sio_buf_view(&out), "{\"uid\":\"4ona3v\",\"requestId\":\"G8w4MQ\",\"type\":5,"
                                   "\"opts\":{\"rooms\":[\"room1\"],\"except\":[]}}");
    sio_buf_fini(&room);
    sio_buf_fini(&out);
    sio_buf_fini(&bytes);
    sio_node4_reader_fini(&r);
}

int
main(void)
{
    RUN(test_answers_are_read);
    RUN(test_questions_are_written_as_node_does);
    return check_done();
}
