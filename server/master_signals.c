#include "server/master_signals.h"

#include <signal.h>

#include "server/master_figures.h"
#include "server/master_orders.h"
#include "server/master_reaping.h"
#include "server/server.h"

static void
on_stop(sio_master *m, const char *name)
{
    sio_log_at(&m->s->env.log, SIO_LOG_INFO, SIO_EVENT_STOPPING, NULL, "stopping all workers: %s",
               name);
    sio_master_orders_stop(m, 1);
}

static void
on_reload(sio_master *m, const char *name)
{
    sio_log_info(&m->s->env.log, NULL, "reloading: %s", name);
    (void)sio_master_orders_reload(m);
}

static void
on_counters(sio_master *m, const char *name)
{
    (void)name;
    sio_master_figures_log(m);
}

static void
on_hand_over(sio_master *m, const char *name)
{
    (void)name;
    sio_successor_start(m->s, m->sockets.of, m->n, sio_master_orders_hand_over);
}

static void
on_child(sio_master *m, const char *name)
{
    (void)name;
    sio_master_reaping_look(m);
}

static const struct {
    int         number;
    const char *name;
    void (*act)(sio_master *m, const char *name);
} actions[SIO_MASTER_N_SIGNALS] = {
    {SIGTERM, "SIGTERM", on_stop},     {SIGINT, "SIGINT", on_stop},
    {SIGALRM, "SIGALRM", on_stop},     {SIGHUP, "SIGHUP", on_reload},
    {SIGUSR1, "SIGUSR1", on_counters}, {SIGUSR2, "SIGUSR2", on_hand_over},
    {SIGCHLD, "SIGCHLD", on_child}};

static void
on_master_signal(evutil_socket_t number, short events, void *arg)
{
    (void)events;
    for (size_t i = 0; i < SIO_MASTER_N_SIGNALS; i++)
        if (actions[i].number == number)
            actions[i].act(arg, actions[i].name);
}

static bool
is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int
sio_master_signals_catch(sio_master *m)
{
    for (size_t i = 0; i < SIO_MASTER_N_SIGNALS; i++) {
        if (actions[i].number == SIGHUP && is_ignored(SIGHUP))
            continue;
        m->signals[i] = evsignal_new(m->s->env.base, actions[i].number, on_master_signal, m);
        if (m->signals[i] == NULL || event_add(m->signals[i], NULL) != 0)
            return SIO_ERR_NOMEM;
    }
    return SIO_OK;
}

void
sio_master_signals_release(sio_master *m)
{
    for (size_t i = 0; i < SIO_MASTER_N_SIGNALS; i++)
        if (m->signals[i] != NULL)
            event_free(m->signals[i]);
}
