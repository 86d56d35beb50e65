/* The messages of section 8.3, as MONITOR showed them, and what must not be taken for one. */
#include "protocol/node09_envelope.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define DEPTH 8u
#define ID    "H5b1wHgcfzoqcaBHTteG"
#define RECORD                                                                               \
    "{\"headers\":{\"host\":\"127.0.0.1:3200\"},\"address\":{\"address\":\"127.0.0.1\","     \
    "\"port\":50602},\"time\":\"Sun Nov 22 2026 12:50:56 GMT+0000 (UTC)\",\"query\":{\"t\":" \
    "\"1\"},\"url\":\"/socket.io/1/?t=1\",\"xdomain\":false"
#define ISSUED ",\"issued\":1795351856773}"

/* args are those behind the id; NULL is the empty view, in JSON undefined. */
static const struct {
    const char        *row;
    sio_node09_version version;
    const char        *channel, *text;
    sio_node09_kind    kind;
    const char        *id;
    const char        *args[SIO_NODE09_MAX_ARGS];
} vectors[] = {
    {"handshake",
     SIO_NODE09_16,
     "handshake",
     "{\"nodeId\":111,\"args\":[\"" ID "\"," RECORD ISSUED "]}",
     SIO_NODE09_HANDSHAKE,
     ID,
     {RECORD ISSUED}},
    {"connect",
     SIO_NODE09_16,
     "connect",
     "{\"nodeId\":111,\"args\":[\"" ID "\"]}",
     SIO_NODE09_CONNECT,
     ID,
     {NULL}},
    {"open",
     SIO_NODE09_16,
     "open",
     "{\"nodeId\":111,\"args\":[\"" ID "\"]}",
     SIO_NODE09_OPEN,
     ID,
     {NULL}},
    {"join",
     SIO_NODE09_16,
     "join",
     "{\"nodeId\":111,\"args\":[\"" ID "\",\"/r1\"]}",
     SIO_NODE09_JOIN,
     ID,
     {"\"/r1\""}},
    {"join the default namespace",
     SIO_NODE09_16,
     "join",
     "{\"nodeId\":111,\"args\":[\"" ID "\",\"\"]}",
     SIO_NODE09_JOIN,
     ID,
     {"\"\""}},
    {"leave",
     SIO_NODE09_16,
     "leave",
     "{\"nodeId\":111,\"args\":[\"" ID "\",\"/chat\"]}",
     SIO_NODE09_LEAVE,
     ID,
     {"\"/chat\""}},
    {"close",
     SIO_NODE09_16,
     "close",
     "{\"nodeId\":111,\"args\":[\"" ID "\"]}",
     SIO_NODE09_CLOSE,
     ID,
     {NULL}},
    {"dispatch",
     SIO_NODE09_16,
     "dispatch",
     "{\"nodeId\":111,\"args\":[\"\",\"5:::{\\\"name\\\":\\\"all\\\",\\\"args\\\":[\\\"m\\\"]}\","
     "null,[]]}",
     SIO_NODE09_DISPATCH,
     NULL,
     {"\"\"", "\"5:::{\\\"name\\\":\\\"all\\\",\\\"args\\\":[\\\"m\\\"]}\"", NULL, "[]"}},
    {"dispatch to others, volatile",
     SIO_NODE09_16,
     "dispatch",
     "{\"nodeId\":111,\"args\":[\"/r1\",\"3:::x\",true,[\"" ID "\"]]}",
     SIO_NODE09_DISPATCH,
     NULL,
     {"\"/r1\"", "\"3:::x\"", "true", "[\"" ID "\"]"}},
    {"disconnect",
     SIO_NODE09_16,
     "disconnect",
     "{\"nodeId\":111,\"args\":[\"" ID "\"]}",
     SIO_NODE09_DISCONNECT,
     ID,
     {NULL}},
    {"send",
     SIO_NODE09_16,
     "dispatch:" ID,
     "{\"nodeId\":111,\"args\":[\"3:::hello\",null]}",
     SIO_NODE09_SEND,
     ID,
     {"\"3:::hello\""}},
    {"send an acknowledgement",
     SIO_NODE09_16,
     "dispatch:" ID,
     "{\"nodeId\":111,\"args\":[\"6:::9\"]}",
     SIO_NODE09_SEND,
     ID,
     {"\"6:::9\""}},
    {"receive",
     SIO_NODE09_16,
     "message:" ID,
     "{\"nodeId\":111,\"args\":[{\"type\":\"message\",\"endpoint\":\"\",\"data\":\"toA\"}]}",
     SIO_NODE09_RECEIVE,
     ID,
     {"{\"type\":\"message\",\"endpoint\":\"\",\"data\":\"toA\"}"}},
    {"end",
     SIO_NODE09_16,
     "disconnect:" ID,
     "{\"nodeId\":111,\"args\":[\"error\"]}",
     SIO_NODE09_END,
     ID,
     {"\"error\""}},
    {"end without a reason",
     SIO_NODE09_16,
     "disconnect:" ID,
     "{\"nodeId\":111,\"args\":[]}",
     SIO_NODE09_END,
     ID,
     {NULL}},
    {"heartbeat",
     SIO_NODE09_16,
     "heartbeat-clear:" ID,
     "{\"nodeId\":111,\"args\":[]}",
     SIO_NODE09_HEARTBEAT_CLEAR,
     ID,
     {NULL}},
    {"goodbye",
     SIO_NODE09_16,
     "disconnect-force:" ID,
     "{\"nodeId\":111,\"args\":[]}",
     SIO_NODE09_DISCONNECT_FORCE,
     ID,
     {NULL}},

    {"0.9.17 join",
     SIO_NODE09_17,
     "join",
     "{\"nodeId\":111,\"args\":[\"" ID "\",\"/r1\"]}",
     SIO_NODE09_JOIN,
     ID,
     {"\"/r1\""}},
    {"0.9.17 send",
     SIO_NODE09_17,
     "dispatch-remote",
     "{\"nodeId\":111,\"args\":[\"" ID "\",\"3:::hello\",null]}",
     SIO_NODE09_SEND,
     ID,
     {"\"3:::hello\""}},
    {"0.9.17 receive",
     SIO_NODE09_17,
     "message-remote",
     "{\"nodeId\":111,\"args\":[\"" ID "\",{\"type\":\"noop\"}]}",
     SIO_NODE09_RECEIVE,
     ID,
     {"{\"type\":\"noop\"}"}},
    {"0.9.17 end",
     SIO_NODE09_17,
     "disconnect-remote",
     "{\"nodeId\":111,\"args\":[\"" ID "\",\"booted\"]}",
     SIO_NODE09_END,
     ID,
     {"\"booted\""}},
    {"0.9.17 heartbeat",
     SIO_NODE09_17,
     "heartbeat-clear",
     "{\"nodeId\":111,\"args\":[\"" ID "\"]}",
     SIO_NODE09_HEARTBEAT_CLEAR,
     ID,
     {NULL}},
    {"0.9.17 goodbye",
     SIO_NODE09_17,
     "disconnect-force",
     "{\"nodeId\":111,\"args\":[\"" ID "\"]}",
     SIO_NODE09_DISCONNECT_FORCE,
     ID,
     {NULL}},
};

