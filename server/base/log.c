/* server/base/log.c - see log.h. */
#include "server/base/log.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "protocol/result.h"

void
sio_log_init(sio_log *log, int fd, int level, bool colors)
{
    *log = (sio_log){.fd = fd, .level = level, .style = {.colors = colors, .timestamps = true}};
}

int
sio_log_start(sio_log *log)
{
    return log->writer != NULL ? SIO_OK : sio_log_writer_new(&log->writer, log->fd, &log->style);
}

void
sio_log_stop(sio_log *log)
{
    sio_log_writer_free(log->writer);
    log->writer = NULL;
    log->level = SIO_LOG_NONE;
}

uint64_t
sio_log_n_lost(const sio_log *log)
{
    return log->writer != NULL ? sio_log_writer_n_lost(log->writer) : 0;
}

static void
write_now(int fd, const char *bytes, size_t len)
{
    ssize_t n;

    do
        n = write(fd, bytes, len);
    while (n < 0 && errno == EINTR);
}

bool
sio_log_watches(const sio_log *log, const char *session_id)
{
    for (size_t i = 0; i < log->n_sessions && session_id != NULL; i++)
        if (strncmp(session_id, log->sessions[i].data, log->sessions[i].len) == 0)
            return true;
    return false;
}

static bool
is_written(const sio_log *log, int level, const char *session_id)
{
    if (level < SIO_LOG_ERROR || level > SIO_LOG_DEBUG || log->level == SIO_LOG_NONE)
        return false;
    return level <= log->level || sio_log_watches(log, session_id);
}

void
sio_log_vtell(const sio_log *log, int level, sio_log_event event, const char *session_id,
              const char *fmt, va_list args)
{
    const int saved_errno = errno;
    char      line[SIO_LOG_MAX_LINE];
    size_t    len;

    if (!is_written(log, level, session_id))
        return;
    if (log->n_lines != NULL)
        log->n_lines[level]++;
    len = sio_log_line_vmake(line, &log->style, level, event, session_id, fmt, args);
    if (log->writer != NULL)
        sio_log_writer_put(log->writer, line, len);
    else
        write_now(log->fd, line, len);
    errno = saved_errno;
}

void
sio_log_tell(const sio_log *log, int level, sio_log_event event, const char *session_id,
             const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    sio_log_vtell(log, level, event, session_id, fmt, args);
    va_end(args);
}
