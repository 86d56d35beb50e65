/*
 * protocol/histogram.h - how often which sizes came: one comparison and two additions for a small
 * value.
 *
 * Called by whoever measures, in store/ and server/; server/admin/ shows it. Pure; for one thread.
 */
#ifndef SIO_PROTOCOL_HISTOGRAM_H
#define SIO_PROTOCOL_HISTOGRAM_H

#include <stdint.h>

enum { SIO_HISTOGRAM_MAX_BOUNDS = 16 };

/* Zeroed memory with first, factor and n_bounds set is ready for use. */
typedef struct {
    uint64_t first;    /* the largest value that the first bucket takes */
    uint32_t factor;   /* of each further bound; at least 2 */
    uint32_t n_bounds; /* at most SIO_HISTOGRAM_MAX_BOUNDS */
    uint64_t sum;      /* of all values */
    uint64_t counts[SIO_HISTOGRAM_MAX_BOUNDS + 1]; /* [n_bounds]: values beyond the last bound */
} sio_histogram;

/* The values are whole numbers in any unit: microseconds, bytes. */
static inline void
sio_histogram_add(sio_histogram *h, uint64_t value)
{
    uint64_t bound = h->first;
    uint32_t i = 0;

    for (; i < h->n_bounds && value > bound; i++)
        bound *= h->factor;
    h->counts[i]++;
    h->sum += value;
}

#endif
