#include "store/tail.h"

#include <inttypes.h>
#include <stdio.h>

int
sio_store_tail_follow(sio_store *store, const char *stream, sio_store_tail_read fn, void *arg)
{
    const struct sio_store_tail_ops *ops = store->ops->channels->tail;

    return ops != NULL ? ops->follow(store, stream, fn, arg) : SIO_OK;
}

int
sio_store_tail_add(sio_store *store, sio_view stream, const sio_stream_field *fields, size_t n,
                   size_t max_entries)
{
    const struct sio_store_tail_ops *ops = store->ops->channels->tail;
    const int                        rc =
        ops != NULL ? ops->add(store, stream, fields, n, max_entries) : SIO_ERR_UNAVAILABLE;

    if (rc != SIO_OK) {
        store->counters.publishes_lost++;
        return rc;
    }
    store->counters.publishes++;
    for (size_t i = 0; i < n; i++)
        store->counters.published_bytes += fields[i].value.len;
    return SIO_OK;
}

const char *
sio_store_tail_position(sio_store *store)
{
    const struct sio_store_tail_ops *ops = store->ops->channels->tail;

    return ops != NULL ? ops->position(store) : "";
}

bool
sio_store_tail_is_behind(const char *id, const char *other)
{
    uint64_t ms = 0, n = 0, other_ms = 0, other_n = 0;

    (void)sscanf(id, "%" SCNu64 "-%" SCNu64, &ms, &n);
    (void)sscanf(other, "%" SCNu64 "-%" SCNu64, &other_ms, &other_n);
    return ms != other_ms ? ms > other_ms : n > other_n;
}
