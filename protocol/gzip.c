#include "protocol/gzip.h"

#include <string.h>
#include <strings.h>
#include <zlib.h>

/* Is what follows a coding in Accept-Encoding a weight of zero (";q=0", ";q=0.000")? */
static bool
is_refused(const char *p, const char *end)
{
    static const char weight[] = "q=0";

    while (p < end && (*p == ' ' || *p == ';'))
        p++;
    if ((size_t)(end - p) < strlen(weight) || strncasecmp(p, weight, strlen(weight)) != 0)
        return false;
    for (p += strlen(weight); p < end && *p != ','; p++)
        if (*p >= '1' && *p <= '9')
            return false;
    return true;
}

bool
sio_gzip_is_accepted(sio_view header)
{
    static const char gzip[] = "gzip";

    for (size_t i = 0; i + strlen(gzip) <= header.len; i++)
        if (strncasecmp(header.data + i, gzip, strlen(gzip)) == 0)
            return !is_refused(header.data + i + strlen(gzip), header.data + header.len);
    return false;
}

/*
 * Level 6, since the start of the server, or a client, waits for it: 9 takes three times as long
 * for one percent.
 */
bool
sio_gzip_add(sio_buf *out, sio_view plain)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)plain.data, .avail_in = (uInt)plain.len};
    Bytef    chunk[16384];
    int      rc = deflateInit2(&z, 6, Z_DEFLATED, 15 + 16 /* gzip */, 9, Z_DEFAULT_STRATEGY);

    if (rc != Z_OK)
        return false;
    do {
        z.next_out = chunk;
        z.avail_out = sizeof chunk;
        rc = deflate(&z, Z_FINISH);
        sio_buf_add(out, chunk, sizeof chunk - z.avail_out);
    } while (rc == Z_OK);
    deflateEnd(&z);
    return rc == Z_STREAM_END && !out->failed;
}
