#include "store/once.h"

#include <assert.h>

sio_store_req *
sio_store_once_claim(sio_store *store, sio_view key, sio_view value, uint64_t ttl_ms,
                     sio_store_once_cb cb, void *arg)
{
    assert(ttl_ms > 0);
    if (!sio_store_id_usable(key)) {
        cb(arg, SIO_TOO_LARGE, (sio_view){NULL, 0});
        return NULL;
    }
    return store->ops->once->claim(store, key, value, ttl_ms, cb, arg);
}

void
sio_store_once_put(sio_store *store, sio_view key, sio_view value, uint64_t ttl_ms)
{
    if (sio_store_id_usable(key))
        store->ops->once->put(store, key, value, ttl_ms);
}

void
sio_store_once_drop(sio_store *store, sio_view key)
{
    if (sio_store_id_usable(key))
        store->ops->once->drop(store, key);
}
