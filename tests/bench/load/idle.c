/*
 * tests/bench/load/idle.c - the scenario "idle": connections that do nothing but answer heartbeats.
 * An operation is a second of one of them.
 *
 * The memory of a connection is what was added after the first ones, which pay for the tables and
 * buffers that all share.
 */
#include "tests/bench/load/run.h"

enum { BASE_MAX = 100, BASE_PART = 10 };

static int
prepare(run *r)
{
    r->n_base = r->n_clients / BASE_PART < BASE_MAX ? r->n_clients / BASE_PART : BASE_MAX;
    return 0;
}

static void
greeted(run *r, client *c)
{
    run_settled(r, c);
    if (r->base.at_ns == 0 && r->n_settled >= r->n_base) {
        r->n_base = r->n_settled;
        run_take_mark(r, &r->base);
    }
}

static void
arrived(run *r, client *c, const packet *p)
{
    (void)r;
    (void)c;
    (void)p;
}

static void
finish(run *r)
{
    const uint64_t held_ns = r->to.at_ns - r->from.at_ns;

    r->to.operations = (uint64_t)((double)r->n_clients * (double)held_ns / 1e9);
}

static void
release(run *r)
{
    (void)r;
}

const scenario scenario_idle = {
    .survives_loss = true,
    .prepare = prepare,
    .greeted = greeted,
    .arrived = arrived,
    .finish = finish,
    .release = release,
};
