#include "server/signals.h"

#include <signal.h>
#include <stdlib.h>

#include "server/server.h"

static void
stop(sio_server *s, const char *name)
{
    sio_log_info(&s->env.log, NULL, "stopping: %s", name);
    sio_stop(s);
}

static void
log_counters(sio_server *s, const char *name)
{
    char *counters = sio_counters(s);

    (void)name;
    if (counters != NULL)
        sio_log_info(&s->env.log, NULL, "counters %s", counters);
    free(counters);
}

/* The place for reading the settings again, and with them the files that they name. */
static void
reload(sio_server *s, const char *name)
{
    sio_log_warn(&s->env.log, NULL,
                 "%s: settings are read at the start only; restart to change them", name);
}

/* nginx hands over to a new program then. Whoever expects that must not find us dead. */
static void
upgrade(sio_server *s, const char *name)
{
    sio_log_warn(&s->env.log, NULL, "%s: a running program is not replaced; nothing is done", name);
}

/* An alarm that was set before the program began ("alarm 60; exec siobroker") is meant to end it. */
static const struct {
    int         number;
    const char *name;
    void (*act)(sio_server *s, const char *name);
} signals[SIO_N_SIGNALS] = {{SIGTERM, "SIGTERM", stop},         {SIGINT, "SIGINT", stop},
                            {SIGALRM, "SIGALRM", stop},         {SIGHUP, "SIGHUP", reload},
                            {SIGUSR1, "SIGUSR1", log_counters}, {SIGUSR2, "SIGUSR2", upgrade}};

static void
on_signal(evutil_socket_t number, short events, void *arg)
{
    (void)events;
    for (size_t i = 0; i < SIO_N_SIGNALS; i++)
        if (signals[i].number == number)
            signals[i].act(arg, signals[i].name);
}

static bool
is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int
sio_signals_catch(sio_server *s)
{
    struct event **events = s->signals.events;

    if (!s->owns_base)
        return SIO_OK;
    signal(SIGPIPE, SIG_IGN); /* write() tells, and what is written to is known there */
    for (size_t i = 0; i < SIO_N_SIGNALS; i++) {
        if (events[i] == NULL && signals[i].number == SIGHUP && is_ignored(SIGHUP))
            continue;
        if (events[i] == NULL)
            events[i] = evsignal_new(s->env.base, signals[i].number, on_signal, s);
        if (events[i] == NULL || event_add(events[i], NULL) != 0)
            return SIO_ERR_NOMEM;
    }
    return SIO_OK;
}

void
sio_signals_release(sio_signals *s)
{
    for (size_t i = 0; i < SIO_N_SIGNALS; i++)
        if (s->events[i] != NULL)
            event_free(s->events[i]);
}
