/*
 * store/redis_streams.h - adding to streams, trimming, acknowledging. Reading is in
 * store/redis_stream_reader.h.
 */
#ifndef SIO_STORE_REDIS_STREAMS_H
#define SIO_STORE_REDIS_STREAMS_H

#include "store/redis_store.h"
#include "store/streams.h"

extern const struct sio_store_stream_ops sio_redis_stream_ops;

#endif