#define N_VECTORS (sizeof vectors / sizeof vectors[0])

static void
check_message(const sio_node09_message *m, size_t i)
{
    CHECK_INT(m->kind, vectors[i].kind);
    CHECK_VIEW(m->node_id, "111");
    CHECK_VIEW(m->id, vectors[i].id);
    for (size_t k = 0; k < SIO_NODE09_MAX_ARGS; k++)
        CHECK_VIEW(m->args[k], vectors[i].args[k]);
}

static void
test_vectors_are_decoded(void)
{
    for (size_t i = 0; i < N_VECTORS; i++) {
        sio_node09_message m;

        check_row = vectors[i].row;
        if (CHECK_INT(sio_node09_envelope_decode(vectors[i].version,
                                                 sio_view_of(vectors[i].channel),
                                                 sio_view_of(vectors[i].text), DEPTH, &m),
                      SIO_OK))
            check_message(&m, i);
    }
}

/* How many arguments stand behind the id in a vector: its text tells what NULL can not. */
static size_t
count_args(size_t i)
{
    static const size_t n[SIO_NODE09_N_KINDS] = {
        [SIO_NODE09_HANDSHAKE] = 1, [SIO_NODE09_JOIN] = 1,    [SIO_NODE09_LEAVE] = 1,
        [SIO_NODE09_DISPATCH] = 4,  [SIO_NODE09_RECEIVE] = 1,
    };

    if (vectors[i].kind == SIO_NODE09_SEND)
        return strstr(vectors[i].text, ",null]") != NULL ? 2 : 1;
    if (vectors[i].kind == SIO_NODE09_END)
        return vectors[i].args[0] != NULL;
    return n[vectors[i].kind];
}

