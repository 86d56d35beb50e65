/*
 * tests/bench/load/connect.c - the scenario "connect": an operation is a new connection, from
 * connect() to the greeting. All stay open, so that nobody's leaving is measured too.
 */
#include "tests/bench/load/run.h"

enum { WARMUP_PART = 5 }; /* of this many parts of the connections, the first warms up */

static int
prepare(run *r)
{
    (void)r;
    return 0;
}

static void
greeted(run *r, client *c)
{
    run_settled(r, c);
    if (r->from.at_ns != 0)
        run_count(r, c->opened_ns);
    else if (r->n_settled >= r->n_clients / WARMUP_PART)
        run_take_mark(r, &r->from);
}

static void
arrived(run *r, client *c, const packet *p)
{
    (void)r;
    (void)c;
    (void)p;
}

static void
release(run *r)
{
    (void)r;
}

const scenario scenario_connect = {
    .measures_opening = true,
    .survives_loss = true,
    .prepare = prepare,
    .greeted = greeted,
    .arrived = arrived,
    .release = release,
};
