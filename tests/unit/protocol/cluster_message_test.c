/*
 * The messages between instances: what one writes another reads, and nothing
 * that anybody else may have put into Redis gets further than the decoder.
 */
#include "protocol/cluster_message.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define V SIO_VIEW_INIT

#define ANY_BYTES "\0\xff.\n1b\x80"

/* Three packets: "1::", an empty text, and one byte. */
#define PACKETS "\0061::\0\3\xff"

static const char long_text[300] = "more than one byte of length";

/* Each field alone, with its bytes as they should be between "1b" and the end. */
static const struct {
    const char         *row;
    sio_cluster_message m;
    sio_view            field;
} singles[] = {
    {"none", {.kind = 0}, V("")},
    {"from", {.from = V("AbC-_9")}, V("f\6AbC-_9")},
    {"seq", {.seq = 1}, V("s\1\1")},
    {"ack", {.ack = 127}, V("a\1\x7f")},
    {"id", {.id = V("AbC-_9abcdefghijklmn")}, V("i\024AbC-_9abcdefghijklmn")},
    {"origin", {.origin = V("zzzzzz")}, V("o\6zzzzzz")},
    {"channel", {.channel = 128}, V("c\2\x80\1")},
    {"count", {.count = 16384}, V("l\3\x80\x80\1")},
    {"transport", {.transport = V("xhr-polling")}, V("t\013xhr-polling")},
    {"reason", {.reason = V("booted")}, V("y\6booted")},
    {"body", {.body = V(ANY_BYTES)}, V("b\7" ANY_BYTES)},
    {"packets", {.packets = V(PACKETS)}, V("p\7" PACKETS)},
    {"one empty packet", {.packets = V("\0")}, V("p\1\0")},
    {"one of no bytes", {.packets = V("\1")}, V("p\1\1")},
    {"flags", {.flags = 3}, V("g\1\3")},
    {"type", {.type = 5}, V("T\1\5")},
    {"nsp", {.nsp = V("/chat")}, V("n\5/chat")},
    {"room", {.room = V("a"), .has_room = true}, V("r\1a")},
    {"empty room", {.has_room = true}, V("r\0")},
    {"except", {.except = V("id")}, V("x\2id")},
    {"name", {.name = V("said")}, V("e\4said")},
    {"args", {.args = V("[1]")}, V("v\3[1]")},
    {"data", {.data = V("{}")}, V("d\2{}")},
    {"revision", {.revision = 4}, V("R\1\4")},
    {"verdict", {.verdict = 2}, V("V\1\2")},
    {"session", {.session = V("AbC")}, V("S\3AbC")},
    {"largest number",
     {.seq = SIO_CLUSTER_NUMBER_MAX},
     V("s\x9\xff\xff\xff\xff\xff\xff\xff\xff\x7f")},
};

/* Everything at once. */
static const sio_cluster_message full = {
    .kind = SIO_CM_CAST,
    .from = V("AbC-_9"),
    .seq = 1,
    .ack = UINT64_C(1) << 32,
    .id = V("AbC-_9abcdefghijklmn"),
    .origin = V("zzzzzz"),
    .channel = 300,
    .count = 2,
    .transport = V("websocket"),
    .reason = V("client namespace disconnect"),
    .body = V(ANY_BYTES),
    .packets = V(PACKETS),
    .flags = UINT64_C(1) << 62,
    .type = 5,
    .nsp = V("/chat"),
    .room = V("lobby"),
    .has_room = true,
    .except = V("other"),
    .name = V("said"),
    .args = {long_text, sizeof long_text},
    .data = V("{\"a\":1}"),
    .revision = 3,
    .verdict = 300,
    .session = V("abc"),
};

#define N_SINGLES (sizeof singles / sizeof singles[0])

