/*
 * tests/unit/backends/stream_entry_test.c - events as entries of streams.
 */
#include "server/backends/stream_entry.h"

#include "tests/unit/check.h"

/* The fields of an entry but the last, as "name=value ". */
static sio_view
fields_of(const sio_stream_entry *e, sio_buf *text)
{
    sio_buf_clear(text);
    for (size_t i = 0; i + 1 < e->n; i++) {
        sio_buf_add_view(text, e->fields[i].name);
        sio_buf_add_char(text, '=');
        sio_buf_add_view(text, e->fields[i].value);
        sio_buf_add_char(text, ' ');
    }
    return sio_buf_view(text);
}

static void
test_what_readers_may_choose_by(void)
{
    static const struct {
        const char *json, *fields;
    } rows[] = {
        {"{\"id\":\"i\",\"type\":\"event\",\"time\":1,\"namespace\":\"/"
         "a\",\"socket\":{\"id\":\"S\","
         "\"data\":{\"id\":\"other\"}},\"name\":\"say \\u00e9\\\"\",\"args\":[]}",
         "v=1 type=event ns=/a name=say \xc3\xa9\" sid=S "},
        {"{\"id\":\"i\",\"type\":\"connect\",\"namespace\":\"/\",\"socket\":{\"id\":\"S\"}}",
         "v=1 type=connect ns=/ sid=S "},
        {"{\"type\":\"event\",\"namespace\":\"/\",\"socket\":{\"id\":\"S\"},\"name\":\"\"}",
         "v=1 type=event ns=/ name= sid=S "},
    };
    sio_stream_entry e;
    sio_buf          text;

    sio_buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].json;
        CHECK(sio_stream_entry_make(&e, sio_view_of(rows[i].json)));
        CHECK_VIEW(fields_of(&e, &text), rows[i].fields);
        CHECK_VIEW(e.socket, "S");
        CHECK_VIEW(e.fields[e.n - 1].name, "json");
        CHECK_VIEW(e.fields[e.n - 1].value, rows[i].json);
        sio_stream_entry_fini(&e);
    }
    sio_buf_fini(&text);
}

static void
test_what_is_no_event(void)
{
    static const char *const rows[] = {"",
                                       "[]",
                                       "{}",
                                       "{\"socket\":{}}",
                                       "{\"socket\":{\"id\":1}}",
                                       "{\"type\":1,\"socket\":{\"id\":\"S\"}}"};
    sio_stream_entry         e;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i];
        CHECK(!sio_stream_entry_make(&e, sio_view_of(rows[i])));
        sio_stream_entry_fini(&e);
    }
}

/* Programs may compute it too: the test vectors of FNV-1a. */
static void
test_partitions(void)
{
    CHECK_INT(sio_stream_entry_partition(SIO_VIEW("a"), 64), 0xe40c292cu % 64);
    CHECK_INT(sio_stream_entry_partition(SIO_VIEW("foobar"), 64), 0xbf9cf968u % 64);
    CHECK_INT(sio_stream_entry_partition(SIO_VIEW("foobar"), 5), 0xbf9cf968u % 5);
    CHECK_INT(sio_stream_entry_partition(SIO_VIEW("foobar"), 1), 0);
}

int
main(void)
{
    RUN(test_what_readers_may_choose_by);
    RUN(test_what_is_no_event);
    RUN(test_partitions);
    return check_done();
}
