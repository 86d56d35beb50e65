/* server/log.c - see log.h. */
#include "server/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_INTERVAL_MS = 1000 };

static const struct {
    const char *name; /* padded to one width */
    const char *color;
} levels[] = {
    {"error", "\033[31m"}, {"warn ", "\033[33m"}, {"info ", "\033[36m"}, {"debug", "\033[90m"}};

void
sio_log_init(sio_log *log, int fd, int level, bool colors)
{
    *log = (sio_log){.fd = fd, .level = level, .colors = colors, .timestamps = true};
}

/* A line being put together; it never grows past `max`, the rest is cut off. */
typedef struct {
    char   text[SIO_LOG_MAX_LINE];
    size_t len, max;
    bool   cut;
} line;

static void
add(line *l, const char *bytes, size_t n)
{
    if (l->cut || n > l->max - l->len) {
        l->cut = true;
        return;
    }
    memcpy(l->text + l->len, bytes, n);
    l->len += n;
}

static void
add_text(line *l, const char *text)
{
    add(l, text, strlen(text));
}

/* Only printable ASCII is shown as it is: anything else could move the cursor or begin a line. */
static void
add_escaped(line *l, const char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        const char          hex[4] = {'\\', 'x', digits[c >> 4], digits[c & 15]};

        if (c >= 0x20 && c < 0x7f)
            add(l, text, 1);
        else
            add(l, hex, sizeof hex);
    }
}

static void
add_timestamp(line *l)
{
    struct timespec now;
    struct tm       utc;
    char            seconds[24], millis[8];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    add(l, seconds, strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc));
    snprintf(millis, sizeof millis, ".%03uZ ", (unsigned)(now.tv_nsec / 1000000) % 1000);
    add_text(l, millis);
}

static void
add_head(line *l, const sio_log *log, int level, const char *session_id)
{
    if (log->timestamps)
        add_timestamp(l);
    if (log->colors)
        add_text(l, levels[level].color);
    add_text(l, levels[level].name);
    if (log->colors)
        add_text(l, "\033[0m");
    add_text(l, " ");
    if (session_id != NULL) {
        add_text(l, "session ");
        add_escaped(l, session_id);
        add_text(l, ": ");
    }
}

/* End the line and write it: `tail` is kept whatever had to be cut before it. */
static void
finish(line *l, const sio_log *log, const char *tail)
{
    static const char dots[] = "...";
    ssize_t           n;

    l->max = sizeof l->text;
    if (l->cut) {
        l->cut = false;
        add_text(l, dots);
    }
    add_text(l, tail);
    add_text(l, "\n");
    do
        n = write(log->fd, l->text, l->len);
    while (n < 0 && errno == EINTR);
}

__attribute__((format(printf, 5, 0))) static void
write_line(const sio_log *log, int level, const char *session_id, const char *tail, const char *fmt,
           va_list args)
{
    const int saved_errno = errno;
    char      text[SIO_LOG_MAX_LINE];
    line      l;

    l.len = 0;
    l.max = sizeof l.text - strlen("...") - strlen(tail) - strlen("\n");
    l.cut = false;
    add_head(&l, log, level, session_id);
    const int n = vsnprintf(text, sizeof text, fmt, args);

    if (n < 0)
        text[0] = '\0';
    add_escaped(&l, text);
    l.cut = l.cut || n >= (int)sizeof text;
    finish(&l, log, tail);
    errno = saved_errno;
}

static bool
is_on(const sio_log *log, int level)
{
    return level >= SIO_LOG_ERROR && level <= SIO_LOG_DEBUG && level <= log->level;
}

void
sio_log_printf(const sio_log *log, int level, const char *session_id, const char *fmt, ...)
{
    va_list args;

    if (!is_on(log, level))
        return;
    va_start(args, fmt);
    write_line(log, level, session_id, "", fmt, args);
    va_end(args);
}

void
sio_log_limited(const sio_log *log, sio_log_limit *limit, uint64_t now_ms, int level,
                const char *session_id, const char *fmt, ...)
{
    char    tail[48] = "";
    va_list args;

    if (!is_on(log, level))
        return;
    if (now_ms < limit->quiet_until_ms) {
        limit->n_hidden++;
        return;
    }
    if (limit->n_hidden > 0)
        snprintf(tail, sizeof tail, " (%u more like this)", limit->n_hidden);
    *limit = (sio_log_limit){.quiet_until_ms = now_ms + LIMIT_INTERVAL_MS};
    va_start(args, fmt);
    write_line(log, level, session_id, tail, fmt, args);
    va_end(args);
}
