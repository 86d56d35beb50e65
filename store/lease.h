/*
 * store/lease.h - what one instance at a time does, and another one when that is gone.
 *
 * Called by server/, with the same store and under the same rules as store/store.h. A lease belongs
 * to its holder for a time from when Redis was asked; who wants to keep it asks again before that.
 * A holder that was stopped for longer does not know that it has lost the lease: look at the clock
 * before each act. An instance alone (store/memory.h) gets none.
 */
#ifndef SIO_STORE_LEASE_H
#define SIO_STORE_LEASE_H

#include "store/store.h"

/*
 * SIO_OK: the holder has it, from now or still. SIO_ERR_FULL: another one has it.
 * SIO_ERR_UNAVAILABLE: nobody knows. SIO_ERR_NOMEM, SIO_TOO_LARGE (the name). Names are those
 * behind the prefix of the cluster; holder: any bytes that no other one has. Both are copied.
 */
sio_store_req *sio_store_lease_hold(sio_store *store, sio_view name, sio_view holder,
                                    uint64_t ttl_ms, sio_store_done_cb cb, void *arg);

/* Give it up, if it is the holder's. Nothing happens while Redis is away. */
void sio_store_lease_release(sio_store *store, sio_view name, sio_view holder);

/* For implementations, which find names checked. */
struct sio_store_lease_ops {
    sio_store_req *(*hold)(sio_store *self, sio_view name, sio_view holder, uint64_t ttl_ms,
                           sio_store_done_cb cb, void *arg);
    void (*release)(sio_store *self, sio_view name, sio_view holder);
};

#endif
