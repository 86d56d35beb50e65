#include "store/lease.h"

#include <assert.h>

sio_store_req *
sio_store_lease_hold(sio_store *store, sio_view name, sio_view holder, uint64_t ttl_ms,
                     sio_store_done_cb cb, void *arg)
{
    const struct sio_store_lease_ops *ops = store->ops->leases;

    assert(ttl_ms > 0);
    if (ops != NULL && sio_store_id_usable(name))
        return ops->hold(store, name, holder, ttl_ms, cb, arg);
    cb(arg, ops == NULL ? SIO_ERR_UNAVAILABLE : SIO_TOO_LARGE);
    return NULL;
}

void
sio_store_lease_release(sio_store *store, sio_view name, sio_view holder)
{
    const struct sio_store_lease_ops *ops = store->ops->leases;

    if (ops != NULL && sio_store_id_usable(name))
        ops->release(store, name, holder);
}
