/*
 * tests/unit/assets/client4_files_test.c - server/assets/client4_files.c on stand-in files in a
 * scratch folder.
 */
#include "server/assets/client4_files.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/sio-test-client4-files-XXXXXX";

static const struct {
    const char *name, *contents;
} stand_ins[] = {
    {"4/socket.io.js", "/*!\n * Socket.IO v4.8.4\n */\nplain"},
    {"4/socket.io.js.map", "{\"map\":1}"},
    {"4/socket.io.min.js", "/*!\n * Socket.IO v4.8.4\n */\nminified"},
    {"4/socket.io.min.js.map", "{\"map\":2}"},
    {"4/socket.io.esm.min.js", "/*!\n * Socket.IO v4.8.4\n */\nmodule"},
    {"4/socket.io.esm.min.js.map", "{\"map\":3}"},
};

enum { N_STAND_INS = sizeof stand_ins / sizeof stand_ins[0] };

static void
path_of(const char *name, char path[256])
{
    if (snprintf(path, 256, "%s/%s", directory, name) >= 256)
        abort();
}

static void
make_stand_ins(void)
{
    char path[256];

    if (mkdtemp(directory) == NULL)
        abort();
    path_of("4", path);
    if (mkdir(path, 0700) != 0)
        abort();
    for (size_t i = 0; i < N_STAND_INS; i++) {
        path_of(stand_ins[i].name, path);
        FILE *f = fopen(path, "w");

        if (f == NULL || fputs(stand_ins[i].contents, f) < 0 || fclose(f) != 0)
            abort();
    }
}

static void
remove_stand_ins(void)
{
    char path[256];

    for (size_t i = 0; i < N_STAND_INS; i++) {
        path_of(stand_ins[i].name, path);
        unlink(path);
    }
    path_of("4", path);
    rmdir(path);
    rmdir(directory);
}

/* The files, prepared with "browser client gzip" as it says. */
static sio_client4_files *
new_files(const char *gzip)
{
    sio_client4_files *files = NULL;
    sio_cfg            cfg;
    sio_buf            error;

    sio_buf_init(&error, 4096);
    if (sio_cfg_init(&cfg) != SIO_OK)
        abort();
    CHECK_INT(sio_cfg_set_json(&cfg, "browser client gzip", gzip, &error), SIO_OK);
    CHECK_INT(sio_client4_files_new(&files, &cfg, directory, &error), SIO_OK);
    CHECK_VIEW(sio_buf_view(&error), "");
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
    if (files == NULL)
        abort();
    return files;
}

static void
test_paths(void)
{
    enum { NEVER, IF_CHOSEN, ALWAYS };
    static const struct {
        const char *path;
        int         matches;
    } rows[] = {
        {"/4/socket.io.js", ALWAYS},
        {"/4/socket.io.min.js", ALWAYS},
        {"/4/socket.io.esm.min.js", ALWAYS},
        {"/4/socket.io.js.map", ALWAYS},
        {"/4/socket.io.min.js.map", ALWAYS},
        {"/4/socket.io.esm.min.js.map", ALWAYS},
        {"/socket.io.js", IF_CHOSEN}, /* that of 0.9 has these two as well */
        {"/socket.io.js.map", IF_CHOSEN},
        {"/socket.io.min.js", ALWAYS},
        {"/socket.io.min.js.map", ALWAYS},
        {"/socket.io.esm.min.js", ALWAYS},
        {"/socket.io.esm.min.js.map", ALWAYS},
        {"/4/socket.io.msgpack.min.js", NEVER},
        {"/socket.io.msgpack.min.js", NEVER},
        {"/4/socket.io.js/", NEVER},
        {"/socket.io.js/", NEVER},
        {"/socket.io.jsx", NEVER},
        {"/socket.io.v0.9.16.js", NEVER},
        {"/x/4/socket.io.js", NEVER},
        {"/x/socket.io.js", NEVER},
        {"//socket.io.js", NEVER},
        {"/4//socket.io.js", NEVER},
        {"/4/4/socket.io.js", NEVER},
        {"/4/../4/socket.io.js", NEVER},
        {"socket.io.js", NEVER},
        {"4/socket.io.js", NEVER},
        {"/4/", NEVER},
        {"/4", NEVER},
        {"/", NEVER},
        {"", NEVER},
    };
    sio_cfg usual, chosen;
    sio_buf error;

    sio_buf_init(&error, 4096);
    if (sio_cfg_init(&usual) != SIO_OK || sio_cfg_init(&chosen) != SIO_OK)
        abort();
    CHECK_INT(sio_cfg_set_json(&chosen, "browser client version", "\"4\"", &error), SIO_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sio_view path = sio_view_of(rows[i].path);

        check_row = rows[i].path;
        CHECK_INT(sio_client4_files_match(&usual, path), rows[i].matches == ALWAYS);
        CHECK_INT(sio_client4_files_match(&chosen, path), rows[i].matches != NEVER);
    }
    sio_cfg_fini(&usual);
    sio_cfg_fini(&chosen);
    sio_buf_fini(&error);
}

typedef struct {
    const char *path, *accept_encoding, *if_none_match;
    unsigned    status;
    const char *headers;
    const char *body; /* NULL: not looked at */
} answer_row;

