/*
 * store/redis_channels.h - the connection on which the channels of other programs are heard.
 *
 * It is not that of store/redis_bus.c: what is heard there has to come back in time, and does not
 * stand in line behind strangers. It comes back by itself whenever it is lost.
 */
#ifndef SIO_STORE_REDIS_CHANNELS_H
#define SIO_STORE_REDIS_CHANNELS_H

#include "store/channels.h"
#include "store/redis_store.h"

extern const struct sio_store_channel_ops sio_redis_channel_ops;

void sio_redis_channels_free(sio_redis_channels *c); /* NULL is allowed */

#endif
