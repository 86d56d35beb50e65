#include "server/base/log_event.h"

const char *
sio_log_event_word(sio_log_event event)
{
    static const char *const words[SIO_N_EVENTS] = {
        [SIO_EVENT_OTHER] = "other",
        [SIO_EVENT_LISTENING] = "listening",
        [SIO_EVENT_ADMIN_LISTENING] = "admin_listening",
        [SIO_EVENT_DRAINING] = "draining",
        [SIO_EVENT_DRAINED] = "drained",
        [SIO_EVENT_UNDRAINED] = "undrained",
        [SIO_EVENT_STOPPING] = "stopping",
        [SIO_EVENT_RELOADED] = "reloaded",
        [SIO_EVENT_RELOAD_KEPT] = "reload_kept",
        [SIO_EVENT_RELOAD_FAILED] = "reload_failed",
        [SIO_EVENT_HANDED_OVER] = "handed_over",
        [SIO_EVENT_HANDOVER_FAILED] = "handover_failed",
        [SIO_EVENT_COUNTERS] = "counters",
        [SIO_EVENT_LOG_LEVEL] = "log_level",
        [SIO_EVENT_LINES_LEFT_OUT] = "lines_left_out",
        [SIO_EVENT_LINES_LOST] = "lines_lost",
        [SIO_EVENT_ADVICE] = "advice",
        [SIO_EVENT_CERTIFICATE_ENDS] = "certificate_ends",
        [SIO_EVENT_REDIS_UP] = "redis_up",
        [SIO_EVENT_REDIS_TROUBLE] = "redis_trouble",
        [SIO_EVENT_INSTANCE_SILENT] = "instance_silent",
        [SIO_EVENT_INSTANCE_LOST] = "instance_lost",
        [SIO_EVENT_INSTANCE_BACK] = "instance_back",
        [SIO_EVENT_INSTANCE_AWAY] = "instance_away",
        [SIO_EVENT_DECLARED_LOST] = "declared_lost",
        [SIO_EVENT_MESSAGE_FORGED] = "message_forged",
        [SIO_EVENT_HANDSHAKE] = "handshake",
        [SIO_EVENT_SESSION_OPENED] = "session_opened",
        [SIO_EVENT_SESSION_ENDED] = "session_ended",
        [SIO_EVENT_SESSION_RECOVERED] = "session_recovered",
        [SIO_EVENT_SESSION_UNKNOWN] = "session_unknown",
        [SIO_EVENT_BAD_PACKET] = "bad_packet",
        [SIO_EVENT_HANDSHAKE_REFUSED] = "handshake_refused",
        [SIO_EVENT_REQUEST_REFUSED] = "request_refused",
        [SIO_EVENT_CONNECTION_REFUSED] = "connection_refused",
        [SIO_EVENT_TLS_FAILED] = "tls_failed",
        [SIO_EVENT_ACCEPT_FAILED] = "accept_failed",
        [SIO_EVENT_FAILURE] = "failure",
    };

    return words[event];
}
