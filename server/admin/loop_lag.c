#include "server/admin/loop_lag.h"

#include <event2/event.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "store/clock.h"

enum { PERIOD_MS = 100, PERIOD_US = PERIOD_MS * 1000 };

/* A loop that was away for several periods gets the lag of each: it was late for all of them. */
static void
on_period_over(evutil_socket_t fd, short events, void *arg)
{
    sio_loop_lag  *l = arg;
    const uint64_t now_us = sio_now_us();
    uint64_t       n_periods;

    (void)events;
    if (read((int)fd, &n_periods, sizeof n_periods) != (ssize_t)sizeof n_periods)
        return;
    for (; l->due_us <= now_us; l->due_us += PERIOD_US)
        sio_histogram_add(&l->env->measures.loop_lag, now_us - l->due_us);
}

static int
open_timer(uint64_t due_us)
{
    const struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(due_us / 1000000),
                     .tv_nsec = (long)(due_us % 1000000 * 1000)},
        .it_interval = {.tv_nsec = PERIOD_MS * 1000000L},
    };
    const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    if (fd >= 0)
        (void)timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL);
    return fd;
}

int
sio_loop_lag_begin(sio_loop_lag *l, sio_env *env)
{
    const uint64_t due_us = sio_now_us() + PERIOD_US;

    *l = (sio_loop_lag){.env = env, .fd = open_timer(due_us), .due_us = due_us};
    if (l->fd >= 0)
        l->event = event_new(env->base, l->fd, EV_READ | EV_PERSIST, on_period_over, l);
    if (l->event != NULL && event_add(l->event, NULL) == 0)
        return SIO_OK;
    sio_loop_lag_end(l);
    return SIO_ERR_NOMEM;
}

void
sio_loop_lag_end(sio_loop_lag *l)
{
    if (l->env == NULL)
        return;
    if (l->event != NULL)
        event_free(l->event);
    if (l->fd >= 0)
        close(l->fd);
    *l = (sio_loop_lag){.fd = -1};
}
