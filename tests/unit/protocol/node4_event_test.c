/*
 * Events and requests of socket.io for Node: the vectors of section 13 of the specification, and
 * what it says about each payload that may do harm.
 */
#include "protocol/node4_event.h"

#include <stdlib.h>

#include "protocol/cluster_message.h"
#include "protocol/hex.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/node4_channel.h"
#include "protocol/node4_request.h"
#include "tests/unit/check.h"
#include "tests/unit/protocol/node4_judged.h"
#include "tests/unit/protocol/node4_vectors.h"

enum { MAX_BYTES = 1 << 20 };

static const size_t too_deep = SIO_MSGPACK_MAX_VALUE_DEPTH + 1;

#define NOBODY SIO_VIEW("nobody")

typedef struct {
    sio_buf          bytes, out, list;
    sio_node4_reader r;
    sio_node4_event  e;
} fixture;

static void
fixture_begin(fixture *f)
{
    sio_buf_init(&f->bytes, SIZE_MAX);
    sio_buf_init(&f->out, SIZE_MAX);
    sio_buf_init(&f->list, SIZE_MAX);
    sio_node4_reader_init(&f->r, MAX_BYTES);
}

static void
fixture_end(fixture *f)
{
    sio_buf_fini(&f->bytes);
    sio_buf_fini(&f->out);
    sio_buf_fini(&f->list);
    sio_node4_reader_fini(&f->r);
}

static sio_view
bytes_of(fixture *f, const char *hex)
{
    sio_buf_clear(&f->bytes);
    for (; hex[0] != '\0'; hex += 2)
        sio_buf_add_char(&f->bytes, (char)(16 * sio_hex_value(hex[0]) + sio_hex_value(hex[1])));
    return sio_buf_view(&f->bytes);
}

static int
read_event(fixture *f, const char *hex, sio_view uid)
{
    return sio_node4_event_read(&f->r, bytes_of(f, hex), uid, &f->e);
}

static const char *
hex_of(int number)
{
    for (size_t i = 0; i < sizeof node4_vectors / sizeof *node4_vectors; i++)
        if (atoi(node4_vectors[i].row) == number)
            return node4_vectors[i].hex;
    return "";
}

/* The rooms of a list, each with a comma behind it. */
static sio_view
names(fixture *f, sio_view list)
{
    sio_view room;

    sio_buf_clear(&f->list);
    while (sio_cluster_message_next_packet(&list, &room, NULL)) {
        sio_buf_add_view(&f->list, room);
        sio_buf_add_char(&f->list, ',');
    }
    return sio_buf_view(&f->list);
}

/* --- Channels. --- */

