/*
 * tests/unit/server/failing_memory.h - memory that runs out when a test says so.
 *
 * A program that is linked with this is linked with --wrap for the functions in failing_memory.c,
 * too (see the Makefile), so that each call of them in our own objects comes here. Counted are
 * those made while the memory is armed, one by one; the n-th fails. Libraries allocate for
 * themselves, and that does not fail: libevent ends the process when it has no memory for what is
 * under way, and what libwebsockets and hiredis do then is theirs. Of what they allocate for us,
 * this knows the events and streams that are made by name, and all that cJSON makes.
 *
 * The library of the fuzz targets (tests/fuzz/world/) is linked with the real ones: what it needs
 * to stand for clients and for Redis does not fail.
 */
#ifndef SIO_TESTS_UNIT_FAILING_MEMORY_H
#define SIO_TESTS_UNIT_FAILING_MEMORY_H

#include <stdbool.h>

typedef struct {
    bool     is_armed;
    unsigned n_asked;  /* allocations so far, while armed */
    unsigned fail_at;  /* the number of the one that fails; 0: none does */
    unsigned n_fail;   /* and so many in a row */
    unsigned n_failed; /* that have */
    long     n_live;   /* blocks that are not freed */
} failing_memory;

/* Of the program: a test reads it, and puts back what it has changed. */
extern failing_memory memory;

/* Once, at the beginning of the program. */
void memory_init(void);

/* Start counting anew; fail_at 0: nothing fails. */
void memory_plan(unsigned fail_at, unsigned n_fail);

/* Arm or disarm it; returns what it was, for the end of the scope. */
bool memory_arm(bool is_armed);

#endif
