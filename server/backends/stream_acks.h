/*
 * server/backends/stream_acks.h - entries of the stream of commands that are done, and Redis is to
 * know it: many at once.
 *
 * Part of stream_work.c.
 */
#ifndef SIO_BACKENDS_STREAM_ACKS_H
#define SIO_BACKENDS_STREAM_ACKS_H

#include "server/base/env.h"
#include "store/streams.h"

/* Part of an entry. */
typedef struct {
    sio_link link;
    char     id[SIO_STREAM_MAX_ID + 1];
} sio_stream_ack;

typedef struct sio_stream_acks sio_stream_acks;

struct sio_stream_acks {
    sio_env *env;
    sio_link untold;                     /* Redis does not know of them, nor is it on its way */
    sio_link batches;                    /* what is on its way */
    void (*told)(sio_stream_ack *entry); /* Redis knows: it is not in here any more */
};

void sio_stream_acks_init(sio_stream_acks *a, sio_env *env, void (*told)(sio_stream_ack *entry));

/* It is done. Redis is told with the next flush. */
void sio_stream_acks_add(sio_stream_acks *a, sio_stream_ack *entry);

/* Tell Redis of all that it is not told of. What does not arrive is told with a later flush. */
void sio_stream_acks_flush(sio_stream_acks *a);

/* The store is about to go: what is on its way goes on, but nobody hears what comes of it. */
void sio_stream_acks_close(sio_stream_acks *a);

#endif
