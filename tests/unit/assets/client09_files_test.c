/*
 * tests/unit/assets/client09_files_test.c - server/assets/client09_files.c on stand-in files in a
 * scratch folder.
 */
#include "server/assets/client09_files.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <unistd.h>
#define ZLIB_CONST /* next_in of a z_stream may then point to const */
#include <zlib.h>

#define SCRIPT   "/*! Socket.IO.js build:0.9.16, development. */\nvar io = {};\n"
#define MINIFIED "/*! Socket.IO.min.js build:0.9.16, production. */var io={};"

static char directory[] = "/tmp/sio-test-client-files-XXXXXX";

static const struct {
    const char *name, *contents;
} stand_ins[] = {
    {"socket.io.js", SCRIPT},
    {"socket.io.min.js", MINIFIED},
    {"WebSocketMain.swf", "CWS main"},
    {"WebSocketMainInsecure.swf", "CWS insecure"},
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
    if (mkdtemp(directory) == NULL)
        abort();
    for (size_t i = 0; i < N_STAND_INS; i++) {
        char path[256];

        path_of(stand_ins[i].name, path);
        FILE *f = fopen(path, "w");

        if (f == NULL || fputs(stand_ins[i].contents, f) < 0 || fclose(f) != 0)
            abort();
    }
}

static void
remove_stand_ins(void)
{
    for (size_t i = 0; i < N_STAND_INS; i++) {
        char path[256];

        path_of(stand_ins[i].name, path);
        unlink(path);
    }
    rmdir(directory);
}

/* Files prepared with these settings, given as {"key", "json", ..., NULL}. */
static sio_client09_files *
new_files(const char *const *settings)
{
    sio_client09_files *files = NULL;
    sio_cfg             cfg;
    sio_buf             error;

    sio_buf_init(&error, 4096);
    if (sio_cfg_init(&cfg) != SIO_OK)
        abort();
    for (; *settings != NULL; settings += 2)
        CHECK_INT(sio_cfg_set_json(&cfg, settings[0], settings[1], &error), SIO_OK);
    CHECK_INT(sio_client09_files_new(&files, &cfg, directory, &error), SIO_OK);
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
    static const struct {
        const char *path;
        bool        matches;
    } rows[] = {
        {"/socket.io.js", true},
        {"/foo/socket.io.js", true},
        {"/socket.io.js/", true},
        {"/socket.io.v1.2.3.js", true},
        {"/socket.io.vfoo", true},
        {"/socket.io+bogus.js", true},
        {"/static/flashsocket/WebSocketMain.swf", true},
        {"/static/flashsocket/WebSocketMainInsecure.swf", true},
        {"/socket.io.min.js", false},
        {"/static/flashsocket/other.swf", false},
        {"socket.io.js", false},
        {"/1/", false},
        {"/", false},
        {"", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].path;
        CHECK_INT(sio_client09_files_match(sio_view_of(rows[i].path)), rows[i].matches);
    }
}

typedef struct {
    const char *path, *accept_encoding, *if_none_match;
    unsigned    status;
    const char *headers; /* NULL: not looked at */
    const char *body;    /* NULL: not looked at */
} answer_row;

static void
check_answers(const sio_client09_files *files, const answer_row *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        const sio_client_request request = {
            sio_view_of(rows[i].path), sio_view_of(rows[i].accept_encoding),
            sio_view_of(rows[i].if_none_match), 1795351856 /* Sun, 22 Nov 2026 12:50:56 */};
        sio_client_answer answer;
        sio_buf           headers, body;

        check_row = rows[i].path;
        sio_buf_init(&headers, 4096);
        sio_buf_init(&body, 4096);
        sio_client09_files_answer(files, &request, &headers, &answer);
        sio_buf_add_view(&body, answer.lead);
        sio_buf_add_view(&body, answer.body);
        CHECK_INT(answer.status, rows[i].status);
        if (rows[i].headers != NULL)
            CHECK_VIEW(sio_buf_view(&headers), rows[i].headers);
        if (rows[i].body != NULL)
            CHECK_VIEW(sio_buf_view(&body), rows[i].body);
        CHECK_INT(answer.dated,
                  headers.len > 0 && memmem(headers.data, headers.len, "\r\nDate: ", 8) != NULL);
        sio_buf_fini(&headers);
        sio_buf_fini(&body);
    }
}

#define CHECK_ANSWERS(files, rows) check_answers(files, rows, sizeof(rows) / sizeof((rows)[0]))

