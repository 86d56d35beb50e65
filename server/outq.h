/*
 * server/outq.h - what waits to be sent to one session: a bounded FIFO of shared frames.
 *
 * A short queue lives inside the struct; only a client that falls behind costs heap memory.
 */
#ifndef SIO_OUTQ_H
#define SIO_OUTQ_H

#include <stddef.h>
#include <stdint.h>

#include "server/frame.h"

enum { SIO_OUTQ_INLINE = 4 };

typedef struct {
    sio_frame **slots; /* ring of `capacity` entries; inline_slots or heap */
    sio_frame  *inline_slots[SIO_OUTQ_INLINE];
    uint32_t    capacity;
    uint32_t    head;
    uint32_t    n_frames;
    size_t      n_bytes; /* of packet text */
} sio_outq;

/* Both limits hold for every queue of a server: packets and bytes of packet text. */
typedef struct {
    uint32_t max_frames;
    size_t   max_bytes;
} sio_outq_limits;

void sio_outq_init(sio_outq *q);

/* Drop everything that waits. */
void sio_outq_fini(sio_outq *q);

/*
 * Queue f behind the others; takes its own reference. Returns SIO_OK, SIO_ERR_FULL when a limit
 * would be passed (the queue is unchanged), or SIO_ERR_NOMEM. A packet that is larger than
 * max_bytes by itself is accepted by an empty queue: it was accepted as a message.
 */
int sio_outq_push(sio_outq *q, sio_frame *f, const sio_outq_limits *limits);

/* The i-th waiting frame, 0 the oldest; i < n_frames. Borrowed. */
sio_frame *sio_outq_at(const sio_outq *q, uint32_t i);

/* Forget the n oldest frames; n <= n_frames. */
void sio_outq_drop(sio_outq *q, uint32_t n);

#endif
