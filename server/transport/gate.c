#include "server/transport/gate.h"

#include <stdlib.h>

#include "protocol/buf.h"
#include "server/base/env.h"
#include "server/config/config.h"

struct sio_gate {
    sio_conn *conn;
    uint64_t  excess; /* bytes, beyond what is free, that the passing of time has not paid for */
    uint64_t  paid_ms;
    bool      waits;
    bool      is_paused; /* by the application */
    sio_timer timer;     /* while it waits */
    sio_buf   kept;      /* what was read already */
};

static bool
is_shut(const sio_gate *in)
{
    return in->waits || in->is_paused;
}

/* Bytes kept belong to the handler again. It may close the connection, and end this. */
static void
open_if_free(sio_gate *in)
{
    sio_conn *c = in->conn;
    sio_buf   kept = in->kept;

    if (is_shut(in))
        return;
    sio_buf_init(&in->kept, SIZE_MAX);
    sio_conn_pause(c, false);
    if (kept.len > 0 && c->state == SIO_CONN_OPEN && !c->broken)
        c->handler->readable(c, kept.data, kept.len);
    sio_buf_fini(&kept);
}

static void
on_gate_paid(sio_timer *timer)
{
    sio_gate *in = SIO_CONTAINER(timer, sio_gate, timer);

    in->waits = false;
    open_if_free(in);
}

static sio_gate *
gate_new(sio_conn *c)
{
    sio_gate *in = calloc(1, sizeof *in);

    if (in == NULL)
        return NULL;
    in->conn = c;
    in->paid_ms = sio_timer_wheel_now_ms(&c->env->timers);
    in->timer.fire = on_gate_paid;
    sio_buf_init(&in->kept, SIZE_MAX); /* bounded by one read */
    return in;
}

static void
pay(sio_gate *in, uint64_t bytes_per_second)
{
    const uint64_t now_ms = sio_timer_wheel_now_ms(&in->conn->env->timers);
    const uint64_t paid = (now_ms - in->paid_ms) * bytes_per_second / 1000;

    in->excess -= paid < in->excess ? paid : in->excess;
    in->paid_ms = now_ms;
}

/* Until no more than a second's worth is left. */
static void
wait_if_over(sio_gate *in, uint64_t bytes_per_second)
{
    sio_env *env = in->conn->env;
    uint64_t delay_ms;

    if (in->excess <= bytes_per_second)
        return;
    delay_ms = (in->excess - bytes_per_second) * 1000 / bytes_per_second + 1;
    env->stats.inflation_waits += !in->waits;
    in->waits = true;
    sio_conn_pause(in->conn, true);
    sio_timer_set(&env->timers, &in->timer,
                  delay_ms < SIO_TIMER_MAX_DELAY_MS ? (unsigned)delay_ms : SIO_TIMER_MAX_DELAY_MS);
}

int
sio_gate_count(sio_gate **in, sio_conn *c, size_t n_compressed, size_t n_inflated)
{
    const uint64_t bytes_per_second = c->env->cfg->max_inflated_bytes;

    if (n_inflated / SIO_GATE_FREE_RATIO <= n_compressed)
        return SIO_OK;
    if (*in == NULL && (*in = gate_new(c)) == NULL)
        return SIO_ERR_NOMEM;
    pay(*in, bytes_per_second);
    (*in)->excess += n_inflated - n_compressed * SIO_GATE_FREE_RATIO;
    wait_if_over(*in, bytes_per_second);
    return SIO_OK;
}

int
sio_gate_pause(sio_gate **in, sio_conn *c, bool paused)
{
    if (*in == NULL && !paused)
        return SIO_OK;
    if (*in == NULL && (*in = gate_new(c)) == NULL)
        return SIO_ERR_NOMEM;
    (*in)->is_paused = paused;
    if (paused)
        sio_conn_pause(c, true);
    else
        open_if_free(*in);
    return SIO_OK;
}

bool
sio_gate_keeps(sio_gate *in, const char *bytes, size_t n)
{
    if (!is_shut(in))
        return false;
    sio_buf_add(&in->kept, bytes, n);
    if (in->kept.failed)
        sio_conn_fail(in->conn);
    return true;
}

bool
sio_gate_has_kept(const sio_gate *in)
{
    return in != NULL && in->kept.len > 0;
}

void
sio_gate_end(sio_gate **in)
{
    if (*in == NULL)
        return;
    sio_timer_cancel(&(*in)->conn->env->timers, &(*in)->timer);
    sio_buf_fini(&(*in)->kept);
    free(*in);
    *in = NULL;
}
