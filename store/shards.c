#include "store/shards.h"

int
sio_store_shards_hear(sio_store *store, sio_store_heard heard, void *arg)
{
    const struct sio_store_shard_ops *ops = store->ops->channels->shards;

    return ops != NULL ? ops->hear(store, heard, arg) : SIO_OK;
}

int
sio_store_shards_join(sio_store *store, sio_view name)
{
    const struct sio_store_shard_ops *ops = store->ops->channels->shards;

    return ops != NULL ? ops->join(store, name) : SIO_OK;
}

void
sio_store_shards_leave(sio_store *store, sio_view name)
{
    const struct sio_store_shard_ops *ops = store->ops->channels->shards;

    if (ops != NULL)
        ops->leave(store, name);
}

int
sio_store_shards_publish(sio_store *store, sio_view channel, sio_view bytes)
{
    const struct sio_store_shard_ops *ops = store->ops->channels->shards;
    const int rc = ops != NULL ? ops->publish(store, channel, bytes) : SIO_ERR_UNAVAILABLE;

    if (rc == SIO_OK) {
        store->counters.publishes++;
        store->counters.published_bytes += bytes.len;
    } else {
        store->counters.publishes_lost++;
    }
    return rc;
}

void
sio_store_shards_count(sio_store *store, sio_view channel, sio_store_counted fn, void *arg,
                       uint64_t number)
{
    const struct sio_store_shard_ops *ops = store->ops->channels->shards;

    if (ops != NULL)
        ops->count(store, channel, fn, arg, number);
    else
        fn(arg, number, -1);
}
