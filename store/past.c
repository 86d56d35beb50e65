#include "store/past.h"

static const struct sio_store_past_ops *
past_ops(const sio_store *store)
{
    const struct sio_store_tail_ops *tail = store->ops->channels->tail;

    return tail != NULL ? tail->past : NULL;
}

int
sio_store_past_put(sio_store *store, sio_view key, sio_view value, uint64_t ttl_ms)
{
    const struct sio_store_past_ops *ops = past_ops(store);

    return ops != NULL ? ops->put(store, key, value, ttl_ms) : SIO_ERR_UNAVAILABLE;
}

sio_store_req *
sio_store_past_take(sio_store *store, sio_view key, sio_view stream, sio_view id,
                    sio_store_value_cb cb, void *arg)
{
    const struct sio_store_past_ops *ops = past_ops(store);

    if (ops != NULL)
        return ops->take(store, key, stream, id, cb, arg);
    cb(arg, SIO_ERR_NOT_FOUND, (sio_view){NULL, 0});
    return NULL;
}

sio_store_req *
sio_store_past_read(sio_store *store, sio_view stream, sio_view id, sio_view nsp, sio_view type,
                    sio_store_past_cb cb, void *arg)
{
    const struct sio_store_past_ops *ops = past_ops(store);

    if (ops != NULL)
        return ops->read(store, stream, id, nsp, type, cb, arg);
    cb(arg, SIO_ERR_UNAVAILABLE, &(sio_past_page){.n = 0});
    return NULL;
}
