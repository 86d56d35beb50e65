/*
 * store/shards.h - sharded channels of Redis 7 (SSUBSCRIBE, SPUBLISH) that other programs use too.
 *
 * As store/channels.h, and a world of its own: what is published to a channel is not heard by those
 * who have subscribed to a sharded one of that name. There are no patterns, so each channel is
 * joined by its name. One server of Redis, not a cluster.
 */
#ifndef SIO_STORE_SHARDS_H
#define SIO_STORE_SHARDS_H

#include "store/channels.h"

/* Hear what is joined, on a connection of its own. Once for a store. SIO_OK or SIO_ERR_NOMEM. */
int sio_store_shards_hear(sio_store *store, sio_store_heard heard, void *arg);

/*
 * After that: hear this channel (copied), until it was left as often as it was joined. SIO_OK or
 * SIO_ERR_NOMEM.
 */
int  sio_store_shards_join(sio_store *store, sio_view name);
void sio_store_shards_leave(sio_store *store, sio_view name);

/* As sio_store_channel_publish() and sio_store_channel_count(). */
int  sio_store_shards_publish(sio_store *store, sio_view channel, sio_view bytes);
void sio_store_shards_count(sio_store *store, sio_view channel, sio_store_counted fn, void *arg,
                            uint64_t number);

/* For implementations. */
struct sio_store_shard_ops {
    int (*hear)(sio_store *self, sio_store_heard heard, void *arg);
    int (*join)(sio_store *self, sio_view name);
    void (*leave)(sio_store *self, sio_view name);
    int (*publish)(sio_store *self, sio_view channel, sio_view bytes);
    void (*count)(sio_store *self, sio_view channel, sio_store_counted fn, void *arg,
                  uint64_t number);
};

#endif
