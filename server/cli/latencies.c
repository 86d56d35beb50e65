#include "server/cli/latencies.h"

#include <stddef.h>

/* 32 buckets for each power of two; the first 32 microseconds have one each. */
enum { PART_BITS = 5, PARTS = 1 << PART_BITS };

static size_t
bucket_of(uint64_t us)
{
    if (us < PARTS)
        return (size_t)us;
    const unsigned power = 63 - (unsigned)__builtin_clzll(us);
    const size_t   part = (size_t)(us >> (power - PART_BITS)) & (PARTS - 1);
    const size_t   bucket = (size_t)(power - PART_BITS + 1) * PARTS + part;

    return bucket < SIO_LATENCIES_BUCKETS ? bucket : SIO_LATENCIES_BUCKETS - 1;
}

/* The largest number that belongs there. */
static uint64_t
end_of(size_t bucket)
{
    if (bucket < PARTS)
        return bucket;
    return ((PARTS + bucket % PARTS + 1) << (bucket / PARTS - 1)) - 1;
}

void
sio_latencies_add(sio_latencies *l, uint64_t us)
{
    l->counts[bucket_of(us)]++;
    l->n++;
    if (us > l->max_us)
        l->max_us = us;
}

uint64_t
sio_latencies_below(const sio_latencies *l, unsigned per_mille)
{
    const uint64_t wanted = (l->n * per_mille + 999) / 1000;
    uint64_t       sum = 0;

    if (l->n == 0)
        return 0;
    for (size_t i = 0; i < SIO_LATENCIES_BUCKETS - 1; i++)
        if ((sum += l->counts[i]) >= wanted && sum > 0)
            return end_of(i) < l->max_us ? end_of(i) : l->max_us;
    return l->max_us;
}