static void
test_channels(void)
{
    static const struct {
        const char     *channel, *nsp;
        sio_node4_topic topic;
        bool            is_about;
        const char     *room;
    } rows[] = {
        {"socket.io#/#", "", SIO_NODE4_EVENTS, true, ""},
        {"socket.io#/#room1#", "", SIO_NODE4_EVENTS, true, "room1"},
        {"socket.io#/#a#b*c?[d]#", "", SIO_NODE4_EVENTS, true, "a#b*c?[d]"},
        {"socket.io#/chat#", "/chat", SIO_NODE4_EVENTS, true, ""},
        {"socket.io#/chat#", "", SIO_NODE4_EVENTS, false, ""},
        {"socket.io#/chat#", "/chatter", SIO_NODE4_EVENTS, false, ""},
        {"socket.io#/chatter#", "/chat", SIO_NODE4_EVENTS, false, ""},
        {"socket.io#/#r", "", SIO_NODE4_EVENTS, true, ""},
        {"socket.io#emitter", "", SIO_NODE4_EVENTS, false, ""},
        {"socket.io-request#/#", "", SIO_NODE4_REQUESTS, true, ""},
        {"socket.io-response#/#UWupZV#", "", SIO_NODE4_RESPONSES, true, "UWupZV"},
        {"socket.io-sync#request#/", "", SIO_NODE4_NO_TOPIC, false, ""},
        {"socket.io", "", SIO_NODE4_NO_TOPIC, false, ""},
        {"socket", "", SIO_NODE4_NO_TOPIC, false, ""},
        {"other#/#", "", SIO_NODE4_NO_TOPIC, false, ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sio_view rest = SIO_VIEW(""), room = SIO_VIEW("");

        check_row = rows[i].channel;
        CHECK_INT(sio_node4_channel_of(SIO_VIEW("socket.io"), sio_view_of(rows[i].channel), &rest),
                  rows[i].topic);
        if (rows[i].topic == SIO_NODE4_NO_TOPIC)
            continue;
        CHECK_INT(sio_node4_channel_is_about(rest, sio_view_of(rows[i].nsp), &room),
                  rows[i].is_about);
        CHECK_VIEW(room, sio_view_of(rows[i].room));
    }
}

static void
test_names_of_channels(void)
{
    sio_buf out;

    sio_buf_init(&out, SIZE_MAX);
    sio_node4_channel_add(&out, SIO_VIEW("io"), SIO_NODE4_EVENTS, SIO_VIEW(""), SIO_VIEW("r"));
    sio_node4_channel_add(&out, SIO_VIEW(" io"), SIO_NODE4_REQUESTS, SIO_VIEW("/a"), SIO_VIEW(""));
    sio_node4_channel_add_pattern(&out, SIO_VIEW(" a*?[]\\b"), SIO_NODE4_EVENTS);
    CHECK_VIEW(sio_buf_view(&out), "io#/#r# io-request#/a# a\\*\\?\\[\\]\\\\b#*");
    sio_buf_fini(&out);
}

/* --- Events. --- */

static void
test_what_others_say_is_read(void)
{
    static const struct {
        int         row;
        const char *nsp, *name, *args, *rooms, *except;
        const char *flags; /* v: volatile, c: not compressed, b: bare */
    } rows[] = {
        {1, "", "\"hi\"", "[1,\"\342\202\254\"]", "", "", ""},
        {2, "", "\"hi\"", "[{\"a\":1}]", "room1,", "", ""},
        {3, "", "\"hi\"", "[null,true,1.5,-1,300,70000]", "room1,room2,", "x,", "vc"},
        {10, "/chat", "\"hi\"", "[\"chat\"]", "", "", ""},
        {13, "", "\"numroom\"", "[1]", "42,", "", ""},
        {14, "", "\"odd\"", "[1]", "a#b*c?[d],", "", ""},
        {15, "", "\"fromc1\"", "[1]", "", "526VklNfi5Pnesy1AAAA,", ""},
        {17, "", "\"z\"", "[1]", "", "", ""},
        {50, "", "\"u\"", "[null,{\"b\":1},[null],null]", "", "", ""},
        {53, "", "\"fromc1\"", "[1]", "", "GWWybKkXdvXevvh6AAAA,", ""},
        {54, "", "\"bin\"", "[{\"_placeholder\":true,\"num\":0}]", "", "", ""},
        {66, "", "\"hi\"", "[1,\"\342\202\254\"]", "", "", ""},
        {67, "", "\"d\"", "[\"2023-11-14T22:13:20.123Z\"]", "", "", ""},
        {68, "", "\"hi\"", "[1,\"\342\202\254\"]", "", "", ""},
        {70, "", "\"hi\"", "[2]", "room1,room2,", "", ""},
        {71, "", "\"hi\"", "[1,\"\342\202\254\"]", "", "", "b"},
        {73, "", "\"hi\"", "[2]", "r1,r2,", "x,", "vc"},
        {75, "", "\"b\"", "", "", "", ""},
        {78, "", "\"hi\"", "[1,\"\342\202\254\"]", "", "", ""},
        {79, "", "\"hi\"", "[{\"a\":1}]", "room1,", "", "b"},
        {80, "", "\"bin\"", "[{\"_placeholder\":true,\"num\":0}]", "", "", "b"},
        {130, "/admin", "\"room_joined\"",
         "[\"/\",\"a8uIn3TueY2Lod9EAAAA\",\"a8uIn3TueY2Lod9EAAAA\","
         "\"2026-11-29T22:24:30.574Z\"]",
         "", "", ""},
    };
    fixture f;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char row[8];

        snprintf(row, sizeof row, "%d", rows[i].row);
        check_row = row;
        CHECK_INT(read_event(&f, hex_of(rows[i].row), NOBODY), SIO_OK);
        CHECK_VIEW(f.e.nsp, sio_view_of(rows[i].nsp));
        CHECK_VIEW(f.e.name, sio_view_of(rows[i].name));
        CHECK_VIEW(f.e.args, sio_view_of(rows[i].args));
        CHECK_VIEW(names(&f, f.e.rooms), sio_view_of(rows[i].rooms));
        CHECK_VIEW(names(&f, f.e.except), sio_view_of(rows[i].except));
        CHECK_INT(f.e.is_volatile, strchr(rows[i].flags, 'v') != NULL);
        CHECK_INT(f.e.no_compress, strchr(rows[i].flags, 'c') != NULL);
        CHECK_INT(f.e.is_bare, strchr(rows[i].flags, 'b') != NULL);
    }
    fixture_end(&f);
}

