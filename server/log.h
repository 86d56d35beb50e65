/*
 * server/log.h - one line per event.
 *
 * Used by everything in server/; a sio_log is made by main and handed down, so
 * that two servers in one process can log to two places. A line is
 *     2026-11-22T15:04:05.123Z info  session 4rIcKhlBUTJQmD2eRZHG: opened websocket
 * written with one write(2), so that the lines of several processes on one pipe
 * do not mix. Bytes that could forge or hide a line (control bytes, invalid
 * UTF-8) appear as \xNN; a long line is cut and ends with "...".
 */
#ifndef SIO_SERVER_LOG_H
#define SIO_SERVER_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* As in socket.io 0.9; SIO_LOG_NONE silences everything. */
enum {
    SIO_LOG_NONE = -1,
    SIO_LOG_ERROR = 0,
    SIO_LOG_WARN = 1,
    SIO_LOG_INFO = 2,
    SIO_LOG_DEBUG = 3
};

enum { SIO_LOG_MAX_LINE = 1024 }; /* bytes of one line, its line end included */

typedef struct sio_log {
    int  fd;         /* borrowed */
    int  level;      /* the highest that is written */
    bool colors;     /* ANSI colours around the level */
    bool timestamps; /* off where a journal adds its own */
} sio_log;

/* Log to fd (borrowed, normally STDERR_FILENO) up to level, with timestamps. */
void sio_log_init(sio_log *log, int fd, int level, bool colors);

/*
 * Write one line if level is on. session_id: NULL when the event belongs to no
 * session. fmt as printf, without a line end. errno is kept. A line that cannot
 * be written is lost: there is nobody to tell.
 */
__attribute__((format(printf, 4, 5))) void
sio_log_printf(const sio_log *log, int level, const char *session_id, const char *fmt, ...);

/* sio_log_info(log, sid, fmt, ...): arguments are not evaluated while the level is off. */
#define SIO_LOG_AT(log_, level_, ...)                      \
    do {                                                   \
        if ((log_)->level >= (level_))                     \
            sio_log_printf((log_), (level_), __VA_ARGS__); \
    } while (0)
#define sio_log_error(log, ...) SIO_LOG_AT(log, SIO_LOG_ERROR, __VA_ARGS__)
#define sio_log_warn(log, ...)  SIO_LOG_AT(log, SIO_LOG_WARN, __VA_ARGS__)
#define sio_log_info(log, ...)  SIO_LOG_AT(log, SIO_LOG_INFO, __VA_ARGS__)
#define sio_log_debug(log, ...) SIO_LOG_AT(log, SIO_LOG_DEBUG, __VA_ARGS__)

/*
 * A brake for one kind of line that a stranger can cause as often as they like.
 * Zeroed at first; one per kind of line.
 */
typedef struct {
    uint64_t quiet_until_ms;
    unsigned n_hidden;
} sio_log_limit;

/*
 * As sio_log_printf, at most once per second for this limit. The next line that
 * passes ends with " (N more like this)" for those that did not. now_ms: any
 * monotonic clock, the same one for each call.
 */
__attribute__((format(printf, 6, 7))) void sio_log_limited(const sio_log *log, sio_log_limit *limit,
                                                           uint64_t now_ms, int level,
                                                           const char *session_id, const char *fmt,
                                                           ...);

#endif