static void
check_same(const sio_cluster_message *got, const sio_cluster_message *want)
{
    CHECK_INT(got->kind, want->kind);
    CHECK_VIEW(got->from, want->from);
    CHECK(got->seq == want->seq);
    CHECK(got->ack == want->ack);
    CHECK_VIEW(got->id, want->id);
    CHECK_VIEW(got->origin, want->origin);
    CHECK(got->channel == want->channel);
    CHECK(got->count == want->count);
    CHECK_VIEW(got->transport, want->transport);
    CHECK_VIEW(got->reason, want->reason);
    CHECK_VIEW(got->body, want->body);
    CHECK_VIEW(got->packets, want->packets);
    CHECK(got->flags == want->flags);
    CHECK(got->type == want->type);
    CHECK_VIEW(got->nsp, want->nsp);
    CHECK_VIEW(got->room, want->room);
    CHECK_INT(got->has_room, want->has_room);
    CHECK_VIEW(got->except, want->except);
    CHECK_VIEW(got->name, want->name);
    CHECK_VIEW(got->args, want->args);
    CHECK_VIEW(got->data, want->data);
    CHECK(got->revision == want->revision);
    CHECK(got->verdict == want->verdict);
    CHECK_VIEW(got->session, want->session);
}

/* SIO_BAD, and the result left alone. */
static void
check_bad(sio_view bytes)
{
    sio_cluster_message m = full;

    CHECK_INT(sio_cluster_message_decode(bytes, &m), SIO_BAD);
    check_same(&m, &full);
}

static void
test_each_field_is_written_as_documented_and_read_back(void)
{
    for (size_t i = 0; i < N_SINGLES; i++) {
        sio_cluster_message m = singles[i].m, got;
        sio_view            bytes;
        sio_buf             out;

        check_row = singles[i].row;
        m.kind = SIO_CM_BEAT;
        sio_buf_init(&out, SIZE_MAX);
        sio_cluster_message_encode(&m, &out);
        CHECK(!out.failed);
        bytes = sio_buf_view(&out);
        if (CHECK_INT(bytes.len, 2 + singles[i].field.len + 1)) {
            CHECK_VIEW(((sio_view){bytes.data, 2}), "1b");
            CHECK_VIEW(((sio_view){bytes.data + 2, bytes.len - 3}), singles[i].field);
            CHECK_INT(bytes.data[bytes.len - 1], '.');
        }
        if (CHECK_INT(sio_cluster_message_decode(bytes, &got), SIO_OK))
            check_same(&got, &m);
        sio_buf_fini(&out);
    }
}

static void
test_all_fields_together_come_back_and_no_prefix_does(void)
{
    sio_cluster_message got;
    sio_buf             out;

    sio_buf_init(&out, SIZE_MAX);
    sio_cluster_message_encode(&full, &out);
    if (CHECK_INT(sio_cluster_message_decode(sio_buf_view(&out), &got), SIO_OK))
        check_same(&got, &full);
    for (size_t n = 0; n < out.len; n++) {
        char *prefix = malloc(n + 1); /* ends where the prefix ends, for the sanitizer */

        if (CHECK(prefix != NULL)) {
            memcpy(prefix + 1, out.data, n);
            check_bad((sio_view){prefix + 1, n});
        }
        free(prefix);
    }
    sio_buf_add_char(&out, '.');
    check_bad(sio_buf_view(&out)); /* something behind the end */
    sio_buf_fini(&out);
}

static void
test_what_is_encoded_is_appended(void)
{
    const sio_cluster_message bye = {.kind = SIO_CM_BYE};
    sio_buf                   out;

    sio_buf_init(&out, SIZE_MAX);
    sio_buf_add_str(&out, "before");
    sio_cluster_message_encode(&bye, &out);
    CHECK_VIEW(sio_buf_view(&out), "before1q.");
    sio_buf_fini(&out);
}

static void
test_every_kind_but_0_is_passed_on(void)
{
    for (unsigned kind = 1; kind <= UINT8_MAX; kind++) {
        const sio_cluster_message m = {.kind = (uint8_t)kind};
        sio_cluster_message       got;
        sio_buf                   out;

        sio_buf_init(&out, SIZE_MAX);
        sio_cluster_message_encode(&m, &out);
        if (CHECK_INT(sio_cluster_message_decode(sio_buf_view(&out), &got), SIO_OK))
            check_same(&got, &m);
        sio_buf_fini(&out);
    }
}

