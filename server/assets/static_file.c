/* server/assets/static_file.c - see static_file.h. */
#include "server/assets/static_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/gzip.h"
#include "protocol/result.h"
#include "server/base/file.h"

enum { MAX_FILE_BYTES = 16 << 20 };

void
sio_static_file_init(sio_static_file *file)
{
    sio_buf_init(&file->plain, MAX_FILE_BYTES);
    sio_buf_init(&file->gzip, MAX_FILE_BYTES);
}

void
sio_static_file_fini(sio_static_file *file)
{
    sio_buf_fini(&file->plain);
    sio_buf_fini(&file->gzip);
}

int
sio_static_file_read(sio_static_file *file, const char *directory, const char *name,
                     const char *what, sio_buf *error)
{
    char      path[4352];
    const int n = snprintf(path, sizeof path, "%s/%s", directory, name);
    int       rc = SIO_ERR_SYS;

    if (n < 0 || (size_t)n >= sizeof path)
        errno = ENAMETOOLONG;
    else
        rc = sio_file_read(path, &file->plain);
    if (rc == SIO_OK)
        return SIO_OK;
    sio_buf_add_str(error, what);
    sio_buf_add_str(error, " is off: ");
    sio_buf_add_str(error, directory);
    sio_buf_add_str(error, "/");
    sio_buf_add_str(error, name);
    sio_buf_add_str(error, ": ");
    sio_buf_add_str(error, rc == SIO_ERR_SYS ? strerror(errno) : "too large");
    return SIO_ERR_NOT_FOUND;
}

int
sio_static_file_compress(sio_static_file *file)
{
    return sio_gzip_add(&file->gzip, sio_buf_view(&file->plain)) ? SIO_OK : SIO_ERR_NOMEM;
}

void
sio_static_file_version(const sio_static_file *file, const char *mark, char *version, size_t size)
{
    const size_t len = file->plain.len < 256 ? file->plain.len : 256;
    const char  *p = len == 0 ? NULL : memmem(file->plain.data, len, mark, strlen(mark));

    if (p == NULL)
        return;
    p += strlen(mark);
    const char *end = file->plain.data + len;
    size_t      n = 0;

    while (p + n < end && (isdigit((unsigned char)p[n]) || p[n] == '.'))
        n++;
    if (n > 0 && n < size)
        snprintf(version, size, "%.*s", (int)n, p);
}

/* --- What the client takes. --- */

sio_view
sio_static_file_body(const sio_static_file *file, sio_view accept_encoding, bool *gzip)
{
    *gzip = file->gzip.len > 0 && sio_gzip_is_accepted(accept_encoding);
    return sio_buf_view(*gzip ? &file->gzip : &file->plain);
}

void
sio_static_file_headers(sio_buf *headers, size_t len, bool gzip)
{
    sio_buf_add_str(headers, "Content-Length: ");
    sio_buf_add_u64(headers, len);
    sio_buf_add_str(headers, "\r\n");
    if (gzip)
        sio_buf_add_str(headers, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
}

/* --- What the client has. --- */

/* One entry of If-None-Match: the tag as it is, or quoted, or weak and quoted. */
static bool
entry_matches(sio_view entry, sio_view tag)
{
    if (entry.len >= 2 && memcmp(entry.data, "W/", 2) == 0)
        entry = (sio_view){entry.data + 2, entry.len - 2};
    if (entry.len >= 2 && entry.data[0] == '"' && entry.data[entry.len - 1] == '"')
        entry = (sio_view){entry.data + 1, entry.len - 2};
    return sio_view_eq(entry, tag);
}

/* Tags have no commas, so a plain split is enough. */
bool
sio_static_file_is_known(sio_view if_none_match, sio_view tag)
{
    const char *p = if_none_match.data, *end = sio_view_end(if_none_match);

    while (p < end) {
        const char    *comma = memchr(p, ',', (size_t)(end - p));
        const char    *stop = comma != NULL ? comma : end;
        const sio_view entry = sio_view_trim((sio_view){p, (size_t)(stop - p)});

        if (sio_view_eq(entry, SIO_VIEW("*")) || entry_matches(entry, tag))
            return true;
        p = stop + 1;
    }
    return false;
}