static void
test_vectors_are_encoded(void)
{
    for (size_t i = 0; i < N_VECTORS; i++) {
        const sio_view id = sio_view_of(vectors[i].id);
        sio_buf        b;

        check_row = vectors[i].row;
        sio_buf_init(&b, SIZE_MAX);
        sio_node09_envelope_add_channel(vectors[i].version, vectors[i].kind, id, &b);
        CHECK_VIEW(sio_buf_view(&b), vectors[i].channel);
        sio_buf_clear(&b);
        sio_node09_envelope_begin(vectors[i].version, vectors[i].kind, id, 111, &b);
        for (size_t k = 0; k < count_args(i); k++)
            sio_node09_envelope_add_json(
                &b, sio_view_of(vectors[i].args[k] != NULL ? vectors[i].args[k] : "null"));
        sio_node09_envelope_end(&b);
        CHECK_VIEW(sio_buf_view(&b), vectors[i].text);
        sio_buf_fini(&b);
    }
}

static void
test_every_prefix_is_refused(void)
{
    for (size_t i = 0; i < N_VECTORS; i++) {
        const size_t len = strlen(vectors[i].text);

        check_row = vectors[i].row;
        for (size_t n = 0; n < len; n++) {
            char              *copy = malloc(n + 1); /* ends where its memory ends */
            sio_node09_message m;

            if (!CHECK(copy != NULL))
                return;
            memcpy(copy + 1, vectors[i].text, n);
            CHECK_INT(sio_node09_envelope_decode(vectors[i].version,
                                                 sio_view_of(vectors[i].channel),
                                                 (sio_view){copy + 1, n}, DEPTH, &m),
                      SIO_BAD);
            free(copy);
        }
    }
}

static void
test_channels_of_nobody(void)
{
    static const struct {
        const char        *channel;
        sio_node09_version version;
    } bad[] = {
        {"", SIO_NODE09_16},
        {"dispatch:", SIO_NODE09_16},
        {"join:" ID, SIO_NODE09_16},
        {"message", SIO_NODE09_16},
        {"message-remote", SIO_NODE09_16},
        {":" ID, SIO_NODE09_16},
        {"Handshake", SIO_NODE09_16},
        {"dispatch:" ID, SIO_NODE09_17},
        {"handshakes", SIO_NODE09_17},
    };
    sio_node09_message m;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_row = bad[i].channel;
        CHECK_INT(sio_node09_envelope_decode(bad[i].version, sio_view_of(bad[i].channel),
                                             SIO_VIEW("{\"nodeId\":1,\"args\":[\"a\",\"b\"]}"),
                                             DEPTH, &m),
                  SIO_BAD);
    }
}

static void
test_odd_envelopes(void)
{
    static const struct {
        const char *row, *text;
        int         rc;
        const char *node_id;
    } odd[] = {
        {"another order", "{\"args\":[\"a\"],\"nodeId\":5}", SIO_OK, "5"},
        {"nodeId as a text", "{\"nodeId\":\"5\",\"args\":[\"a\"]}", SIO_OK, "5"},
        {"no nodeId", "{\"args\":[\"a\"]}", SIO_OK, ""},
        {"nodeId null", "{\"nodeId\":null,\"args\":[\"a\"]}", SIO_OK, ""},
        {"more members and arguments", "{\"x\":{},\"nodeId\":5,\"args\":[\"a\",1,2,3,4,5,6]}",
         SIO_OK, "5"},
        {"white space", " { \"nodeId\" : 5 , \"args\" : [ \"a\" ] } ", SIO_OK, "5"},
        {"no args", "{\"nodeId\":5}", SIO_BAD, NULL},
        {"args of another kind", "{\"nodeId\":5,\"args\":{\"0\":\"a\"}}", SIO_BAD, NULL},
        {"no id", "{\"nodeId\":5,\"args\":[]}", SIO_BAD, NULL},
        {"empty id", "{\"nodeId\":5,\"args\":[\"\"]}", SIO_BAD, NULL},
        {"id of another kind", "{\"nodeId\":5,\"args\":[1]}", SIO_BAD, NULL},
        {"id with an escape", "{\"nodeId\":5,\"args\":[\"a\\u0062\"]}", SIO_BAD, NULL},
        {"not JSON", "nodeId", SIO_BAD, NULL},
        {"another value", "[\"a\"]", SIO_BAD, NULL},
        {"too deep", "{\"nodeId\":5,\"args\":[\"a\",[[[[[[[]]]]]]]]}", SIO_TOO_LARGE, NULL},
    };

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        sio_node09_message m;

        check_row = odd[i].row;
        if (!CHECK_INT(sio_node09_envelope_decode(SIO_NODE09_16, SIO_VIEW("close"),
                                                  sio_view_of(odd[i].text), DEPTH, &m),
                       odd[i].rc) ||
            odd[i].rc != SIO_OK)
            continue;
        CHECK_VIEW(m.node_id, odd[i].node_id);
        CHECK_VIEW(m.id, "a");
    }
}

