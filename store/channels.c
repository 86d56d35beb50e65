#include "store/channels.h"

int
sio_store_channels_hear(sio_store *store, const char *const *names, const char *const *patterns,
                        sio_store_heard heard, void *arg)
{
    return store->ops->channels->hear(store, names, patterns, heard, arg);
}

int
sio_store_channel_join(sio_store *store, sio_view name)
{
    return store->ops->channels->join(store, name);
}

void
sio_store_channel_leave(sio_store *store, sio_view name)
{
    store->ops->channels->leave(store, name);
}

void
sio_store_channel_count(sio_store *store, sio_view channel, sio_store_counted fn, void *arg,
                        uint64_t number)
{
    store->ops->channels->count(store, channel, fn, arg, number);
}

int
sio_store_channel_publish(sio_store *store, sio_view channel, sio_view bytes)
{
    const int rc = store->ops->channels->publish(store, channel, bytes);

    if (rc == SIO_OK) {
        store->counters.publishes++;
        store->counters.published_bytes += bytes.len;
    } else {
        store->counters.publishes_lost++;
    }
    return rc;
}
