/* server/assets/client4_files.c - see client4_files.h. */
#include "server/assets/client4_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/assets/static_file.h"

enum { MAX_VERSION = 16 };

/* Names in the directory, and in paths. */
static const struct {
    const char *name;
    bool        is_map; /* asked for by developer tools only: never compressed */
} rows[] = {
    {"socket.io.js", false},         {"socket.io.js.map", true},
    {"socket.io.min.js", false},     {"socket.io.min.js.map", true},
    {"socket.io.esm.min.js", false}, {"socket.io.esm.min.js.map", true},
};

static const char out_of_memory[] = "browser client of socket.io 4 is off: out of memory";

enum { N_FILES = sizeof rows / sizeof rows[0] };

struct sio_client4_files {
    sio_static_file files[N_FILES];       /* in the order of rows */
    char            version[MAX_VERSION]; /* of the client, "4.8.4" */
};

/* --- Paths. --- */

static bool
cut_prefix(sio_view *path, sio_view prefix)
{
    if (path->len < prefix.len || !sio_view_eq((sio_view){path->data, prefix.len}, prefix))
        return false;
    *path = (sio_view){path->data + prefix.len, path->len - prefix.len};
    return true;
}

/* The index in rows of what either path of a file names; N_FILES: none. */
static size_t
index_of(sio_view path)
{
    size_t i = 0;

    if (!cut_prefix(&path, SIO_VIEW("/4/")) && !cut_prefix(&path, SIO_VIEW("/")))
        return N_FILES;
    while (i < N_FILES && !sio_view_eq(path, sio_view_of(rows[i].name)))
        i++;
    return i;
}

bool
sio_client4_files_match(const sio_cfg *cfg, sio_view path)
{
    sio_view rest = path;

    if (index_of(path) == N_FILES)
        return false;
    return cut_prefix(&rest, SIO_VIEW("/4/")) || strcmp(cfg->browser_client_version, "4") == 0 ||
           !sio_client09_files_match(path);
}

/* --- Answering. --- */

static void
client4_files_answer_file(const sio_client4_files *files, size_t i, sio_view accept_encoding,
                          sio_buf *headers, sio_client_answer *out)
{
    bool gzip;

    *out = (sio_client_answer){.status = 200};
    out->body = sio_static_file_body(&files->files[i], accept_encoding, &gzip);
    sio_buf_add_str(headers, "Cache-Control: public, max-age=0\r\nContent-Type: application/");
    sio_buf_add_str(headers, rows[i].is_map ? "json" : "javascript");
    sio_buf_add_str(headers, "; charset=utf-8\r\nETag: \"");
    sio_buf_add_view(headers, sio_view_of(files->version));
    sio_buf_add_str(headers, "\"\r\nAccess-Control-Allow-Origin: *\r\n");
    sio_static_file_headers(headers, out->body.len, gzip);
}

void
sio_client4_files_answer(const sio_client4_files *files, const sio_client_request *request,
                         sio_buf *headers, sio_client_answer *out)
{
    if (sio_static_file_is_known(request->if_none_match, sio_view_of(files->version)))
        *out = (sio_client_answer){.status = 304};
    else
        client4_files_answer_file(files, index_of(request->path), request->accept_encoding, headers,
                                  out);
}

/* --- Preparing. --- */

static int
client4_files_prepare(sio_client4_files *files, const sio_cfg *cfg, const char *directory,
                      sio_buf *error)
{
    char path[32]; /* in the directory */
    int  rc = SIO_OK;

    for (size_t i = 0; i < N_FILES && rc == SIO_OK; i++) {
        snprintf(path, sizeof path, "4/%s", rows[i].name);
        rc = sio_static_file_read(&files->files[i], directory, path,
                                  "browser client of socket.io 4", error);
        if (rc == SIO_OK && cfg->browser_client_gzip && !rows[i].is_map &&
            (rc = sio_static_file_compress(&files->files[i])) != SIO_OK)
            sio_buf_add_str(error, out_of_memory);
    }
    /* Its second line has "Socket.IO v4.8.4"; all files are of one version. */
    snprintf(files->version, sizeof files->version, "4");
    sio_static_file_version(&files->files[0], "Socket.IO v", files->version, sizeof files->version);
    return rc;
}

int
sio_client4_files_new(sio_client4_files **out, const sio_cfg *cfg, const char *directory,
                      sio_buf *error)
{
    *out = NULL;
    if (!cfg->browser_client)
        return SIO_OK;
    sio_client4_files *files = calloc(1, sizeof *files);

    if (files == NULL) {
        sio_buf_add_str(error, out_of_memory);
        return SIO_ERR_NOMEM;
    }
    for (size_t i = 0; i < N_FILES; i++)
        sio_static_file_init(&files->files[i]);
    const int rc = client4_files_prepare(files, cfg, directory, error);

    if (rc == SIO_OK)
        *out = files;
    else
        sio_client4_files_free(files);
    return rc;
}

void
sio_client4_files_free(sio_client4_files *files)
{
    if (files == NULL)
        return;
    for (size_t i = 0; i < N_FILES; i++)
        sio_static_file_fini(&files->files[i]);
    free(files);
}