static void
test_every_event_is_read(void)
{
    fixture f;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof node4_vectors / sizeof *node4_vectors; i++) {
        const int n = atoi(node4_vectors[i].row);

        check_row = node4_vectors[i].row;
        if (n <= 19 || (n >= 50 && n <= 80) || n >= 129)
            CHECK_INT(read_event(&f, node4_vectors[i].hex, NOBODY), SIO_OK);
        else
            CHECK(read_event(&f, node4_vectors[i].hex, NOBODY) != SIO_OK);
    }
    fixture_end(&f);
}

/* With the members in the order of Node, and what it writes of flags. */
static void
test_what_node_wrote_is_written_again(void)
{
    static const int rows[] = {1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 14, 15, 16, 18};
    fixture          f;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *hex = hex_of(rows[i]);
        char        row[8];

        snprintf(row, sizeof row, "%d", rows[i]);
        check_row = row;
        CHECK_INT(read_event(&f, hex, NOBODY), SIO_OK);
        CHECK(sio_node4_event_obstacle(&f.e) == NULL);
        sio_buf_clear(&f.out);
        sio_node4_event_add(&f.out, f.e.nsp.len > 0 ? SIO_VIEW("M2TVsq") : SIO_VIEW("4ona3v"),
                            &f.e);
        CHECK_VIEW(sio_buf_view(&f.out), bytes_of(&f, hex));
    }
    fixture_end(&f);
}

static void
test_harmful_payloads_are_judged(void)
{
    fixture  f;
    sio_view room;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof node4_judged_broadcasts / sizeof *node4_judged_broadcasts; i++) {
        const node4_judged *j = &node4_judged_broadcasts[i];
        int                 rc;

        check_row = j->row;
        rc = read_event(&f, j->hex, NOBODY);
        if (j->verdict == NODE4_REFUSE)
            CHECK_INT(rc, SIO_BAD);
        else if (j->verdict == NODE4_TAKE)
            CHECK_INT(rc, SIO_OK);
        else /* for nobody, or for another namespace */
            CHECK(rc == SIO_DROPPED || !sio_node4_channel_is_about(SIO_VIEW("/#"), f.e.nsp, &room));
        if (j->verdict == NODE4_TAKE)
            CHECK_VIEW(f.e.args, "[1]");
    }
    fixture_end(&f);
}

