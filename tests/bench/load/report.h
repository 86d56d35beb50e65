/*
 * tests/bench/load/report.h - the result of a run, as one JSON object on one line.
 *
 * Durations are microseconds, sizes bytes. "operations" are those that were measured, in "seconds";
 * what was "sent", "lost" and so on is of the whole run. Without --pid there is nothing about the
 * server's processes.
 */
#ifndef LOAD_REPORT_H
#define LOAD_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "tests/bench/load/run.h"

void report_write(FILE *out, const run *r);

/* Nothing was lost, doubled, reordered, damaged, and every connection was opened and stayed. */
bool report_is_clean(const run *r);

#endif
