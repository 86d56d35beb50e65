/*
 * tests/unit/protocol/backend_command_test.c - protocol/backend_command.h: commands of backends,
 * and what is wrong with them.
 */
#include "protocol/backend_command.h"

#include "protocol/json.h"
#include "tests/unit/check.h"

#include <stdlib.h>

static sio_backend_command       c;
static sio_backend_command_error error;

static int
read_command(const char *json, sio_backend_command_kind kind)
{
    CHECK_INT(sio_json_validate(sio_view_of(json), SIO_JSON_MAX_DEPTH), SIO_OK);
    return sio_backend_command_read(&c, sio_view_of(json), kind, "/", &error);
}

static void
test_names_and_kinds(void)
{
    for (unsigned i = 0; i < SIO_N_BACKEND_COMMANDS; i++)
        CHECK_INT(sio_backend_command_find(sio_view_of(sio_backend_command_names[i])), i);
    CHECK_INT(sio_backend_command_find(SIO_VIEW("batch")), SIO_N_BACKEND_COMMANDS);
    CHECK_INT(sio_backend_command_find(SIO_VIEW("")), SIO_N_BACKEND_COMMANDS);
}

static void
test_an_event_is_read_as_it_is(void)
{
    CHECK_INT(read_command("{\"namespace\":\"/chat\",\"to\":[\"a\",\"b\"],\"users\":\"42\","
                           "\"except\":\"c\",\"name\":\"\\u0000\\u00fc\",\"args\":[1.0e400, 0.10],"
                           "\"attachments\":[\"AQI=\",\"\"],\"volatile\":true,\"local\":true,"
                           "\"id\":\"x 1\"}",
                           SIO_BACKEND_EMIT),
              SIO_OK);
    CHECK_VIEW(sio_view_of(c.nsp), "/chat");
    CHECK_INT(c.to.n, 3);
    CHECK_VIEW(sio_view_of(c.to.names[0]), "a");
    CHECK_VIEW(sio_view_of(c.to.names[1]), "b");
    CHECK_VIEW(sio_view_of(c.to.names[2]), "user:42");
    CHECK(c.to.names[3] == NULL);
    CHECK_INT(c.except.n, 1);
    CHECK_VIEW(c.name, SIO_VIEW("\0\xC3\xBC"));
    CHECK_VIEW(c.args, "[1.0e400, 0.10]");
    CHECK_INT(c.n_attachments, 2);
    CHECK_VIEW(c.attachments[0], "\x01\x02");
    CHECK_INT(c.attachments[1].len, 0);
    CHECK(c.has_to && c.is_volatile && c.is_local);
    CHECK_VIEW(c.id, "x 1");
    sio_backend_command_fini(&c);
}

static void
test_what_is_left_out(void)
{
    CHECK_INT(read_command("{\"name\":\"x\"}", SIO_BACKEND_ASK), SIO_OK);
    CHECK_VIEW(sio_view_of(c.nsp), "/");
    CHECK(!c.has_to && !c.is_volatile && !c.is_local);
    CHECK_INT(c.args.len, 0);
    CHECK_INT(c.timeout_ms, 5000);
    sio_backend_command_fini(&c);
    CHECK_INT(read_command("{}", SIO_BACKEND_ROOMS), SIO_OK);
    CHECK_VIEW(sio_view_of(c.prefix), "");
    CHECK_INT(c.limit, 1000);
    sio_backend_command_fini(&c);
}

static void
test_user_and_data(void)
{
    CHECK_INT(
        read_command("{\"socket\":\"i\",\"user\":\"7\",\"data\":{\"a\":1.50}}", SIO_BACKEND_SET),
        SIO_OK);
    CHECK_VIEW(sio_view_of(c.user), "user:7");
    CHECK_VIEW(c.data, "{\"a\":1.50}");
    sio_backend_command_fini(&c);
    CHECK_INT(read_command("{\"socket\":\"i\",\"user\":null}", SIO_BACKEND_SET), SIO_OK);
    CHECK(c.sets_user && c.user == NULL && c.data.len == 0 && !c.sets_expires);
    sio_backend_command_fini(&c);
    CHECK_INT(read_command("{\"socket\":\"i\",\"expires\":4294967295}", SIO_BACKEND_SET), SIO_OK);
    CHECK(c.sets_expires && c.expires_s == SIO_BACKEND_MAX_EXPIRES_S && !c.sets_user);
    sio_backend_command_fini(&c);
    CHECK_INT(read_command("{\"socket\":\"i\",\"expires\":null}", SIO_BACKEND_SET), SIO_OK);
    CHECK(c.sets_expires && c.expires_s == UINT64_MAX);
    sio_backend_command_fini(&c);
}

/* A slash is escaped by PHP, and both alphabets of base64 are good. */
static void
test_base64_of_others(void)
{
    CHECK_INT(
        read_command("{\"name\":\"x\",\"attachments\":[\"\\/w==\",\"_w\"]}", SIO_BACKEND_EMIT),
        SIO_OK);
    CHECK_VIEW(c.attachments[0], "\xFF");
    CHECK_VIEW(c.attachments[1], "\xFF");
    sio_backend_command_fini(&c);
}