static void
test_what_cannot_be_read_is_not_written(void)
{
    const sio_cluster_message bad[] = {
        {.kind = 0, .id = V("id")},
        {.kind = SIO_CM_BEAT, .seq = SIO_CLUSTER_NUMBER_MAX + 1},
        {.kind = SIO_CM_BEAT, .type = UINT64_MAX},
    };
    const sio_cluster_message good = {.kind = SIO_CM_BEAT, .id = V("id")};
    sio_buf                   out;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sio_buf_init(&out, SIZE_MAX);
        sio_cluster_message_encode(&bad[i], &out);
        CHECK(out.failed);
        sio_buf_fini(&out);
    }
    for (size_t max = 0; max < 8; max++) {
        sio_buf_init(&out, max);
        sio_cluster_message_encode(&good, &out);
        CHECK_INT(out.failed, max < 7);
        sio_buf_fini(&out);
    }
}

static void
test_a_room_makes_itself_known(void)
{
    const sio_cluster_message m = {.kind = SIO_CM_CAST, .room = V("lobby")};
    sio_cluster_message       got;
    sio_buf                   out;

    sio_buf_init(&out, SIZE_MAX);
    sio_cluster_message_encode(&m, &out);
    if (CHECK_INT(sio_cluster_message_decode(sio_buf_view(&out), &got), SIO_OK)) {
        CHECK(got.has_room);
        CHECK_VIEW(got.room, "lobby");
    }
    sio_buf_fini(&out);
}

static void
test_unusual_but_good(void)
{
    static const struct {
        const char         *row;
        sio_view            bytes;
        sio_cluster_message want;
    } table[] = {
        {"other order", V("1qs\1\7f\1a."), {.kind = 'q', .from = V("a"), .seq = 7}},
        {"unknown field", V("1qz\3xyzs\1\7."), {.kind = 'q', .seq = 7}},
        {"unknown field at the end", V("1qs\1\7\xff\1.."), {.kind = 'q', .seq = 7}},
        {"unknown field twice", V("1qz\1xz\0."), {.kind = 'q'}},
        {"unknown field with key 0", V("1q\0\1f."), {.kind = 'q'}},
        {"unknown kind", V("1*i\2id."), {.kind = '*', .id = V("id")}},
        {"empty text", V("1qf\0i\0."), {.kind = 'q'}},
        {"number 0", V("1qs\1\0."), {.kind = 'q'}},
        {"no packets", V("1wp\0."), {.kind = 'w'}},
        {"the end inside a field", V("1qf\1.."), {.kind = 'q', .from = V(".")}},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        sio_cluster_message got;

        check_row = table[i].row;
        if (CHECK_INT(sio_cluster_message_decode(table[i].bytes, &got), SIO_OK))
            check_same(&got, &table[i].want);
    }
}

