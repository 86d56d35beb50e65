/*
 * tests/bench/load/run.c - see run.h.
 */
#include "tests/bench/load/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

enum {
    ATTEMPTS = 5, /* to open a connection */
    EVENTS_PER_TURN = 512,
    TICK_MS = 20,
    TICK_WITH_RATE_MS = 1,
    TICK_OF_MANY_MS = 200, /* each tick looks at every client */
    MANY = 5000,
    SETTLE_MS = 300, /* what a relay between instances may take to hear of a room */
    GRACE_MS = 50,   /* at the end, in which doubled messages may still come */
};

#define MS UINT64_C(1000000)

static const char *const PHASE_NAMES[] = {"opening connections", "settling", "warming up",
                                          "measuring",           "draining", "done"};

uint64_t
run_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

void
run_fail(run *r, const char *format, ...)
{
    va_list args;

    if (r->error[0] != '\0')
        return; /* the first one is the cause */
    va_start(args, format);
    vsnprintf(r->error, sizeof r->error, format, args);
    va_end(args);
}

void
run_take_mark(run *r, run_mark *mark)
{
    mark->at_ns = run_clock_ns();
    mark->operations = r->operations;
    if (process_read(r->options->pids, r->options->n_pids, &mark->usage) != 0)
        run_fail(r, "the server's process has gone");
}

void
run_count(run *r, uint64_t began_ns)
{
    r->operations++;
    if (began_ns != 0 && r->from.at_ns != 0 && r->to.at_ns == 0)
        histogram_add(&r->latency, run_clock_ns() - began_ns);
}

/* --- Opening. --- */

void
run_open_again(run *r, client *c)
{
    r->again[r->n_again++] = c;
}

void
run_settled(run *r, client *c)
{
    c->is_settled = true;
    r->n_opening--;
    r->n_settled++;
}

static void
on_greeted(client *c, void *arg)
{
    run *r = arg;

    c->pinged_ns = r->now_ns;
    if (r->scenario->greeted != NULL)
        r->scenario->greeted(r, c);
    else
        run_settled(r, c);
}

static void
on_arrived(client *c, const packet *p, void *arg)
{
    run *r = arg;

    r->scenario->arrived(r, c, p);
}

static void
on_lost(run *r, client *c, const char *why)
{
    if (r->scenario->lost != NULL && r->scenario->lost(r, c))
        return;
    r->results.disconnected++;
    if (!r->scenario->survives_loss)
        run_fail(r, "connection %" PRIu32 " was ended: %s", c->number, why);
}

static void
on_gone(run *r, client *c, const char *why)
{
    if (c->is_settled)
        r->n_settled--;
    else
        r->n_opening--;
    c->is_settled = false;
    r->scenario->gone(r, c, why);
}

static void
on_failed(client *c, const char *why, void *arg)
{
    run *r = arg;

    if (r->scenario->gone != NULL) {
        on_gone(r, c, why);
    } else if (c->is_settled) {
        on_lost(r, c, why);
    } else if (r->scenario->measures_opening) {
        if (r->results.failed++ == 0)
            fprintf(stderr, "load: connection %" PRIu32 ": %s\n", c->number, why);
        run_settled(r, c);
    } else if (c->attempts < ATTEMPTS) {
        r->n_opening--;
        r->results.retried++;
        run_open_again(r, c);
    } else {
        run_fail(r, "connection %" PRIu32 ": %s", c->number, why);
    }
}

static void
open_more(run *r)
{
    client *c;

    while (r->n_opening < r->options->concurrency && r->error[0] == '\0' &&
           (r->n_again > 0 || r->n_started < r->n_clients)) {
        c = r->n_again > 0 ? r->again[--r->n_again] : &r->clients[r->n_started++];
        c->attempts++;
        c->opened_ns = run_clock_ns();
        r->n_opening++;
        if (client_open(c) != 0)
            client_fail(c, strerror(errno)); /* NOLINT(concurrency-mt-unsafe): one thread */
    }
}

static int
prepare(run *r)
{
    const options *o = r->options;

    r->n_clients = o->connections;
    if (r->scenario->prepare(r) != 0 || stream_loop_init(&r->loop) != 0 ||
        (r->clients = calloc(r->n_clients, sizeof *r->clients)) == NULL ||
        (r->again = calloc(r->n_clients, sizeof(client *))) == NULL)
        return -1;
    r->group = (client_group){.loop = &r->loop, .arg = r};
    r->group.handlers = (client_handlers){on_greeted, on_arrived, on_failed};
    for (unsigned i = 0; i < r->n_clients; i++) {
        client_init(&r->clients[i], &r->group, o->dialect, options_server(o, i));
        r->clients[i].number = i;
        client_set_source(&r->clients[i], options_source(o, i));
    }
    return 0;
}

/* --- From phase to phase. --- */

static void
enter(run *r, run_phase phase, uint64_t lasts_ns)
{
    r->phase = phase;
    r->phase_end_ns = r->now_ns + lasts_ns;
}

