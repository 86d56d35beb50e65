/*
 * tests/fuzz/fuzz_client_files.c - requests for the browser clients, with any path and headers, and
 * files of any content.
 *
 * The first byte of an input chooses settings, bits as in `settings` below. Then, a line each: the
 * path behind the resource, Accept-Encoding, If-None-Match; the rest is the content of a file.
 *
 * Checked: the headers are lines and promise the length of what follows; what is said to be
 * compressed is, to one of the files; whoever names the tag that came gets 304; and a file with any
 * content is served as it is.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "protocol/result.h"
#include "server/assets/client09_files.h"
#include "server/assets/client4_files.h"
#include "server/assets/static_file.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_CONTENT = 4096 };

static const char *const settings[] = {"browser client minification", "browser client etag",
                                       "browser client gzip"};

enum { N_SETTINGS = sizeof settings / sizeof settings[0], VERSION_4 = 1 << N_SETTINGS };

/* --- Files to serve. --- */

static const struct {
    const char *name, *content;
} stand_ins[] = {
    {"socket.io.js", "/*! Socket.IO.js build:0.9.16, development. */ plain plain plain"},
    {"socket.io.min.js", "/*! Socket.IO.min.js build:0.9.16, production. */ minified minified"},
    {"WebSocketMain.swf", "CWS main"},
    {"WebSocketMainInsecure.swf", "CWS insecure"},
    {"4/socket.io.js", "/*!\n * Socket.IO v4.8.4\n */ plain plain plain"},
    {"4/socket.io.js.map", "{\"map\":1}"},
    {"4/socket.io.min.js", "/*!\n * Socket.IO v4.8.4\n */ minified minified"},
    {"4/socket.io.min.js.map", "{\"map\":2}"},
    {"4/socket.io.esm.min.js", "/*!\n * Socket.IO v4.8.4\n */ module module"},
    {"4/socket.io.esm.min.js.map", "{\"map\":3}"},
};

enum { N_STAND_INS = sizeof stand_ins / sizeof stand_ins[0] };

static void
path_in(const char *folder, const char *name, char path[256])
{
    must(snprintf(path, 256, "%s/%s", folder, name) < 256);
}

static void
write_all(const char *path, sio_view bytes)
{
    FILE *f = fopen(path, "w");

    must(f != NULL && fwrite(bytes.data, 1, bytes.len, f) == bytes.len && fclose(f) == 0);
}

static void
make_stand_ins(char folder[32])
{
    char path[256];

    snprintf(folder, 32, "/tmp/sio-fuzz-files-XXXXXX");
    must(mkdtemp(folder) != NULL);
    path_in(folder, "4", path);
    must(mkdir(path, 0700) == 0);
    for (size_t i = 0; i < N_STAND_INS; i++) {
        path_in(folder, stand_ins[i].name, path);
        write_all(path, sio_view_of(stand_ins[i].content));
    }
}

static void
remove_stand_ins(const char *folder)
{
    char path[256];

    for (size_t i = 0; i < N_STAND_INS; i++) {
        path_in(folder, stand_ins[i].name, path);
        unlink(path);
    }
    path_in(folder, "4", path);
    rmdir(path);
    rmdir(folder);
}

typedef struct {
    sio_cfg             cfg;
    sio_client09_files *of_09;
    sio_client4_files  *of_4;
} served;

static void
served_init(served *s, unsigned bits)
{
    char    folder[32];
    sio_buf error;

    sio_buf_init(&error, 4096);
    must(sio_cfg_init(&s->cfg) == SIO_OK);
    for (unsigned i = 0; i < N_SETTINGS; i++)
        must(sio_cfg_set_text(&s->cfg, settings[i], (bits >> i & 1) != 0 ? "true" : "false",
                              &error) == SIO_OK);
    if ((bits & VERSION_4) != 0)
        must(sio_cfg_set_text(&s->cfg, "browser client version", "4", &error) == SIO_OK);
    make_stand_ins(folder);
    must(sio_client09_files_new(&s->of_09, &s->cfg, folder, &error) == SIO_OK);
    must(sio_client4_files_new(&s->of_4, &s->cfg, folder, &error) == SIO_OK && error.len == 0);
    remove_stand_ins(folder);
}

/* --- Answers. --- */

static bool
is_answered(const served *s, const sio_client_request *request, sio_buf *headers,
            sio_client_answer *answer)
{
    sio_buf_init(headers, SIZE_MAX);
    *answer = (sio_client_answer){.status = 0};
    if (sio_client4_files_match(&s->cfg, request->path))
        sio_client4_files_answer(s->of_4, request, headers, answer);
    else if (sio_client09_files_match(request->path))
        sio_client09_files_answer(s->of_09, request, headers, answer);
    else
        return false;
    return true;
}

