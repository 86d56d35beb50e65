/*
 * server/base/log_limit.h - bounds for the lines that clients and strangers can cause.
 *
 * Used by everything in server/ that logs what a client does. Each kind of line has a limit of its
 * own for a second, so that no flood hides another kind, and at the end of a second one line says
 * how many were left out. Lines that only an operator, Redis or the application can cause have
 * none.
 */
#ifndef SIO_BASE_LOG_LIMIT_H
#define SIO_BASE_LOG_LIMIT_H

#include <stdint.h>

#include "server/base/log.h"
#include "server/base/timer_wheel.h"

/* What the line is about. Its level and limit are in a table of log_limit.c. */
typedef enum {
    SIO_LOG_HANDSHAKE,
    SIO_LOG_OPENED, /* a channel of a session */
    SIO_LOG_ENDED,  /* a session */
    SIO_LOG_RECOVERED,
    SIO_LOG_UNKNOWN_SESSION,
    SIO_LOG_BAD_PACKET,
    SIO_LOG_REFUSED_HANDSHAKE,
    SIO_LOG_REFUSED_REQUEST,
    SIO_LOG_REFUSED_CONNECTION,
    SIO_LOG_BAD_PROXY_HEADER,
    SIO_LOG_TLS_FAILURE,
    SIO_LOG_ACCEPT_ERROR,
    SIO_LOG_FORGED,  /* a message of another instance, without our seal */
    SIO_LOG_FAILURE, /* of ours, over what a client asked for: no memory */
    SIO_LOG_N_KINDS
} sio_log_kind;

enum { SIO_LOG_REFUSALS_PER_SECOND = 10 }; /* of each kind that is not about sessions */

typedef struct {
    const sio_log   *log;
    sio_timer_wheel *wheel;
    unsigned         rate;  /* lines in a second of each kind about sessions; 0: no limit */
    sio_timer        timer; /* the end of the second; armed while any line is counted in it */
    struct {
        unsigned n_said, n_left_out; /* in this second */
    } kinds[SIO_LOG_N_KINDS];
    uint64_t n_left_out; /* ever */
} sio_log_limits;

/* log and wheel are borrowed. */
void sio_log_limits_init(sio_log_limits *l, const sio_log *log, sio_timer_wheel *wheel,
                         unsigned rate);

/* Say what was left out in the last second. Before the wheel and the log end. */
void sio_log_limits_fini(sio_log_limits *l);

/*
 * As sio_log_tell, at the level and with the event of that kind, if its limit allows. Of a session
 * that is watched (log.h) every line is written, and none counted.
 */
__attribute__((format(printf, 4, 5))) void sio_log_limit_write(sio_log_limits *l, sio_log_kind kind,
                                                               const char *session_id,
                                                               const char *fmt, ...);

#endif
