#include "store/tail.h"

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