static void
end_opening(run *r)
{
    if (!r->scenario->measures_opening) {
        enter(r, PHASE_SETTLING, r->options->has_to ? SETTLE_MS * MS : 0);
    } else if (r->from.at_ns == 0) {
        run_fail(r, "%" PRIu64 " of %u connections failed", r->results.failed, r->n_clients);
    } else {
        run_take_mark(r, &r->to);
        r->phase = PHASE_DONE;
    }
}

/* Until nothing is waited for, and a moment more: what was given up may still come. */
static void
drain(run *r)
{
    const uint64_t grace_ns =
        r->results.timed_out > 0 ? run_seconds_ns(r->options->timeout) : GRACE_MS * MS;

    if (r->scenario->is_drained != NULL && !r->scenario->is_drained(r))
        r->phase_end_ns = r->now_ns + grace_ns;
    else if (r->now_ns >= r->phase_end_ns)
        r->phase = PHASE_DONE;
}

static void
advance(run *r)
{
    if (r->phase == PHASE_OPENING && r->n_settled == r->n_clients) {
        end_opening(r);
    } else if (r->phase == PHASE_DRAINING) {
        drain(r);
    } else if (r->phase == PHASE_OPENING || r->now_ns < r->phase_end_ns) {
        return;
    } else if (r->phase == PHASE_SETTLING) {
        enter(r, PHASE_WARMING, run_seconds_ns(r->options->warmup));
        if (r->scenario->begin != NULL)
            r->scenario->begin(r);
    } else if (r->phase == PHASE_WARMING) {
        run_take_mark(r, &r->from);
        enter(r, PHASE_MEASURING, run_seconds_ns(r->options->seconds));
    } else if (r->phase == PHASE_MEASURING) {
        run_take_mark(r, &r->to);
        enter(r, PHASE_DRAINING, GRACE_MS * MS);
    }
}

/* --- The loop. --- */

static uint64_t
tick_ns(const run *r)
{
    if (r->options->rate > 0)
        return TICK_WITH_RATE_MS * MS;
    return (r->n_clients > MANY ? TICK_OF_MANY_MS : TICK_MS) * MS;
}

static void
tick(run *r)
{
    const uint64_t patience_ns = run_seconds_ns(r->options->timeout);

    r->next_tick_ns = r->now_ns + tick_ns(r);
    for (unsigned i = 0; i < r->n_started; i++) {
        client *c = &r->clients[i];

        client_tick(c, r->now_ns);
        if (c->step != CLIENT_CLOSED && !c->is_settled && r->now_ns > c->opened_ns + patience_ns)
            client_fail(c, "timeout");
    }
    if (r->scenario->tick != NULL && (r->phase > PHASE_SETTLING || r->scenario->gone != NULL))
        r->scenario->tick(r);
}

static void
show_progress(run *r)
{
    r->next_progress_ns = r->now_ns + 1000 * MS;
    if (r->scenario->each_second != NULL)
        r->scenario->each_second(r);
    if (!r->options->quiet)
        fprintf(stderr, "load: %s: %s, %u of %u connections, %" PRIu64 " operations\n",
                r->options->scenario, PHASE_NAMES[r->phase], r->n_settled, r->n_clients,
                r->operations);
}

static int
wait_ms(const run *r)
{
    const uint64_t now_ns = run_clock_ns();

    return now_ns >= r->next_tick_ns ? 0 : (int)((r->next_tick_ns - now_ns) / MS) + 1;
}

static void
turn(run *r)
{
    struct epoll_event events[EVENTS_PER_TURN];
    const int          n = epoll_wait(r->loop.epoll, events, EVENTS_PER_TURN, wait_ms(r));

    r->now_ns = run_clock_ns();
    for (int i = 0; i < n; i++)
        stream_ready(events[i].data.ptr, events[i].events);
    if (r->now_ns >= r->next_tick_ns)
        tick(r);
    if (r->now_ns >= r->next_progress_ns)
        show_progress(r);
    open_more(r);
    advance(r);
    client_flush_all(&r->group);
    if (r->now_ns >= r->deadline_ns)
        run_fail(r, "deadline while %s: %u of %u connections, %" PRIu64 " operations",
                 PHASE_NAMES[r->phase], r->n_settled, r->n_clients, r->operations);
}

int
run_execute(run *r)
{
    r->loop.epoll = -1;
    r->now_ns = run_clock_ns();
    r->deadline_ns = r->now_ns + run_seconds_ns(r->options->deadline);
    r->next_progress_ns = r->now_ns + 1000 * MS;
    if (prepare(r) != 0)
        run_fail(r, "out of memory");
    while (r->phase != PHASE_DONE && r->error[0] == '\0')
        turn(r);
    if (r->error[0] != '\0')
        return -1;
    if (r->scenario->finish != NULL)
        r->scenario->finish(r);
    return 0;
}

void
run_release(run *r)
{
    for (unsigned i = 0; r->clients != NULL && i < r->n_started; i++)
        client_close(&r->clients[i]);
    r->scenario->release(r);
    buffer_free(&r->group.scratch);
    stream_loop_fini(&r->loop);
    free(r->clients);
    free(r->again);
}
