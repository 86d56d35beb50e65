/*
 * store/redis_stream_reader.h - the connection on which a stream is read: XREADGROUP.
 *
 * Called by store/redis_streams.c. A connection of its own, as it waits for new entries. Silent
 * towards counters; the connection for commands tells the log when Redis is away.
 */
#ifndef SIO_STORE_REDIS_STREAM_READER_H
#define SIO_STORE_REDIS_STREAM_READER_H

#include "store/redis_store.h"
#include "store/streams.h"

/* As sio_store_stream_reader_new(). */
int sio_redis_stream_reader_new(sio_stream_reader **out, sio_store *self,
                                const sio_stream_reader_cfg *cfg);

#endif
