/*
 * Messages of python-socketio: what its versions were heard to write, what may do harm, and that
 * what is written here is read the same.
 */
#include "protocol/python_message.h"

#include "protocol/cluster_message.h"
#include "tests/unit/check.h"

enum { MAX_BYTES = 1 << 20 };

static const sio_python_writer writer = {.cluster = SIO_VIEW_INIT("sio"),
                                         .host_id = SIO_VIEW_INIT("0123456789abcdef")};

static int
read_text(sio_python_reader *r, const char *text, sio_python_message *m)
{
    return sio_python_message_read(r, sio_view_of(text), SIO_VIEW("sio"), m);
}

static sio_view
first_of(sio_view list)
{
    sio_view room = SIO_VIEW("");

    (void)sio_cluster_message_next_packet(&list, &room, NULL);
    return room;
}

#define EMIT(data)                                                                     \
    "{\"method\": \"emit\", \"event\": \"ev\", \"namespace\": \"/\", \"room\": null, " \
    "\"skip_sid\": null, \"callback\": null, \"host_id\": \"fd42\", \"data\": " data "}"

static void
test_arguments_of_all_versions(void)
{
    static const struct {
        const char *text, *args;
    } rows[] = {
        {EMIT("[\"x\", 2]"), "[\"x\", 2]"},
        {EMIT("[[1, 2]]"), "[[1, 2]]"},
        {EMIT("[null]"), ""},
        {EMIT("null"), ""},
        {EMIT("[]"), ""},
        {EMIT("{\"a\": 1}"), "[{\"a\": 1}]"},
        {EMIT("\"x\""), "[\"x\"]"},
        {EMIT("[null, 1]"), "[null, 1]"},
        {EMIT("0"), "[0]"},
        {EMIT("false"), "[false]"},
    };
    sio_python_reader  r;
    sio_python_message m;

    sio_python_message_reader_init(&r, MAX_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i].text;
        CHECK_INT(read_text(&r, rows[i].text, &m), SIO_OK);
        CHECK_VIEW(m.args, rows[i].args);
        CHECK_VIEW(m.name, "\"ev\"");
        CHECK(m.rooms.len == 0 && m.except.len == 0 && m.nsp.len == 0);
    }
    check_row = NULL;
    sio_python_message_reader_fini(&r);
}

static void
test_bytes_are_attachments(void)
{
    sio_python_reader  r;
    sio_python_message m;

    sio_python_message_reader_init(&r, MAX_BYTES);
    CHECK_INT(read_text(&r,
                        "{\"method\":\"emit\",\"event\":\"ev\",\"binary\":true,\"data\":[[\"a\","
                        "{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}],"
                        "\"AQI=\",\"CQ==\"],\"namespace\":\"/adm\",\"room\":[\"r1\",5]}",
                        &m),
              SIO_OK);
    CHECK_VIEW(m.nsp, "/adm");
    CHECK_VIEW(first_of(m.rooms), "r1");
    CHECK_INT(m.n_attachments, 2);
    CHECK_VIEW(m.attachments[0], "\1\2");
    CHECK_VIEW(m.attachments[1], "\t");
    sio_python_message_reader_fini(&r);
}

static void
test_who_wants_an_acknowledgement(void)
{
    sio_python_reader  r;
    sio_python_message m;
    sio_buf            out;

    sio_python_message_reader_init(&r, MAX_BYTES);
    sio_buf_init(&out, SIZE_MAX);
    CHECK_INT(read_text(&r,
                        "{\"method\":\"emit\",\"event\":\"ev\",\"data\":1,\"room\":\"sid\","
                        "\"callback\":[\"sid\",\"/\",7],\"host_id\":\"fd42\"}",
                        &m),
              SIO_OK);
    sio_python_message_add_answer(&out, &writer, &m.asker, SIO_VIEW("[\"ackd\",2]"));
    CHECK_VIEW(sio_buf_view(&out), "{\"siobroker\":\"sio\",\"method\":\"callback\",\"host_id\":"
                                   "\"fd42\",\"sid\":\"sid\",\"namespace\":\"/\",\"id\":7,"
                                   "\"args\":[\"ackd\",2]}");
    sio_buf_fini(&out);
    sio_python_message_reader_fini(&r);
}

static void
test_moves(void)
{
    static const struct {
        const char       *text;
        sio_python_method method;
        const char       *sid, *room;
    } rows[] = {
        {"{\"method\":\"enter_room\",\"sid\":\"s1\",\"room\":\"r1\",\"namespace\":\"/\"}",
         SIO_PYTHON_ENTER, "s1", "r1"},
        {"{\"method\":\"leave_room\",\"sid\":\"s1\",\"room\":\"r1\"}", SIO_PYTHON_LEAVE, "s1",
         "r1"},
        {"{\"method\":\"close_room\",\"room\":\"r1\"}", SIO_PYTHON_CLOSE, "", "r1"},
        {"{\"method\":\"disconnect\",\"sid\":\"s1\"}", SIO_PYTHON_DISCONNECT, "s1", ""},
    };
    sio_python_reader  r;
    sio_python_message m;

    sio_python_message_reader_init(&r, MAX_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_INT(read_text(&r, rows[i].text, &m), SIO_OK);
        CHECK_INT(m.method, rows[i].method);
        CHECK_VIEW(m.sid, rows[i].sid);
        CHECK_VIEW(first_of(m.rooms), rows[i].room);
    }
    sio_python_message_reader_fini(&r);
}

