#include "store/instances.h"

#include <assert.h>

static void
check_tag(sio_view tag)
{
    assert(tag.len == SIO_STORE_TAG_LEN);
    (void)tag;
}

int
sio_store_listen(sio_store *store, sio_view tag, const sio_store_ears *ears)
{
    check_tag(tag);
    return store->ops->instances->listen(store, tag, ears);
}

int
sio_store_publish(sio_store *store, sio_view tag, sio_view bytes)
{
    int rc;

    if (tag.len > 0)
        check_tag(tag);
    rc = store->ops->instances->publish(store, tag, bytes);
    if (rc == SIO_OK) {
        store->counters.publishes++;
        store->counters.published_bytes += bytes.len;
    } else {
        store->counters.publishes_lost++;
    }
    return rc;
}

void
sio_store_instance_touch(sio_store *store, sio_view tag)
{
    check_tag(tag);
    store->ops->instances->touch(store, tag);
}

void
sio_store_instance_remove(sio_store *store, sio_view tag)
{
    check_tag(tag);
    store->ops->instances->remove(store, tag);
}

sio_store_req *
sio_store_instances_list(sio_store *store, sio_store_list_cb cb, void *arg)
{
    return store->ops->instances->list(store, cb, arg);
}

sio_store_req *
sio_store_instance_probe(sio_store *store, sio_view tag, sio_store_done_cb cb, void *arg)
{
    check_tag(tag);
    return store->ops->instances->probe(store, tag, cb, arg);
}

void
sio_store_session_add(sio_store *store, sio_view tag, sio_view id)
{
    check_tag(tag);
    assert(sio_store_id_usable(id));
    store->ops->instances->session_add(store, tag, id);
}

void
sio_store_session_remove(sio_store *store, sio_view tag, sio_view id)
{
    check_tag(tag);
    assert(sio_store_id_usable(id));
    store->ops->instances->session_remove(store, tag, id);
}

sio_store_req *
sio_store_lost_claim(sio_store *store, sio_view tag, sio_store_done_cb cb, void *arg)
{
    check_tag(tag);
    return store->ops->instances->lost_claim(store, tag, cb, arg);
}

sio_store_req *
sio_store_lost_check(sio_store *store, sio_view tag, sio_store_done_cb cb, void *arg)
{
    check_tag(tag);
    return store->ops->instances->lost_check(store, tag, cb, arg);
}

sio_store_req *
sio_store_lost_take(sio_store *store, sio_view tag, uint64_t data_ttl_ms, sio_store_list_cb cb,
                    void *arg)
{
    check_tag(tag);
    return store->ops->instances->lost_take(store, tag, data_ttl_ms, cb, arg);
}
