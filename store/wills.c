#include "store/wills.h"

#include <assert.h>

#include "store/instances.h"

static const struct sio_store_will_ops *
ops_of(const sio_store *store, sio_view tag)
{
    assert(tag.len == SIO_STORE_TAG_LEN);
    (void)tag;
    return store->ops->wills;
}

int
sio_store_will_add(sio_store *store, sio_view tag, sio_view will)
{
    const struct sio_store_will_ops *ops = ops_of(store, tag);

    return ops != NULL ? ops->add(store, tag, will) : SIO_OK;
}

int
sio_store_will_remove(sio_store *store, sio_view tag, sio_view will)
{
    const struct sio_store_will_ops *ops = ops_of(store, tag);

    return ops != NULL ? ops->remove(store, tag, will) : SIO_OK;
}

void
sio_store_wills_remove_all(sio_store *store, sio_view tag)
{
    const struct sio_store_will_ops *ops = ops_of(store, tag);

    if (ops != NULL)
        ops->remove_all(store, tag);
}

sio_store_req *
sio_store_will_move(sio_store *store, sio_view from, sio_view to, sio_store_will_cb cb, void *arg)
{
    const struct sio_store_will_ops *ops = ops_of(store, from);

    if (ops != NULL)
        return ops->move(store, from, to, cb, arg);
    cb(arg, SIO_ERR_NOT_FOUND, (sio_view){NULL, 0});
    return NULL;
}