static const struct {
    const char              *json;
    sio_backend_command_kind kind;
    int                      rc;
    const char              *at, *why;
} wrong[] = {
    {"[]", SIO_BACKEND_EMIT, SIO_BAD, "", "must be an object"},
    {"{}", SIO_N_BACKEND_COMMANDS, SIO_BAD, "do", "is missing"},
    {"{\"do\":1}", SIO_N_BACKEND_COMMANDS, SIO_BAD, "do",
     "must be emit, ask, ack, join, leave, disconnect, sockets, count, rooms or set"},
    {"{\"do\":\"ask\",\"name\":\"x\"}", SIO_BACKEND_EMIT, SIO_BAD, "do",
     "must be the command that the path names"},
    {"{}", SIO_BACKEND_EMIT, SIO_BAD, "name", "is missing"},
    {"{\"name\":1}", SIO_BACKEND_EMIT, SIO_BAD, "name", "must be a text"},
    {"{\"name\":\"x\",\"nmae\":\"x\"}", SIO_BACKEND_EMIT, SIO_BAD, "nmae", "is unknown"},
    {"{\"name\":\"x\",\"name\":\"x\"}", SIO_BACKEND_EMIT, SIO_BAD, "name", "is there twice"},
    {"{\"name\":\"x\",\"close\":true}", SIO_BACKEND_EMIT, SIO_BAD, "close",
     "does not belong to this command"},
    {"{\"name\":\"x\",\"namespace\":\"chat\"}", SIO_BACKEND_EMIT, SIO_BAD, "namespace",
     "must begin with \"/\""},
    {"{\"name\":\"x\",\"namespace\":\"\"}", SIO_BACKEND_EMIT, SIO_BAD, "namespace",
     "must be a text, not empty and without U+0000"},
    {"{\"name\":\"x\",\"to\":[]}", SIO_BACKEND_EMIT, SIO_BAD, "to",
     "must not be an empty list: leave it out for everyone"},
    {"{\"name\":\"x\",\"to\":null}", SIO_BACKEND_EMIT, SIO_BAD, "to",
     "must be a text, or a list of them, none empty or with U+0000"},
    {"{\"name\":\"x\",\"to\":[\"a\",\"b\",3]}", SIO_BACKEND_EMIT, SIO_BAD, "to[2]",
     "must be a text, or a list of them, none empty or with U+0000"},
    {"{\"name\":\"x\",\"users\":\"\"}", SIO_BACKEND_EMIT, SIO_BAD, "users",
     "must be a text, or a list of them, none empty or with U+0000"},
    {"{\"name\":\"x\",\"to\":\"a\\u0000b\"}", SIO_BACKEND_EMIT, SIO_BAD, "to",
     "must be a text, or a list of them, none empty or with U+0000"},
    {"{\"name\":\"x\",\"args\":{}}", SIO_BACKEND_EMIT, SIO_BAD, "args", "must be a list"},
    {"{\"name\":\"x\",\"attachments\":\"AQI=\"}", SIO_BACKEND_EMIT, SIO_BAD, "attachments",
     "must be a list of texts in base64"},
    {"{\"name\":\"x\",\"attachments\":[\"AQI=\",\"A=QI\"]}", SIO_BACKEND_EMIT, SIO_BAD,
     "attachments[1]", "must be base64"},
    {"{\"name\":\"x\",\"attachments\":[\"\\u0000\"]}", SIO_BACKEND_EMIT, SIO_BAD, "attachments[0]",
     "must be base64"},
    {"{\"name\":\"x\",\"attachments\":[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"]}",
     SIO_BACKEND_EMIT, SIO_TOO_LARGE, "attachments", "must not be more than 10"},
    {"{\"name\":\"x\",\"args\":[{\"_placeholder\":true,\"num\":1}],\"attachments\":[\"\"]}",
     SIO_BACKEND_EMIT, SIO_BAD, "args", "has a placeholder without an attachment"},
    {"{\"name\":\"x\",\"compress\":1}", SIO_BACKEND_EMIT, SIO_BAD, "compress",
     "must be true or false"},
    {"{\"name\":\"x\",\"whole\":true}", SIO_BACKEND_EMIT, SIO_BAD, "whole",
     "does not belong to this command"},
    {"{\"name\":\"x\",\"volatile\":1}", SIO_BACKEND_EMIT, SIO_BAD, "volatile",
     "must be true or false"},
    {"{\"name\":\"x\",\"timeout\":0}", SIO_BACKEND_ASK, SIO_BAD, "timeout",
     "must be a whole number of ms from 1 to 60000"},
    {"{\"name\":\"x\",\"timeout\":60001}", SIO_BACKEND_ASK, SIO_BAD, "timeout",
     "must be a whole number of ms from 1 to 60000"},
    {"{\"limit\":1.5}", SIO_BACKEND_SOCKETS, SIO_BAD, "limit",
     "must be a whole number from 1 to 10000"},
    {"{\"room\":\"\"}", SIO_BACKEND_JOIN, SIO_BAD, "room",
     "must be a text, or a list of them, none empty or with U+0000"},
    {"{\"to\":\"a\"}", SIO_BACKEND_LEAVE, SIO_BAD, "room", "is missing"},
    {"{\"args\":[]}", SIO_BACKEND_ACK, SIO_BAD, "ack", "is missing"},
    {"{\"user\":\"7\"}", SIO_BACKEND_SET, SIO_BAD, "socket", "is missing"},
    {"{\"socket\":\"i\"}", SIO_BACKEND_SET, SIO_BAD, "",
     "must have \"user\", \"data\" or \"expires\""},
    {"{\"socket\":\"i\",\"expires\":0}", SIO_BACKEND_SET, SIO_BAD, "expires",
     "must be a number of seconds since 1970, or null"},
    {"{\"socket\":\"i\",\"expires\":4294967296}", SIO_BACKEND_SET, SIO_BAD, "expires",
     "must be a number of seconds since 1970, or null"},
    {"{\"socket\":\"i\",\"user\":7}", SIO_BACKEND_SET, SIO_BAD, "user",
     "must be a text of 1 to 123 bytes without U+0000, or null"},
    {"{\"socket\":\"i\",\"data\":[]}", SIO_BACKEND_SET, SIO_BAD, "data",
     "must be an object without U+0000, or null"},
    {"{\"socket\":\"i\",\"data\":{\"a\":\"\\u0000\"}}", SIO_BACKEND_SET, SIO_BAD, "data",
     "must be an object without U+0000, or null"},
    {"{\"id\":\"\\u00fc\"}", SIO_BACKEND_COUNT, SIO_BAD, "id",
     "must be a text of 1 to 128 printable ASCII characters"},
};

