/*
 * Messages of the sharded adapter: the vectors of section 13 of the specification, read, and
 * written again to the byte; and what has to be refused.
 */
#include "protocol/node4_cluster.h"

#include "protocol/cluster_message.h"
#include "protocol/hex.h"
#include "tests/unit/check.h"
#include "tests/unit/protocol/node4_sharded_vectors.h"

enum { MAX_BYTES = 1 << 20 };

#define NODE1 SIO_VIEW("a158c11d8addc90d")
#define NODE2 SIO_VIEW("8f3961b3f7446cdd")
#define NODE3 SIO_VIEW("ddabf48a8592634d")

typedef struct {
    sio_buf                   bytes, out;
    sio_node4_reader          r;
    sio_node4_cluster_message m;
} fixture;

static void
fixture_begin(fixture *f)
{
    sio_buf_init(&f->bytes, SIZE_MAX);
    sio_buf_init(&f->out, SIZE_MAX);
    sio_node4_reader_init(&f->r, MAX_BYTES);
}

static void
fixture_end(fixture *f)
{
    sio_buf_fini(&f->bytes);
    sio_buf_fini(&f->out);
    sio_node4_reader_fini(&f->r);
}

static sio_view
bytes_of(fixture *f, int row)
{
    const node4_sharded_vector *v = node4_sharded_vectors;

    while (v->row != row)
        v++;
    sio_buf_clear(&f->bytes);
    if (!v->is_hex)
        sio_buf_add_str(&f->bytes, v->payload);
    for (const char *hex = v->payload; v->is_hex && hex[0] != '\0'; hex += 2)
        sio_buf_add_char(&f->bytes, (char)(16 * sio_hex_value(hex[0]) + sio_hex_value(hex[1])));
    return sio_buf_view(&f->bytes);
}

static int
read_row(fixture *f, int row)
{
    return sio_node4_cluster_read(&f->r, bytes_of(f, row), SIO_VIEW("me"), &f->m);
}

static int
read_text(fixture *f, const char *text)
{
    return sio_node4_cluster_read(&f->r, sio_view_of(text), SIO_VIEW("me"), &f->m);
}

static sio_view
id_of(const fixture *f)
{
    const sio_view id = f->m.q.request_id;

    return id.len > 2 ? (sio_view){id.data + 1, id.len - 2} : SIO_VIEW("");
}

/* Let what was read be written again by uid. */
static void
write_again(fixture *f, sio_view uid)
{
    const sio_node4_request  *q = &f->m.q;
    const sio_node4_response *a = &f->m.answer;

    sio_buf_clear(&f->out);
    if (f->m.kind == SIO_NODE4_CLUSTER_EVENT || q->kind == SIO_NODE4_ASK)
        sio_node4_cluster_add_event(&f->out, uid, id_of(f), &q->event);
    else if (q->kind == SIO_NODE4_FETCH)
        sio_node4_cluster_add_fetch(&f->out, uid, id_of(f), &q->event);
    else if (q->kind == SIO_NODE4_SERVER_SIDE)
        sio_node4_cluster_add_server_side(&f->out, uid, SIO_VIEW(""), id_of(f), q->name,
                                          q->event.args);
    else if (f->m.kind == SIO_NODE4_CLUSTER_REQUEST)
        sio_node4_cluster_add_move(&f->out, uid, q->kind, &q->event, q->moved, q->close);
    else if (a->kind == SIO_NODE4_CLIENT_COUNT)
        sio_node4_cluster_add_count(&f->out, uid, SIO_VIEW(""), q->request_id, a->count);
    else
        CHECK(sio_node4_cluster_add_ack(&f->out, uid, SIO_VIEW(""), q->request_id, a->value,
                                        a->attachments, a->n_attachments));
}

/* In MessagePack the packet of an event of ours names its namespace, which is ignored. */
static void
test_vectors_are_written_as_they_were_read(void)
{
    static const struct {
        int      row;
        sio_view uid;
    } rows[] = {
        {83, NODE1}, {84, NODE1}, {85, NODE1}, {87, NODE1}, {88, NODE1},
        {89, NODE2}, {90, NODE2}, {91, NODE3}, {92, NODE3}, {94, NODE1},
        {96, NODE1}, {97, NODE1}, {98, NODE1}, {99, NODE1}, {101, NODE1},
    };
    fixture f;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char row[16];

        snprintf(row, sizeof row, "%d", rows[i].row);
        check_row = row;
        CHECK_INT(read_row(&f, rows[i].row), SIO_OK);
        write_again(&f, rows[i].uid);
        CHECK(sio_view_eq(sio_buf_view(&f.out), sio_buf_view(&f.bytes)));
        CHECK_INT(sio_node4_cluster_read(&f.r, sio_buf_view(&f.out), rows[i].uid, &f.m),
                  SIO_DROPPED);
    }
    check_row = NULL;
    fixture_end(&f);
}

