#include "server/engine/send_queue.h"

#include <stdlib.h>

#include "protocol/result.h"

void
sio_send_queue_init(sio_send_queue *q)
{
    *q = (sio_send_queue){.capacity = SIO_OUTQ_INLINE};
}

static sio_frame **
slots_of(const sio_send_queue *q)
{
    return q->slots != NULL ? q->slots : (sio_frame **)(uintptr_t)q->inline_slots;
}

static uint32_t
slot_index(const sio_send_queue *q, uint32_t i)
{
    return (q->head + i) & (q->capacity - 1); /* capacity is a power of two */
}

/* Back to the inline slots: a queue that was long once must not cost memory for ever. */
static void
release_slots(sio_send_queue *q)
{
    free(q->slots);
    q->slots = NULL;
    q->capacity = SIO_OUTQ_INLINE;
    q->head = 0;
}

void
sio_send_queue_fini(sio_send_queue *q)
{
    sio_send_queue_drop(q, q->n_frames);
}

static int
grow(sio_send_queue *q)
{
    const uint32_t capacity = q->capacity * 2;
    sio_frame    **slots = capacity != 0 ? calloc(capacity, sizeof(sio_frame *)) : NULL;

    if (slots == NULL)
        return SIO_ERR_NOMEM;
    for (uint32_t i = 0; i < q->n_frames; i++)
        slots[i] = sio_send_queue_at(q, i);
    free(q->slots);
    q->slots = slots;
    q->capacity = capacity;
    q->head = 0;
    return SIO_OK;
}

bool
sio_send_queue_is_full(const sio_send_queue *q, const sio_send_queue_limits *limits)
{
    return q->n_frames >= limits->max_frames || q->n_bytes >= limits->max_bytes;
}

size_t
sio_send_queue_memory(const sio_send_queue *q)
{
    return q->n_bytes + (size_t)q->n_frames * SIO_OUTQ_FRAME_BYTES;
}

uint32_t
sio_send_queue_count(const sio_send_queue *q, size_t max_bytes)
{
    size_t   n_bytes = 0;
    uint32_t n = 0;

    if (q->n_bytes <= max_bytes)
        return q->n_frames;
    while (n < q->n_frames && n_bytes < max_bytes)
        n_bytes += sio_frame_message(sio_send_queue_at(q, n++)).len;
    return n;
}

int
sio_send_queue_push(sio_send_queue *q, sio_frame *f)
{
    const size_t len = sio_frame_message(f).len;

    if (q->n_frames == q->capacity && grow(q) != SIO_OK)
        return SIO_ERR_NOMEM;
    slots_of(q)[slot_index(q, q->n_frames)] = sio_frame_ref(f);
    q->n_frames++;
    q->n_bytes += len;
    return SIO_OK;
}

sio_send_queue *
sio_send_queue_take(sio_send_queue *q)
{
    sio_send_queue *taken = malloc(sizeof *taken);

    if (taken == NULL)
        return NULL;
    *taken = *q;
    sio_send_queue_init(q);
    return taken;
}

void
sio_send_queue_free(sio_send_queue *q)
{
    if (q == NULL)
        return;
    sio_send_queue_fini(q);
    free(q);
}

sio_frame *
sio_send_queue_at(const sio_send_queue *q, uint32_t i)
{
    return slots_of(q)[slot_index(q, i)];
}

void
sio_send_queue_drop(sio_send_queue *q, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        sio_frame *f = sio_send_queue_at(q, i);

        q->n_bytes -= sio_frame_message(f).len;
        sio_frame_unref(f);
    }
    q->head = slot_index(q, n);
    q->n_frames -= n;
    if (q->n_frames == 0 && q->slots != NULL)
        release_slots(q);
}
