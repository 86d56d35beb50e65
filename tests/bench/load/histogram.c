/*
 * tests/bench/load/histogram.c - see histogram.h.
 */
#include "tests/bench/load/histogram.h"

enum { PART_BITS = 6, LAST = HISTOGRAM_OCTAVES * HISTOGRAM_PARTS - 1 };

/*
 * The first octave holds 0 to 63, a value in each part; octave o > 0 holds 2^(o+5) up to 2^(o+6),
 * 2^(o-1) values in each part.
 */
static unsigned
index_of(uint64_t ns)
{
    unsigned bits, octave;

    if (ns < HISTOGRAM_PARTS)
        return (unsigned)ns;
    bits = 63U - (unsigned)__builtin_clzll(ns);
    octave = bits - PART_BITS + 1;
    if (octave >= HISTOGRAM_OCTAVES)
        return LAST;
    return octave * HISTOGRAM_PARTS + ((unsigned)(ns >> (octave - 1)) & (HISTOGRAM_PARTS - 1));
}

static uint64_t
upper_end(unsigned index)
{
    const unsigned octave = index / HISTOGRAM_PARTS, part = index % HISTOGRAM_PARTS;

    if (octave == 0)
        return part;
    return ((uint64_t)(HISTOGRAM_PARTS + part + 1) << (octave - 1)) - 1;
}

void
histogram_add(histogram *h, uint64_t ns)
{
    h->counts[index_of(ns)]++;
    h->total++;
    if (ns > h->longest_ns)
        h->longest_ns = ns;
}

uint64_t
histogram_at(const histogram *h, double fraction)
{
    const double wanted = fraction * (double)h->total;
    uint64_t     seen = 0;

    for (unsigned i = 0; i <= LAST && h->total > 0; i++) {
        seen += h->counts[i];
        if (seen > 0 && (double)seen >= wanted)
            return upper_end(i) < h->longest_ns ? upper_end(i) : h->longest_ns;
    }
    return h->longest_ns;
}