static void
test_own_events_are_dropped(void)
{
    fixture f;

    fixture_begin(&f);
    CHECK_INT(read_event(&f, hex_of(1), SIO_VIEW("4ona3v")), SIO_DROPPED);
    CHECK_INT(read_event(&f, hex_of(1), SIO_VIEW("4ona3")), SIO_OK);
    fixture_end(&f);
}

static void
test_text_is_taken(void)
{
    static const char text[] =
        "[ \"x\" , {\"type\":2,\"data\":[ \"ev\" , 1 , [2] ] ,\"nsp\":\"/a\"},{\"rooms\":\"one\"}]";
    fixture f;

    fixture_begin(&f);
    CHECK_INT(sio_node4_event_read(&f.r, SIO_VIEW(text), NOBODY, &f.e), SIO_OK);
    CHECK_VIEW(f.e.nsp, "/a");
    CHECK_VIEW(f.e.args, "[ 1 , [2] ]");
    CHECK_VIEW(names(&f, f.e.rooms), "one,");
    CHECK_INT(sio_node4_event_read(&f.r, SIO_VIEW("[1"), NOBODY, &f.e), SIO_BAD);
    fixture_end(&f);
}

static void
test_obstacles(void)
{
    static const char *const reserved[] = {"connect",       "connect_error", "disconnect",
                                           "disconnecting", "newListener",   "removeListener"};
    const sio_view           eleven[11] = {SIO_VIEW("")};
    sio_node4_event          e = {.name = SIO_VIEW("\"ev\""), .args = SIO_VIEW("[1]")};
    sio_buf                  deep;

    CHECK(sio_node4_event_obstacle(&e) == NULL);
    e.attachments = eleven;
    e.n_attachments = 11;
    CHECK(sio_node4_event_obstacle(&e) != NULL);
    e.n_attachments = 10;
    CHECK(sio_node4_event_obstacle(&e) == NULL);
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        char name[32];

        snprintf(name, sizeof name, "\"%s\"", reserved[i]);
        e.name = sio_view_of(name);
        CHECK(sio_node4_event_obstacle(&e) != NULL);
    }
    e.name = SIO_VIEW("\"\\u0063onnect\"");
    CHECK(sio_node4_event_obstacle(&e) != NULL);
    e.name = SIO_VIEW("\"ev\"");
    sio_buf_init(&deep, SIZE_MAX);
    for (size_t i = 0; i < 2 * too_deep; i++)
        sio_buf_add_char(&deep, i < too_deep ? '[' : ']');
    e.args = sio_buf_view(&deep);
    CHECK(sio_node4_event_obstacle(&e) != NULL);
    e.args = (sio_view){deep.data + 1, deep.len - 2};
    CHECK(sio_node4_event_obstacle(&e) == NULL);
    sio_buf_fini(&deep);
}

/* --- Requests. --- */

static int
read_request(fixture *f, sio_view text, sio_node4_request *q)
{
    return sio_node4_request_read(&f->r, text, NOBODY, q);
}

