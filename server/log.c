/* server/log.c - see log.h. */
#include "server/log.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

void
sio_log_init(sio_log *log, int fd, int level, bool colors)
{
    *log = (sio_log){.fd = fd, .level = level, .style = {.colors = colors, .timestamps = true}};
}

static void
write_now(int fd, const char *bytes, size_t len)
{
    ssize_t n;

    do
        n = write(fd, bytes, len);
    while (n < 0 && errno == EINTR);
}

void
sio_log_vprintf(const sio_log *log, int level, const char *session_id, const char *fmt,
                va_list args)
{
    const int saved_errno = errno;
    char      line[SIO_LOG_MAX_LINE];
    size_t    len;

    if (level < SIO_LOG_ERROR || level > SIO_LOG_DEBUG || level > log->level)
        return;
    len = sio_log_line_vmake(line, &log->style, level, session_id, fmt, args);
    write_now(log->fd, line, len);
    errno = saved_errno;
}

void
sio_log_printf(const sio_log *log, int level, const char *session_id, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    sio_log_vprintf(log, level, session_id, fmt, args);
    va_end(args);
}
