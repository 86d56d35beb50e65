#include "protocol/sio09_target.h"
#include "tests/unit/check.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

static const sio_view resource = SIO_VIEW_INIT("/socket.io");

/* The examples of section 1.1, and the shapes between them. */
static void
test_targets(void)
{
    static const struct {
        const char    *target, *path, *query;
        sio09_protocol protocol;
        const char    *transport, *id;
    } rows[] = {
        {"/socket.io", "", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/", "/", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io?x=1", "", "x=1", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/0/", "/0/", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/abc/", "/abc/", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/foo.js", "/foo.js", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io//1/", "//1/", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/1/a/b/c/d", "/1/a/b/c/d", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/1", "/1", "", SIO09_PROTOCOL_1, "", ""},
        {"/socket.io/1/", "/1/", "", SIO09_PROTOCOL_1, "", ""},
        {"/socket.io/01/", "/01/", "", SIO09_PROTOCOL_1, "", ""},
        {"/socket.io/1/websocket", "/1/websocket", "", SIO09_PROTOCOL_1, "websocket", ""},
        {"/socket.io/1/websocket/", "/1/websocket/", "", SIO09_PROTOCOL_1, "websocket", ""},
        {"/socket.io/2/", "/2/", "", SIO09_PROTOCOL_OTHER, "", ""},
        {"/socket.io/static/flashsocket/other.swf", "/static/flashsocket/other.swf", "",
         SIO09_PROTOCOL_NONE, "flashsocket", "other.swf"},
        {"/socket.io/1/bogus/X", "/1/bogus/X", "", SIO09_PROTOCOL_1, "bogus", "X"},
        {"/socket.io/1/websocket/X", "/1/websocket/X", "", SIO09_PROTOCOL_1, "websocket", "X"},
        {"/socket.io/1/xhr-polling/UNKNOWN", "/1/xhr-polling/UNKNOWN", "", SIO09_PROTOCOL_1,
         "xhr-polling", "UNKNOWN"},
        {"/socket.io/7/websocket/X", "/7/websocket/X", "", SIO09_PROTOCOL_OTHER, "websocket", "X"},
        {"/socket.iofoo", "foo", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.iofoo/1/", "foo/1/", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/%31/", "/%31/", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/1/?t=1&jsonp=3", "/1/", "t=1&jsonp=3", SIO09_PROTOCOL_1, "", ""},
        {"/socket.io/1?a=/b/c/d?e", "/1", "a=/b/c/d?e", SIO09_PROTOCOL_1, "", ""},
        {"/socket.io/1//ID/?disconnect=1", "/1//ID/", "disconnect=1", SIO09_PROTOCOL_1, "", "ID"},
        {"/socket.io/1//ID", "/1//ID", "", SIO09_PROTOCOL_1, "", "ID"},
        {"/socket.io/1/x/ID/", "/1/x/ID/", "", SIO09_PROTOCOL_1, "x", "ID"},
        {"/socket.io/1/x/%2F/", "/1/x/%2F/", "", SIO09_PROTOCOL_1, "x", "%2F"},
        /* Every slash of the grammar may stand without the segment before it, but the first. */
        {"/socket.io/1//", "/1//", "", SIO09_PROTOCOL_1, "", ""},
        {"/socket.io/1///", "/1///", "", SIO09_PROTOCOL_1, "", ""},
        {"/socket.io/1/x//", "/1/x//", "", SIO09_PROTOCOL_1, "x", ""},
        {"/socket.io/1////", "/1////", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/1///ID", "/1///ID", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/1/x//ID", "/1/x//ID", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/1/x/ID//", "/1/x/ID//", "", SIO09_PROTOCOL_NONE, "", ""},
        {"/socket.io/1/x/ID/y", "/1/x/ID/y", "", SIO09_PROTOCOL_NONE, "", ""},
    };
    sio09_target t;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].target;
        sio09_target_parse(sio_view_of(rows[i].target), resource, &t);
        CHECK(t.matched);
        CHECK_VIEW(t.path, rows[i].path);
        CHECK_VIEW(t.query, rows[i].query);
        CHECK_INT(t.protocol, rows[i].protocol);
        CHECK_VIEW(t.transport, rows[i].transport);
        CHECK_VIEW(t.id, rows[i].id);
    }
}

static void
test_other_targets_do_not_match(void)
{
    static const char *const rows[] = {"",          "/",           "/socket.i",     "*",
                                       "socket.io", "/SOCKET.IO/", "//socket.io/1", "?/socket.io"};
    sio09_target             t;

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i];
        sio09_target_parse(sio_view_of(rows[i]), resource, &t);
        CHECK(!t.matched && t.path.len == 0 && t.protocol == SIO09_PROTOCOL_NONE);
    }
}

