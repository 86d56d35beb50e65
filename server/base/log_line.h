/*
 * server/base/log_line.h - what a line of the log looks like.
 *
 * Used by log.c and log_writer.c. A line is
 *     2026-11-22T15:04:05.123Z info  session 4rIcKhlBUTJQmD2eRZHG: opened websocket
 * or, in the format json, as of log_json.h.
 * Bytes that could forge or hide a line (control bytes, invalid UTF-8) appear as \xNN, so its line
 * end is the only one in it; a long line is cut and ends with "...".
 */
#ifndef SIO_BASE_LOG_LINE_H
#define SIO_BASE_LOG_LINE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "server/base/log_event.h"

/* As in socket.io 0.9; SIO_LOG_NONE silences everything. */
enum {
    SIO_LOG_NONE = -1,
    SIO_LOG_ERROR = 0,
    SIO_LOG_WARN = 1,
    SIO_LOG_INFO = 2,
    SIO_LOG_DEBUG = 3
};

/* Bytes of one line, its line end included. As PIPE_BUF: a pipe takes that in one piece (POSIX). */
enum { SIO_LOG_MAX_LINE = 4096 };

enum { SIO_LOG_INSTANCE_MAX = 64 }; /* bytes of a name, as of the setting */

typedef struct {
    bool colors;     /* ANSI colours around the level */
    bool timestamps; /* off where a journal adds its own */
    bool is_journal; /* the level is <3> to <7> at the beginning of the line, as of sd-daemon(3) */
    bool is_json;
    char instance[SIO_LOG_INSTANCE_MAX + 1]; /* who says it, in JSON */
} sio_log_style;

/*
 * Make the line of an event at that level (SIO_LOG_ERROR to SIO_LOG_DEBUG). session_id: NULL when
 * it belongs to no session. fmt as printf, without a line end. Returns the bytes in out, not
 * NUL-terminated. Safe from any thread.
 */
__attribute__((format(printf, 6, 0))) size_t
sio_log_line_vmake(char out[SIO_LOG_MAX_LINE], const sio_log_style *style, int level,
                   sio_log_event event, const char *session_id, const char *fmt, va_list args);

/* The same. */
__attribute__((format(printf, 6, 7))) size_t
sio_log_line_make(char out[SIO_LOG_MAX_LINE], const sio_log_style *style, int level,
                  sio_log_event event, const char *session_id, const char *fmt, ...);

#endif
