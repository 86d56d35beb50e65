/*
 * server/adapter/partition_rooms.h - which partition a room belongs to, and which ones have members
 * here (cluster/partitions.h).
 *
 * By the name of the room and that of its namespace. A name that may be the id of a socket belongs
 * to the tag that it begins with, whatever the namespace: an instance hears the partition of its
 * own tag all the time, so that its clients can be reached by their ids, and it does not have to
 * hear one for each client.
 *
 * A client that has lost its connection and may come back (socketio/recovery.h) is still a member
 * of its rooms.
 */
#ifndef SIO_ADAPTER_PARTITION_ROOMS_H
#define SIO_ADAPTER_PARTITION_ROOMS_H

#include "server/cluster/module.h"
#include "server/socketio/rooms.h"

/* The partition of a room. There are partitions (sio_partitions_count()). */
unsigned sio_partition_rooms_find(const sio_namespace *nsp, sio_view room);

/*
 * The one that all rooms of the target belong to. False: there is none, or there are no partitions,
 * so all instances are to hear what is said.
 */
bool sio_partition_rooms_of(const sio_namespace *nsp, const sio_target *target, unsigned *number);

/* Begin to follow who is where, if there are partitions. */
void sio_partition_rooms_join(sio_env *env);

/* It hears when this instance has another tag. */
extern const sio_cluster_module sio_partition_rooms_module;

#endif
