/*
 * server/adapter/native.h - what is about the sockets of all instances: each is told once, and does
 * its part.
 *
 * The message goes over the channel that every instance hears (cluster.h); a broadcast to a room,
 * if there are partitions, over that of its partition (cluster/partitions.h). Who does not hear it,
 * because its connection to Redis is lost at that moment, will not do its part.
 */
#ifndef SIO_ADAPTER_NATIVE_H
#define SIO_ADAPTER_NATIVE_H

#include "server/cluster/module.h"
#include "server/socketio/adapter.h"

extern const sio_adapter sio_native_adapter;

/* What others say of these things. */
extern const sio_cluster_module sio_native_module;

#endif
