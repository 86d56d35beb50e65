/* server/base/file.c - see file.h. */
#include "server/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "protocol/result.h"

int
sio_file_read(const char *path, sio_buf *out)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    char      chunk[16384];
    ssize_t   n;

    if (fd < 0)
        return SIO_ERR_SYS;
    while ((n = read(fd, chunk, sizeof chunk)) != 0 && !out->failed) {
        if (n > 0)
            sio_buf_add(out, chunk, (size_t)n);
        else if (errno != EINTR)
            break;
    }
    const int saved_errno = errno;

    close(fd);
    errno = saved_errno;
    if (n < 0)
        return SIO_ERR_SYS;
    return out->failed ? SIO_TOO_LARGE : SIO_OK;
}
