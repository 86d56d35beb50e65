/*
 * server/cluster/outbox.h - what this instance says to others leaves through here.
 *
 * Called by cluster.c, peers.c, failure.c, watch.c, partitions.c, and by adapters, which speak to
 * all.
 */
#ifndef SIO_CLUSTER_OUTBOX_H
#define SIO_CLUSTER_OUTBOX_H

#include "protocol/cluster_message.h"

typedef struct sio_env sio_env;

/*
 * Send *m (field from is filled in) to all other instances. SIO_OK: it is on its way; otherwise
 * nobody gets it, which the store counts ("publishes_lost").
 */
int sio_outbox_cast(sio_env *env, sio_cluster_message *m);

/* The same to those who hear a partition (store/partitions.h). */
int sio_outbox_cast_to_partition(sio_env *env, unsigned number, sio_cluster_message *m);

/*
 * Send a message, encoded, to the instance with this tag, or with an empty one to all. Results as
 * those of sio_store_publish().
 */
int sio_outbox_send(sio_env *env, sio_view tag, sio_view message);

#endif
