#include "server/base/pace.h"

unsigned
sio_pace_left_ms(const sio_pace *p, uint64_t now_ms, unsigned timeout_ms, size_t bytes_per_second)
{
    const uint64_t due_ms = p->since_ms + timeout_ms + p->n_bytes * 1000 / bytes_per_second;

    if (due_ms <= now_ms)
        return 0;
    return due_ms - now_ms < timeout_ms ? (unsigned)(due_ms - now_ms) : timeout_ms;
}
