/* server/base/log_ring.c - see log_ring.h. */
#include "server/base/log_ring.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"

int
sio_log_ring_init(sio_log_ring *ring, size_t capacity)
{
    *ring = (sio_log_ring){.bytes = malloc(capacity), .capacity = capacity};
    return ring->bytes != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

void
sio_log_ring_fini(sio_log_ring *ring)
{
    free(ring->bytes);
    *ring = (sio_log_ring){.bytes = NULL};
}

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How much of n bytes at offset `at` from the first one lies before the ring starts over. */
static size_t
until_end(const sio_log_ring *ring, size_t at, size_t n)
{
    return smaller(n, ring->capacity - (ring->first + at) % ring->capacity);
}

bool
sio_log_ring_put(sio_log_ring *ring, const char *line, size_t len)
{
    if (ring->n_dropped > 0 || len > ring->capacity - ring->len) {
        ring->n_dropped++;
        return false;
    }
    const size_t head = until_end(ring, ring->len, len);

    memcpy(ring->bytes + (ring->first + ring->len) % ring->capacity, line, head);
    memcpy(ring->bytes, line + head, len - head);
    ring->len += len;
    return true;
}

static void
copy_out(const sio_log_ring *ring, char *out, size_t n)
{
    const size_t head = until_end(ring, 0, n);

    memcpy(out, ring->bytes + ring->first, head);
    memcpy(out + head, ring->bytes, n - head);
}

size_t
sio_log_ring_take(sio_log_ring *ring, char *out, size_t max, uint64_t *n_dropped)
{
    const size_t n = smaller(max, ring->len);
    const char  *end;

    *n_dropped = 0;
    copy_out(ring, out, n);
    if ((end = memrchr(out, '\n', n)) == NULL)
        return 0;
    const size_t taken = (size_t)(end - out) + 1;

    ring->first = (ring->first + taken) % ring->capacity;
    ring->len -= taken;
    if (ring->len == 0) {
        *n_dropped = ring->n_dropped;
        ring->n_dropped = 0;
    }
    return taken;
}

uint64_t
sio_log_ring_clear(sio_log_ring *ring)
{
    const size_t   head = until_end(ring, 0, ring->len);
    const uint64_t n = sio_log_ring_count_lines(ring->bytes + ring->first, head) +
                       sio_log_ring_count_lines(ring->bytes, ring->len - head) + ring->n_dropped;

    ring->len = 0;
    ring->n_dropped = 0;
    return n;
}

uint64_t
sio_log_ring_count_lines(const char *bytes, size_t len)
{
    uint64_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += bytes[i] == '\n';
    return n;
}
