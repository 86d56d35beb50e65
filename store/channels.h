/*
 * store/channels.h - channels of Redis that other programs use too, under their own names.
 *
 * Called by the dialects of Node in server/, with the same store and under the same rules as
 * store/store.h. Nothing here has the prefix of the cluster. A message reaches each subscriber at
 * most once, and everyone who listens hears its own. An instance alone (store/memory.h) hears
 * nothing and reaches nobody.
 */
#ifndef SIO_STORE_CHANNELS_H
#define SIO_STORE_CHANNELS_H

#include "store/store.h"

/* channel and bytes are valid during the call, which may do anything but free the store. */
typedef void (*sio_store_heard)(void *arg, sio_view channel, sio_view bytes);

/*
 * Hear these channels, and those whose names match the patterns (as of PSUBSCRIBE), from as soon as
 * Redis is there, and again whenever it is back. Both lists end with NULL, have at most 31 entries,
 * and are borrowed as long as the store; either may be empty. Once for a store.
 * SIO_OK or SIO_ERR_NOMEM.
 */
int sio_store_channels_hear(sio_store *store, const char *const *names, const char *const *patterns,
                            sio_store_heard heard, void *arg);

/*
 * After that: hear this channel as well (copied), which is not in those lists, or no more. What was
 * published before Redis has read this is not heard. SIO_OK or SIO_ERR_NOMEM.
 */
int  sio_store_channel_join(sio_store *store, sio_view name);
void sio_store_channel_leave(sio_store *store, sio_view name);

/* Send bytes (copied) to all who hear the channel; results as those of sio_store_publish(). */
int sio_store_channel_publish(sio_store *store, sio_view channel, sio_view bytes);

/*
 * How many connections have subscribed to the channel by its name, of all programs? fn is called
 * with that, behind whatever was published before, or with -1 when Redis does not say; maybe before
 * this returns. Not after the store is freed.
 */
typedef void (*sio_store_counted)(void *arg, uint64_t number, int64_t n);

void sio_store_channel_count(sio_store *store, sio_view channel, sio_store_counted fn, void *arg,
                             uint64_t number);

/* For implementations. */
struct sio_store_channel_ops {
    const struct sio_store_shard_ops *shards; /* store/shards.h; NULL: there are none */
    const struct sio_store_tail_ops  *tail;   /* store/tail.h; likewise */
    int (*hear)(sio_store *self, const char *const *names, const char *const *patterns,
                sio_store_heard heard, void *arg);
    int (*join)(sio_store *self, sio_view name);
    void (*leave)(sio_store *self, sio_view name);
    int (*publish)(sio_store *self, sio_view channel, sio_view bytes);
    void (*count)(sio_store *self, sio_view channel, sio_store_counted fn, void *arg,
                  uint64_t number);
};

#endif