static void
test_requests_are_read(void)
{
    static const struct {
        const char            *row;
        sio_node4_request_kind kind;
        const char            *request_id, *rooms, *except, *moved, *sid;
        bool                   is_old, close;
    } rows[] = {
        {"30", SIO_NODE4_FETCH, "\"Aqzkia\"", "", "", "", "", false, false},
        {"32", SIO_NODE4_FETCH, "\"G8w4MQ\"", "room1,", "", "", "", false, false},
        {"34", SIO_NODE4_ALL_ROOMS, "\"IhMcyx\"", "", "", "", "", false, false},
        {"36", SIO_NODE4_JOIN, "", "room1,", "", "r9,r8,", "", false, false},
        {"37", SIO_NODE4_LEAVE, "", "", "room1,", "everyone,", "", false, false},
        {"38", SIO_NODE4_DISCONNECT, "", "nobody,", "", "", "", false, true},
        {"39", SIO_NODE4_DISCONNECT, "", "fIFJXwlAIqDA__qJAAAA,", "", "", "", false, false},
        {"41", SIO_NODE4_SERVER_SIDE, "", "", "", "", "", false, false},
        {"43", SIO_NODE4_SERVER_SIDE, "\"ydtVCR\"", "", "", "", "", false, false},
        {"48", SIO_NODE4_SOCKETS, "\"jbeIj5\"", "", "", "", "", false, false},
        {"55", SIO_NODE4_SOCKETS, "\"TWaPBy\"", "room1,", "", "", "", true, false},
        {"57", SIO_NODE4_ALL_ROOMS, "\"aMBCYy\"", "", "", "", "", true, false},
        {"59", SIO_NODE4_JOIN, "\"gqDJfW\"", "", "", "oldjoin,", "UibVupl0d90UXotdAAAA", true,
         false},
        {"60", SIO_NODE4_LEAVE, "\"WbW4Eg\"", "", "", "oldjoin,", "UibVupl0d90UXotdAAAA", true,
         false},
        {"61", SIO_NODE4_CUSTOM, "\"8D1pVq\"", "", "", "", "", true, false},
        {"63", SIO_NODE4_JOIN, "\"iaDS3u\"", "", "", "rj,", "W_lIM6nrtNKvq635AAAA", false, false},
        {"65", SIO_NODE4_DISCONNECT, "\"IB9tsp\"", "", "", "", "W_lIM6nrtNKvq635AAAA", false,
         false},
        {"81", SIO_NODE4_JOIN, "", "", "", "j1,", "", false, false},
        {"82", SIO_NODE4_SERVER_SIDE, "", "", "", "", "", false, false},
    };
    const size_t n_texts = sizeof node4_text_vectors / sizeof *node4_text_vectors;
    fixture      f;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sio_node4_request q;
        size_t            t = 0;

        check_row = rows[i].row;
        while (t < n_texts && strcmp(node4_text_vectors[t].row, rows[i].row) != 0)
            t++;
        CHECK(t < n_texts);
        if (t == n_texts)
            continue;
        CHECK(strstr(node4_text_vectors[t].channel, "-request#") != NULL);
        CHECK_INT(read_request(&f, sio_view_of(node4_text_vectors[t].text), &q), SIO_OK);
        CHECK_INT(q.kind, rows[i].kind);
        CHECK_VIEW(q.request_id, sio_view_of(rows[i].request_id));
        CHECK_VIEW(names(&f, q.event.rooms), sio_view_of(rows[i].rooms));
        CHECK_VIEW(names(&f, q.event.except), sio_view_of(rows[i].except));
        CHECK_VIEW(names(&f, q.moved), sio_view_of(rows[i].moved));
        CHECK_VIEW(q.sid, sio_view_of(rows[i].sid));
        CHECK_INT(q.is_old, rows[i].is_old);
        CHECK_INT(q.close, rows[i].close);
        if (q.kind == SIO_NODE4_SERVER_SIDE)
            CHECK_VIEW(q.name, "hello");
    }
    fixture_end(&f);
}

static void
test_questions_to_clients_are_read(void)
{
    sio_node4_request q;
    fixture           f;

    fixture_begin(&f);
    CHECK_INT(read_request(&f, bytes_of(&f, hex_of(28)), &q), SIO_OK);
    CHECK_INT(q.kind, SIO_NODE4_ASK);
    CHECK_VIEW(q.request_id, "\"CYOxsJ\"");
    CHECK_VIEW(q.event.name, "\"rsack\"");
    CHECK_VIEW(names(&f, q.event.rooms), "fIFJXwlAIqDA__qJAAAA,");
    CHECK_INT(q.event.timeout_ms, 900);
    CHECK_INT(read_request(&f, bytes_of(&f, hex_of(29)), &q), SIO_OK);
    CHECK_INT(q.event.n_attachments, 1);
    CHECK_INT(sio_node4_request_read(&f.r, bytes_of(&f, hex_of(20)), SIO_VIEW("4ona3v"), &q),
              SIO_DROPPED);
    fixture_end(&f);
}

