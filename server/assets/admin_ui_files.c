#include "server/assets/admin_ui_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/assets/static_file.h"
#include "server/base/digest.h"

enum { MAX_FILES = 64, MAX_NAME = 255, TAG_BYTES = 12 };

typedef struct {
    char            name[MAX_NAME + 1]; /* as in paths: "js/app.0d7d7845.js" */
    char            tag[2 * TAG_BYTES + 1];
    sio_static_file file;
} ui_file;

struct sio_admin_ui_files {
    size_t  n;
    ui_file items[MAX_FILES];
};

static const char index_name[] = "index.html";

/* --- Answering. --- */

static bool
ends_with(const char *name, const char *end)
{
    const size_t len = strlen(name), end_len = strlen(end);

    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static const char *
type_of(const char *name)
{
    static const struct {
        const char *end, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".json", "application/json"},
        {".woff2", "font/woff2"},
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (ends_with(name, types[i].end))
            return types[i].type;
    return "application/octet-stream";
}

static const ui_file *
file_named(const sio_admin_ui_files *files, sio_view name)
{
    if (name.len == 0)
        name = sio_view_of(index_name);
    for (size_t i = 0; i < files->n; i++)
        if (sio_view_eq(name, sio_view_of(files->items[i].name)))
            return &files->items[i];
    return NULL;
}

/* A page that disconnects clients at a click must not be in a frame of another one. */
static void
answer_ui_file(const ui_file *f, sio_view accept_encoding, sio_buf *headers, sio_client_answer *out)
{
    bool gzip;

    *out = (sio_client_answer){.status = 200};
    out->body = sio_static_file_body(&f->file, accept_encoding, &gzip);
    sio_buf_add_str(headers, "Cache-Control: no-cache\r\nContent-Type: ");
    sio_buf_add_str(headers, type_of(f->name));
    sio_buf_add_str(headers, "\r\nETag: \"");
    sio_buf_add_str(headers, f->tag);
    sio_buf_add_str(headers, "\"\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n"
                             "Content-Security-Policy: frame-ancestors 'none'\r\n");
    sio_static_file_headers(headers, out->body.len, gzip);
}

bool
sio_admin_ui_files_answer(const sio_admin_ui_files *files, const sio_client_request *request,
                          sio_buf *headers, sio_client_answer *out)
{
    const ui_file *f = file_named(files, request->path);

    if (f == NULL)
        return false;
    if (sio_static_file_is_known(request->if_none_match, sio_view_of(f->tag)))
        *out = (sio_client_answer){.status = 304};
    else
        answer_ui_file(f, request->accept_encoding, headers, out);
    return true;
}

/* --- Reading. --- */

static bool
make_tag(ui_file *f)
{
    uint8_t digest[SIO_SHA256_BYTES];

    if (!sio_digest_sha256(sio_buf_view(&f->file.plain), digest))
        return false;
    for (size_t i = 0; i < TAG_BYTES; i++)
        snprintf(f->tag + 2 * i, 3, "%02x", digest[i]);
    return true;
}

static int
read_ui_file(sio_admin_ui_files *files, const char *directory, const char *name, sio_buf *error)
{
    ui_file *f = &files->items[files->n];
    int      rc;

    if (files->n == MAX_FILES) {
        sio_buf_add_str(error, "the page of the Admin UI is off: it has more than 64 files");
        return SIO_ERR_NOT_FOUND;
    }
    files->n++;
    sio_static_file_init(&f->file);
    snprintf(f->name, sizeof f->name, "%s", name);
    if ((rc = sio_static_file_read(&f->file, directory, name, "the page of the Admin UI", error)) !=
        SIO_OK)
        return rc;
    if (!ends_with(name, ".png") && !ends_with(name, ".woff2") &&
        (rc = sio_static_file_compress(&f->file)) != SIO_OK)
        return rc;
    return make_tag(f) ? SIO_OK : SIO_ERR_NOMEM;
}

/* NOLINTBEGIN(misc-no-recursion): a folder within a folder is not read */
static int read_ui_folder(sio_admin_ui_files *files, const char *directory, const char *folder,
                          sio_buf *error);

/* Maps are for the authors of the page; what begins with a dot is for nobody. */
static int
read_ui_entry(sio_admin_ui_files *files, const char *directory, const char *folder,
              const struct dirent *entry, sio_buf *error)
{
    char      name[MAX_NAME + 1];
    const int n =
        snprintf(name, sizeof name, "%s%s%s", folder, folder[0] != '\0' ? "/" : "", entry->d_name);

    if (entry->d_name[0] == '.' || ends_with(entry->d_name, ".map") || n < 0 ||
        (size_t)n >= sizeof name)
        return SIO_OK;
    if (strchr(entry->d_name, '.') == NULL) /* all files have a type */
        return folder[0] == '\0' ? read_ui_folder(files, directory, name, error) : SIO_OK;
    return read_ui_file(files, directory, name, error);
}

static int
read_ui_folder(sio_admin_ui_files *files, const char *directory, const char *folder, sio_buf *error)
{
    char           path[4352];
    const int      n = snprintf(path, sizeof path, "%s/%s", directory, folder);
    DIR           *dir = n > 0 && (size_t)n < sizeof path ? opendir(path) : NULL;
    struct dirent *entry;
    int            rc = SIO_OK;

    if (dir == NULL) {
        sio_buf_add_str(error, "the page of the Admin UI is off: ");
        sio_buf_add_str(error, path);
        sio_buf_add_str(error, ": ");
        sio_buf_add_str(error, strerror(errno));
        return SIO_ERR_NOT_FOUND;
    }
    while (rc == SIO_OK && (entry = readdir(dir)) != NULL)
        rc = read_ui_entry(files, directory, folder, entry, error);
    closedir(dir);
    return rc;
}
/* NOLINTEND(misc-no-recursion) */

int
sio_admin_ui_files_new(sio_admin_ui_files **out, const char *directory, sio_buf *error)
{
    sio_admin_ui_files *files = calloc(1, sizeof *files);
    char                path[4352];
    int                 rc;

    *out = NULL;
    snprintf(path, sizeof path, "%s/admin-ui", directory);
    rc = files != NULL ? read_ui_folder(files, path, "", error) : SIO_ERR_NOMEM;
    if (rc == SIO_OK && file_named(files, SIO_VIEW("")) == NULL) {
        sio_buf_add_str(error, "the page of the Admin UI is off: there is no index.html in ");
        sio_buf_add_str(error, path);
        rc = SIO_ERR_NOT_FOUND;
    }
    if (rc == SIO_ERR_NOMEM)
        sio_buf_add_str(error, "the page of the Admin UI is off: out of memory");
    if (rc == SIO_OK)
        *out = files;
    else
        sio_admin_ui_files_free(files);
    return rc;
}

void
sio_admin_ui_files_free(sio_admin_ui_files *files)
{
    if (files == NULL)
        return;
    for (size_t i = 0; i < files->n; i++)
        sio_static_file_fini(&files->items[i].file);
    free(files);
}
