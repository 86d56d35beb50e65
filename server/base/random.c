#include "server/base/random.h"

#include <assert.h>
#include <string.h>
#include <sys/random.h>

#include "protocol/result.h"

enum { MAX_CHARACTERS = 63 };

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int
sio_random_text(char *out, size_t n)
{
    unsigned char bytes[MAX_CHARACTERS];

    assert(n <= sizeof bytes);
    if (getrandom(bytes, n, 0) != (ssize_t)n)
        return SIO_ERR_SYS;
    for (size_t i = 0; i < n; i++)
        out[i] = base64url[bytes[i] & 63];
    out[n] = '\0';
    return SIO_OK;
}

int
sio_random_u32(uint32_t *out)
{
    return getrandom(out, sizeof *out, 0) == sizeof *out ? SIO_OK : SIO_ERR_SYS;
}

bool
sio_random_is_text(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (memchr(base64url, text.data[i], sizeof base64url - 1) == NULL)
            return false;
    return true;
}