static void
check_answer(const sio_client4_files *files, const answer_row *row)
{
    const sio_client_request request = {.path = sio_view_of(row->path),
                                        .accept_encoding = sio_view_of(row->accept_encoding),
                                        .if_none_match = sio_view_of(row->if_none_match)};
    sio_client_answer        answer;
    sio_buf                  headers;

    check_row = row->path;
    sio_buf_init(&headers, 4096);
    sio_client4_files_answer(files, &request, &headers, &answer);
    CHECK_INT(answer.status, row->status);
    CHECK(!answer.dated);
    CHECK_INT(answer.lead.len, 0);
    CHECK_VIEW(sio_buf_view(&headers), row->headers);
    if (row->body != NULL)
        CHECK_VIEW(answer.body, row->body);
    sio_buf_fini(&headers);
}

#define HEAD(type)                                                                              \
    "Cache-Control: public, max-age=0\r\nContent-Type: application/" type "; charset=utf-8\r\n" \
    "ETag: \"4.8.4\"\r\nAccess-Control-Allow-Origin: *\r\n"

static void
test_answers(void)
{
    static const answer_row rows[] = {
        {"/4/socket.io.js", "gzip", NULL, 200, HEAD("javascript") "Content-Length: 33\r\n",
         "/*!\n * Socket.IO v4.8.4\n */\nplain"},
        {"/4/socket.io.min.js", NULL, "\"4.8.3\"", 200, HEAD("javascript") "Content-Length: 36\r\n",
         "/*!\n * Socket.IO v4.8.4\n */\nminified"},
        {"/4/socket.io.esm.min.js", NULL, NULL, 200, HEAD("javascript") "Content-Length: 34\r\n",
         "/*!\n * Socket.IO v4.8.4\n */\nmodule"},
        {"/4/socket.io.js.map", NULL, NULL, 200, HEAD("json") "Content-Length: 9\r\n",
         "{\"map\":1}"},
        {"/4/socket.io.min.js.map", NULL, NULL, 200, HEAD("json") "Content-Length: 9\r\n",
         "{\"map\":2}"},
        {"/4/socket.io.esm.min.js.map", NULL, NULL, 200, HEAD("json") "Content-Length: 9\r\n",
         "{\"map\":3}"},
        {"/socket.io.js", "gzip", NULL, 200, HEAD("javascript") "Content-Length: 33\r\n",
         "/*!\n * Socket.IO v4.8.4\n */\nplain"},
        {"/socket.io.esm.min.js.map", NULL, NULL, 200, HEAD("json") "Content-Length: 9\r\n",
         "{\"map\":3}"},
        {"/socket.io.js", NULL, "\"4.8.4\"", 304, "", ""},
        {"/4/socket.io.js", NULL, "\"4.8.4\"", 304, "", ""},
        {"/4/socket.io.min.js", NULL, "W/\"4.8.4\"", 304, "", ""},
        {"/4/socket.io.js.map", NULL, "\"4.8.3\", \"4.8.4\"", 304, "", ""},
    };
    sio_client4_files *files = new_files("false");

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_answer(files, &rows[i]);
    sio_client4_files_free(files);
}

static void
test_scripts_are_compressed_and_maps_are_not(void)
{
    const sio_client_request script = {.path = SIO_VIEW("/4/socket.io.min.js"),
                                       .accept_encoding = SIO_VIEW("gzip, br")};
    const sio_client_request map = {.path = SIO_VIEW("/4/socket.io.min.js.map"),
                                    .accept_encoding = SIO_VIEW("gzip, br")};
    static const char        mark[] = "\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n";
    sio_client4_files       *files = new_files("true");
    sio_client_answer        answer;
    sio_buf                  headers;

    sio_buf_init(&headers, 4096);
    sio_client4_files_answer(files, &script, &headers, &answer);
    CHECK(memmem(headers.data, headers.len, mark, strlen(mark)) != NULL);
    CHECK(answer.body.len > 2 && memcmp(answer.body.data, "\x1f\x8b", 2) == 0);
    sio_buf_clear(&headers);
    sio_client4_files_answer(files, &map, &headers, &answer);
    CHECK(memmem(headers.data, headers.len, mark, strlen(mark)) == NULL);
    CHECK_VIEW(answer.body, "{\"map\":2}");
    sio_buf_fini(&headers);
    sio_client4_files_free(files);
}

static void
test_off_and_missing(void)
{
    static const char want[] = "browser client of socket.io 4 is off: /nonexistent/4/socket.io.js: "
                               "No such file or directory";
    sio_client4_files *files = NULL;
    sio_cfg            cfg;
    sio_buf            error;

    sio_buf_init(&error, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_client4_files_new(&files, &cfg, "/nonexistent", &error), SIO_ERR_NOT_FOUND);
    CHECK(files == NULL);
    CHECK_VIEW(sio_buf_view(&error), want);
    CHECK_INT(sio_cfg_set_json(&cfg, "browser client", "false", &error), SIO_OK);
    CHECK_INT(sio_client4_files_new(&files, &cfg, "/nonexistent", &error), SIO_OK);
    CHECK(files == NULL);
    sio_client4_files_free(NULL);
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

int
main(void)
{
    make_stand_ins();
    RUN(test_paths);
    RUN(test_answers);
    RUN(test_scripts_are_compressed_and_maps_are_not);
    RUN(test_off_and_missing);
    remove_stand_ins();
    return check_done();
}
