/*
 * server/backends/event_batch.h - the requests of a queue: made of what waits, sent, sent again.
 *
 * Part of event_queue.c. A batch is in one of two lists of its queue: "retries", until its time
 * comes, or "sent".
 */
#ifndef SIO_BACKENDS_EVENT_BATCH_H
#define SIO_BACKENDS_EVENT_BATCH_H

#include "server/backends/event_queue.h"

/*
 * Of the events at the head of that line, and of the lines whose turn comes next, as many as one
 * may have; a connect is alone. It waits, to be sent at once. NULL: no memory, and the queue runs
 * again soon.
 */
sio_event_batch *sio_event_batch_make(sio_event_queue *q, sio_event_line *line);

/* Send one that waits. If that can not be tried, it waits again. */
void sio_event_batch_send(sio_event_queue *q, sio_event_batch *batch, size_t endpoint);

/*
 * One that was sent is to be sent again, after a while; retry_after_s: the backend asks for that.
 */
void sio_event_batch_delay(sio_event_queue *q, sio_event_batch *batch, unsigned retry_after_s);

/* If it was sent: no answer is wanted any more. It is to be freed. */
void sio_event_batch_cancel(sio_event_queue *q, sio_event_batch *batch);

/* Its events are in it no more. */
void sio_event_batch_free(sio_event_queue *q, sio_event_batch *batch);

#endif
