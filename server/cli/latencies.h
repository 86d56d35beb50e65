/*
 * server/cli/latencies.h - how long things took: counts in buckets, each a 32nd wider than what it
 * is for, so that millions of them fit into a few KiB.
 */
#ifndef SIO_CLI_LATENCIES_H
#define SIO_CLI_LATENCIES_H

#include <stdint.h>

/* The last bucket takes all above 2^37 microseconds, a day and a half. */
enum { SIO_LATENCIES_BUCKETS = 1056 };

/* Empty when it is zeroed. */
typedef struct {
    uint64_t counts[SIO_LATENCIES_BUCKETS];
    uint64_t n;
    uint64_t max_us;
} sio_latencies;

void sio_latencies_add(sio_latencies *l, uint64_t us);

/*
 * The microseconds that so many of a thousand did not exceed; at most a 32nd too large. 0: nothing
 * was added.
 */
uint64_t sio_latencies_below(const sio_latencies *l, unsigned per_mille);

#endif
