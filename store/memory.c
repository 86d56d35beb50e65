#include "store/memory.h"

#include <stdlib.h>

typedef struct {
    sio_store       store; /* first: a memory_store is a sio_store */
    sio_handshakes *table;
} memory_store;

static memory_store *
of(sio_store *self)
{
    return (memory_store *)(void *)self;
}

static sio_store_req *
handshake_put(sio_store *self, sio_view id, sio_view data, uint64_t ttl_ms, sio_store_put_cb cb,
              void *arg)
{
    cb(arg, sio_handshakes_put(of(self)->table, id, data, ttl_ms));
    return NULL;
}

static sio_store_req *
handshake_take(sio_store *self, sio_view id, sio_store_take_cb cb, void *arg)
{
    sio_handshake *found = sio_handshakes_take(of(self)->table, id);

    if (found != NULL) {
        self->counters.hits++;
        cb(arg, SIO_OK, found->data);
    } else {
        self->counters.misses++;
        cb(arg, SIO_ERR_NOT_FOUND, (sio_view){NULL, 0});
    }
    free(found);
    return NULL;
}

static void
memory_store_free(sio_store *self)
{
    sio_handshakes_free(of(self)->table);
    free(self);
}

static const sio_store_ops memory_ops = {
    .handshake_put = handshake_put,
    .handshake_take = handshake_take,
    .free = memory_store_free,
};

int
sio_memory_store_new(sio_store **out, struct event_base *base, const sio_handshakes_limits *limits)
{
    memory_store *m = calloc(1, sizeof *m);
    int           rc;

    if (m == NULL)
        return SIO_ERR_NOMEM;
    m->store.settled = true;
    m->store.ops = &memory_ops;
    rc = sio_handshakes_new(&m->table, base, limits, &m->store.counters);
    if (rc != SIO_OK) {
        memory_store_free(&m->store);
        return rc;
    }
    *out = &m->store;
    return SIO_OK;
}
