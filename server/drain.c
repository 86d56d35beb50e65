#include "server/drain.h"

#include "server/backends/backends.h"
#include "server/http/http_conn.h"
#include "server/listeners.h"
#include "server/server.h"
#include "server/worker_say.h"

/* --- The end of the loop. --- */

/*
 * The loop of a program that does not call sio_run() is not ours to leave; it may be shared, too.
 */
static void
leave_loop(sio_server *s)
{
    s->stopped = true;
    if (s->running)
        event_base_loopbreak(s->env.base);
}

static void
on_last(sio_timer *timer)
{
    leave_loop(SIO_CONTAINER(timer, sio_server, drain.last));
}

static void
on_released(void *arg)
{
    leave_loop(arg);
}

/* --- Stopping. --- */

static void
close_listeners(sio_server *s)
{
    sio_listeners_close_public(s);
    sio_worker_say_closed(s);
}

static void
drain_connections(sio_server *s, bool waits_for_request)
{
    sio_link *next;

    for (sio_link *l = s->net.conns.next; l != &s->net.conns; l = next) {
        next = l->next;
        sio_http_conn_drain(SIO_CONTAINER(l, sio_conn, link), waits_for_request);
    }
}

/* After that the others tell backends what is left. */
static void
leave_cluster(sio_server *s)
{
    if (s->drain.has_left)
        return;
    s->drain.has_left = true;
    sio_timer_cancel(&s->env.timers, &s->drain.telling);
    sio_cluster_leave(&s->env);
    sio_holds_release(&s->env.holds);
}

static void
on_all_told(void *arg)
{
    leave_cluster(arg);
}

static void
on_telling_late(sio_timer *timer)
{
    leave_cluster(SIO_CONTAINER(timer, sio_server, drain.telling));
}

static void
drain_stop(sio_server *s)
{
    sio_env *env = &s->env;

    env->phase = SIO_STOPPING;
    sio_timer_cancel(&env->timers, &s->drain.delay);
    sio_spread_cancel(&s->drain.spread);
    close_listeners(s);
    sio_engine_end_sessions(env, "server shutting down");
    sio_holds_take(&env->holds); /* until it has left the cluster */
    s->drain.telling.fire = on_telling_late;
    sio_timer_set(&env->timers, &s->drain.telling, s->cfg.shutdown_timeout_ms / 2);
    sio_backends_leave(env, on_all_told, s);
    drain_connections(s, false);
    s->drain.last.fire = on_last;
    sio_timer_set(&env->timers, &s->drain.last, s->cfg.shutdown_timeout_ms);
    sio_holds_await(&env->holds, on_released, s);
}

/* --- Spreading. --- */

static void
on_all_ended(void *arg)
{
    sio_server *s = arg;

    sio_log_at(&s->env.log, SIO_LOG_INFO, SIO_EVENT_DRAINED, NULL, "drained: no session is left");
    if (s->drain.is_to_stop)
        drain_stop(s);
}

static void
drain_spread(sio_server *s)
{
    sio_env *env = &s->env;

    env->phase = SIO_SPREADING;
    close_listeners(s);
    drain_connections(s, true);
    sio_log_at(&env->log, SIO_LOG_INFO, SIO_EVENT_DRAINING, NULL,
               "draining: %llu sessions end within %g s", (unsigned long long)env->stats.sessions,
               s->cfg.drain_time_ms / 1000.0);
    sio_spread_begin(&s->drain.spread, env, s->cfg.drain_time_ms, on_all_ended, s);
}

/* --- Leaving. --- */

static void
on_delay(sio_timer *timer)
{
    drain_spread(SIO_CONTAINER(timer, sio_server, drain.delay));
}

void
sio_drain(sio_server *io)
{
    if (io->env.phase >= SIO_LEAVING || io->env.store == NULL)
        return;
    io->env.phase = SIO_LEAVING;
    io->drain.delay.fire = on_delay;
    if (io->cfg.drain_delay_ms > 0)
        sio_timer_set(&io->env.timers, &io->drain.delay, io->cfg.drain_delay_ms);
    else
        drain_spread(io);
}

int
sio_undrain(sio_server *io)
{
    if (io->env.phase != SIO_LEAVING || io->drain.is_to_stop)
        return sio_env_fail(&io->env, "the server does not drain, or its sessions end already");
    sio_timer_cancel(&io->env.timers, &io->drain.delay);
    io->env.phase = SIO_SERVING;
    sio_log_at(&io->env.log, SIO_LOG_INFO, SIO_EVENT_UNDRAINED, NULL,
               "not draining any more: it serves as before");
    return 0;
}

/* --- Handing over. --- */

enum { HAND_OVER_MS = 1000 };

unsigned
sio_drain_hand_over_delay_ms(const sio_server *s)
{
    return s->cfg.drain_delay_ms > HAND_OVER_MS ? s->cfg.drain_delay_ms : HAND_OVER_MS;
}

static void
leave_sides(sio_server *s)
{
    sio_link *next;

    for (sio_link *l = s->net.conns.next; l != &s->net.conns; l = next) {
        next = l->next;
        sio_http_conn_leave_side(SIO_CONTAINER(l, sio_conn, link));
    }
}

void
sio_drain_hand_over(sio_server *s)
{
    s->drain.is_to_stop = true;
    s->env.phase = SIO_LEAVING;
    sio_listeners_leave(s);
    leave_sides(s);
    sio_worker_say_closed(s);
    s->drain.delay.fire = on_delay;
    sio_timer_set(&s->env.timers, &s->drain.delay, sio_drain_hand_over_delay_ms(s));
}

/* --- All of it. --- */

typedef enum { TO_DRAIN, TO_STOP, TO_EXIT } step;

/* What sio_stop() is to do next: each call cuts the phase short that the one before has begun. */
static step
next_step(const sio_server *s)
{
    if (s->env.phase == SIO_STOPPING)
        return TO_EXIT;
    if (s->env.phase == SIO_STARTING || s->drain.is_to_stop)
        return TO_STOP;
    if (s->env.phase == SIO_SERVING)
        return s->cfg.drain_delay_ms > 0 || s->cfg.drain_time_ms > 0 ? TO_DRAIN : TO_STOP;
    return s->env.phase == SIO_SPREADING && s->drain.spread.done == NULL ? TO_STOP : TO_DRAIN;
}

void
sio_stop(sio_server *io)
{
    const step next = next_step(io);

    if (next != TO_EXIT && !io->drain.is_to_stop) {
        io->drain.is_to_stop = true;
        sio_systemd_stopping(io);
    }
    switch (next) {
    case TO_DRAIN:
        sio_drain(io);
        break;
    case TO_STOP:
        drain_stop(io);
        break;
    case TO_EXIT:
        leave_loop(io);
        break;
    }
}

const char *
sio_drain_state_next_word(const sio_server *s)
{
    static const char *const words[] = {
        [TO_DRAIN] = "draining", [TO_STOP] = "stopping", [TO_EXIT] = "exiting at once"};

    return words[next_step(s)];
}
