/*
 * server/base/log.h - one line per event.
 *
 * Used by everything in server/; a sio_log belongs to one server, so that two servers in one
 * process can log to two places. What a line looks like is in log_line.h; what a client can cause
 * goes through log_limit.h.
 */
#ifndef SIO_BASE_LOG_H
#define SIO_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/view.h"
#include "server/base/log_line.h"
#include "server/base/log_writer.h"

typedef struct sio_log {
    int             fd;    /* borrowed */
    int             level; /* the highest that is written */
    sio_log_style   style;
    const sio_view *sessions; /* beginnings of ids of which all is written; borrowed */
    size_t          n_sessions;
    uint64_t       *n_lines; /* counts them by level, four of them; NULL: nobody does */
    sio_log_writer *writer;  /* NULL: each line is written at once, and waits for its reader */
} sio_log;

/* Log to fd (borrowed, normally STDERR_FILENO) up to level, with timestamps, each line at once. */
void sio_log_init(sio_log *log, int fd, int level, bool colors);

/*
 * From now on a thread writes the lines (log_writer.h), and nothing here waits for the reader.
 * Nothing happens when that is so already. SIO_OK, or SIO_ERR_NOMEM or SIO_ERR_SYS as
 * sio_log_writer_new.
 */
int sio_log_start(sio_log *log);

/* Write what waits, for a moment at most (SIO_LOG_FLUSH_MS); what comes after that goes nowhere. */
void sio_log_stop(sio_log *log);

/* Lines that could not be written, as of sio_log_writer_n_lost. */
uint64_t sio_log_n_lost(const sio_log *log);

/* Is all written of that session, whatever its level? NULL: of no session. */
bool sio_log_watches(const sio_log *log, const char *session_id);

/*
 * Write one line if level is on, or all of the session is. session_id: NULL when the event is of no
 * session. fmt as printf, without a line end. errno is kept.
 */
__attribute__((format(printf, 5, 6))) void sio_log_tell(const sio_log *log, int level,
                                                        sio_log_event event, const char *session_id,
                                                        const char *fmt, ...);

/* The same with the arguments in a list. */
__attribute__((format(printf, 5, 0))) void sio_log_vtell(const sio_log *log, int level,
                                                         sio_log_event event,
                                                         const char *session_id, const char *fmt,
                                                         va_list args);

/* The same for what tools do not look for. */
#define sio_log_printf(log, level, ...) sio_log_tell(log, level, SIO_EVENT_OTHER, __VA_ARGS__)

/*
 * sio_log_info(log, sid, fmt, ...), and sio_log_at(log, level, event, sid, fmt, ...) for what tools
 * look for: arguments are not evaluated while the level is off and no session is watched.
 */
#define sio_log_at(log_, level_, event_, ...)                      \
    do {                                                           \
        if ((log_)->level >= (level_) || (log_)->n_sessions > 0)   \
            sio_log_tell((log_), (level_), (event_), __VA_ARGS__); \
    } while (0)
#define sio_log_error(log, ...) sio_log_at(log, SIO_LOG_ERROR, SIO_EVENT_OTHER, __VA_ARGS__)
#define sio_log_warn(log, ...)  sio_log_at(log, SIO_LOG_WARN, SIO_EVENT_OTHER, __VA_ARGS__)
#define sio_log_info(log, ...)  sio_log_at(log, SIO_LOG_INFO, SIO_EVENT_OTHER, __VA_ARGS__)
#define sio_log_debug(log, ...) sio_log_at(log, SIO_LOG_DEBUG, SIO_EVENT_OTHER, __VA_ARGS__)

#endif