static void
test_harmful_requests_are_refused(void)
{
    static const struct {
        const char *text;
        int         rc;
    } rows[] = {
        {"\xc0", SIO_BAD},
        {"text", SIO_BAD},
        {"{", SIO_BAD},
        {"{}", SIO_BAD},
        {"{\"type\":\"x\"}", SIO_BAD},
        {"{\"type\":\"5\",\"requestId\":\"a\",\"opts\":{}}", SIO_BAD},
        {"{\"type\":8,\"requestId\":\"a\"}", SIO_BAD},
        {"{\"type\":0,\"requestId\":\"a\",\"rooms\":5}", SIO_BAD},
        {"{\"type\":2,\"opts\":{\"rooms\":5},\"rooms\":[\"a\"]}", SIO_BAD},
        {"{\"type\":2,\"opts\":{\"rooms\":[]}}", SIO_BAD}, /* Node joins the room "undefined" */
        {"{\"type\":3,\"opts\":{}}", SIO_BAD},
        {"{\"type\":3,\"opts\":{\"rooms\":[]},\"rooms\":\"strroom\"}", SIO_OK},
        {"{\"type\":5,\"requestId\":\"a\",\"uid\":\"x\"}", SIO_BAD},
        {"{\"type\":5,\"opts\":{}}", SIO_BAD},
        {"{\"type\":6,\"requestId\":\"a\"}", SIO_BAD},
        {"{\"type\":6,\"data\":\"abc\"}", SIO_BAD},
        {"{\"type\":6,\"data\":[\"error\"]}", SIO_BAD},
        {"{\"type\":6,\"data\":[\"connection\",1]}", SIO_BAD},
        {"{\"type\":6,\"data\":[\"ev\"]}", SIO_OK},
        {"{\"type\":7}", SIO_BAD},
        {"{\"type\":7,\"requestId\":\"a\",\"opts\":{}}", SIO_BAD},
        {"{\"requestid\":\"ab\",\"type\":5,\"data\":\"x\"}", SIO_OK},
        {"{\"requestid\":\"ab\",\"type\":7}", SIO_BAD},
        {"{\"requestid\":5,\"type\":2}", SIO_BAD},
    };
    fixture           f;
    sio_node4_request q;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i].text;
        CHECK_INT(read_request(&f, sio_view_of(rows[i].text), &q), rows[i].rc);
    }
    fixture_end(&f);
}

static void
test_requests_are_written(void)
{
    sio_node4_event e = {.is_bare = false};
    fixture         f;
    sio_buf         room1, two;

    fixture_begin(&f);
    sio_buf_init(&room1, SIZE_MAX);
    sio_buf_init(&two, SIZE_MAX);
    sio_cluster_message_add_packet(&room1, SIO_VIEW("room1"), false);
    sio_cluster_message_add_packet(&two, SIO_VIEW("r9"), false);
    sio_cluster_message_add_packet(&two, SIO_VIEW("r8"), false);
    e.rooms = sio_buf_view(&room1);
    sio_node4_request_add_move(&f.out, SIO_VIEW("4ona3v"), SIO_NODE4_JOIN, &e, sio_buf_view(&two),
                               false);
    CHECK_VIEW(sio_buf_view(&f.out), "{\"uid\":\"4ona3v\",\"type\":2,\"opts\":{\"rooms\":"
                                     "[\"room1\"],\"except\":[]},\"rooms\":[\"r9\",\"r8\"]}");
    sio_buf_clear(&f.out);
    sio_node4_request_add_move(&f.out, SIO_VIEW("4ona3v"), SIO_NODE4_DISCONNECT, &e, SIO_VIEW(""),
                               true);
    CHECK_VIEW(sio_buf_view(&f.out), "{\"uid\":\"4ona3v\",\"type\":4,\"opts\":{\"rooms\":"
                                     "[\"room1\"],\"except\":[]},\"close\":true}");
    sio_buf_clear(&f.out);
    sio_node4_request_add_server_side(&f.out, SIO_VIEW("4ona3v"), SIO_VIEW("ydtVCR"),
                                      SIO_VIEW("hello"), SIO_VIEW("[\"arg\"]"));
    CHECK_VIEW(sio_buf_view(&f.out), "{\"uid\":\"4ona3v\",\"requestId\":\"ydtVCR\",\"type\":6,"
                                     "\"data\":[\"hello\",\"arg\"]}");
    sio_buf_clear(&f.out);
    sio_node4_request_add_server_side(&f.out, SIO_VIEW("u"), SIO_VIEW(""), SIO_VIEW("e"),
                                      SIO_VIEW(""));
    CHECK_VIEW(sio_buf_view(&f.out), "{\"uid\":\"u\",\"type\":6,\"data\":[\"e\"]}");
    CHECK(sio_node4_request_server_side_obstacle(SIO_VIEW("error")) != NULL);
    CHECK(sio_node4_request_server_side_obstacle(SIO_VIEW("hello")) == NULL);
    sio_buf_fini(&two);
    sio_buf_fini(&room1);
    fixture_end(&f);
}

