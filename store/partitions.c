#include "store/partitions.h"

#include <assert.h>

bool
sio_store_has_partitions(const sio_store *store)
{
    return store->ops->partitions != NULL;
}

void
sio_store_partition_join(sio_store *store, unsigned number)
{
    assert(number < SIO_STORE_MAX_PARTITIONS);
    if (sio_store_has_partitions(store))
        store->ops->partitions->join(store, number);
}

void
sio_store_partition_leave(sio_store *store, unsigned number)
{
    assert(number < SIO_STORE_MAX_PARTITIONS);
    if (sio_store_has_partitions(store))
        store->ops->partitions->leave(store, number);
}

bool
sio_store_partitions_are_heard(const sio_store *store)
{
    return !sio_store_has_partitions(store) || store->ops->partitions->are_heard(store);
}

int
sio_store_partition_publish(sio_store *store, unsigned number, sio_view bytes)
{
    int rc;

    assert(number < SIO_STORE_MAX_PARTITIONS);
    rc = store->ops->partitions->publish(store, number, bytes);
    if (rc == SIO_OK) {
        store->counters.publishes++;
        store->counters.published_bytes += bytes.len;
    } else {
        store->counters.publishes_lost++;
    }
    return rc;
}
