/* server/assets/client09_files.c - see client09_files.h. */
#include "server/assets/client09_files.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/assets/static_file.h"

enum { MAX_VERSION = 16 };

typedef enum {
    KIND_NONE,
    KIND_FLASH,          /* WebSocketMain.swf */
    KIND_FLASH_INSECURE, /* WebSocketMainInsecure.swf */
    KIND_SCRIPT,         /* /socket.io.js and /socket.io.v*: for the configured transports */
    KIND_CUSTOM          /* /socket.io+websocket+...: for those named */
} kind;

struct sio_client09_files {
    sio_static_file script, flash, flash_insecure;
    sio_texts       transports;
    char            version[MAX_VERSION]; /* of the client, "0.9.16" */
    unsigned        expires_s;
    bool            etag;
};

/* Which file does a path name? The later rows were the first to be looked at in the original. */
static kind
client09_files_kind_of(sio_view path)
{
    static const struct {
        const char *name;
        kind        kind;
    } names[] = {
        {"/socket.io+", KIND_CUSTOM},
        {"/socket.io.v", KIND_SCRIPT},
        {"/socket.io.js", KIND_SCRIPT},
        {"/static/flashsocket/WebSocketMainInsecure.swf", KIND_FLASH_INSECURE},
        {"/static/flashsocket/WebSocketMain.swf", KIND_FLASH},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (path.len > 0 &&
            memmem(path.data, path.len, names[i].name, strlen(names[i].name)) != NULL)
            return names[i].kind;
    return KIND_NONE;
}

bool
sio_client09_files_match(sio_view path)
{
    return client09_files_kind_of(path) != KIND_NONE;
}

/* --- Paths of builds. --- */

/* Cut suffix off the end of *text if it is there. */
static bool
cut_suffix(sio_view *text, const char *suffix)
{
    const size_t n = strlen(suffix);

    if (text->len < n || memcmp(text->data + text->len - n, suffix, n) != 0)
        return false;
    text->len -= n;
    return true;
}

/* Cut one or more digits off the end of *text. */
static bool
cut_digits(sio_view *text)
{
    const size_t before = text->len;

    while (text->len > 0 && isdigit((unsigned char)text->data[text->len - 1]))
        text->len--;
    return text->len < before;
}

/* Cut ".v1.2.3" off the end of *text; *text is untouched when there is none. */
static bool
cut_version(sio_view *text)
{
    sio_view rest = *text;

    if (!cut_digits(&rest) || !cut_suffix(&rest, ".") || !cut_digits(&rest) ||
        !cut_suffix(&rest, ".") || !cut_digits(&rest) || !cut_suffix(&rest, ".v"))
        return false;
    *text = rest;
    return true;
}

/* Does the path end with ".v1.2.3.js"? Then it may be cached for ever. */
static bool
is_versioned(sio_view path)
{
    return cut_suffix(&path, ".js") && cut_version(&path);
}

/* The "+a+b" of a path that ends with it, maybe a version, and ".js"; else empty. */
static sio_view
custom_names(sio_view path)
{
    if (!cut_suffix(&path, ".js"))
        return (sio_view){NULL, 0};
    (void)cut_version(&path);
    size_t begin = path.len;

    while (begin > 0 && (isalnum((unsigned char)path.data[begin - 1]) ||
                         strchr("_-+", path.data[begin - 1]) != NULL))
        begin--;
    const sio_view words = {path.data + begin, path.len - begin};
    const char    *plus = memchr(words.data, '+', words.len);

    if (plus == NULL)
        return (sio_view){NULL, 0};
    return (sio_view){plus, (size_t)(words.data + words.len - plus)};
}

/* --- Entity tags. --- */

/* A transport counts in the tag with the last decimal digit of each of its characters. */
static void
add_transport_tag(sio_buf *tag, sio_view transport)
{
    for (size_t i = 0; i < transport.len; i++)
        sio_buf_add_char(tag, (char)('0' + (unsigned char)transport.data[i] % 10));
}

/* The part of a list that begins at `at` and ends before the next separator. at < list.len. */
static sio_view
item_at(sio_view list, size_t at, char separator)
{
    const char  *begin = list.data + at;
    const size_t rest = list.len - at;
    const char  *end = memchr(begin, separator, rest);

    return (sio_view){begin, end == NULL ? rest : (size_t)(end - begin)};
}

/* Add the tag of every enabled transport of "+a+b"; how many there were. */
static unsigned
add_custom_tag(const sio_client09_files *files, sio_view names, sio_buf *tag)
{
    unsigned n_valid = 0;

    for (size_t at = 0; at < names.len;) {
        const sio_view name = item_at(names, at, '+');

        if (sio_texts_has(&files->transports, name)) {
            add_transport_tag(tag, name);
            n_valid++;
        }
        at += name.len + 1;
    }
    return n_valid;
}

/* Write the tag of a path into tag. False: a build of no transport at all. */
static bool
make_tag(const sio_client09_files *files, kind k, sio_view path, sio_buf *tag)
{
    sio_buf_add_str(tag, files->version);
    if (k == KIND_FLASH || k == KIND_FLASH_INSECURE)
        return true;
    sio_buf_add_char(tag, ':');
    if (k == KIND_CUSTOM)
        return add_custom_tag(files, custom_names(path), tag) > 0;
    for (size_t i = 0; i < files->transports.n; i++)
        add_transport_tag(tag, files->transports.items[i]);
    return true;
}

/* --- Answering. --- */

/* Append "Name: Sun, 22 Nov 2026 12:50:56 GMT\r\n". Written out, as strftime follows the locale. */
static void
add_date(sio_buf *headers, const char *name, time_t when)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm         t;
    char              line[96];

    if (gmtime_r(&when, &t) == NULL)
        return; /* a year that does not fit: no date is better than a wrong one */
    snprintf(line, sizeof line, "%s: %s, %02d %s %d %02d:%02d:%02d GMT\r\n", name, days[t.tm_wday],
             t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
    sio_buf_add_str(headers, line);
}

static void
add_caching(const sio_client09_files *files, time_t now, sio_buf *headers)
{
    sio_buf_add_str(headers, "Cache-Control: private, x-gzip-ok=\"\", max-age=");
    sio_buf_add_u64(headers, files->expires_s);
    sio_buf_add_str(headers, "\r\n");
    add_date(headers, "Date", now);
    add_date(headers, "Expires", now + (time_t)files->expires_s);
}

static void
add_tag_header(sio_view tag, sio_buf *headers)
{
    sio_buf_add_str(headers, "Etag: ");
    sio_buf_add_view(headers, tag);
    sio_buf_add_str(headers, "\r\n");
}

static void
answer_error(sio_view path, sio_buf *headers, sio_client_answer *out)
{
    *out = (sio_client_answer){500, false, SIO_VIEW("Error serving static "), path};
    sio_buf_add_str(headers, "Content-Type: text/plain\r\n");
    sio_static_file_headers(headers, out->lead.len + out->body.len, false);
}

static void
client09_files_answer_file(const sio_client09_files *files, const sio_client_request *request,
                           kind k, sio_view tag, sio_buf *headers, sio_client_answer *out)
{
    const bool             versioned = is_versioned(request->path);
    const sio_static_file *file = k == KIND_FLASH            ? &files->flash
                                  : k == KIND_FLASH_INSECURE ? &files->flash_insecure
                                                             : &files->script;
    bool                   gzip;

    *out = (sio_client_answer){.status = 200, .dated = versioned};
    out->body = sio_static_file_body(file, request->accept_encoding, &gzip);
    sio_buf_add_str(headers, file == &files->script
                                 ? "Content-Type: application/javascript\r\n"
                                 : "Content-Type: application/x-shockwave-flash\r\n");
    if (versioned)
        add_caching(files, request->now, headers);
    else if (files->etag)
        add_tag_header(tag, headers);
    sio_static_file_headers(headers, out->body.len, gzip);
}

void
sio_client09_files_answer(const sio_client09_files *files, const sio_client_request *request,
                          sio_buf *headers, sio_client_answer *out)
{
    const kind k = client09_files_kind_of(request->path);
    sio_buf    tag;

    sio_buf_init(&tag, MAX_VERSION + 1 + request->path.len + 64 * files->transports.n);
    if (k == KIND_NONE || !make_tag(files, k, request->path, &tag) || tag.failed)
        answer_error(request->path, headers, out);
    else if (files->etag && sio_static_file_is_known(request->if_none_match, sio_buf_view(&tag)))
        *out = (sio_client_answer){.status = 304};
    else
        client09_files_answer_file(files, request, k, sio_buf_view(&tag), headers, out);
    sio_buf_fini(&tag);
}

/* --- Preparing. --- */

static int
read_files(sio_client09_files *files, const char *directory, const char *script, sio_buf *error)
{
    const struct {
        sio_static_file *file;
        const char      *name;
    } rows[] = {
        {&files->script, script},
        {&files->flash, "WebSocketMain.swf"},
        {&files->flash_insecure, "WebSocketMainInsecure.swf"},
    };
    int rc = SIO_OK;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rc == SIO_OK; i++)
        rc = sio_static_file_read(rows[i].file, directory, rows[i].name, "browser client", error);
    return rc;
}

