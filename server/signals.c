#include "server/signals.h"

#include <signal.h>
#include <stdlib.h>

#include "server/server.h"

static void
stop(sio_server *s, const char *name)
{
    sio_log_at(&s->env.log, SIO_LOG_INFO, SIO_EVENT_STOPPING, NULL, "%s: %s",
               sio_drain_state_next_word(s), name);
    if (s->worker.is_one)
        sio_worker_terminate(s);
    else
        sio_stop(s);
}

static void
log_counters(sio_server *s, const char *name)
{
    char *counters = sio_counters(s);

    (void)name;
    if (counters != NULL)
        sio_log_at(&s->env.log, SIO_LOG_INFO, SIO_EVENT_COUNTERS, NULL, "counters %s", counters);
    free(counters);
}

static void
reload(sio_server *s, const char *name)
{
    sio_log_info(&s->env.log, NULL, "reloading: %s", name);
    (void)sio_reload(s); /* which logs what was wrong */
}

static void
hand_over(sio_server *s, const char *name)
{
    (void)name;
    sio_successor_start(s, NULL, 0, sio_drain_hand_over);
}

/*
 * An alarm that was set before the program began ("alarm 60; exec siobroker") is meant to end it.
 */
static const struct {
    int         number;
    const char *name;
    void (*act)(sio_server *s, const char *name);
} signals[SIO_N_SIGNALS] = {{SIGTERM, "SIGTERM", stop},         {SIGINT, "SIGINT", stop},
                            {SIGALRM, "SIGALRM", stop},         {SIGHUP, "SIGHUP", reload},
                            {SIGUSR1, "SIGUSR1", log_counters}, {SIGUSR2, "SIGUSR2", hand_over}};

static void
on_signal(evutil_socket_t number, short events, void *arg)
{
    const sio_server *s = arg;

    (void)events;
    if (!s->worker.is_one && sio_signals_are_taken(&s->signals, (int)number))
        return;
    for (size_t i = 0; i < SIO_N_SIGNALS; i++)
        if (signals[i].number == number)
            signals[i].act(arg, signals[i].name);
}

/* Does the program leave the signal to that, SIG_IGN or SIG_DFL? */
static bool
is_left_to(int number, void (*handler)(int))
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == handler;
}

/* A worker is told all others by its master. */
static bool
is_ours(const sio_server *s, int number)
{
    if (s->worker.is_one)
        return number == SIGTERM;
    return number != SIGHUP || !is_left_to(SIGHUP, SIG_IGN);
}

int
sio_signals_catch(sio_server *s)
{
    struct event **events = s->signals.events;

    if (is_left_to(SIGPIPE, SIG_DFL)) /* hiredis raises it, when Redis has gone */
        signal(SIGPIPE, SIG_IGN);
    if (!s->owns_base)
        return SIO_OK;
    for (size_t i = 0; i < SIO_N_SIGNALS; i++) {
        if (events[i] == NULL && !is_ours(s, signals[i].number))
            continue;
        if (events[i] == NULL)
            events[i] = evsignal_new(s->env.base, signals[i].number, on_signal, s);
        if (events[i] == NULL || event_add(events[i], NULL) != 0)
            return SIO_ERR_NOMEM;
    }
    return SIO_OK;
}

int
sio_on_signal(sio_server *io, bool (*fn)(int number, void *arg), void *arg)
{
    io->signals.ask = fn;
    io->signals.ask_arg = arg;
    return fn != NULL ? sio_server_fail(io, sio_signals_catch(io)) : 0;
}

void
sio_signals_release(sio_signals *s)
{
    for (size_t i = 0; i < SIO_N_SIGNALS; i++)
        if (s->events[i] != NULL)
            event_free(s->events[i]);
}