static void
test_what_is_wrong_is_said_with_its_place(void)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        check_row = wrong[i].json;
        CHECK_INT(read_command(wrong[i].json, wrong[i].kind), wrong[i].rc);
        CHECK_VIEW(sio_view_of(error.at), wrong[i].at);
        CHECK_VIEW(sio_view_of(error.why), wrong[i].why);
        sio_backend_command_fini(&c);
    }
}

/* n texts in a list, as a member of a command. */
static char *
command_with_list(const char *key, unsigned n)
{
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_add_str(&json, "{\"name\":\"x\",\"");
    sio_buf_add_str(&json, key);
    sio_buf_add_str(&json, "\":[");
    for (unsigned i = 0; i < n; i++)
        sio_buf_add_str(&json, i == 0 ? "\"r\"" : ",\"r\"");
    sio_buf_add_str(&json, "]}");
    sio_buf_add_char(&json, '\0');
    return json.data;
}

/* The longest names that "user:" is put before need the most room. */
static void
test_a_hundred_rooms_and_no_more(void)
{
    static const char *const keys[] = {"to", "users", "except"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char *good = command_with_list(keys[i], 100), *bad = command_with_list(keys[i], 101);

        check_row = keys[i];
        CHECK_INT(read_command(good, SIO_BACKEND_EMIT), SIO_OK);
        CHECK_INT(c.to.n + c.except.n, 100);
        sio_backend_command_fini(&c);
        CHECK_INT(read_command(bad, SIO_BACKEND_EMIT), SIO_TOO_LARGE);
        CHECK_VIEW(sio_view_of(error.at), keys[i]);
        sio_backend_command_fini(&c);
        free(good);
        free(bad);
    }
}

static void
test_batches(void)
{
    static const struct {
        const char *json;
        int         rc;
        const char *at;
    } rows[] = {
        {"{\"commands\":[]}", SIO_OK, ""},
        {"{\"stop on error\":true,\"commands\":[{},1]}", SIO_OK, ""},
        {"[]", SIO_BAD, ""},
        {"{}", SIO_BAD, "commands"},
        {"{\"commands\":{}}", SIO_BAD, "commands"},
        {"{\"commands\":[],\"stop on error\":1}", SIO_BAD, "stop on error"},
        {"{\"commands\":[],\"parallel\":true}", SIO_BAD, "parallel"},
    };
    sio_backend_command_batch b;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].json;
        CHECK_INT(sio_backend_command_batch_read(&b, sio_view_of(rows[i].json), &error),
                  rows[i].rc);
        if (rows[i].rc != SIO_OK)
            CHECK_VIEW(sio_view_of(error.at), rows[i].at);
    }
    CHECK_INT(sio_backend_command_batch_read(&b, sio_view_of(rows[1].json), &error), SIO_OK);
    CHECK_INT(b.n, 2);
    CHECK(b.stops_on_error);
}

int
main(void)
{
    RUN(test_names_and_kinds);
    RUN(test_an_event_is_read_as_it_is);
    RUN(test_what_is_left_out);
    RUN(test_user_and_data);
    RUN(test_base64_of_others);
    RUN(test_what_is_wrong_is_said_with_its_place);
    RUN(test_a_hundred_rooms_and_no_more);
    RUN(test_batches);
    return check_done();
}