static void
test_bad(void)
{
    static const struct {
        const char *row;
        sio_view    bytes;
    } table[] = {
        {"nothing", V("")},
        {"version 0", V("0q.")},
        {"version 2", V("2q.")},
        {"no kind", V("1.")},
        {"kind 0", V("1\0.")},
        {"no end", V("1q")},
        {"more behind the end", V("1q.f\1a")},
        {"two messages", V("1q.1q.")},
        {"text twice", V("1qf\1af\1a.")},
        {"empty text twice", V("1qf\0f\0.")},
        {"number twice", V("1qs\1\1s\1\1.")},
        {"number 0 twice", V("1qs\1\0s\1\0.")},
        {"empty room twice", V("1qr\0r\0.")},
        {"last field of the table twice", V("1qV\1\1V\1\1.")},
        {"longer than the rest", V("1qf\2.")},
        {"unknown and longer than the rest", V("1qz\2.")},
        {"no length", V("1qf")},
        {"length cut short", V("1qf\x80")},
        {"length longer than needed", V("1qf\x81\0a.")},
        {"length of nearly 2^63", V("1qf\xff\xff\xff\xff\xff\xff\xff\xff\x7f.")},
        {"length of 2^64 - 1", V("1qf\xff\xff\xff\xff\xff\xff\xff\xff\xff\1.")},
        {"length without end", V("1qf\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff.")},
        {"number of no bytes", V("1qs\0.")},
        {"number cut short", V("1qs\1\x80\1.")},
        {"number longer than needed", V("1qs\2\x81\0.")},
        {"0 longer than needed", V("1qs\2\x80\0.")},
        {"more behind the number", V("1qs\2\1\1.")},
        {"number of 2^63", V("1qs\xa\x80\x80\x80\x80\x80\x80\x80\x80\x80\1.")},
        {"packet longer than the list", V("1wp\3\6ab.")},
        {"bytes longer than the list", V("1wp\3\7ab.")},
        {"second packet cut short", V("1wp\4\2a\4b.")},
        {"packet length cut short", V("1wp\1\x80.")},
        {"packet length longer than needed", V("1wp\2\x80\0.")},
        {"packet of nearly 2^63 bytes", V("1wp\x9\xff\xff\xff\xff\xff\xff\xff\xff\x7f.")},
    };

    check_bad((sio_view){NULL, 0});
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        check_row = table[i].row;
        check_bad(table[i].bytes);
    }
}

static void
test_packets_come_back_in_order_each_as_text_or_bytes(void)
{
    static const struct {
        sio_view packet;
        bool     is_binary;
    } packets[] = {
        {V("1::"), false},
        {V(""), false},
        {V(ANY_BYTES), true},
        {{long_text, sizeof long_text}, false},
        {{long_text, sizeof long_text}, true},
        {V(""), true},
        {V("text"), false},
    };
    const size_t n_packets = sizeof packets / sizeof packets[0];
    sio_buf      list;
    sio_view     rest, packet = V("untouched");
    bool         is_binary;

    sio_buf_init(&list, SIZE_MAX);
    for (size_t i = 0; i < n_packets; i++)
        sio_cluster_message_add_packet(&list, packets[i].packet, packets[i].is_binary);
    rest = sio_buf_view(&list);
    for (size_t i = 0; i < n_packets; i++) {
        is_binary = !packets[i].is_binary;
        if (CHECK(sio_cluster_message_next_packet(&rest, &packet, &is_binary)))
            CHECK_VIEW(packet, packets[i].packet);
        CHECK_INT(is_binary, packets[i].is_binary);
    }
    packet = SIO_VIEW("untouched");
    CHECK(!sio_cluster_message_next_packet(&rest, &packet, &is_binary));
    CHECK_VIEW(packet, "untouched");
    CHECK_INT(rest.len, 0);
    sio_buf_fini(&list);
}

static void
test_a_broken_list_ends_where_it_breaks(void)
{
    sio_view list = V("\2a\012bc"), packet = V("");

    CHECK(sio_cluster_message_next_packet(&list, &packet, NULL));
    CHECK_VIEW(packet, "a");
    for (int again = 0; again < 2; again++) {
        CHECK(!sio_cluster_message_next_packet(&list, &packet, NULL));
        CHECK_VIEW(packet, "a");
        CHECK_VIEW(list, "\012bc");
    }
}

int
main(void)
{
    RUN(test_each_field_is_written_as_documented_and_read_back);
    RUN(test_all_fields_together_come_back_and_no_prefix_does);
    RUN(test_what_is_encoded_is_appended);
    RUN(test_every_kind_but_0_is_passed_on);
    RUN(test_what_cannot_be_read_is_not_written);
    RUN(test_a_room_makes_itself_known);
    RUN(test_unusual_but_good);
    RUN(test_bad);
    RUN(test_packets_come_back_in_order_each_as_text_or_bytes);
    RUN(test_a_broken_list_ends_where_it_breaks);
    return check_done();
}