static void
test_bytes(void)
{
    fixture f;

    fixture_begin(&f);
    CHECK_INT(read_row(&f, 86), SIO_OK);
    CHECK_INT(f.m.kind, SIO_NODE4_CLUSTER_EVENT);
    CHECK_INT(f.m.q.event.n_attachments, 1);
    CHECK_VIEW(f.m.q.event.attachments[0], "\1\2\3");
    CHECK_INT(read_row(&f, 93), SIO_OK);
    CHECK_INT(f.m.kind, SIO_NODE4_CLUSTER_REQUEST);
    CHECK_INT(f.m.q.event.timeout_ms, 1000);
    CHECK_VIEW(f.m.q.asker, "\"a158c11d8addc90d\"");
    write_again(&f, NODE1);
    CHECK_INT(sio_node4_cluster_read(&f.r, sio_buf_view(&f.out), SIO_VIEW("me"), &f.m), SIO_OK);
    CHECK_VIEW(f.m.q.event.attachments[0], "\1");
    CHECK_VIEW(id_of(&f), "0f2567c9025e59ab");
    CHECK_INT(read_row(&f, 100), SIO_OK); /* applications hear a text */
    CHECK_VIEW(f.m.q.event.args, "[\"AQI=\"]");
    fixture_end(&f);
}

static void
test_answers(void)
{
    fixture           f;
    sio_node4_request q = {.kind = SIO_NODE4_FETCH, .request_id = SIO_VIEW("\"0ec4e2c489d54081\"")};

    fixture_begin(&f);
    CHECK_INT(read_row(&f, 95), SIO_OK);
    CHECK_INT(f.m.answer.kind, SIO_NODE4_SOCKET_LIST);
    CHECK_VIEW(f.m.answer.request_id, "0ec4e2c489d54081");
    sio_node4_cluster_begin_answer(&f.out, &q);
    sio_buf_add_str(&f.out, ",\"sockets\":[]");
    sio_node4_cluster_end_answer(&f.out, NODE2, SIO_VIEW(""));
    CHECK(sio_view_eq(sio_buf_view(&f.out), sio_buf_view(&f.bytes)));
    CHECK_INT(read_row(&f, 102), SIO_OK);
    CHECK_INT(f.m.answer.kind, SIO_NODE4_VALUE);
    CHECK_VIEW(f.m.answer.value, "\"resp-42522\"");
    fixture_end(&f);
}

#define FROM_X ",\"uid\":\"x\",\"nsp\":\"/\"}"

static void
test_what_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "x",
        "{",
        "[]",
        "{\"type\":3" FROM_X,
        "{\"type\":3,\"data\":{}" FROM_X,
        "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"e\"]}}" FROM_X,
        "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"connect\"]},\"opts\":{}}" FROM_X,
        "{\"type\":7,\"data\":{\"requestId\":\"a\"}" FROM_X,
        "{\"type\":7,\"data\":{\"opts\":{}}" FROM_X,
        "{\"type\":5,\"data\":{\"opts\":{}}" FROM_X,
        "{\"type\":4,\"data\":{\"rooms\":[\"a\"]}" FROM_X,
        "{\"type\":9,\"data\":{\"packet\":\"x\"}" FROM_X,
        "{\"type\":9,\"data\":{\"packet\":[\"error\"]}" FROM_X,
        "{\"type\":8,\"data\":{\"requestId\":\"a\"}" FROM_X,
        "{\"type\":11,\"data\":{\"requestId\":\"a\",\"clientCount\":-1}" FROM_X,
        "{\"type\":12,\"data\":{}" FROM_X,
        "{\"type\":3,\"data\":{},\"uid\":5,\"nsp\":\"/\"}",
        "{\"type\":3,\"data\":{},\"uid\":\"x\"}",
    };
    static const char *const dropped[] = {"{}",
                                          "{\"type\":1" FROM_X,
                                          "{\"type\":2" FROM_X,
                                          "{\"type\":13" FROM_X,
                                          "{\"type\":\"3\"" FROM_X,
                                          "{\"type\":3,\"uid\":\"me\"}"};
    fixture                  f;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_row = bad[i];
        CHECK_INT(read_text(&f, bad[i]), SIO_BAD);
    }
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
        check_row = dropped[i];
        CHECK_INT(read_text(&f, dropped[i]), SIO_DROPPED);
    }
    check_row = NULL;
    fixture_end(&f);
}

/* An emitter names a namespace in the packet as well. */
static void
test_the_namespace_is_that_of_the_message(void)
{
    fixture f;

    fixture_begin(&f);
    CHECK_INT(read_text(&f, "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"e\",1],"
                            "\"nsp\":\"/other\"},\"opts\":{}},\"uid\":\"emitter\","
                            "\"nsp\":\"/chat\"}"),
              SIO_OK);
    CHECK_VIEW(f.m.q.event.nsp, "/chat");
    CHECK_INT(read_text(&f, "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"e\"],"
                            "\"nsp\":\"/other\"},\"opts\":{}},\"uid\":\"emitter\",\"nsp\":\"/\"}"),
              SIO_OK);
    CHECK_VIEW(f.m.q.event.nsp, "");
    fixture_end(&f);
}

int
main(void)
{
    RUN(test_vectors_are_written_as_they_were_read);
    RUN(test_bytes);
    RUN(test_answers);
    RUN(test_what_is_refused);
    RUN(test_the_namespace_is_that_of_the_message);
    return check_done();
}
