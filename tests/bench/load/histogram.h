/*
 * tests/bench/load/histogram.h - durations in fixed memory, with percentiles within 1.6 per cent.
 *
 * Each power of two of nanoseconds is cut into 64 equal parts, up to 2^40 ns (18 minutes); what is
 * longer counts as that. The exact longest one is kept beside.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_PARTS = 64, HISTOGRAM_OCTAVES = 40 - 6 + 1 };

/* All zero is an empty histogram. */
typedef struct {
    uint64_t counts[HISTOGRAM_OCTAVES * HISTOGRAM_PARTS];
    uint64_t total;
    uint64_t longest_ns;
} histogram;

void histogram_add(histogram *h, uint64_t ns);

/*
 * The duration that the given fraction (0 to 1) of all did not exceed, in nanoseconds, as the upper
 * end of its part. 0 when nothing was added.
 */
uint64_t histogram_at(const histogram *h, double fraction);

#endif
