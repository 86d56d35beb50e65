#include "server/backends/endpoints.h"

void
sio_endpoints_init(sio_endpoints *e, size_t n, uint32_t (*random)(void *arg), void *arg)
{
    *e = (sio_endpoints){.n = n, .last = n - 1, .random = random, .arg = arg};
}

static bool
is_ready(const sio_endpoint *p, uint64_t now_ms)
{
    return p->state == SIO_ENDPOINT_IN_SERVICE ||
           (p->state == SIO_ENDPOINT_OUT && now_ms >= p->until_ms);
}

int
sio_endpoints_take(sio_endpoints *e, uint64_t now_ms)
{
    for (size_t k = 1; k <= e->n; k++) {
        const size_t  i = (e->last + k) % e->n;
        sio_endpoint *p = &e->list[i];

        if (!is_ready(p, now_ms))
            continue;
        if (p->state == SIO_ENDPOINT_OUT)
            p->state = SIO_ENDPOINT_ON_TRIAL;
        e->last = i;
        return (int)i;
    }
    return -1;
}

/* Of `ms`, four to six fifths. */
static uint64_t
spread(sio_endpoints *e, unsigned ms)
{
    const unsigned fifth = ms / 5;

    return ms - fifth + e->random(e->arg) % (2 * fifth + 1);
}

static void
put_out(sio_endpoints *e, sio_endpoint *p, uint64_t now_ms)
{
    const bool is_first = p->state == SIO_ENDPOINT_IN_SERVICE;

    p->out_ms = is_first ? SIO_ENDPOINT_FIRST_OUT_MS : 2 * p->out_ms;
    if (p->out_ms > SIO_ENDPOINT_LONGEST_OUT_MS)
        p->out_ms = SIO_ENDPOINT_LONGEST_OUT_MS;
    p->state = SIO_ENDPOINT_OUT;
    p->until_ms = now_ms + spread(e, p->out_ms);
}

/* One that is out already has failed with what was under way then; that is no news. */
static void
note_endpoint_failure(sio_endpoints *e, sio_endpoint *p, uint64_t now_ms)
{
    if (p->state == SIO_ENDPOINT_ON_TRIAL ||
        (p->state == SIO_ENDPOINT_IN_SERVICE && ++p->n_failures >= SIO_ENDPOINT_MAX_FAILURES))
        put_out(e, p, now_ms);
}

static void
note_success(sio_endpoint *p)
{
    p->state = SIO_ENDPOINT_IN_SERVICE;
    p->n_failures = 0;
}

/* The next one will be the trial. */
static void
end_trial(sio_endpoint *p, uint64_t now_ms)
{
    if (p->state != SIO_ENDPOINT_ON_TRIAL)
        return;
    p->state = SIO_ENDPOINT_OUT;
    p->until_ms = now_ms;
}

bool
sio_endpoints_report(sio_endpoints *e, size_t i, uint64_t now_ms, sio_endpoint_report report)
{
    sio_endpoint *p = &e->list[i];
    const bool    was_in_service = p->state == SIO_ENDPOINT_IN_SERVICE;

    if (report == SIO_ENDPOINT_LEFT)
        p->state = SIO_ENDPOINT_GONE;
    else if (p->state == SIO_ENDPOINT_GONE)
        return false;
    else if (report == SIO_ENDPOINT_FAILED)
        note_endpoint_failure(e, p, now_ms);
    else if (report == SIO_ENDPOINT_WORKS)
        note_success(p);
    else
        end_trial(p, now_ms);
    return was_in_service != (p->state == SIO_ENDPOINT_IN_SERVICE);
}

uint64_t
sio_endpoints_next_ms(const sio_endpoints *e, uint64_t now_ms)
{
    uint64_t next_ms = UINT64_MAX;

    for (size_t i = 0; i < e->n; i++) {
        const sio_endpoint *p = &e->list[i];

        if (is_ready(p, now_ms))
            return now_ms;
        if (p->state == SIO_ENDPOINT_OUT && p->until_ms < next_ms)
            next_ms = p->until_ms;
    }
    return next_ms;
}

bool
sio_endpoints_all_out(const sio_endpoints *e)
{
    for (size_t i = 0; i < e->n; i++)
        if (e->list[i].state == SIO_ENDPOINT_IN_SERVICE)
            return false;
    return true;
}

void
sio_endpoints_revive(sio_endpoints *e)
{
    for (size_t i = 0; i < e->n; i++)
        if (e->list[i].state == SIO_ENDPOINT_GONE)
            e->list[i] = (sio_endpoint){.state = SIO_ENDPOINT_IN_SERVICE};
}