static void
test_answers_are_written(void)
{
    static const sio_view two_bytes = SIO_VIEW_INIT("\1\2");
    sio_buf               deep;
    fixture               f;

    fixture_begin(&f);
    sio_node4_request_add_count(&f.out, SIO_VIEW("\"H4Q5VL\""), 1);
    CHECK_VIEW(sio_buf_view(&f.out), "{\"type\":8,\"requestId\":\"H4Q5VL\",\"clientCount\":1}");
    sio_buf_clear(&f.out);
    CHECK(sio_node4_request_add_ack(&f.out, SIO_VIEW("\"L3-tqr\""), SIO_VIEW(""), NULL, 0));
    CHECK_VIEW(sio_buf_view(&f.out), bytes_of(&f, hex_of(24)));
    sio_buf_clear(&f.out);
    CHECK(sio_node4_request_add_ack(&f.out, SIO_VIEW("\"xjpgtd\""), SIO_VIEW("null"), NULL, 0));
    CHECK_VIEW(sio_buf_view(&f.out), bytes_of(&f, hex_of(25)));
    sio_buf_clear(&f.out);
    CHECK(sio_node4_request_add_ack(&f.out, SIO_VIEW("\"V-qsM_\""),
                                    SIO_VIEW("{\"_placeholder\":true,\"num\":0}"), &two_bytes, 1));
    CHECK_VIEW(sio_buf_view(&f.out), bytes_of(&f, hex_of(26)));
    sio_buf_init(&deep, SIZE_MAX);
    for (size_t i = 0; i < 2 * too_deep; i++)
        sio_buf_add_char(&deep, i < too_deep ? '[' : ']');
    CHECK(!sio_node4_request_add_ack(&f.out, SIO_VIEW("\"a\""), sio_buf_view(&deep), NULL, 0));
    CHECK_VIEW(sio_buf_view(&f.out), bytes_of(&f, hex_of(26)));
    sio_buf_fini(&deep);
    fixture_end(&f);
}

int
main(void)
{
    RUN(test_channels);
    RUN(test_names_of_channels);
    RUN(test_what_others_say_is_read);
    RUN(test_every_event_is_read);
    RUN(test_what_node_wrote_is_written_again);
    RUN(test_harmful_payloads_are_judged);
    RUN(test_own_events_are_dropped);
    RUN(test_text_is_taken);
    RUN(test_obstacles);
    RUN(test_requests_are_read);
    RUN(test_questions_to_clients_are_read);
    RUN(test_harmful_requests_are_refused);
    RUN(test_requests_are_written);
    RUN(test_answers_are_written);
    return check_done();
}
