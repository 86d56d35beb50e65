/*
 * server/engine/send_queue.h - what waits to be sent to one session: a bounded FIFO of shared
 * frames.
 *
 * A short queue lives inside the struct; only a client that falls behind costs heap memory.
 */
#ifndef SIO_ENGINE_SEND_QUEUE_H
#define SIO_ENGINE_SEND_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/engine/frame.h"

enum { SIO_OUTQ_INLINE = 4 };

typedef struct {
    sio_budget *budget; /* where is counted what waits */
    sio_frame **slots;  /* ring of `capacity` entries; inline_slots or heap */
    sio_frame  *inline_slots[SIO_OUTQ_INLINE];
    uint32_t    capacity;
    uint32_t    head;
    uint32_t    n_frames;
    size_t      n_bytes; /* of packet text */
} sio_send_queue;

/*
 * Both limits hold for every queue of a server: packets and bytes of packet text. They are asked
 * before a packet is queued: whatever was accepted as a message fits into a queue that is not full.
 */
typedef struct {
    uint32_t max_frames;
    size_t   max_bytes;
} sio_send_queue_limits;

void sio_send_queue_init(sio_send_queue *q, sio_budget *budget);

/* Drop everything that waits. */
void sio_send_queue_fini(sio_send_queue *q);

/* Has it reached a limit? */
bool sio_send_queue_is_full(const sio_send_queue *q, const sio_send_queue_limits *limits);

/* About how much memory it takes, if nobody shares the packets. */
size_t sio_send_queue_memory(const sio_send_queue *q);

/* About how much of that would come back without it: of what n queues share, an n-th part. */
size_t sio_send_queue_share(const sio_send_queue *q);

/* How many of the oldest packets have max_bytes together; the one that reaches it counts. */
uint32_t sio_send_queue_count(const sio_send_queue *q, size_t max_bytes);

/* Queue f behind the others; takes its own reference. Returns SIO_OK or SIO_ERR_NOMEM. */
int sio_send_queue_push(sio_send_queue *q, sio_frame *f);

/*
 * A new queue with all that waits in q, which is empty afterwards. NULL when out of memory: q is
 * unchanged.
 */
sio_send_queue *sio_send_queue_take(sio_send_queue *q);

/* Drop what waits in a queue that was taken, and free it. NULL is allowed. */
void sio_send_queue_free(sio_send_queue *q);

/* The i-th waiting frame, 0 the oldest; i < n_frames. Borrowed. */
sio_frame *sio_send_queue_at(const sio_send_queue *q, uint32_t i);

/* Forget the n oldest frames; n <= n_frames. */
void sio_send_queue_drop(sio_send_queue *q, uint32_t n);

#endif
