/*
 * store/redis_count.h - how many connections hear a channel, of both sorts.
 */
#ifndef SIO_STORE_REDIS_COUNT_H
#define SIO_STORE_REDIS_COUNT_H

#include "store/channels.h"
#include "store/redis_store.h"

/* Let PUBSUB verb (NUMSUB, SHARDNUMSUB) count them: as sio_store_channel_count(). */
void sio_redis_count_ask(sio_redis_store *s, const char *verb, sio_view channel,
                         sio_store_counted fn, void *arg, uint64_t number);

#endif