static const struct {
    const char    *text;
    sio09_protocol want;
} numbers[] = {
    {"1", SIO09_PROTOCOL_1},
    {"+1", SIO09_PROTOCOL_1},
    {"0001", SIO09_PROTOCOL_1},
    {"1.", SIO09_PROTOCOL_1},
    {"1.0", SIO09_PROTOCOL_1},
    {"1.000", SIO09_PROTOCOL_1},
    {"1e0", SIO09_PROTOCOL_1},
    {"1E+0", SIO09_PROTOCOL_1},
    {"10e-1", SIO09_PROTOCOL_1},
    {"0.1e1", SIO09_PROTOCOL_1},
    {".01e2", SIO09_PROTOCOL_1},
    {"100.00e-0002", SIO09_PROTOCOL_1},
    {"0x1", SIO09_PROTOCOL_1},
    {"0X0001", SIO09_PROTOCOL_1},
    {"2", SIO09_PROTOCOL_OTHER},
    {"-1", SIO09_PROTOCOL_OTHER},
    {"10", SIO09_PROTOCOL_OTHER},
    {"11", SIO09_PROTOCOL_OTHER},
    {"1.1", SIO09_PROTOCOL_OTHER},
    {"0.1", SIO09_PROTOCOL_OTHER},
    {"1.01", SIO09_PROTOCOL_OTHER},
    {"1e1", SIO09_PROTOCOL_OTHER},
    {"1e-1", SIO09_PROTOCOL_OTHER},
    {"1e99999999999999999999", SIO09_PROTOCOL_OTHER},
    {"1e-99999999999999999999", SIO09_PROTOCOL_OTHER},
    {"Infinity", SIO09_PROTOCOL_OTHER},
    {"-Infinity", SIO09_PROTOCOL_OTHER},
    {"0x2", SIO09_PROTOCOL_OTHER},
    {"0x10", SIO09_PROTOCOL_OTHER},
    {"0xfF", SIO09_PROTOCOL_OTHER},
    {"0", SIO09_PROTOCOL_NONE},
    {"-0", SIO09_PROTOCOL_NONE},
    {"0.0e5", SIO09_PROTOCOL_NONE},
    {"0x0", SIO09_PROTOCOL_NONE},
    {"0x", SIO09_PROTOCOL_NONE},
    {"0xg", SIO09_PROTOCOL_NONE},
    {"+0x1", SIO09_PROTOCOL_NONE},
    {"0x1.0", SIO09_PROTOCOL_NONE},
    {"0x1p0", SIO09_PROTOCOL_NONE},
    {".", SIO09_PROTOCOL_NONE},
    {"+", SIO09_PROTOCOL_NONE},
    {"-", SIO09_PROTOCOL_NONE},
    {"e0", SIO09_PROTOCOL_NONE},
    {"1e", SIO09_PROTOCOL_NONE},
    {"1e+", SIO09_PROTOCOL_NONE},
    {"1e0x", SIO09_PROTOCOL_NONE},
    {"1.0.0", SIO09_PROTOCOL_NONE},
    {"--1", SIO09_PROTOCOL_NONE},
    {"1a", SIO09_PROTOCOL_NONE},
    {"1,0", SIO09_PROTOCOL_NONE},
    {"1_0", SIO09_PROTOCOL_NONE},
    {"infinity", SIO09_PROTOCOL_NONE},
    {"inf", SIO09_PROTOCOL_NONE},
    {"nan", SIO09_PROTOCOL_NONE},
    {"NaN", SIO09_PROTOCOL_NONE},
    {"true", SIO09_PROTOCOL_NONE},
};

static void
test_protocol_is_a_javascript_number(void)
{
    sio09_target t;
    char         target[64];

    for (size_t i = 0; i < N_ROWS(numbers); i++) {
        check_row = numbers[i].text;
        snprintf(target, sizeof target, "/socket.io/%s/", numbers[i].text);
        sio09_target_parse(sio_view_of(target), resource, &t);
        CHECK_INT(t.protocol, numbers[i].want);
    }
}

static void
test_resource_is_a_setting(void)
{
    sio09_target t;

    sio09_target_parse(SIO_VIEW("/one/socket.io/1/websocket/ID"), SIO_VIEW("/one/socket.io"), &t);
    CHECK(t.matched);
    CHECK_INT(t.protocol, SIO09_PROTOCOL_1);
    CHECK_VIEW(t.id, "ID");
    sio09_target_parse(SIO_VIEW("/socket.io/1/"), SIO_VIEW("/one/socket.io"), &t);
    CHECK(!t.matched);
}

int
main(void)
{
    RUN(test_targets);
    RUN(test_other_targets_do_not_match);
    RUN(test_protocol_is_a_javascript_number);
    RUN(test_resource_is_a_setting);
    return check_done();
}
