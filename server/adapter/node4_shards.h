/*
 * server/adapter/node4_shards.h - the sharded channels that this instance hears: of each namespace
 * one for all, one for answers, and one for each room that has a member here, ids included.
 *
 * That covers servers of Node in all modes of the adapter: each says an event on one channel only.
 * Rule: spec/socketio-ecosystem.md, 4.1.
 */
#ifndef SIO_ADAPTER_NODE4_SHARDS_H
#define SIO_ADAPTER_NODE4_SHARDS_H

#include "store/shards.h"

typedef struct sio_env sio_env;

/* From now on heard is told what is said there, with env. SIO_OK or a failure. */
int sio_node4_shards_join(sio_env *env, sio_store_heard heard);

#endif