static int
client09_files_prepare(sio_client09_files *files, const sio_cfg *cfg, const char *directory,
                       sio_buf *error)
{
    const char *script = cfg->browser_client_minification ? "socket.io.min.js" : "socket.io.js";
    int         rc = read_files(files, directory, script, error);

    if (rc != SIO_OK)
        return rc;
    /* Its first line has "build:0.9.16"; without it, take it for the one we are made for. */
    snprintf(files->version, sizeof files->version, "0.9.16");
    sio_static_file_version(&files->script, "build:", files->version, sizeof files->version);
    files->etag = cfg->browser_client_etag;
    files->expires_s = cfg->browser_client_expires_s;
    rc = sio_texts_copy(&files->transports, &cfg->transports);
    if (rc == SIO_OK && cfg->browser_client_gzip)
        rc = sio_static_file_compress(&files->script);
    if (rc != SIO_OK)
        sio_buf_add_str(error, "browser client is off: out of memory");
    return rc;
}

int
sio_client09_files_new(sio_client09_files **out, const sio_cfg *cfg, const char *directory,
                       sio_buf *error)
{
    *out = NULL;
    if (!cfg->browser_client)
        return SIO_OK;
    sio_client09_files *files = calloc(1, sizeof *files);

    if (files == NULL) {
        sio_buf_add_str(error, "browser client is off: out of memory");
        return SIO_ERR_NOMEM;
    }
    sio_static_file_init(&files->script);
    sio_static_file_init(&files->flash);
    sio_static_file_init(&files->flash_insecure);
    const int rc = client09_files_prepare(files, cfg, directory, error);

    if (rc == SIO_OK)
        *out = files;
    else
        sio_client09_files_free(files);
    return rc;
}

int
sio_client09_files_set_transports(sio_client09_files *files, const sio_texts *transports)
{
    sio_texts copy;

    if (files == NULL)
        return SIO_OK;
    if (sio_texts_copy(&copy, transports) != SIO_OK)
        return SIO_ERR_NOMEM;
    sio_texts_fini(&files->transports);
    files->transports = copy;
    return SIO_OK;
}

void
sio_client09_files_free(sio_client09_files *files)
{
    if (files == NULL)
        return;
    sio_static_file_fini(&files->script);
    sio_static_file_fini(&files->flash);
    sio_static_file_fini(&files->flash_insecure);
    sio_texts_fini(&files->transports);
    free(files);
}
