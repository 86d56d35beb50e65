/*
 * store/wills.h - what an instance leaves to those who survive it: texts, of which each goes to one
 * of them.
 *
 * Called by server/, with the same store and under the same rules as store/store.h. A will is any
 * bytes. Those of an instance, which has a tag (store/instances.h), are a set. Taking one over
 * moves it to the set of the heir, so that it is not lost with that either. The set expires a day
 * after the last sio_store_instance_touch() of its instance.
 *
 * An instance alone (store/memory.h) has no heirs: nothing is kept, and nothing is found.
 */
#ifndef SIO_STORE_WILLS_H
#define SIO_STORE_WILLS_H

#include "store/store.h"

/*
 * SIO_OK: on its way, which says nothing of arriving. SIO_ERR_UNAVAILABLE: Redis is away.
 * SIO_ERR_FULL: too much waits for it, or memory is short. After a failure nothing was sent.
 */
int sio_store_will_add(sio_store *store, sio_view tag, sio_view will);
int sio_store_will_remove(sio_store *store, sio_view tag, sio_view will);

/* Nothing happens while Redis is away. It is sent however much waits. */
void sio_store_wills_remove_all(sio_store *store, sio_view tag);

/*
 * SIO_OK: this one is yours, valid during the call. SIO_ERR_NOT_FOUND: there are no more.
 * SIO_ERR_UNAVAILABLE, SIO_ERR_NOMEM: not known; ask again.
 */
typedef void (*sio_store_will_cb)(void *arg, int rc, sio_view will);

/*
 * Move one of the wills of `from` to those of `to`. Of several who ask, one gets it. When cancelled
 * or answered SIO_ERR_UNAVAILABLE they stay, unless the connection was lost with the answer.
 */
sio_store_req *sio_store_will_move(sio_store *store, sio_view from, sio_view to,
                                   sio_store_will_cb cb, void *arg);

/* For implementations, which find tags checked. */
struct sio_store_will_ops {
    int (*add)(sio_store *self, sio_view tag, sio_view will);
    int (*remove)(sio_store *self, sio_view tag, sio_view will);
    void (*remove_all)(sio_store *self, sio_view tag);
    sio_store_req *(*move)(sio_store *self, sio_view from, sio_view to, sio_store_will_cb cb,
                           void *arg);
};

#endif
