/*
 * server/base/log_event.h - what lines of the log are about, for the tools that look for them.
 *
 * Used by everything that logs one of these. In the format json each line has the word of its event
 * as `event`; the manual lists them (server/manual/configuration.md), and a test compares. New ones
 * may come, and none goes.
 */
#ifndef SIO_BASE_LOG_EVENT_H
#define SIO_BASE_LOG_EVENT_H

typedef enum {
    SIO_EVENT_OTHER, /* everything that no tool has asked for yet */

    /* The program. */
    SIO_EVENT_LISTENING,
    SIO_EVENT_ADMIN_LISTENING,
    SIO_EVENT_DRAINING,
    SIO_EVENT_DRAINED,
    SIO_EVENT_UNDRAINED,
    SIO_EVENT_STOPPING,
    SIO_EVENT_RELOADED,
    SIO_EVENT_RELOAD_KEPT,
    SIO_EVENT_RELOAD_FAILED,
    SIO_EVENT_HANDED_OVER,
    SIO_EVENT_HANDOVER_FAILED,
    SIO_EVENT_COUNTERS,
    SIO_EVENT_LOG_LEVEL,
    SIO_EVENT_LINES_LEFT_OUT,
    SIO_EVENT_LINES_LOST,
    SIO_EVENT_ADVICE,
    SIO_EVENT_CERTIFICATE_ENDS,

    /* Redis and the other instances. */
    SIO_EVENT_REDIS_UP,
    SIO_EVENT_REDIS_TROUBLE,
    SIO_EVENT_INSTANCE_SILENT,
    SIO_EVENT_INSTANCE_LOST,
    SIO_EVENT_INSTANCE_BACK,
    SIO_EVENT_INSTANCE_AWAY,
    SIO_EVENT_DECLARED_LOST,
    SIO_EVENT_MESSAGE_FORGED,

    /* Clients: log_limit.h bounds these. */
    SIO_EVENT_HANDSHAKE,
    SIO_EVENT_SESSION_OPENED,
    SIO_EVENT_SESSION_ENDED,
    SIO_EVENT_SESSION_RECOVERED,
    SIO_EVENT_SESSION_UNKNOWN,
    SIO_EVENT_BAD_PACKET,
    SIO_EVENT_HANDSHAKE_REFUSED,
    SIO_EVENT_REQUEST_REFUSED,
    SIO_EVENT_CONNECTION_REFUSED,
    SIO_EVENT_TLS_FAILED,
    SIO_EVENT_ACCEPT_FAILED,
    SIO_EVENT_FAILURE,
    SIO_N_EVENTS
} sio_log_event;

/* "session_ended" */
const char *sio_log_event_word(sio_log_event event);

#endif
