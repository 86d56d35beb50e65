#include "store/store.h"

#include <assert.h>
#include <stdbool.h>

sio_store_req *
sio_store_handshake_put(sio_store *store, sio_view id, sio_view data, uint64_t ttl_ms,
                        sio_store_put_cb cb, void *arg)
{
    assert(ttl_ms > 0);
    store->counters.puts++;
    if (!sio_store_id_usable(id)) {
        cb(arg, SIO_TOO_LARGE);
        return NULL;
    }
    return store->ops->handshake_put(store, id, data, ttl_ms, cb, arg);
}

void
sio_store_handshake_limit(sio_store *store, size_t max_entries)
{
    store->ops->handshake_limit(store, max_entries);
}

sio_store_req *
sio_store_handshake_take(sio_store *store, sio_view id, sio_store_take_cb cb, void *arg)
{
    store->counters.takes++;
    if (!sio_store_id_usable(id)) { /* nobody can have put it: do not bother Redis */
        store->counters.misses++;
        cb(arg, SIO_ERR_NOT_FOUND, (sio_view){NULL, 0});
        return NULL;
    }
    return store->ops->handshake_take(store, id, cb, arg);
}

sio_store_req *
sio_store_client_set(sio_store *store, sio_view id, sio_view key, sio_view value,
                     const sio_store_client_limits *limits, sio_store_done_cb cb, void *arg)
{
    if (!sio_store_id_usable(id)) {
        cb(arg, SIO_TOO_LARGE);
        return NULL;
    }
    return store->ops->client_set(store, id, key, value, limits, cb, arg);
}

sio_store_req *
sio_store_client_get(sio_store *store, sio_view id, sio_view key, sio_store_value_cb cb, void *arg)
{
    if (!sio_store_id_usable(id)) {
        cb(arg, SIO_TOO_LARGE, (sio_view){NULL, 0});
        return NULL;
    }
    return store->ops->client_get(store, id, key, cb, arg);
}

sio_store_req *
sio_store_client_has(sio_store *store, sio_view id, sio_view key, sio_store_done_cb cb, void *arg)
{
    if (!sio_store_id_usable(id)) {
        cb(arg, SIO_TOO_LARGE);
        return NULL;
    }
    return store->ops->client_has(store, id, key, cb, arg);
}

sio_store_req *
sio_store_client_del(sio_store *store, sio_view id, sio_view key, sio_store_done_cb cb, void *arg)
{
    if (!sio_store_id_usable(id)) {
        cb(arg, SIO_TOO_LARGE);
        return NULL;
    }
    return store->ops->client_del(store, id, key, cb, arg);
}

sio_store_req *
sio_store_client_expire(sio_store *store, sio_view id, uint64_t ttl_ms, sio_store_done_cb cb,
                        void *arg)
{
    if (!sio_store_id_usable(id)) {
        cb(arg, SIO_TOO_LARGE);
        return NULL;
    }
    return store->ops->client_expire(store, id, ttl_ms, cb, arg);
}

sio_store_req *
sio_store_client_inherit(sio_store *store, sio_view id, sio_view from, sio_store_done_cb cb,
                         void *arg)
{
    if (!sio_store_id_usable(id) || !sio_store_id_usable(from)) {
        cb(arg, SIO_TOO_LARGE);
        return NULL;
    }
    return store->ops->client_inherit(store, id, from, cb, arg);
}

void
sio_store_on_settled(sio_store *store, void (*fn)(void *arg), void *arg)
{
    if (store->settled) {
        fn(arg);
        return;
    }
    store->on_settled = fn;
    store->settled_arg = arg;
}

void
sio_store_settle(sio_store *store)
{
    void (*const fn)(void *arg) = store->on_settled;

    store->settled = true;
    store->on_settled = NULL;
    if (fn != NULL)
        fn(store->settled_arg);
}

void
sio_store_cancel(sio_store_req *req)
{
    if (req != NULL)
        req->cancel(req);
}

const sio_store_counters *
sio_store_get_counters(const sio_store *store)
{
    return &store->counters;
}

void
sio_store_free(sio_store *store)
{
    if (store != NULL)
        store->ops->free(store);
}