static void
test_plain_answers(void)
{
    static const char *const settings[] = {NULL};
    static const char        script[] = "Content-Type: application/javascript\r\n"
                                        "Content-Length: 60\r\n";
    static const answer_row  rows[] = {
         {"/socket.io.js", NULL, NULL, 200, script, SCRIPT},
         {"/socket.io.js", "gzip", "0.9.16", 200, script, SCRIPT}, /* neither is on by default */
         {"/foo/socket.io.js/", NULL, NULL, 200, script, SCRIPT},
         {"/socket.io.vfoo", NULL, NULL, 200, script, SCRIPT},
         {"/socket.io+websocket+nonsense.js", NULL, NULL, 200, script, SCRIPT},
         {"/static/flashsocket/WebSocketMain.swf", NULL, NULL, 200,
          "Content-Type: application/x-shockwave-flash\r\nContent-Length: 8\r\n", "CWS main"},
         {"/static/flashsocket/WebSocketMainInsecure.swf", NULL, NULL, 200,
          "Content-Type: application/x-shockwave-flash\r\nContent-Length: 12\r\n", "CWS insecure"},
    };
    sio_client09_files *files = new_files(settings);

    CHECK_INT(strlen(SCRIPT), 60);
    CHECK_ANSWERS(files, rows);
    sio_client09_files_free(files);
}

static void
test_versioned_paths_may_be_kept_for_ever(void)
{
    static const char *const settings[] = {"browser client etag", "true", "browser client expires",
                                           "3600", NULL};
    static const char        forever[] = "Content-Type: application/javascript\r\n"
                                         "Cache-Control: private, x-gzip-ok=\"\", max-age=3600\r\n"
                                         "Date: Sun, 22 Nov 2026 12:50:56 GMT\r\n"
                                         "Expires: Sun, 22 Nov 2026 13:50:56 GMT\r\n"
                                         "Content-Length: 60\r\n";
    static const answer_row  rows[] = {
         {"/socket.io.v0.9.16.js", NULL, NULL, 200, forever, SCRIPT},
         {"/socket.io+websocket.v10.20.30.js", NULL, NULL, 200, forever, SCRIPT},
         {"/socket.io.v0.9.js", NULL, NULL, 200, NULL, SCRIPT},
         {"/socket.io.v0.9.16.js/", NULL, NULL, 200, NULL, SCRIPT},
    };
    sio_client09_files *files = new_files(settings);

    CHECK_ANSWERS(files, rows);
    sio_client09_files_free(files);
}

static void
test_entity_tags(void)
{
    static const char *const settings[] = {
        "browser client etag", "true", "transports",
        "[\"websocket\",\"flashsocket\",\"htmlfile\",\"xhr-polling\",\"jsonp-polling\"]", NULL};
    static const char all[] =
        "Content-Type: application/javascript\r\n"
        "Etag: 0.9.16:9185197162875451971646982581044521885036510252188503\r\n"
        "Content-Length: 60\r\n";
    static const char       websocket[] = "Content-Type: application/javascript\r\n"
                                          "Etag: 0.9.16:918519716\r\n"
                                          "Content-Length: 60\r\n";
    static const char       swf[] = "/static/flashsocket/WebSocketMain.swf";
    static const char       swf_headers[] = "Content-Type: application/x-shockwave-flash\r\n"
                                            "Etag: 0.9.16\r\n"
                                            "Content-Length: 8\r\n";
    static const answer_row rows[] = {
        {"/socket.io.js", NULL, NULL, 200, all, SCRIPT},
        {"/socket.io+websocket.js", NULL, NULL, 200, websocket, SCRIPT},
        {"/socket.io+nonsense+websocket.js", NULL, NULL, 200, websocket, SCRIPT},
        {"/socket.io+websocket.js", NULL, "0.9.16:918519716", 304, "", ""},
        {"/socket.io+websocket.js", NULL, "0.9.16:918519717", 200, websocket, SCRIPT},
        {"/socket.io+websocket.v1.2.3.js", NULL, "0.9.16:918519716", 304, "", ""},
        {swf, NULL, NULL, 200, swf_headers, "CWS main"},
        {swf, NULL, "0.9.16", 304, "", ""},
        {swf, NULL, "\"0.9.16\"", 304, "", ""},
        {swf, NULL, "W/\"0.9.16\"", 304, "", ""},
        {swf, NULL, "\"a\" , W/\"b\",\t\"0.9.16\"", 304, "", ""},
        {swf, NULL, "*", 304, "", ""},
        {swf, NULL, "\"0.9.1\", 0.9.16x", 200, swf_headers, "CWS main"},
        {swf, NULL, "\"\",,W/", 200, swf_headers, "CWS main"},
    };
    sio_client09_files *files = new_files(settings);

    CHECK_ANSWERS(files, rows);
    sio_client09_files_free(files);
}

