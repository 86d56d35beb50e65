#include "server/engine/send_queue.h"

#include <stdlib.h>

#include "protocol/result.h"

enum { MAX_SAMPLES = 32 };

void
sio_send_queue_init(sio_send_queue *q, sio_budget *budget)
{
    *q = (sio_send_queue){.budget = budget, .capacity = SIO_OUTQ_INLINE};
}

/* Of the slots on the heap. */
static size_t
slot_bytes(const sio_send_queue *q)
{
    return q->slots != NULL ? q->capacity * sizeof(sio_frame *) : 0;
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
    sio_budget_sent(q->budget, slot_bytes(q));
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
    sio_budget_sent(q->budget, slot_bytes(q));
    free(q->slots);
    q->slots = slots;
    q->capacity = capacity;
    q->head = 0;
    sio_budget_await(q->budget, slot_bytes(q));
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
    return q->n_bytes + (size_t)q->n_frames * SIO_FRAME_BYTES;
}

/* Of very many packets, only some are looked at. */
size_t
sio_send_queue_share(const sio_send_queue *q)
{
    const uint32_t step = q->n_frames / MAX_SAMPLES + 1;
    double         n_bytes = 0, n_shares = 0;

    for (uint32_t i = 0; i < q->n_frames; i += step) {
        const sio_frame *f = sio_send_queue_at(q, i);

        n_bytes += (double)(sio_frame_message(f).len + SIO_FRAME_BYTES);
        n_shares += (double)sio_frame_share(f);
    }
    if (n_bytes == 0)
        return 0;
    return slot_bytes(q) + (size_t)((double)sio_send_queue_memory(q) * n_shares / n_bytes);
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
    if (q->n_frames == q->capacity && grow(q) != SIO_OK)
        return SIO_ERR_NOMEM;
    slots_of(q)[slot_index(q, q->n_frames)] = f;
    q->n_frames++;
    q->n_bytes += sio_frame_await(f, q->budget);
    return SIO_OK;
}

sio_send_queue *
sio_send_queue_take(sio_send_queue *q)
{
    sio_send_queue *taken = malloc(sizeof *taken);

    if (taken == NULL)
        return NULL;
    *taken = *q;
    sio_send_queue_init(q, q->budget);
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
    for (uint32_t i = 0; i < n; i++)
        q->n_bytes -= sio_frame_sent(sio_send_queue_at(q, i), q->budget);
    q->head = slot_index(q, n);
    q->n_frames -= n;
    if (q->n_frames == 0 && q->slots != NULL)
        release_slots(q);
}