/* The value of that header, or an empty view. */
static sio_view
value_of(const sio_buf *headers, const char *name)
{
    const size_t len = strlen(name);

    for (size_t at = 0; at < headers->len;) {
        const char *line = headers->data + at;
        const char *end = memmem(line, headers->len - at, "\r\n", 2);

        must(end != NULL && memchr(line, '\r', (size_t)(end - line)) == NULL);
        must(memchr(line, '\n', (size_t)(end - line)) == NULL);
        must(memmem(line, (size_t)(end - line), ": ", 2) != NULL);
        if ((size_t)(end - line) > len + 2 && strncasecmp(line, name, len) == 0)
            return (sio_view){line + len + 2, (size_t)(end - line) - len - 2};
        at += (size_t)(end - line) + 2;
    }
    return SIO_VIEW("");
}

static void
check_inflates(sio_view body)
{
    char     plain[MAX_CONTENT + 256]; /* the longest stand-in, or the content of an input */
    z_stream z = {.next_in = (Bytef *)(uintptr_t)body.data, /* zlib reads only */
                  .avail_in = (uInt)body.len,
                  .next_out = (Bytef *)plain,
                  .avail_out = sizeof plain};

    must(inflateInit2(&z, 15 + 16) == Z_OK && inflate(&z, Z_FINISH) == Z_STREAM_END);
    must(z.avail_in == 0);
    inflateEnd(&z);
}

static void
check_tag(const served *s, sio_client_request request, sio_view tag)
{
    sio_buf           headers;
    sio_client_answer answer;

    request.if_none_match = tag;
    must(is_answered(s, &request, &headers, &answer) && answer.status == 304);
    must(answer.lead.len + answer.body.len == 0);
    sio_buf_fini(&headers);
}

static void
check_answer(const served *s, const sio_client_request *request)
{
    sio_buf           headers;
    sio_client_answer answer;
    char              length[32];

    if (is_answered(s, request, &headers, &answer)) {
        must(answer.status == 200 || answer.status == 304 || answer.status == 500);
        snprintf(length, sizeof length, "%zu", answer.lead.len + answer.body.len);
        must(answer.status == 304 ||
             sio_view_eq(value_of(&headers, "Content-Length"), sio_view_of(length)));
        if (value_of(&headers, "Content-Encoding").len > 0)
            check_inflates(answer.body);
        if (answer.status == 200 && value_of(&headers, "Etag").len > 0)
            check_tag(s, *request, value_of(&headers, "Etag"));
    }
    sio_buf_fini(&headers);
}

/* --- A file of any content. --- */

static void
check_file(sio_view content, sio_view accept_encoding)
{
    sio_static_file file;
    char            version[16] = "none";
    bool            is_gzip;

    sio_static_file_init(&file);
    sio_buf_add_view(&file.plain, content);
    sio_static_file_version(&file, "v", version, sizeof version);
    must(version[0] != '\0' && strlen(version) < sizeof version);
    must(sio_static_file_compress(&file) == SIO_OK);
    check_inflates(sio_buf_view(&file.gzip));
    const sio_view body = sio_static_file_body(&file, accept_encoding, &is_gzip);

    must(is_gzip ? body.data == file.gzip.data : sio_view_eq(body, content));
    sio_static_file_fini(&file);
}

static sio_view
take_line(sio_view *rest)
{
    const char    *eol = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
    const sio_view line = {rest->data, eol != NULL ? (size_t)(eol - rest->data) : rest->len};
    const size_t   used = line.len + (eol != NULL);

    *rest = (sio_view){rest->data + used, rest->len - used};
    return line;
}

/* A request has no line ends inside, so a carriage return ends up nowhere. */
static bool
is_of_request(sio_view line)
{
    return line.len == 0 || memchr(line.data, '\r', line.len) == NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static served      kept[2 * VERSION_4]; /* for each settings, made when it is needed */
    sio_view           rest = {(const char *)data, size};
    sio_client_request request = {.now = 1800000000};

    if (size == 0 || size > MAX_CONTENT)
        return 0;
    served *s = &kept[data[0] % (2 * VERSION_4)];

    if (s->of_09 == NULL)
        served_init(s, data[0] % (2 * VERSION_4));
    rest = (sio_view){rest.data + 1, rest.len - 1};
    request.path = take_line(&rest);
    request.accept_encoding = take_line(&rest);
    request.if_none_match = take_line(&rest);
    if (is_of_request(request.path) && is_of_request(request.accept_encoding) &&
        is_of_request(request.if_none_match))
        check_answer(s, &request);
    check_file(rest, request.accept_encoding);
    return 0;
}