static void
test_builds_of_no_transport_are_refused(void)
{
    static const char *const settings[] = {"transports", "[\"websocket\"]", NULL};
    static const answer_row  rows[] = {
         {"/socket.io+bogus.js", NULL, NULL, 500,
          "Content-Type: text/plain\r\nContent-Length: 40\r\n",
          "Error serving static /socket.io+bogus.js"},
         {"/socket.io+websocket", NULL, NULL, 500, NULL,
          "Error serving static /socket.io+websocket"},
         {"/socket.io+xhr-polling.js", NULL, NULL, 500, NULL, NULL}, /* not enabled */
         {"/socket.io+.js", NULL, NULL, 500, NULL, NULL},
         {"/socket.io+websocket.js.js", NULL, NULL, 500, NULL, NULL},
         {"/socket.io+websocket/.js", NULL, NULL, 500, NULL, NULL},
         {"/socket.io+++websocket.js", NULL, NULL, 200, NULL, SCRIPT},
    };
    sio_client09_files *files = new_files(settings);

    CHECK_ANSWERS(files, rows);
    sio_client09_files_free(files);
}

static void
test_minified(void)
{
    static const char *const settings[] = {"browser client minification", "true", NULL};
    static const answer_row  rows[] = {{"/socket.io.js", NULL, NULL, 200, NULL, MINIFIED}};
    sio_client09_files      *files = new_files(settings);

    CHECK_ANSWERS(files, rows);
    sio_client09_files_free(files);
}

/* The answer to accept_encoding for path; its body unpacked into out when it is compressed. */
static bool
answer_gzip(const sio_client09_files *files, const char *path, const char *accept_encoding,
            char out[256], size_t *out_len)
{
    static const char        mark[] = "\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n";
    const sio_client_request request = {.path = sio_view_of(path),
                                        .accept_encoding = sio_view_of(accept_encoding)};
    sio_client_answer        answer;
    sio_buf                  headers;
    z_stream                 z = {0};

    sio_buf_init(&headers, 4096);
    sio_client09_files_answer(files, &request, &headers, &answer);
    const bool gzip = memmem(headers.data, headers.len, mark, strlen(mark)) != NULL;

    sio_buf_fini(&headers);
    if (!gzip || inflateInit2(&z, 15 + 16) != Z_OK)
        return false;
    z.next_in = (const Bytef *)answer.body.data;
    z.avail_in = (uInt)answer.body.len;
    z.next_out = (Bytef *)out;
    z.avail_out = 256;
    CHECK_INT(inflate(&z, Z_FINISH), Z_STREAM_END);
    *out_len = z.total_out;
    inflateEnd(&z);
    CHECK_INT(memcmp(answer.body.data + 3, "\0\0\0\0\0", 5), 0); /* no name, no time */
    return true;
}

static void
test_gzip(void)
{
    static const char *const settings[] = {"browser client gzip", "true", NULL};
    static const struct {
        const char *accept_encoding;
        bool        gzip;
    } rows[] = {
        {"gzip", true},
        {"deflate, GZIP", true},
        {"x-gzip", true},
        {"gzip;q=0.5", true},
        {"gzip; q=0.01, br", true},
        {"deflate;q=0, gzip", true},
        {"gzip;q=0", false},
        {"gzip;q=0.000, br;q=1", false},
        {"gzip ; q=0", false},
        {"deflate, br", false},
        {"", false},
        {"gzi", false},
    };
    sio_client09_files *files = new_files(settings);
    char                text[256];
    size_t              len = 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].accept_encoding;
        const bool gzip = answer_gzip(files, "/socket.io.js", rows[i].accept_encoding, text, &len);

        CHECK_INT(gzip, rows[i].gzip);
        if (gzip)
            CHECK_VIEW(((sio_view){text, len}), SCRIPT);
    }
    check_row = "flash";
    CHECK(!answer_gzip(files, "/static/flashsocket/WebSocketMain.swf", "gzip", text, &len));
    sio_client09_files_free(files);
}

static void
test_off_and_missing(void)
{
    static const char   want[] = "browser client is off: /nonexistent/socket.io.js: "
                                 "No such file or directory";
    sio_client09_files *files = NULL;
    sio_cfg             cfg;
    sio_buf             error;

    sio_buf_init(&error, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_client09_files_new(&files, &cfg, "/nonexistent", &error), SIO_ERR_NOT_FOUND);
    CHECK(files == NULL);
    CHECK_VIEW(sio_buf_view(&error), want);
    CHECK_INT(sio_cfg_set_json(&cfg, "browser client", "false", &error), SIO_OK);
    CHECK_INT(sio_client09_files_new(&files, &cfg, "/nonexistent", &error), SIO_OK);
    CHECK(files == NULL);
    sio_client09_files_free(NULL);
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

int
main(void)
{
    make_stand_ins();
    RUN(test_paths);
    RUN(test_plain_answers);
    RUN(test_versioned_paths_may_be_kept_for_ever);
    RUN(test_entity_tags);
    RUN(test_builds_of_no_transport_are_refused);
    RUN(test_minified);
    RUN(test_gzip);
    RUN(test_off_and_missing);
    remove_stand_ins();
    return check_done();
}
