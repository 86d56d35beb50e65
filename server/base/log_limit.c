/* server/base/log_limit.c - see log_limit.h. */
#include "server/base/log_limit.h"

#include <string.h>

enum { SECOND_MS = 1000 };

static const struct {
    int           level;
    sio_log_event event;
    bool          is_about_sessions; /* limited by "log rate" */
    const char   *what;
} kinds[SIO_LOG_N_KINDS] = {
    [SIO_LOG_HANDSHAKE] = {SIO_LOG_DEBUG, SIO_EVENT_HANDSHAKE, true, "handshakes"},
    [SIO_LOG_OPENED] = {SIO_LOG_DEBUG, SIO_EVENT_SESSION_OPENED, true, "opened transports"},
    [SIO_LOG_ENDED] = {SIO_LOG_INFO, SIO_EVENT_SESSION_ENDED, true, "ended sessions"},
    [SIO_LOG_RECOVERED] = {SIO_LOG_INFO, SIO_EVENT_SESSION_RECOVERED, true,
                           "clients that are back"},
    [SIO_LOG_UNKNOWN_SESSION] = {SIO_LOG_INFO, SIO_EVENT_SESSION_UNKNOWN, false,
                                 "unknown sessions"},
    [SIO_LOG_BAD_PACKET] = {SIO_LOG_DEBUG, SIO_EVENT_BAD_PACKET, false, "bad packets"},
    [SIO_LOG_REFUSED_HANDSHAKE] = {SIO_LOG_DEBUG, SIO_EVENT_HANDSHAKE_REFUSED, false,
                                   "refused handshakes"},
    [SIO_LOG_REFUSED_REQUEST] = {SIO_LOG_INFO, SIO_EVENT_REQUEST_REFUSED, false,
                                 "refused requests"},
    [SIO_LOG_REFUSED_CONNECTION] = {SIO_LOG_WARN, SIO_EVENT_CONNECTION_REFUSED, false,
                                    "refused connections"},
    [SIO_LOG_BAD_PROXY_HEADER] = {SIO_LOG_WARN, SIO_EVENT_CONNECTION_REFUSED, false,
                                  "connections without a PROXY header"},
    [SIO_LOG_TLS_FAILURE] = {SIO_LOG_INFO, SIO_EVENT_TLS_FAILED, false, "failed handshakes of TLS"},
    [SIO_LOG_ACCEPT_ERROR] = {SIO_LOG_ERROR, SIO_EVENT_ACCEPT_FAILED, false,
                              "connections that can not be accepted"},
    [SIO_LOG_FORGED] = {SIO_LOG_WARN, SIO_EVENT_MESSAGE_FORGED, false, "messages without a seal"},
    [SIO_LOG_FAILURE] = {SIO_LOG_ERROR, SIO_EVENT_FAILURE, false, "failures"},
};

static void
say_what_was_left_out(sio_log_limits *l)
{
    for (size_t i = 0; i < SIO_LOG_N_KINDS; i++)
        if (l->kinds[i].n_left_out > 0)
            sio_log_tell(l->log, kinds[i].level, SIO_EVENT_LINES_LEFT_OUT, NULL,
                         "left out %u line%s about %s", l->kinds[i].n_left_out,
                         l->kinds[i].n_left_out == 1 ? "" : "s", kinds[i].what);
    memset(l->kinds, 0, sizeof l->kinds);
}

static void
on_second_over(sio_timer *timer)
{
    say_what_was_left_out(SIO_CONTAINER(timer, sio_log_limits, timer));
}

void
sio_log_limits_init(sio_log_limits *l, const sio_log *log, sio_timer_wheel *wheel, unsigned rate)
{
    *l = (sio_log_limits){.log = log, .wheel = wheel, .rate = rate, .timer.fire = on_second_over};
}

void
sio_log_limits_fini(sio_log_limits *l)
{
    if (l->log == NULL)
        return;
    sio_timer_cancel(l->wheel, &l->timer);
    say_what_was_left_out(l);
}

/* Count one more line of that kind. May it be written? */
static bool
allows(sio_log_limits *l, sio_log_kind kind)
{
    const unsigned limit = kinds[kind].is_about_sessions ? l->rate : SIO_LOG_REFUSALS_PER_SECOND;

    if (limit == 0)
        return true;
    if (!sio_timer_armed(&l->timer))
        sio_timer_set(l->wheel, &l->timer, SECOND_MS);
    if (l->kinds[kind].n_said < limit) {
        l->kinds[kind].n_said++;
        return true;
    }
    l->kinds[kind].n_left_out++;
    l->n_left_out++;
    return false;
}

void
sio_log_limit_write(sio_log_limits *l, sio_log_kind kind, const char *session_id, const char *fmt,
                    ...)
{
    va_list args;

    if (!sio_log_watches(l->log, session_id) &&
        (kinds[kind].level > l->log->level || !allows(l, kind)))
        return;
    va_start(args, fmt);
    sio_log_vtell(l->log, kinds[kind].level, kinds[kind].event, session_id, fmt, args);
    va_end(args);
}
