/*
 * server/base/log_ring.h - lines that wait to be written: a bounded ring of whole lines.
 *
 * Used by log_writer.c, which locks it. What does not fit is dropped and counted, and from then on
 * everything is, until all that waits was taken: so there is one gap, whose place is known, in lieu
 * of one behind each line that found room.
 * Pure: no I/O, no clock, no lock.
 */
#ifndef SIO_BASE_LOG_RING_H
#define SIO_BASE_LOG_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    char    *bytes;
    size_t   capacity, first, len;
    uint64_t n_dropped; /* since the ring was full; not 0: nothing is let in */
} sio_log_ring;

/* A ring of that many bytes. SIO_OK or SIO_ERR_NOMEM; the memory is touched as it is used. */
int sio_log_ring_init(sio_log_ring *ring, size_t capacity);

/* Free the memory. A zeroed struct is fine. */
void sio_log_ring_fini(sio_log_ring *ring);

/* Add a copy of a line; its last byte is the only line end in it. False: it was dropped. */
bool sio_log_ring_put(sio_log_ring *ring, const char *line, size_t len);

/*
 * Move as many whole lines into out as `max` bytes can take; returns their bytes. 0: there is none,
 * or the next one is longer. *n_dropped: how many lines were dropped right behind these.
 */
size_t sio_log_ring_take(sio_log_ring *ring, char *out, size_t max, uint64_t *n_dropped);

/* Forget all lines. Returns how many, those that were dropped included. */
uint64_t sio_log_ring_clear(sio_log_ring *ring);

/* Line ends in bytes[0..len). */
uint64_t sio_log_ring_count_lines(const char *bytes, size_t len);

#endif