static void
test_own_messages_are_known(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    sio_node09_envelope_begin(SIO_NODE09_16, SIO_NODE09_CLOSE, SIO_VIEW("a"), 2147483647, &b);
    sio_node09_envelope_end(&b);
    CHECK(sio_node09_envelope_is_from(sio_buf_view(&b), 2147483647));
    CHECK(!sio_node09_envelope_is_from(sio_buf_view(&b), 214748364));
    CHECK(!sio_node09_envelope_is_from(sio_buf_view(&b), 1));
    CHECK(!sio_node09_envelope_is_from(SIO_VIEW(""), 1));
    CHECK(!sio_node09_envelope_is_from((sio_view){b.data, 20}, 2147483647));
    sio_buf_fini(&b);
}

static void
test_texts_are_escaped(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    sio_node09_envelope_begin(SIO_NODE09_16, SIO_NODE09_DISPATCH, SIO_VIEW(""), 0, &b);
    sio_node09_envelope_add_text(&b, SIO_VIEW("/r[\"\\"));
    sio_node09_envelope_add_text(&b, SIO_VIEW("3:::é\n["));
    sio_node09_envelope_add_json(&b, SIO_VIEW("null"));
    sio_node09_envelope_add_json(&b, SIO_VIEW("[]"));
    sio_node09_envelope_end(&b);
    CHECK_VIEW(sio_buf_view(&b), "{\"nodeId\":0,\"args\":[\"/r[\\\"\\\\\",\"3:::é\\n[\",null,[]]}");
    sio_buf_fini(&b);
}

static void
test_records_lose_their_mark(void)
{
    static const struct {
        const char *record, *used;
        bool        issued;
    } records[] = {
        {RECORD ISSUED, RECORD "}", true},
        {RECORD "}", RECORD "}", false},
        {"{\"issued\":1,\"url\":\"/\"}", "{\"url\":\"/\"}", true},
        {"{\"issued\":1}", "{}", true},
        {"{ \"a\" : 1 , \"\\u0069ssued\" : 2 , \"b\" : [ ] }", "{\"a\":1,\"b\":[ ]}", true},
        {"{\"headers\":{\"issued\":1}}", "{\"headers\":{\"issued\":1}}", false},
        {"{}", "{}", false},
        {"null", "{}", false},
        {"[\"issued\"]", "{}", false},
        {"", "{}", false},
    };

    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        const sio_view record = sio_view_of(records[i].record);
        sio_buf        b;

        check_row = records[i].record;
        sio_buf_init(&b, SIZE_MAX);
        CHECK_INT(sio_node09_envelope_is_issued(record), records[i].issued);
        sio_node09_envelope_add_used_record(&b, record);
        CHECK_VIEW(sio_buf_view(&b), records[i].used);
        sio_buf_fini(&b);
    }
}

static void
test_subscriptions(void)
{
    const sio_node09_subscriptions old = sio_node09_envelope_subscriptions_of(SIO_NODE09_16);
    const sio_node09_subscriptions new = sio_node09_envelope_subscriptions_of(SIO_NODE09_17);

    CHECK_VIEW(sio_view_of(old.channels[0]), "handshake");
    CHECK_VIEW(sio_view_of(old.channels[7]), "disconnect");
    CHECK(old.channels[8] == NULL);
    CHECK_VIEW(sio_view_of(old.patterns[4]), "disconnect-force:*");
    CHECK(old.patterns[5] == NULL);
    CHECK_VIEW(sio_view_of(new.channels[12]), "disconnect-force");
    CHECK(new.channels[13] == NULL);
    CHECK(new.patterns[0] == NULL);
}

int
main(void)
{
    RUN(test_vectors_are_decoded);
    RUN(test_vectors_are_encoded);
    RUN(test_every_prefix_is_refused);
    RUN(test_channels_of_nobody);
    RUN(test_odd_envelopes);
    RUN(test_own_messages_are_known);
    RUN(test_texts_are_escaped);
    RUN(test_records_lose_their_mark);
    RUN(test_subscriptions);
    return check_done();
}
