/*
 * tests/bench/load/run.h - one measurement: open the clients, warm up, measure, wait for the rest.
 *
 * main.c executes a run; a scenario (connect.c, idle.c, crowd.c, echo.c, fan_out.c) is told what
 * happens in it, and counts.
 */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/load/client.h"
#include "tests/bench/load/histogram.h"
#include "tests/bench/load/options.h"
#include "tests/bench/load/process.h"

typedef struct run run;

typedef enum {
    PHASE_OPENING,  /* connections; measured by "connect" alone */
    PHASE_SETTLING, /* a moment in which the instances hear of each other's rooms */
    PHASE_WARMING,  /* traffic that does not count */
    PHASE_MEASURING,
    PHASE_DRAINING, /* nothing is sent any more */
    PHASE_DONE,
} run_phase;

typedef struct {
    bool measures_opening; /* opening the connections is all there is */
    bool survives_loss;    /* of connections, which otherwise makes the figures worthless */
    /* Allocate r->state; r->n_clients may be changed. 0, or -1 when out of memory. */
    int (*prepare)(run *r);
    /* May be NULL: a connection is settled once it is greeted. */
    void (*greeted)(run *r, client *c);
    void (*arrived)(run *r, client *c, const packet *p);
    /* A connection has ended that was settled; true: that is no harm. May be NULL. */
    bool (*lost)(run *r, client *c);
    /*
     * A connection could not be made or has ended, and the scenario will run_open_again() when it
     * likes. NULL: what cannot be made is tried again at once.
     */
    void (*gone)(run *r, client *c, const char *why);
    /* Once a second, from the first one on; it writes all there is to tell. May be NULL. */
    void (*each_second)(run *r);
    /* Everybody is there. May be NULL. */
    void (*begin)(run *r);
    /* Each few milliseconds, from begin on: give up what is late. May be NULL. */
    void (*tick)(run *r);
    /* Has everything arrived that will? May be NULL: nothing is sent. */
    bool (*is_drained)(run *r);
    /* Add the counts up into r->results. May be NULL. */
    void (*finish)(run *r);
    void (*release)(run *r);
} scenario;

/* A moment between which and another one is measured. */
typedef struct {
    uint64_t      at_ns;
    uint64_t      operations;
    process_usage usage;
} run_mark;

typedef struct {
    uint64_t sent, received; /* messages, arrivals that were expected; each counted once */
    uint64_t lost, doubled, reordered, damaged;
    uint64_t timed_out;    /* arrivals that were not waited for any longer; some came later */
    uint64_t failed;       /* connections that could not be opened */
    uint64_t retried;      /* attempts to open one that had failed before */
    uint64_t disconnected; /* connections that the server has ended */
    /* Of --slow-reader: what became of it, NULL without; and how many messages it had. */
    const char *slow_reader;
    uint64_t    slow_received;
} run_results;

struct run {
    const options  *options;
    const scenario *scenario;
    void           *state; /* the scenario's */
    stream_loop     loop;
    client_group    group;
    client         *clients;
    unsigned        n_clients, n_started, n_opening, n_settled;
    client        **again; /* clients whose opening has failed, to be tried once more */
    unsigned        n_again;
    run_phase       phase;
    uint64_t        now_ns; /* when this turn of the loop began */
    uint64_t        phase_end_ns, deadline_ns, next_tick_ns, next_progress_ns;
    uint64_t        operations; /* so far, of all phases */
    histogram       latency;    /* of those that are measured */
    run_mark        from, to;   /* what is measured lies between */
    run_mark        base;       /* of "idle": when the first ones, n_base of them, were open */
    unsigned        n_base;
    run_results     results;
    char            error[160]; /* why there is nothing to measure */
};

/*
 * 0 when it came to its end, -1 when not; then r->error tells. r is all zero but for options and
 * scenario.
 */
int run_execute(run *r);

/* Closes what is open and frees. */
void run_release(run *r);

/* --- For scenarios. --- */

uint64_t run_clock_ns(void);

static inline uint64_t
run_seconds_ns(double seconds)
{
    return (uint64_t)(seconds * 1e9);
}

/* This connection needs nothing more before the traffic begins. */
void run_settled(run *r, client *c);

/* This one, which is gone, is opened when its turn comes; not twice before it is gone again. */
void run_open_again(run *r, client *c);

/* An operation is done that began at that time; 0 when that is not known any more. */
void run_count(run *r, uint64_t began_ns);

/* Take a mark; the run fails when the server is not there any more. */
void run_take_mark(run *r, run_mark *mark);

void run_fail(run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Is traffic to be sent in this phase? */
static inline bool
run_is_sending(const run *r)
{
    return r->phase == PHASE_WARMING || r->phase == PHASE_MEASURING;
}

extern const scenario scenario_connect, scenario_idle, scenario_crowd, scenario_echo,
    scenario_fan_out;

#endif
