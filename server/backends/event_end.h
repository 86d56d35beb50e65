/*
 * server/backends/event_end.h - how events leave a queue: they are done, given up, or too old.
 *
 * Part of event_queue.c. Each function that ends an event tells its owner by ops->done.
 */
#ifndef SIO_BACKENDS_EVENT_END_H
#define SIO_BACKENDS_EVENT_END_H

#include "server/backends/event_queue.h"

/* One that waits in its line. */
void sio_event_end_one(sio_event_queue *q, sio_queued_event *event, sio_event_fate fate);

/* All in a batch, in their order; the batch is freed. */
void sio_event_end_batch(sio_event_queue *q, sio_event_batch *batch, sio_event_fate fate);

/* Will an event of it be too old at that time? */
bool sio_event_end_has_late(const sio_event_queue *q, const sio_event_batch *batch, uint64_t at_ms);

/*
 * Those in it that are too old then; the batch is freed. The others wait in their lines again: the
 * end of a line is tried for longer than what its client has emitted.
 */
void sio_event_end_late_batch(sio_event_queue *q, sio_event_batch *batch, uint64_t at_ms);

/* No endpoint is in service: all that has waited for too long. */
void sio_event_end_late_ones(sio_event_queue *q, uint64_t now_ms);

/* While none is: when the next one is too old. UINT64_MAX: none will be. */
uint64_t sio_event_end_next_ms(const sio_event_queue *q);

#endif
