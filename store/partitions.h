/*
 * store/partitions.h - messages for those instances alone that hear a part of what is said to all.
 *
 * Called by server/, with the same store and under the same rules as store/instances.h. A message
 * to a partition reaches each instance that has joined it, at most once, by the ear for messages,
 * as one to all does. What one instance says, to all and to partitions, arrives in the order in
 * which it was said. Where there are none (sio_store_has_partitions()), joining does nothing, and
 * nothing may be published.
 */
#ifndef SIO_STORE_PARTITIONS_H
#define SIO_STORE_PARTITIONS_H

#include "store/store.h"

enum { SIO_STORE_MAX_PARTITIONS = 1024 }; /* numbers are below that */

bool sio_store_has_partitions(const sio_store *store);

/*
 * Hear it from as soon as Redis has read this, which is sent at once, and whenever this instance is
 * `up`. What was said before that is missed. Or hear it no more. It is joined, or is not, already:
 * nothing happens.
 */
void sio_store_partition_join(sio_store *store, unsigned number);
void sio_store_partition_leave(sio_store *store, unsigned number);

/* Has Redis confirmed all that were joined? If not, the ear `heard` is told when it has. */
bool sio_store_partitions_are_heard(const sio_store *store);

/* Send bytes (copied) to those who hear it, this instance included; as sio_store_publish(). */
int sio_store_partition_publish(sio_store *store, unsigned number, sio_view bytes);

/* For implementations, which find numbers checked. */
struct sio_store_partition_ops {
    void (*join)(sio_store *self, unsigned number);
    void (*leave)(sio_store *self, unsigned number);
    bool (*are_heard)(const sio_store *self);
    int (*publish)(sio_store *self, unsigned number, sio_view bytes);
};

#endif
