/*
 * store/redis_sentinel.h - the sentinels of redis-sentinel://, which know the primary.
 *
 * Called by store/redis.c. There is one connection to each of them, all the time: it asks where the
 * primary is, and then hears when another Redis becomes it (+switch-master). So one that is dead or
 * silent delays nothing, and the first that knows of a change is heard. What they say is kept in a
 * sio_redis_primary; whether it is true is checked by the connections that go there.
 *
 * Rule: "Guidelines for Redis clients with support for Redis Sentinel".
 */
#ifndef SIO_STORE_REDIS_SENTINEL_H
#define SIO_STORE_REDIS_SENTINEL_H

#include "store/redis_primary.h"
#include "store/redis_tls.h"
#include "store/redis_url.h"
#include "store/store.h"

#include <event2/event.h>

typedef struct sio_redis_sentinels sio_redis_sentinels;

typedef struct {
    struct event_base   *base; /* borrowed; outlives the sentinels */
    const sio_redis_url *url;  /* with sentinels; copied */
    sio_redis_tls       *tls;  /* as of redis_link.h */
    sio_store_log log; /* NULL: silent. Else one line when one is away, one when it is back */
    void         *log_arg;
} sio_redis_sentinels_cfg;

/* Starts connecting in the next turn of the loop. SIO_OK or SIO_ERR_NOMEM. */
int sio_redis_sentinels_new(sio_redis_sentinels **out, const sio_redis_sentinels_cfg *cfg);

/* After all who watch the primary. NULL is allowed. Not from inside a hiredis callback. */
void sio_redis_sentinels_free(sio_redis_sentinels *all);

/* Lives as long as the sentinels. */
sio_redis_primary *sio_redis_sentinels_primary(sio_redis_sentinels *all);

#endif