static void
test_what_is_no_message(void)
{
    static const char *const rows[] = {
        "",
        "x",
        "{",
        "[]",
        "null",
        "{}",
        "{\"method\":\"emit\"}",
        (EMIT("[NaN]")),
        (EMIT("[1")),
        "{\"method\":\"emit\",\"event\":\"connect\",\"data\":1}",
        "{\"method\":\"emit\",\"event\":5,\"data\":1}",
        "{\"method\":\"emit\",\"event\":\"ev\",\"data\":1,\"callback\":[1,2]}",
        "{\"method\":\"emit\",\"event\":\"ev\",\"data\":1,\"callback\":[1,2,3]}",
        "{\"method\":\"emit\",\"event\":\"ev\",\"data\":1,\"room\":{\"a\":1}}",
        "{\"method\":\"emit\",\"event\":\"ev\",\"data\":1,\"namespace\":1}",
        "{\"method\":\"emit\",\"event\":\"ev\",\"data\":1,\"binary\":true}",
        "{\"method\":\"emit\",\"event\":\"ev\",\"data\":[[1],2],\"binary\":true}",
        "{\"method\":\"enter_room\",\"sid\":\"a\"}",
        "{\"method\":\"close_room\",\"room\":null}",
        "{\"method\":\"disconnect\",\"sid\":null}",
    };
    sio_python_reader  r;
    sio_python_message m;

    sio_python_message_reader_init(&r, MAX_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i];
        CHECK_INT(read_text(&r, rows[i], &m), SIO_BAD);
    }
    check_row = NULL;
    CHECK_INT(read_text(&r, "{\"method\":\"callback\",\"id\":1}", &m), SIO_DROPPED);
    CHECK_INT(read_text(&r, "{\"method\":\"emit\",\"event\":\"e\",\"data\":1,\"room\":[]}", &m),
              SIO_DROPPED);
    sio_python_message_reader_fini(&r);
    sio_python_message_reader_init(&r, 10);
    CHECK_INT(read_text(&r, EMIT("1"), &m), SIO_TOO_LARGE);
    sio_python_message_reader_fini(&r);
}

static void
test_pickles_are_told_apart(void)
{
    CHECK(sio_python_message_is_pickle((sio_view){"\x80\x04\x95", 3}));
    CHECK(sio_python_message_is_pickle((sio_view){"\x80\x02}", 3}));
    CHECK(!sio_python_message_is_pickle(SIO_VIEW("{}")));
    CHECK(!sio_python_message_is_pickle((sio_view){"\x80\x04", 2}));
    CHECK(!sio_python_message_is_pickle(SIO_VIEW("")));
}

/* What is said here is read alike by all versions, but not by the rest of this cluster. */
static void
test_what_is_written(void)
{
    static const struct {
        const char *args, *data;
    } rows[] = {{"", "null"},           {"[]", "null"},       {"[1]", "1"},
                {"[[1]]", "[[1]]"},     {"[1,2]", "[1,2]"},   {"[{\"a\":1}]", "{\"a\":1}"},
                {"[[1],2]", "[[1],2]"}, {"[\"x\"]", "\"x\""}, {"[null]", "null"}};
    sio_python_reader  r;
    sio_python_message m = {.name = SIO_VIEW("\"ev\""), .nsp = SIO_VIEW("/adm")}, again;
    sio_buf            out, want;

    sio_python_message_reader_init(&r, MAX_BYTES);
    sio_buf_init(&out, SIZE_MAX);
    sio_buf_init(&want, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i].args;
        m.args = sio_view_of(rows[i].args);
        sio_buf_clear(&out);
        sio_python_message_add(&out, &writer, &m);
        sio_buf_clear(&want);
        sio_buf_add_str(&want, "{\"siobroker\":\"sio\",\"method\":\"emit\",\"namespace\":\"/adm\","
                               "\"event\":\"ev\",\"binary\":false,\"data\":");
        sio_buf_add_str(&want, rows[i].data);
        sio_buf_add_str(&want, ",\"room\":null,\"skip_sid\":null,\"callback\":null,\"host_id\":"
                               "\"0123456789abcdef\"}");
        CHECK(sio_view_eq(sio_buf_view(&out), sio_buf_view(&want)));
        CHECK_INT(sio_python_message_read(&r, sio_buf_view(&out), SIO_VIEW("sio"), &again),
                  SIO_DROPPED);
        CHECK_INT(sio_python_message_read(&r, sio_buf_view(&out), SIO_VIEW("si"), &again), SIO_OK);
        CHECK_VIEW(again.nsp, "/adm");
    }
    check_row = NULL;
    sio_buf_fini(&want);
    sio_buf_fini(&out);
    sio_python_message_reader_fini(&r);
}

int
main(void)
{
    RUN(test_arguments_of_all_versions);
    RUN(test_bytes_are_attachments);
    RUN(test_who_wants_an_acknowledgement);
    RUN(test_moves);
    RUN(test_what_is_no_message);
    RUN(test_pickles_are_told_apart);
    RUN(test_what_is_written);
    return check_done();
}
