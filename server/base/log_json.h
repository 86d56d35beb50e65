/*
 * server/base/log_json.h - a line of the log as one JSON object.
 *
 * Called by log_line.c. Pure. A line is
 *     {"time":"2026-11-22T15:04:05.123Z","level":"info","event":"session_ended","instance":"S1",
 *      "session":"4rIcKhlBUTJQmD2eRZHG","msg":"ended: booted"}
 * without the break. Everything that is not ASCII is escaped, and what is not UTF-8 is U+FFFD, so
 * nothing in it moves a cursor, and any program reads it. A long text is cut and ends with "...".
 */
#ifndef SIO_BASE_LOG_JSON_H
#define SIO_BASE_LOG_JSON_H

#include <stddef.h>

typedef struct {
    const char *time;
    const char *level;
    const char *event;
    const char *instance;
    const char *session; /* NULL: none */
    const char *text;
} sio_log_fields;

enum { SIO_LOG_JSON_MIN = 2048 }; /* bytes for all but most of the text */

/*
 * Write the line, with its line end, into size bytes, at least SIO_LOG_JSON_MIN. Returns how many
 * it has; not NUL-terminated.
 */
size_t sio_log_json_make(char *out, size_t size, const sio_log_fields *fields);

#endif
