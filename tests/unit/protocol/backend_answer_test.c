#include "protocol/backend_answer.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/buf.h"
#include "tests/unit/check.h"

static void
test_answers_are_split(void)
{
    static const struct {
        const char *body;
        size_t      n;
        int         rc;
        const char *first, *second;
    } rows[] = {
        {"", 1, SIO_OK, "", ""},
        {" \n", 2, SIO_OK, "", ""},
        {"null", 1, SIO_OK, "", ""},
        {"{}", 1, SIO_OK, "{}", ""},
        {" {\"ack\":[1]} ", 1, SIO_OK, "{\"ack\":[1]}", ""},
        {"7", 1, SIO_OK, "7", ""}, /* of the wrong kind: found when it is read */
        {"{\"answers\":[null]}", 1, SIO_OK, "", ""},
        {"{\"answers\":[{\"a\":1} , null]}", 2, SIO_OK, "{\"a\":1}", ""},
        {"{\"answers\":[1,2]}", 2, SIO_OK, "1", "2"},
        {"{\"answers\":[1]}", 2, SIO_BAD, NULL, NULL},
        {"{\"answers\":[1,2]}", 1, SIO_BAD, NULL, NULL},
        {"{\"answers\":[]}", 1, SIO_BAD, NULL, NULL},
        {"{\"answers\":{}}", 1, SIO_BAD, NULL, NULL},
        {"{}", 2, SIO_BAD, NULL, NULL},
        {"null", 2, SIO_BAD, NULL, NULL},
        {"{", 1, SIO_BAD, NULL, NULL},
        {"<html>", 1, SIO_BAD, NULL, NULL},
        {"{} {}", 1, SIO_BAD, NULL, NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_view  answers[2];
        const int rc = sio_backend_answer_split(sio_view_of(rows[i].body), rows[i].n, answers);

        check_row = rows[i].body;
        CHECK_INT(rc, rows[i].rc);
        if (rc != SIO_OK)
            continue;
        CHECK_VIEW(answers[0], rows[i].first);
        if (rows[i].n > 1)
            CHECK_VIEW(answers[1], rows[i].second);
    }
}

/* In memory of its own, so that a sanitizer sees who reads behind it. Nothing of it is nothing. */
static void
test_what_is_cut_is_bad(void)
{
    static const char body[] =
        "{\"answers\":[{\"user\":\"42\",\"data\":{\"n\":[1.5e3,true]},\"join\":[\"r\",\"s\"]},"
        "{\"emit\":[[\"\\u00e9\",null]],\"do\":[{\"do\":\"emit\",\"name\":\"x\"}]}]}";
    sio_view answers[2];

    CHECK_INT(sio_backend_answer_split(SIO_VIEW(body), 2, answers), SIO_OK);
    for (size_t n = 1; n < sizeof body - 1; n++) {
        char *cut = malloc(n);

        if (CHECK(cut != NULL)) {
            memcpy(cut, body, n);
            CHECK_INT(sio_backend_answer_split((sio_view){cut, n}, 2, answers), SIO_BAD);
        }
        free(cut);
    }
}

static void
test_too_deep_is_bad(void)
{
    char     body[2 * SIO_BACKEND_ANSWER_MAX_DEPTH + 3];
    sio_view answer;

    memset(body, '[', SIO_BACKEND_ANSWER_MAX_DEPTH + 1);
    memset(body + SIO_BACKEND_ANSWER_MAX_DEPTH + 1, ']', SIO_BACKEND_ANSWER_MAX_DEPTH + 1);
    CHECK_INT(sio_backend_answer_split(
                  (sio_view){body, (size_t)2 * (SIO_BACKEND_ANSWER_MAX_DEPTH + 1)}, 1, &answer),
              SIO_BAD);
}

static void
test_each_member(void)
{
    static const char json[] =
        "{\"accept\":true,\"user\":\"42\",\"data\":{\"a\":1},\"join\":[\"r\"],\"leave\":\"s\","
        "\"ack\":[1],\"attachments\":[\"AA==\"],\"emit\":[[\"e\",1]],\"do\":[{}],"
        "\"disconnect\":\"close\",\"unknown\":1}";
    sio_backend_answer a;

    CHECK_INT(sio_backend_answer_read(SIO_VIEW(json), &a), SIO_OK);
    CHECK(!a.refuses);
    CHECK_VIEW(a.user, "\"42\"");
    CHECK_VIEW(a.data, "{\"a\":1}");
    CHECK_VIEW(a.join, "[\"r\"]");
    CHECK_VIEW(a.leave, "\"s\"");
    CHECK_VIEW(a.ack, "[1]");
    CHECK_VIEW(a.attachments, "[\"AA==\"]");
    CHECK_VIEW(a.emit, "[[\"e\",1]]");
    CHECK_VIEW(a.commands, "[{}]");
    CHECK(a.disconnects && a.closes && !a.hangs_up);
}

static void
test_how_it_disconnects(void)
{
    static const struct {
        const char *json;
        bool        disconnects, closes, hangs_up;
    } rows[] = {
        {"{\"disconnect\":false}", false, false, false},
        {"{\"disconnect\":true}", true, false, false},
        {"{\"disconnect\":\"close\"}", true, true, false},
        {"{\"disconnect\":\"reconnect\"}", false, false, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_backend_answer a;

        check_row = rows[i].json;
        CHECK_INT(sio_backend_answer_read(sio_view_of(rows[i].json), &a), SIO_OK);
        CHECK_INT(a.disconnects, rows[i].disconnects);
        CHECK_INT(a.closes, rows[i].closes);
        CHECK_INT(a.hangs_up, rows[i].hangs_up);
    }
}

static void
test_null_clears_or_is_nothing(void)
{
    sio_backend_answer a;

    CHECK_INT(sio_backend_answer_read(SIO_VIEW("{\"user\":null,\"data\":null,\"join\":null,"
                                               "\"error\":null,\"accept\":null,\"ack\":null}"),
                                      &a),
              SIO_OK);
    CHECK_VIEW(a.user, "null");
    CHECK_VIEW(a.data, "null");
    CHECK_VIEW(a.join, "");
    CHECK_VIEW(a.ack, "");
    CHECK(!a.refuses);
}

static void
test_refusals(void)
{
    static const struct {
        const char *json, *message, *data;
        bool        refuses;
    } rows[] = {
        {"{\"accept\":false}", "", "", true},
        {"{\"accept\":true,\"error\":{}}", "", "", true}, /* an error wins */
        {"{\"error\":{\"message\":\"no\",\"data\":{\"a\":1}}}", "\"no\"", "{\"a\":1}", true},
        {"{\"accept\":true}", "", "", false},
        {"{}", "", "", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_backend_answer a;

        check_row = rows[i].json;
        CHECK_INT(sio_backend_answer_read(sio_view_of(rows[i].json), &a), SIO_OK);
        CHECK_INT(a.refuses, rows[i].refuses);
        CHECK_VIEW(a.message, rows[i].message);
        CHECK_VIEW(a.error_data, rows[i].data);
    }
}

static void
test_wrong_kinds(void)
{
    static const char *const rows[] = {
        "7",
        "[]",
        "\"x\"",
        "{\"accept\":1}",
        "{\"error\":\"no\"}",
        "{\"error\":{\"message\":1}}",
        "{\"user\":42}",
        "{\"user\":\"\"}",
        "{\"user\":\"a\\u0000\"}",
        "{\"data\":[]}",
        "{\"data\":{\"a\":\"\\u0000\"}}",
        "{\"join\":1}",
        "{\"join\":[1]}",
        "{\"leave\":[\"a\\u0000\"]}",
        "{\"ack\":{}}",
        "{\"attachments\":[1]}",
        "{\"attachments\":[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"]}",
        "{\"emit\":[\"e\"]}",
        "{\"emit\":[[]]}",
        "{\"emit\":[[1]]}",
        "{\"do\":{}}",
        "{\"do\":[1]}",
        "{\"disconnect\":\"x\"}",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_backend_answer a;

        check_row = rows[i];
        CHECK_INT(sio_backend_answer_read(sio_view_of(rows[i]), &a), SIO_BAD);
        CHECK(a.user.len + a.data.len + a.join.len + a.emit.len + a.commands.len == 0);
    }
}

static void
test_so_many_commands(void)
{
    for (size_t n = SIO_BACKEND_ANSWER_MAX_COMMANDS; n <= SIO_BACKEND_ANSWER_MAX_COMMANDS + 1;
         n++) {
        sio_backend_answer a;
        sio_buf            json;

        sio_buf_init(&json, SIZE_MAX);
        sio_buf_add_str(&json, "{\"do\":[{}");
        for (size_t i = 1; i < n; i++)
            sio_buf_add_str(&json, ",{}");
        sio_buf_add_str(&json, "]}");
        CHECK_INT(sio_backend_answer_read(sio_buf_view(&json), &a),
                  n <= SIO_BACKEND_ANSWER_MAX_COMMANDS ? SIO_OK : SIO_BAD);
        sio_buf_fini(&json);
    }
}

static void
test_bodies_of_a_refusal(void)
{
    static const struct {
        const char *body, *message;
    } rows[] = {
        {"", ""},
        {"<html>", ""},
        {"{\"error\":{\"message\":\"no\"}}", "\"no\""},
        {"{\"answers\":[{\"error\":{\"message\":\"no\"}}]}", "\"no\""},
        {"{\"error\":\"forbidden\"}", ""}, /* as others write it */
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_backend_answer a;

        check_row = rows[i].body;
        sio_backend_answer_read_refusal(sio_view_of(rows[i].body), &a);
        CHECK(a.refuses);
        CHECK_VIEW(a.message, rows[i].message);
    }
}

int
main(void)
{
    RUN(test_answers_are_split);
    RUN(test_what_is_cut_is_bad);
    RUN(test_too_deep_is_bad);
    RUN(test_each_member);
    RUN(test_how_it_disconnects);
    RUN(test_null_clears_or_is_nothing);
    RUN(test_refusals);
    RUN(test_wrong_kinds);
    RUN(test_so_many_commands);
    RUN(test_bodies_of_a_refusal);
    return check_done();
}
