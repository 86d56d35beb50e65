/*
 * store/instances.h - how the instances of a cluster find and hear each other.
 *
 * Called by server/, with the same store and under the same rules as store/store.h:
 * one event loop, nothing blocks, callbacks end as said there. Each instance has a
 * tag, random and unique among all that ever ran; every tag given to these functions
 * has SIO_STORE_TAG_LEN bytes, whichever they are.
 *
 * Messages. Those between two instances arrive in the order of sending, each at most
 * once, and not at all while either of the two is not connected to Redis: who needs
 * more than that numbers and repeats them.
 *
 * The sets. `instances` has the tags, `sessions` of each tag the ids that it serves.
 * They are for those who survive: what an instance has opened is known although it
 * can no longer be asked. Redis may lose them; on every `up` the instance tells them
 * again. Both expire a day after their last touch, should all instances die at once.
 *
 * Where instances are linked directly (`is_direct` of the store: store/bus.h) nothing is lost on
 * the way, casts do not come back to who has sent them, and an end is noticed at once.
 *
 * An instance alone (store/memory.h) hears nothing and reaches nobody: no ear is
 * called, publishing succeeds, the sets are empty, nobody is lost.
 */
#ifndef SIO_STORE_INSTANCES_H
#define SIO_STORE_INSTANCES_H

#include "store/store.h"

enum {
    SIO_STORE_TAG_LEN = 6,   /* bytes */
    SIO_STORE_MAX_LOST = 500 /* ids given by one sio_store_lost_take() */
};

/* None may free the store; each may do anything else with it. */
typedef struct {
    /*
     * direct: sent to this tag, not to all or to a partition. bytes are valid during the call. Also while not `up`.
     */
    void (*message)(void *arg, bool direct, sio_view bytes);
    /* Subscribed, and publishing works: from now on this instance hears and is heard. */
    void (*up)(void *arg);
    /* Messages may be missed from now on; `up` comes when that is over. Called only after `up`. */
    void (*down)(void *arg);
    void *arg;
    /* A message to that tag has reached nobody: its instance does not listen now. May be NULL. */
    void (*unheard)(void *arg, sio_view tag);
    /*
     * Where instances are linked directly, else never. Any may be NULL. met: an instance is there,
     * and knows this one. gone: its process has ended, whether it had stopped or not. forgot: what
     * the store knew of this instance (sessions, wills) was with one that has ended; tell it again.
     */
    void (*met)(void *arg, sio_view tag);
    void (*gone)(void *arg, sio_view tag);
    void (*forgot)(void *arg);
    /*
     * All partitions that were joined (store/partitions.h) are heard now. With those that were
     * joined before, so it is on `up`. May be NULL.
     */
    void (*heard)(void *arg);
} sio_store_ears;

/*
 * Hear what is sent to tag and to all. tag and ears are copied; the ears are called from the
 * event loop. Called again, the new tag and ears replace the old at once; it is not `up` until
 * that is called anew. SIO_OK, or SIO_ERR_NOMEM: as if it had not been called.
 */
int sio_store_listen(sio_store *store, sio_view tag, const sio_store_ears *ears);

/*
 * Send bytes (copied) to the instance with this tag; an empty tag: to every instance, this one
 * included unless they are linked directly. SIO_OK: on its way, which says nothing of arriving.
 * SIO_ERR_UNAVAILABLE: Redis is away. SIO_ERR_FULL: too much waits already, the message is larger
 * than all that may, or memory is short. After a failure nothing was sent.
 */
int sio_store_publish(sio_store *store, sio_view tag, sio_view bytes);

/*
 * This instance is there. Repeat it much more often than daily, and on `up`. This and the
 * other functions without a callback do nothing while Redis is away.
 */
void sio_store_instance_touch(sio_store *store, sio_view tag);

/* It stops of its own will and has told its clients: out of both sets. */
void sio_store_instance_remove(sio_store *store, sio_view tag);

/*
 * SIO_OK, SIO_ERR_UNAVAILABLE or SIO_ERR_NOMEM; n is 0 unless SIO_OK. The items are in no
 * order, and valid during the call.
 */
typedef void (*sio_store_list_cb)(void *arg, int rc, const sio_view *items, size_t n);

/* The tags of those who have touched and were not removed: running, or dead and not found yet. */
sio_store_req *sio_store_instances_list(sio_store *store, sio_store_list_cb cb, void *arg);

/*
 * Has Redis any connection of the instance with this tag? When a process ends, however it does, its
 * kernel closes its connections, and Redis knows at once. SIO_OK: it has. SIO_ERR_NOT_FOUND: none
 * is left, neither the one that listens nor the one for commands; a living instance makes them
 * anew. SIO_ERR_UNAVAILABLE, SIO_ERR_NOMEM: that can not be told.
 */
sio_store_req *sio_store_instance_probe(sio_store *store, sio_view tag, sio_store_done_cb cb,
                                        void *arg);

/* The instance with this tag serves the session id (of 1 to SIO_STORE_MAX_ID bytes), or no more. */
void sio_store_session_add(sio_store *store, sio_view tag, sio_view id);
void sio_store_session_remove(sio_store *store, sio_view tag, sio_view id);

/*
 * Declare the instance with this tag lost, for an hour. Listen first: it is done in the name
 * of the own tag. SIO_OK: this instance is the one to take the sessions and to announce them
 * (the same answer when it asks again). SIO_ERR_NOT_FOUND: another is. SIO_ERR_UNAVAILABLE,
 * SIO_ERR_NOMEM: not known; ask again.
 */
sio_store_req *sio_store_lost_claim(sio_store *store, sio_view tag, sio_store_done_cb cb,
                                    void *arg);

/* SIO_OK: it has been declared lost. SIO_ERR_NOT_FOUND: not. SIO_ERR_UNAVAILABLE, SIO_ERR_NOMEM. */
sio_store_req *sio_store_lost_check(sio_store *store, sio_view tag, sio_store_done_cb cb,
                                    void *arg);

/*
 * Take sessions of a lost instance out of its set, at most SIO_STORE_MAX_LOST; what is
 * stored about each (store.h) lives on for data_ttl_ms. With SIO_OK and n == 0 none are
 * left, and the instance is no longer in `instances`. When cancelled or answered
 * SIO_ERR_UNAVAILABLE the sessions stay, unless the connection was lost with the answer.
 */
sio_store_req *sio_store_lost_take(sio_store *store, sio_view tag, uint64_t data_ttl_ms,
                                   sio_store_list_cb cb, void *arg);

/* For implementations, which find tags and ids checked. */
struct sio_store_instance_ops {
    int (*listen)(sio_store *self, sio_view tag, const sio_store_ears *ears);
    int (*publish)(sio_store *self, sio_view tag, sio_view bytes);
    void (*touch)(sio_store *self, sio_view tag);
    void (*remove)(sio_store *self, sio_view tag);
    sio_store_req *(*list)(sio_store *self, sio_store_list_cb cb, void *arg);
    sio_store_req *(*probe)(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg);
    void (*session_add)(sio_store *self, sio_view tag, sio_view id);
    void (*session_remove)(sio_store *self, sio_view tag, sio_view id);
    sio_store_req *(*lost_claim)(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg);
    sio_store_req *(*lost_check)(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg);
    sio_store_req *(*lost_take)(sio_store *self, sio_view tag, uint64_t data_ttl_ms,
                                sio_store_list_cb cb, void *arg);
};

#endif
